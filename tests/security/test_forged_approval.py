"""A mentor's name stands only under what that mentor saw and approved."""

import pytest

from models import Audit, Move, Party, Placement, Scan
from tests.cast import both_sides
from tests.security.world import step_of
from workflows.accounts import accounts
from workflows.reviews import reviews

VERBS = ("approval", "audit")
JUDGED = {"agreement": "agree", "image": "good", "report": "good", "seen": "machine", "comment": ""}


def press(world, who, scan, verb="approval", **more):
    """Press a button on a scan as this person, as the mentor's page would: (status, whether it is counted now)."""
    sends = {"version": 1, "step": step_of(scan) or "", **JUDGED, **more}
    answer = world.ask(who, "POST", f"/scans/{scan}/{verb}", sends)
    return answer.status_code, Scan.get_by_id(scan).state == "counted"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["with_mentor", "aided"])
@pytest.mark.parametrize("who", ["amara", "tom", "mei", "grace", "priya", "helen", "ian", "esther", "dana", "closed"])
def test_nobody_but_the_scans_own_mentor_approves_it(world, undone, who, kind, verb):
    status, counted = press(world, who, world.ids[f"amara.{kind}"], verb)
    assert status in (303, 403, 404) and not counted


@pytest.mark.parametrize("verb", VERBS)
def test_a_student_who_mentors_elsewhere_cannot_approve_their_own(world, undone, verb):
    toms = Placement.get(Placement.enrolment == world.ids["tom"])
    Party.create(placement=toms, person=world.people["amara"], role="mentor")
    assert press(world, "amara", world.ids["amara.with_mentor"], verb)[1] is False


@pytest.mark.parametrize("verb", VERBS)
def test_a_student_named_as_their_own_mentor_cannot_approve_their_own(world, undone, verb):
    own = Placement.get(Placement.enrolment == world.ids["amara"])
    Party.create(placement=own, person=world.people["amara"], role="mentor")
    scan = world.ids["amara.with_mentor"]
    reviews.hand_over(scan, by=world.people["amara"], to=world.people["amara"].id)
    assert press(world, "amara", scan, verb) == (403, False)


@pytest.mark.parametrize("claim", ["by", "mentor", "approved_by", "person", "user", "_user_id", "actor"])
def test_an_approval_bears_the_name_of_who_sent_it_whatever_the_form_claims(world, undone, claim):
    scan = world.ids["amara.with_mentor"]
    ravi, priya = world.people["ravi"].id, world.people["priya"].id
    assert press(world, "priya", scan, **{claim: ravi}) == (403, False)
    assert press(world, "ravi", scan, **{claim: priya}) == (303, True)
    assert Scan.get_by_id(scan).approved_by_id == ravi
    assert Move.select().where(Move.scan == scan, Move.verb == "approve").get().by_id == ravi


def test_the_same_approval_sent_five_times_is_one(world, undone):
    scan = world.ids["amara.aided"]
    step = step_of(scan)
    for _ in range(5):
        assert press(world, "ravi", scan, step=step) == (303, True)
    assert Move.select().where(Move.scan == scan, Move.verb == "approve").count() == 1
    assert Audit.select().where(Audit.scan == scan).count() == 1


def test_an_approval_replayed_after_its_undo_does_not_count_again(world, undone):
    scan = world.ids["amara.with_mentor"]
    step = step_of(scan)
    press(world, "ravi", scan, step=step)
    reviews.undo(scan, by=world.people["ravi"], version=1)
    assert press(world, "ravi", scan, step=step) == (409, False)


def test_an_approval_replayed_after_the_student_changed_the_scan_does_not_count(world, undone):
    scan = world.ids["amara.with_mentor"]
    both_sides(Scan.get_by_id(scan), world.people["amara"], version=1)
    assert press(world, "ravi", scan) == (409, False)


@pytest.mark.parametrize("version", ["0", "-1", "2", "99999999999999999999", "", "one", "1.0", "1 OR 1=1", "١"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_version_that_nobody_saw_cannot_be_approved(world, undone, version, verb):
    status, counted = press(world, "ravi", world.ids["amara.with_mentor"], verb, version=version)
    if version != "١":  # the digit one, as it is written in Arabic
        assert status in (403, 404, 409, 422) and not counted


def test_an_approval_taken_to_another_scan_does_not_fit_there(world, undone):
    several = [
        f"{world.ids['amara.with_mentor']}:2",
        f"{world.ids['mei.with_mentor']}:1",
        f"{world.ids['amara.draft']}:1",
    ]
    for one in several:
        world.ask("ravi", "POST", "/inbox/approvals", {"scan": one})
    states = {Scan.get_by_id(one.split(":")[0]).state for one in several}
    assert states == {"with_mentor", "draft"}


def test_several_at_once_count_no_aided_scan_and_no_strangers(world, undone):
    ids = [
        world.ids[f"{who}.{kind}"]
        for who, kind in (("amara", "aided"), ("amara", "with_mentor"), ("mei", "with_mentor"))
    ]
    world.ask("ravi", "POST", "/inbox/approvals", {"scan": [f"{one}:1" for one in ids]})
    assert [Scan.get_by_id(one).state for one in ids] == ["with_mentor", "counted", "with_mentor"]


def test_a_mentor_who_has_left_since_the_page_was_opened_approves_nothing(world, undone):
    from datetime import date

    own = Party.cover_for.is_null()  # a cover of his is yet to come
    Party.update(ended_on=date(2026, 1, 1)).where(Party.person == world.people["ravi"], own).execute()
    status, counted = press(world, "ravi", world.ids["amara.with_mentor"])
    assert status in (403, 404) and not counted


def test_an_account_closed_since_the_page_was_opened_does_nothing(world, undone):
    accounts.disable(world.people["ravi"])
    before = world.snapshot()
    assert press(world, "ravi", world.ids["amara.with_mentor"]) == (303, False)
    assert world.ask("ravi", "GET", "/inbox").headers["Location"].startswith("/sign-in")
    assert world.snapshot() == before


def test_a_closed_account_cannot_sign_in_with_the_right_password(world, undone):
    from tests.cast import PASSWORD

    for email, status in (("closed@example.test", 422), ("ravi@example.test", 303)):
        assert world.ask("nobody", "POST", "/sign-in", {"email": email, "password": PASSWORD}).status_code == status
