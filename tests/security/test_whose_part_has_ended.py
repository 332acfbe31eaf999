"""Who has left does nothing to a scan any more, whatever they once could, and whoever only follows never does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

import clock
from models import Enrolment, Party, Placement, Scan, Staff
from tests.cast import days_ago, logged
from workflows.accounts import accounts
from workflows.people import covers, part_changeovers, parts
from workflows.reviews import reviews
from workflows.scans import scans, transitions

JUDGED = {"agreement": "minor", "image": "good", "report": "good", "comment": "", "why": "Which side?"}
# Address of each action -> who may do it, and the state from which.
ACTIONS = {
    "": ("student", "draft"),
    "/sending": ("student", "draft"),
    "/withdrawal": ("student", "draft"),
    "/withdrawal/undo": ("student", "withdrawn"),
    "/mentor": ("both", "waiting"),
    "/approval": ("mentor", "waiting"),
    "/audit": ("mentor", "waiting"),
    "/return": ("mentor", "waiting"),
    "/approval/undo": ("mentor", "counted"),
    "/reopening": ("mentor", "counted"),
    "several": ("mentor", "waiting"),
}


def scan_in(cast, state: str) -> Scan:
    scan = logged(cast.amara, cast.ravi, later=state == "draft", support="unaided")
    if state == "withdrawn":
        return scans.withdraw(scan.id, by=cast.amara, version=1)
    return reviews.approve(scan.id, by=cast.ravi, version=1) if state == "counted" else scan


def press(client, cast, scan: Scan, action: str):
    seen = {"version": scan.version, "step": transitions.last_step(scan.id)}
    if action == "several":
        answer = client.post("/inbox/approvals", {"scan": f"{scan.id}:{scan.version}:{seen['step']}"}, json=True)
        return 200 if answer.status_code == 200 and answer.json["answers"][0]["approved"] else 403
    to = cast.ravi if scan.mentor_id == cast.priya.id else cast.priya
    form = {"region": "shoulder", "side": "left", "support": "unaided", "normal": "all", "later": "yes"}
    return client.post(f"/scans/{scan.id}{action}", {**form, **JUDGED, **seen, "mentor": to.id}, json=True).status_code


def done_by(browse, cast, name: str, made: dict[str, str]) -> set[str]:
    """The actions that this person can do to the scans of each state; none that is refused changes anything."""
    client, done = browse(getattr(cast, name)), set()
    for action, (_, state) in ACTIONS.items():
        scan = Scan.get_by_id(made[state])
        status = press(client, cast, scan, action)
        changed = len(transitions.steps_of(scan.id)), Scan.select().where(Scan.id == scan.id).tuples().get()
        if status == 200:
            done.add(action)
            made[state] = scan_in(cast, state).id
        else:
            assert status in (401, 403, 404), (name, action, status)
            assert changed[1] == tuple(scan.__data__.values()), (name, action)
    return done


def all_states(cast) -> dict[str, str]:
    return {state: scan_in(cast, state).id for state in ("draft", "withdrawn", "waiting", "counted")}


def of(*who: str) -> set[str]:
    return {action for action, (whose, _) in ACTIONS.items() if whose in who}


def test_each_action_is_its_own_persons_and_nobody_elses(browse, cast):
    made = all_states(cast)
    for name in cast.everybody():
        may = {"amara": of("student", "both"), "ravi": of("mentor", "both"), "priya": of("both")}.get(name, set())
        assert done_by(browse, cast, name, made) == may, name


def test_a_student_who_has_left_or_graduated_does_nothing_to_their_scans(browse, cast):
    made = all_states(cast)
    for how in ("left", "graduated"):
        Enrolment.update(ended_on=days_ago(0), ended_as=how).where(Enrolment.person == cast.amara).execute()
        assert done_by(browse, cast, "amara", made) == set(), how


def test_a_mentor_whose_part_has_ended_does_nothing(browse, cast):
    made = all_states(cast)
    Party.update(ended_on=days_ago(0)).where(Party.person.in_([cast.ravi, cast.priya])).execute()
    for name in ("ravi", "priya"):
        assert done_by(browse, cast, name, made) == set(), name


def test_whose_account_is_closed_does_nothing_and_is_handed_nothing(browse, cast):
    made = all_states(cast)
    clients = {name: browse(getattr(cast, name)) for name in ("amara", "ravi", "priya")}
    for name in ("priya", "ravi"):
        accounts.disable(getattr(cast, name))
        assert done_by(lambda _, name=name: clients[name], cast, name, made) == set(), name
    scan = Scan.get_by_id(made["waiting"])
    assert press(clients["amara"], cast, scan, "/mentor") == 403
    assert Scan.get_by_id(scan.id).mentor_id == cast.ravi.id
    assert "Hand over" not in clients["amara"].get(f"/scans/{scan.id}").text
    accounts.disable(cast.amara)
    assert done_by(lambda _: clients["amara"], cast, "amara", made) == set()


# --- A part that begins or ends between load and tap -----------------------------------------------------------------


@pytest.fixture
def at(monkeypatch):
    """Sets the clock by hand: `at(3, 0, 1)` is one minute past midnight, by the course's clock, in three days."""
    zone, start = ZoneInfo("Europe/London"), clock.today()

    def set_to(days: int, hour: int, minute: int) -> date:
        day = start + timedelta(days=days)
        moment = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return day

    return set_to


