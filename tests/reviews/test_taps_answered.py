"""However a mentor's tap ends, the answer is marked as ours, about that scan: a phone takes no other for an answer."""

from __future__ import annotations

import uuid

import pytest
from peewee import OperationalError
from werkzeug.exceptions import TooManyRequests

from blueprints.hypermedia import ABOUT, ANSWER
from blueprints.request_checks import BUSY
from tests.cast import entry_for, logged
from tests.reviews.steps import card_form
from workflows.accounts import accounts
from workflows.reviews import reviews
from workflows.scans import scans


@pytest.fixture
def ends(browse, cast, monkeypatch):
    """Each end of a tap: its status, and what brings it about and returns the answer. Each goes on from the last."""
    ravi, scan = browse(cast.ravi), logged(cast.amara, cast.ravi)
    token, seen = ravi.token(), card_form(ravi, scan)

    def tap(form=seen, about=scan.id, verb="approval", environ=None, **headers):
        headers = {"HX-Request": "true", "X-CSRFToken": token, ABOUT: about, **headers}
        return ravi.http.post(f"/scans/{about}/{verb}", data=form, headers=headers, environ_overrides=environ)

    def failing(fault):
        def fail(*args, **named):
            raise fault

        with monkeypatch.context() as patch:
            patch.setattr(reviews, "approve", fail)
            return tap()

    def changed():
        scans.correct(scan.id, entry_for(cast.ravi, report="9 mm."), by=cast.amara, version=1)
        return tap()

    def signed_out():
        accounts.end_everywhere(cast.ravi)
        return tap()

    return [
        (500, lambda: failing(ZeroDivisionError())),
        (503, lambda: failing(OperationalError("database is locked"))),
        (507, lambda: failing(OperationalError("database or disk is full"))),
        (429, lambda: failing(TooManyRequests())),
        (503, lambda: tap(environ={BUSY: True})),
        (400, lambda: tap(**{"X-CSRFToken": "of-last-month"})),
        (403, lambda: tap(**{"Sec-Fetch-Site": "cross-site"})),
        (403, lambda: tap(form={**seen, "kept_for": cast.tom.id})),
        (404, lambda: tap(about=str(uuid.uuid4()))),
        (404, lambda: tap(about=logged(cast.mei, cast.grace).id)),
        (413, lambda: tap(form={**seen, "prints": "x" * 2_000_000})),
        (413, lambda: tap(form={"version": ["1"] * 600})),
        (422, lambda: tap(form={})),
        (200, tap),
        (200, lambda: tap(form=card_form(ravi, scan), verb="approval/undo")),
        (409, changed),
        (401, signed_out),
    ]


def test_every_end_of_a_tap_is_ours_about_that_scan(ends):
    for status, end in ends:
        answer = end()
        assert answer.status_code == status, answer.text
        about = answer.request.path.split("/")[2]
        assert answer.headers[ANSWER] == about, (status, about)
