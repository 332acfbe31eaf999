"""An employer who has no account verifies a portfolio: by its code, by its file, by both; and is told in words what was
found. The file is never asked for, and nothing is written.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

import clock
from rules.editions import new_code
from tests.cast import logged
from tests.databases import every_row
from tests.portfolio import editions
from workflows.portfolio import verification
from workflows.reviews import reopening, reviews

FILE = b"%PDF-1.7 a portfolio %%EOF"


@pytest.fixture(autouse=True)
def as_after_a_start():
    verification.wrong_codes.forget()


@pytest.fixture
def nobody(browse):
    return browse(None)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_by_the_code_alone_there_are_initials_and_what_is_true_now_and_nothing_is_written(nobody, cast):
    edition = editions.made(cast.amara, FILE)
    before = every_row()
    for typed in (edition.code, edition.code.lower().replace("-", " "), edition.code.replace("1", "l")):
        answer = nobody.get("/verify", query_string={"code": typed})
        assert answer.status_code == 200 and "This code is genuine" in answer.text
    answer = nobody.get(f"/verify/{edition.code}")
    assert "AO (initials" in answer.text and "Amara" not in answer.text and "Okafor" not in answer.text
    assert "No file and no paper was checked" in answer.text and "It is the latest edition" in answer.text
    assert (answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == ("noindex, nofollow", "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert every_row() == before


def test_what_is_no_code_is_said_beside_its_field_and_kept_and_an_unknown_one_is_unknown(nobody, cast):
    asked = editions.made(cast.amara, FILE, state="asked", made_at=None, file=None)
    for typed, says in (("7KQ2M", "ten letters and digits"), ("U" * 10, "ten letters"), ("x" * 3000, "ten letters")):
        answer = nobody.get("/verify", query_string={"code": typed})
        assert answer.status_code == 422 and says in answer.text and f'value="{typed}"' in answer.text
    answer = nobody.get("/verify", query_string={"sha256": "abc"})
    assert answer.status_code == 422 and "64 letters and digits" in answer.text
    for code in (new_code(), asked.code, "nonsense"):
        answer = nobody.get(f"/verify/{code}")
        assert answer.status_code == 404 and "There is no edition with this code" in answer.text


def test_who_holds_the_file_is_told_whose_it_is_and_whatever_is_wrong_with_it_is_told_apart(nobody, cast):
    theirs, mine = editions.made(cast.mei, b"%PDF-1.7 of Mei %%EOF"), editions.made(cast.amara, FILE)
    genuine, other, size = sha256(FILE), sha256(b"other"), len(FILE)
    cases = [
        ({"sha256": genuine}, "This file is genuine", True),
        ({"sha256": f"{genuine.upper()}  portfolio.pdf"}, "This file is genuine", True),
        ({"sha256": genuine, "code": mine.code, "inside": mine.code, "size": size}, "This file is genuine", True),
        ({"sha256": genuine, "code": theirs.code}, "The file is genuine, but this code is not its own", True),
        ({"sha256": other, "inside": mine.code, "size": size}, "This is not the file that was made", False),
        ({"sha256": other, "inside": mine.code, "size": size + 1}, "This is not the file that was made", False),
        ({"sha256": other, "inside": mine.code, "size": size - 1}, "This file is cut off", False),
        ({"sha256": other, "inside": mine.code, "size": size, "ended": "no"}, "This file is cut off", False),
        ({"sha256": other, "ended": "no"}, "This file is cut off", False),
        ({"sha256": other, "code": mine.code, "size": size}, "We do not know this file", False),
        ({"sha256": other}, "We do not know this file", False),
        ({"sha256": other, "inside": new_code(), "size": "-1"}, "We do not know this file", False),
    ]
    for asked, heading, named in cases:
        text = nobody.get("/verify", query_string=asked).text
        assert heading in text, (asked, heading)
        assert ("Amara Okafor" in text) is named, asked
        assert ("It is the latest edition" in text) is named, "nothing good is said of a file that is not ours"


def test_an_edition_that_was_reopened_followed_or_made_void_says_so(nobody, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    edition = editions.made(cast.amara, FILE)
    page = f"/verify/{edition.code}"
    reopening.reopen(scan.id, by=cast.ravi, why="Which side?")
    assert "genuine, but changed since" in (text := nobody.get(page).text)
    assert "1 scan of it was reopened since and does not count now." in text
    editions.made(cast.amara, b"%PDF-1.7 the next %%EOF")
    assert "genuine, but not the latest" in (text := nobody.get(page).text) and "Edition 2 has followed it" in text
    editions.void(edition, cast.dana, "The remit is wrong.")
    assert "genuine, but void since" in (text := nobody.get(page).text)
    assert "The remit is wrong" not in text, "why stays inside"


def test_who_asks_for_many_wrong_codes_is_slowed_and_nobody_else_is(nobody, cast, monkeypatch):
    edition = editions.made(cast.amara, FILE)
    right = f"/verify/{edition.code}"
    for _ in range(verification.WRONG_CODES // 2):
        assert nobody.http.get(f"/verify/{new_code()}").status_code == 404
    for _ in range(verification.WRONG_CODES // 2 - 1):  # a made-up file beside the code is no way round
        assert nobody.http.get(f"/verify?code={new_code()}&sha256={sha256(b'other')}").status_code == 200
    for _ in range(5):
        assert nobody.http.get(right).status_code == 200, "a right code counts for nothing"
    assert nobody.http.get(f"/verify/{new_code()}").status_code == 404
    answer = nobody.http.get(right)
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 901
    assert nobody.http.get(f"/verify?code={edition.code}&sha256={sha256(b'other')}").status_code == 429
    assert nobody.http.get(f"/verify?sha256={sha256(FILE)}").status_code == 200, "nobody guesses a file"
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert nobody.http.get(right, environ_overrides=elsewhere).status_code == 200
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + verification.WINDOW + timedelta(seconds=1))
    assert nobody.http.get(right).status_code == 200


def test_the_certificate_is_there_for_anybody(nobody):
    answer = nobody.http.get("/verify/certificate.pem")
    assert answer.data.startswith(b"-----BEGIN CERTIFICATE-----") and b"PRIVATE" not in answer.data
    assert "attachment" in answer.headers["Content-Disposition"]
