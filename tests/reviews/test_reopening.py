"""A counted scan is asked to be reopened, and is reopened or not: what the two send from their pages."""

from __future__ import annotations

import csv
import io
import re

import pytest

import clock
from models import Answered, Notice, Scan
from tests.cast import logged
from tests.reviews.steps import approve, is_counted, is_waiting, later, verbs_of
from workflows.reviews import reviews

WHY = "The side is wrong."


@pytest.fixture
def counted(cast, monkeypatch):
    """A scan that was sent nine days ago and approved the day after."""
    sent = logged(cast.amara, cast.ravi)
    with later(monkeypatch, days=1):
        reviews.approve(sent.id, by=cast.ravi, version=1)
    with later(monkeypatch, days=9):
        yield sent


def step_on(client, address, action) -> dict[str, str]:
    """The step that the form with this action carries on the page."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', client.get(address).text, re.S).group(0)
    return {"step": re.search(r'name="step" value="(\d+)"', form).group(1)}


def ask(client, scan, *, step=None, **form):
    action = f"/scans/{scan.id}/reopening/request"
    step = step or step_on(client, f"/scans/{scan.id}", action)
    return client.post(action, {"why": WHY, **step, **form})


def answer(client, scan, decline=False, **form):
    seen = step_on(client, f"/scans/{scan.id}/review", f"/scans/{scan.id}/reopening")
    return client.post(f"/scans/{scan.id}/reopening{'/refusal' if decline else ''}", {**seen, "why": "So.", **form})


def test_a_student_asks_and_the_mentor_is_noticed_and_reopens_or_declines(browse, cast, counted):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    assert ask(amara, counted).status_code == 303
    notices = Notice.select().where(Notice.kind == "reopen_asked")
    assert [one.recipient_id for one in notices] == [cast.ravi.id]
    page = amara.get(f"/scans/{counted.id}").text
    assert "You have asked Ravi Patel to reopen it" in page and WHY in page and "<summary>Ask to reopen" not in page
    assert f"/scans/{counted.id}/review" in ravi.get("/inbox").text
    assert WHY in ravi.get(f"/scans/{counted.id}/review").text
    assert answer(ravi, counted, decline=True, why="The side is right.").status_code == 303
    page = amara.get(f"/scans/{counted.id}").text
    assert is_counted(counted) and "Not reopened" in page and "The side is right." in page
    assert ask(amara, counted, why="Look again, please.").status_code == 303
    assert answer(ravi, counted, why="So it is.").status_code == 303
    assert is_waiting(counted) and "So it is." in amara.get(f"/scans/{counted.id}").text
    assert verbs_of(counted)[-4:] == ["ask_to_reopen", "decline_to_reopen", "ask_to_reopen", "reopen"]


def test_a_reason_is_wanted_and_screened_and_what_was_typed_is_kept(browse, cast, counted):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    refused = {"": "Say why", "NHS 943 476 5919 was the other knee": "943 476 5919", "x" * 2001: "At most 2,000"}
    for typed, sentence in refused.items():
        got = ask(amara, counted, why=typed)
        assert (
            got.status_code == 422 and sentence in got.text and f">{typed}</textarea>" in got.text.replace("\r\n", "")
        )
    assert verbs_of(counted)[-1] == "approve" and not Notice.select().where(Notice.kind == "reopen_asked").exists()
    assert ask(amara, counted).status_code == 303
    for decline in (False, True):
        for typed, sentence in refused.items():
            got = answer(ravi, counted, decline=decline, why=typed)
            assert (
                got.status_code == 422
                and sentence in got.text
                and f">{typed}</textarea>" in got.text.replace("\r\n", "")
            )
            assert 'name="step"' in got.text and "Do not reopen" in got.text, "the form is there to send again"
    assert verbs_of(counted)[-1] == "ask_to_reopen"


def test_who_may_ask_and_who_may_answer(browse, cast, counted):
    request, reopening = f"/scans/{counted.id}/reopening/request", f"/scans/{counted.id}/reopening"
    for person, expected in ((cast.tom, 404), (cast.mei, 404), (cast.ravi, 403), (cast.dana, 403), (cast.helen, 403)):
        assert browse(person).post(request, {"why": WHY}).status_code == expected, person.name
    assert ask(browse(cast.amara), counted).status_code == 303
    for person, expected in ((cast.grace, 404), (cast.priya, 403), (cast.amara, 403), (cast.dana, 403)):
        for address in (reopening, f"{reopening}/refusal"):
            assert browse(person).post(address, {"why": WHY}).status_code == expected, person.name
    assert verbs_of(counted)[-1] == "ask_to_reopen"


def test_what_is_sent_twice_is_done_once_and_what_was_overtaken_is_409(browse, cast, counted):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    seen = step_on(amara, f"/scans/{counted.id}", f"/scans/{counted.id}/reopening/request")
    for _ in range(2):
        assert ask(amara, counted, step=seen).status_code == 303
    assert ask(amara, counted, step=seen, why="And the finding.").status_code == 409
    asked = step_on(ravi, f"/scans/{counted.id}/review", f"/scans/{counted.id}/reopening")
    for _ in range(2):
        assert ravi.post(f"/scans/{counted.id}/reopening", {"why": "So.", **asked}).status_code == 303
    late = ravi.post(f"/scans/{counted.id}/reopening/refusal", {"why": "It is right.", **asked})
    assert late.status_code == 409 and is_waiting(counted)
    assert verbs_of(counted)[-2:] == ["ask_to_reopen", "reopen"]


@pytest.mark.parametrize("decline", [False, True])
@pytest.mark.parametrize("page", ["of before steps", "of before the request"])
def test_a_request_does_not_overtake_the_mentor_who_answers_from_an_older_page(browse, cast, counted, page, decline):
    ravi = browse(cast.ravi)
    seen = step_on(ravi, f"/scans/{counted.id}/review", f"/scans/{counted.id}/reopening")
    assert ask(browse(cast.amara), counted).status_code == 303
    address = f"/scans/{counted.id}/reopening{'/refusal' if decline else ''}"
    form = {"why": "So.", **(seen if page == "of before the request" else {})}
    assert ravi.post(address, form).status_code == 303
    assert is_counted(counted) if decline else is_waiting(counted)


def test_a_reopened_scan_waits_and_is_answered_from_its_reopening_on(browse, cast, counted, monkeypatch):
    """It was sent nine days ago: the file says so, and when the wait began, by two names."""
    sent = Scan.get_by_id(counted.id).sent_at
    ravi, amara = browse(cast.ravi), browse(cast.amara)
    assert answer(ravi, counted).status_code == 303
    assert Scan.get_by_id(counted.id).sent_at == clock.now()
    assert "reopened just now" in ravi.get("/inbox").text.lower()
    (row,) = csv.DictReader(io.StringIO(amara.get("/scans.csv").data.decode("utf-8-sig")))
    assert row["First sent at"][:10] == f"{sent:%Y-%m-%d}" and row["Wait began at"][:10] == f"{clock.now():%Y-%m-%d}"
    approve(ravi, counted)
    assert [(one.days, one.number) for one in Answered.select().where(Answered.number > 0)] == [(0, 1)]
