"""E-mail addresses: what is taken, how it is kept, and that what was taken before still signs in."""

import pytest

from models import Person
from workflows.people import people
from workflows.refusals import Invalid

KEPT = {
    " Amara.O'Neil+scans@Example.AC.uk ": "amara.o'neil+scans@example.ac.uk",
    "kim@XN--BCHER-KVA.example": "kim@xn--bcher-kva.example",
    f"{'a' * 64}@x.uk": f"{'a' * 64}@x.uk",
}
REFUSED = [
    *(
        "",
        "@",
        "amara",
        "amara@",
        "@x.uk",
        "amara@x",
        "a b@x.uk",
        "a@b@x.uk",
        "a@x..uk",
        "a@-x.uk",
        "a@x.uk.",
        "a@x_y.uk",
    ),
    *("a..b@x.uk", ".a@x.uk", "a.@x.uk", '"a"@x.uk', "Amara <a@x.uk>", "<a@x.uk>", "a@x.uk, b@x.uk", "a@x.uk;b@x.uk"),
    *("a@[127.0.0.1]", "a@127.0.0.1", "a(b)@x.uk", "a\\b@x.uk", "a\nb@x.uk", "a@x.uk\r\nBcc: b@x.uk", "a\x00@x.uk"),
    *("jos\u00e9@x.uk", "jose\u0301@x.uk", "am\u200bara@x.uk", "amara@x.uk\ufeff", "am\u00adara@x.uk"),
    *("a@b\u00fccher.uk", "a@\uff58.uk", f"{'a' * 65}@x.uk", f"a@{'x' * 64}.uk", f"a@{'x.' * 126}uk", "a" * 100_000),
]


def test_an_address_is_kept_in_one_form():
    assert {text: people.plain_email(text) for text in KEPT} == KEPT
    assert {text: people.plain_email(text) for text in KEPT.values()} == {text: text for text in KEPT.values()}


def test_what_is_no_address_is_refused_in_one_sentence():
    for text in REFUSED:
        with pytest.raises(Invalid) as refused:
            people.plain_email(text)
        assert refused.value.problems == {"email": ["Write one e-mail address, such as amara@example.ac.uk."]}, text


def test_an_address_that_was_taken_before_still_signs_in(door, cast):
    for email in ("amara..obi@x.uk", "amara@ward.local", "amara@x-.uk", "jose\u0301@example.test"):
        Person.update(email=email).where(Person.id == cast.amara.id).execute()
        assert door(email.upper()).status_code == 303, email