def _only_at_toms(cast) -> None:
    """Priya mentors Tom alone, at the same site, so that she may cover for Amara's mentor."""
    where = Placement.get(Placement.enrolment == Enrolment.get(Enrolment.person == cast.amara))
    Party.delete().where(Party.person == cast.priya, Party.placement == where).execute()


def _covered(cast, first: date, last: date) -> Party:
    own = (
        Party.select().join(Placement).join(Enrolment).where(Party.person == cast.ravi, Enrolment.person == cast.amara)
    )
    return covers.cover(own.get().id, person=cast.priya.id, from_on=first, last_day=last, by=cast.ravi)[0]


@pytest.mark.both
def test_a_cover_judges_from_the_midnight_of_its_first_day_to_that_after_its_last(browse, cast, at):
    _only_at_toms(cast)
    start = at(0, 23, 58)
    made = all_states(cast)
    _covered(cast, start + timedelta(days=1), start + timedelta(days=2))
    priya = browse(cast.priya)  # signed in, her page open
    assert done_by(lambda _: priya, cast, "priya", made) == set()
    at(1, 0, 1)
    part_changeovers.hand_over_due()
    assert Scan.get_by_id(made["waiting"]).mentor_id == cast.priya.id
    assert press(priya, cast, Scan.get_by_id(made["waiting"]), "/approval") == 200
    made["waiting"] = logged(cast.amara, cast.priya, support="unaided").id
    at(2, 23, 59)
    assert priya.get(f"/scans/{made['waiting']}/review").status_code == 200
    at(3, 0, 1)
    for action in ("/approval", "/audit", "/return", "several", "/mentor"):  # before the worker has come round, too
        assert press(priya, cast, Scan.get_by_id(made["waiting"]), action) in (403, 404), action
    part_changeovers.hand_over_due()
    assert Scan.get_by_id(made["waiting"]).mentor_id == cast.ravi.id
    assert done_by(lambda _: priya, cast, "priya", made) == set()
    assert press(browse(cast.ravi), cast, Scan.get_by_id(made["waiting"]), "/approval") == 200


@pytest.mark.both
def test_a_cover_that_is_called_off_meanwhile_judges_no_more(browse, cast, at):
    _only_at_toms(cast)
    start = at(0, 12, 0)
    made = all_states(cast)
    cover, priya = _covered(cast, start, start + timedelta(days=9)), browse(cast.priya)
    assert priya.get(f"/scans/{made['waiting']}/review").status_code == 200
    covers.change(cover.id, last_day=None, by=cast.ravi)
    assert done_by(lambda _: priya, cast, "priya", made) == set()


@pytest.mark.both
def test_what_was_handed_to_the_cover_is_refused_to_the_mentor_who_is_away(browse, cast, at):
    _only_at_toms(cast)
    start = at(0, 12, 0)
    scan, ravi = logged(cast.amara, cast.ravi), browse(cast.ravi)
    assert ravi.get(f"/scans/{scan.id}/review").status_code == 200
    seen = transitions.last_step(scan.id)
    _covered(cast, start, start + timedelta(days=9))
    answer = ravi.post(f"/scans/{scan.id}/approval", {"version": 1, "step": seen}, json=True)
    assert answer.status_code == 409 and "with Priya Nair" in answer.json["message"]
    assert Scan.get_by_id(scan.id).state == "with_mentor"


@pytest.mark.both
def test_a_part_ends_at_midnight_and_its_successor_has_what_waited(browse, cast, at):
    start = at(0, 23, 59)
    made = all_states(cast)
    ravi = browse(cast.ravi)
    own = (
        Party.select().join(Placement).join(Enrolment).where(Party.person == cast.ravi, Enrolment.person == cast.amara)
    )
    parts.end(own.get().id, last_day=start, by=cast.dana, successor=cast.priya.id)
    assert ravi.get(f"/scans/{made['waiting']}/review").status_code == 200
    at(1, 0, 0)
    assert done_by(lambda _: ravi, cast, "ravi", made) == set()
    part_changeovers.hand_over_due()
    assert press(browse(cast.priya), cast, Scan.get_by_id(made["waiting"]), "/approval") == 200


@pytest.mark.both
def test_who_may_change_parts_no_more_changes_none(browse, cast):
    dana, where = browse(cast.dana), Placement.get(Placement.enrolment == Enrolment.get(Enrolment.person == cast.amara))
    part = Party.get(Party.placement == where, Party.person == cast.ravi)
    assert dana.get(f"/placements/{where.id}?part={part.id}").status_code == 200
    Staff.delete().where(Staff.person == cast.dana).execute()
    days = {"from_on": str(clock.today()), "last_day": str(clock.today()), "person": cast.priya.id, "role": "mentor"}
    for path in (f"/placements/{where.id}/parts", f"/parts/{part.id}/ending", f"/parts/{part.id}/cover"):
        assert dana.post(path, days).status_code in (403, 404), path
    assert Party.select().where(Party.ended_on.is_null(False)).count() == 0
