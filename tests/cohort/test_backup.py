"""Of when the last backup is that was proved restorable: on the director's page, and for her alone in /healthz."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import clock
from blueprints.presenters import instant
from tests.scans.steps import text_of
from workflows.backup import proof
from workflows.course import programmes

NONE, LAST = "No backup has been proved restorable yet", "The last backup that was proved restorable is of "


def test_the_director_sees_of_when_it_is_and_amber_when_it_is_too_old(browse, cast, tmp_path):
    dana, now = browse(cast.dana), clock.now()

    def shown() -> tuple[str, bool]:
        page = dana.get("/cohort")
        line = next(one for one in page.text.split("<p") if "proved restorable" in one)
        return text_of(page), 'class="status late"' in line

    text, amber = shown()
    assert NONE in text and amber
    for days, is_amber in ((0, False), (1, False), (3, True)):
        made_at = now - timedelta(days=days)
        proof.succeeded(tmp_path, "a.tar.gz", made_at, now)
        text, amber = shown()
        assert (LAST + instant(programmes.get("msk-pgcert"), made_at) in text, amber) == (True, is_amber), days
    proof.failed(tmp_path, "no room", now)
    assert LAST in shown()[0], "that one failed since does not unmake it"
    (tmp_path / proof.FILE).write_text("{")
    assert NONE in shown()[0], "a damaged file says nothing"


def test_health_tells_it_to_a_director_and_to_nobody_else(browse, cast, tmp_path):
    made_at = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    assert browse(cast.dana).get("/healthz").json == {"status": "ok", "backup": None}
    proof.succeeded(tmp_path, "a.tar.gz", made_at, made_at)
    assert browse(cast.dana).get("/healthz").json == {"status": "ok", "backup": "2026-11-28T02:00:00+00:00"}
    for person in (None, cast.amara, cast.ravi, cast.helen, cast.ian):
        assert browse(person).get("/healthz").json == {"status": "ok"}
