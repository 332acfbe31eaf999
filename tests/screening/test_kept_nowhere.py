"""A refused text goes no further than the answer to who wrote it: no table, no file, no cookie, no log has it."""

from __future__ import annotations

import logging

import pytest

from models import Scan
from tests.cast import logged
from tests.reviews.steps import review_form
from tests.scans.steps import fields
from workflows.reviews import reviews

pytestmark = pytest.mark.slow

SECRETS = {
    "943 476 5919": "Seen as 943 476 5919, no tear.",
    "07700 900123": "Call 07700 900123 about it.",
    "Kowalczyk": "Mrs Kowalczyk came with pain.",
    "QQ12": "NI no QQ12 34 56 C.",
}
HOWS = [{}, {"htmx": True}, {"json": True}]


@pytest.fixture
def tried(browse, cast):
    """Everybody has tried, in every way, to leave the words: browsers by which they did."""

    def leave(words: str) -> list:
        amara, ravi = browse(cast.amara), browse(cast.ravi)
        draft, waiting = logged(cast.amara, cast.ravi, later=True), logged(cast.amara, cast.ravi, support="aided")
        counted = logged(cast.amara, cast.ravi)
        reviews.approve(counted.id, by=cast.ravi, version=1)
        for how in HOWS:
            amara.post("/scans", fields(cast, report=words), **how)
            amara.post("/scans", fields(cast, report=words, scan_id="no number"), **how)
            amara.post(f"/scans/{draft.id}", fields(cast, report=words, version=1), **how)
            amara.post("/scans/report", fields(cast, report=words))
            ravi.post(f"/scans/{waiting.id}/audit", review_form(ravi, waiting, comment=words), **how)
            ravi.post(f"/scans/{waiting.id}/return", review_form(ravi, waiting, why=words), **how)
            ravi.post(f"/scans/{counted.id}/reopening", {"why": words}, **({} if "htmx" in how else how))
        return [amara, ravi]

    return leave


@pytest.mark.parametrize("secret", SECRETS)
def test_what_was_not_let_in_is_in_no_table_file_cookie_or_log(tried, databases, settings, caplog, capfd, secret):
    caplog.set_level(logging.DEBUG)
    browsers = tried(SECRETS[secret])
    assert Scan.select().count() == 3
    kept = databases.content(settings.database_url)
    assert b"amara@example.test" in kept and secret.encode() not in kept
    for file in settings.instance.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file
    assert secret not in caplog.text and secret not in "".join(capfd.readouterr())
    for browser in browsers:
        with browser.http.session_transaction() as session:
            assert secret not in str(dict(session))


def test_the_finds_themselves_hide_their_words():
    from workflows.refusals import Invalid
    from workflows.scans.screening import screen

    with pytest.raises(Invalid) as refused:
        screen({"report": "Mrs Kowalczyk, 943 476 5919"})
    told = f"{refused.value!r} {refused.value} {refused.value.matches} {refused.value.problems}"
    assert "Kowalczyk" not in told and "943" not in told
