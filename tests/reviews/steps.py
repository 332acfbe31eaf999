"""What a mentor's browser sends from a card, and how the tests look at what came of it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import clock
from models import Audit, Move, Scan
from rules import states


def card_form(client, scan) -> dict[str, str]:
    """The hidden fields of the scan's form, read from the card as this client is shown it."""
    client.get("/inbox")  # the page that the piece belongs to
    card = client.get(f"/scans/{scan.id}/card").text
    return dict(re.findall(r'<input type="hidden" name="(version|step|prints)" value="([^"]*)">', card))


def approve(client, scan, form=None, **how):
    return client.post(f"/scans/{scan.id}/approval", form or card_form(client, scan), **how)


def undo(client, scan, form=None, **how):
    return client.post(f"/scans/{scan.id}/approval/undo", form or card_form(client, scan), **how)


def review_form(client, scan, **changes) -> dict[str, str]:
    """The audit form of a mentor who finds all good, but for `changes`. The page chooses nothing."""
    page = client.get(f"/scans/{scan.id}/review").text
    hidden = re.findall(r'<input id="(version|step|prints)"[^>]*value="([^"]*)"', page)
    chosen = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"[^>]*checked', page)
    judged = {"agreement": "agree", "image": "good", "report": "good"}
    return {**dict(hidden), **judged, **dict(chosen), **changes}


def state_of(scan) -> str:
    return Scan.get_by_id(scan.id).state


def verbs_of(scan) -> list[str]:
    """The scan's story."""
    return [verb for (verb,) in Move.select(Move.verb).where(Move.scan == scan.id).order_by(Move.id).tuples()]


def live_audit(scan) -> Audit | None:
    return Audit.get_or_none(Audit.scan == scan.id, Audit.voided_at.is_null())


def is_waiting(scan) -> bool:
    return state_of(scan) == states.WITH_MENTOR


def is_counted(scan) -> bool:
    return state_of(scan) == states.COUNTED


@contextmanager
def later(monkeypatch, **time):
    """A while later, by the one clock there is."""
    with monkeypatch.context() as patch:
        now = clock.now()
        patch.setattr(clock, "now", lambda: now + timedelta(**time))
        yield
