"""Who has left does nothing to a scan any more, whatever they once could, and whoever only follows never does."""

from __future__ import annotations

from models import Enrolment, Party, Scan
from tests.cast import days_ago, logged
from workflows.accounts import accounts
from workflows.reviews import reviews
from workflows.scans import scans, transitions

JUDGED = {"agreement": "minor", "image": "good", "report": "good", "comment": "", "why": "Which side?"}
# Address of each deed -> who may do it, and the state from which.
DEEDS = {
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


def press(client, cast, scan: Scan, deed: str):
    seen = {"version": scan.version, "step": transitions.last_step(scan.id)}
    if deed == "several":
        answer = client.post("/inbox/approvals", {"scan": f"{scan.id}:{scan.version}:{seen['step']}"}, json=True)
        return 200 if answer.status_code == 200 and answer.json["answers"][0]["approved"] else 403
    to = cast.ravi if scan.mentor_id == cast.priya.id else cast.priya
    form = {"region": "shoulder", "side": "left", "support": "unaided", "normal": "all", "later": "yes"}
    return client.post(f"/scans/{scan.id}{deed}", {**form, **JUDGED, **seen, "mentor": to.id}, json=True).status_code


def done_by(browse, cast, name: str, made: dict[str, str]) -> set[str]:
    """The deeds that this person can do to the scans of each state; none that is refused changes anything."""
    client, done = browse(getattr(cast, name)), set()
    for deed, (_, state) in DEEDS.items():
        scan = Scan.get_by_id(made[state])
        status = press(client, cast, scan, deed)
        changed = len(transitions.steps_of(scan.id)), Scan.select().where(Scan.id == scan.id).tuples().get()
        if status == 200:
            done.add(deed)
            made[state] = scan_in(cast, state).id
        else:
            assert status in (401, 403, 404), (name, deed, status)
            assert changed[1] == tuple(scan.__data__.values()), (name, deed)
    return done


def all_states(cast) -> dict[str, str]:
    return {state: scan_in(cast, state).id for state in ("draft", "withdrawn", "waiting", "counted")}


def of(*who: str) -> set[str]:
    return {deed for deed, (whose, _) in DEEDS.items() if whose in who}


def test_each_deed_is_its_own_persons_and_nobody_elses(browse, cast):
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
