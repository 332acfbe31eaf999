"""An approval counts only if its approver was confirmed for the day on which it was given, whatever came first."""

from __future__ import annotations

from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

import clock
from models import Confirmation, Enrolment, Move, Notice, Party, Person, Placement, Scan, db
from rules import confirmations as rules
from rules import states
from rules.confirmations import Span
from tests.cast import logged
from workflows.counts import recount, tally_queries
from workflows.course import programmes
from workflows.history import verification
from workflows.people import confirmations, held_approvals, people
from workflows.refusals import Conflict, Invalid, NotFound, Refused
from workflows.reviews import reopening, reviews
from workflows.scans import transitions

MSK = {"programme": "msk-pgcert", "kind": "mentor"}


@pytest.fixture
def newcomer(cast):
    """Noor, whom a student invited: a mentor of Amara's whom the course has not confirmed."""
    noor, _ = people.register("noor@example.test", "Noor Rahman")
    placement = Placement.select().join(Enrolment).where(Enrolment.person == cast.amara).get()
    people.take_part(placement, noor, "mentor", by=cast.amara, named=False)
    return noor


def approved(cast, noor) -> Scan:
    scan = logged(cast.amara, noor)
    return reviews.approve(scan.id, by=noor, version=1)


def state_of(scan: Scan) -> str:
    return Scan.get_by_id(scan.id).state


def progress(cast):
    enrolment = Enrolment.get(Enrolment.person == cast.amara)
    return tally_queries.progress_of([enrolment], programmes.get("msk-pgcert"))[enrolment.id]


def test_an_approval_of_somebody_unconfirmed_is_held_and_in_no_number_that_counts(cast, newcomer):
    scan = approved(cast, newcomer)
    found = progress(cast)
    assert (scan.state, found.counted, found.held, found.with_mentor) == ("held", 0, 1, 0)
    assert recount.check(cast.cohort) == []


def test_it_counts_by_itself_once_the_course_has_confirmed_them(cast, newcomer):
    scan = approved(cast, newcomer)
    confirmations.confirm(newcomer.id, **MSK, basis="certificate", by=cast.dana)
    found = progress(cast)
    assert (state_of(scan), found.counted, found.held) == ("counted", 1, 0)
    assert Scan.get_by_id(scan.id).approved_at == scan.approved_at, "it counts from the day on which it was approved"
    assert recount.check(cast.cohort) == []
    told = set(Notice.select(Notice.kind, Notice.recipient).where(Notice.by == cast.dana).tuples())
    assert ("mentor_confirmed", newcomer.id) in told


def test_days_on_which_they_were_not_confirmed_stay_held(cast, newcomer):
    scan = approved(cast, newcomer)
    tomorrow = clock.today() + timedelta(days=1)
    confirmations.confirm(newcomer.id, **MSK, basis="known", by=cast.dana, from_on=tomorrow)
    assert state_of(scan) == "held"


def test_ending_a_confirmation_holds_what_it_let_count_and_a_last_day_keeps_what_was_before(cast, newcomer):
    scan = approved(cast, newcomer)
    given = confirmations.confirm(newcomer.id, **MSK, basis="known", by=cast.dana)
    confirmations.end(given.id, by=cast.dana, why="Retired.", last_on=clock.today())
    assert state_of(scan) == "counted"
    left = Confirmation.get(Confirmation.person == newcomer, Confirmation.ended_at.is_null())
    confirmations.end(left.id, by=cast.dana, why="The certificate was somebody else’s.")
    assert state_of(scan) == "held"
    assert recount.check(cast.cohort) == []


def test_nobody_confirms_themselves_and_nobody_else_decides(cast, newcomer):
    people.appoint(newcomer, "msk-pgcert", "director")
    with pytest.raises(Refused, match="themselves"):
        confirmations.confirm(newcomer.id, **MSK, basis="known", by=newcomer)
    for who in (cast.ravi, cast.amara, cast.ian):
        with pytest.raises(NotFound):
            confirmations.confirm(newcomer.id, **MSK, basis="known", by=who)
    with pytest.raises(NotFound):
        confirmations.confirm(cast.helen.id, **MSK, basis="known", by=cast.dana)
    with pytest.raises(Invalid):
        confirmations.confirm(newcomer.id, **MSK, basis="before", by=cast.dana)


def test_what_a_refused_mentor_approved_goes_to_another_one_and_not_before(cast, newcomer):
    scan = approved(cast, newcomer)
    Scan.update(approved_at=scan.approved_at - timedelta(hours=1)).where(Scan.id == scan.id).execute()
    with pytest.raises(Conflict, match="once the course"):
        reviews.hand_over(scan.id, by=cast.amara, to=cast.ravi.id, step=transitions.last_step(scan.id))
    confirmations.refuse(newcomer.id, **MSK, by=cast.dana, why="No such registration.")
    assert state_of(scan) == "held"
    with pytest.raises(Refused, match="another mentor"):
        reviews.hand_over(scan.id, by=cast.amara, to=newcomer.id, step=transitions.last_step(scan.id))
    again = reviews.hand_over(scan.id, by=cast.amara, to=cast.ravi.id, step=transitions.last_step(scan.id))
    assert (again.state, again.mentor_id, again.approved_by_id) == ("with_mentor", cast.ravi.id, None)
    assert reviews.approve(scan.id, by=cast.ravi, version=1).state == "counted"


def test_an_approval_that_is_released_at_once_can_be_undone_and_replayed_like_any_other(cast, newcomer):
    scan = logged(cast.amara, newcomer)
    step = Move.select().order_by(Move.id.desc()).get().id
    reviews.approve(scan.id, by=newcomer, version=1, step=step)
    confirmations.confirm(newcomer.id, **MSK, basis="known", by=cast.dana)
    assert reviews.approve(scan.id, by=newcomer, version=1, step=step).state == "counted"
    assert reviews.undo(scan.id, by=newcomer, version=1, step=step).state == "with_mentor"
    assert recount.check(cast.cohort) == []


def test_whom_the_course_names_is_confirmed_by_that(cast):
    joy, _ = people.register("joy@example.test", "Joy Lindqvist")
    placement = Placement.select().join(Enrolment).where(Enrolment.person == cast.amara).get()
    people.take_part(placement, joy, "mentor", by=cast.dana)
    assert approved(cast, joy).state == "counted"
    assert Confirmation.get(Confirmation.person == joy).basis == "named"


def test_a_mentor_who_was_refused_is_not_confirmed_by_another_part(cast, newcomer):
    confirmations.refuse(newcomer.id, **MSK, by=cast.dana, why="No such registration.")
    other = Placement.select().join(Enrolment).where(Enrolment.person == cast.tom).get()
    people.take_part(other, newcomer, "mentor", by=cast.dana)
    assert approved(cast, newcomer).state == "held"


def test_history_proves_held_approvals_and_decisions(cast, newcomer):
    approved(cast, newcomer)
    given = confirmations.confirm(newcomer.id, **MSK, basis="known", by=cast.dana)
    confirmations.end(given.id, by=cast.dana, why="Retired.")
    assert verification.verify().findings == []


DAYS = st.one_of(st.none(), st.integers(-3, 3))
EVENTS = st.one_of(
    st.tuples(st.just("approve"), st.integers(0, 2)),
    st.tuples(st.just("undo"), st.integers(0, 2)),
    st.tuples(st.just("reopen"), st.integers(0, 2)),
    st.tuples(st.just("confirm"), st.tuples(DAYS, DAYS)),
    st.tuples(st.just("end"), st.integers(0, 2), DAYS),
    st.tuples(st.just("later"), st.just(0)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=st.lists(EVENTS, min_size=3, max_size=14))
@pytest.mark.slow
def test_in_any_order_a_scan_counts_exactly_if_its_approver_is_confirmed_for_that_day(cast, newcomer, events):
    today, real, moved = clock.today(), clock.now, [0]
    with db.atomic() as all_of_it:
        scans = [logged(cast.amara, newcomer) for _ in range(3)]
        clock.now = lambda: real() + timedelta(days=moved[0])
        try:
            for event in events:
                _happens(event, scans, newcomer, cast, today, moved)
                _holds(newcomer, cast)
        finally:
            clock.now = real
            all_of_it.rollback()


def _happens(event, scans, noor, cast, today, moved) -> None:
    kind, what, *more = event
    day = lambda number: None if number is None else today + timedelta(days=number)  # noqa: E731
    try:
        if kind == "approve":
            reviews.approve(scans[what].id, by=noor, version=1)
        elif kind == "undo":
            reviews.undo(scans[what].id, by=noor, version=1)
        elif kind == "reopen":
            reopening.reopen(scans[what].id, by=noor, why="The side is wrong.")
        elif kind == "confirm":
            confirmations.confirm(
                noor.id, **MSK, basis="known", by=cast.dana, from_on=day(what[0]), until_on=day(what[1])
            )
        elif kind == "end":
            live = list(Confirmation.select().where(Confirmation.person == noor, Confirmation.ended_at.is_null()))
            if live:
                confirmations.end(live[what % len(live)].id, by=cast.dana, why="Ended.", last_on=day(more[0]))
        else:
            moved[0] += 1
    except Refused:
        pass


def _holds(noor: Person, cast) -> None:
    spans = [
        Span(one.from_on, one.until_on)
        for one in Confirmation.select().where(Confirmation.person == noor, Confirmation.ended_at.is_null())
    ]
    programme = programmes.get("msk-pgcert")
    counted = held = 0
    for scan in Scan.select().where(Scan.approved_at.is_null(False)):
        on = programme.today(scan.approved_at)
        should = any((a is None or a <= on) and (b is None or on <= b) for a, b in spans)
        assert scan.state == (states.COUNTED if should else states.HELD), (spans, on)
        assert rules.state_of(spans, on) == scan.state
        counted, held = counted + should, held + (not should)
    found = progress(cast)
    assert (found.counted, found.held) == (counted, held)
    assert recount.check(cast.cohort) == []
    assert (
        Party.select().where(Party.person == noor).exists() and held_approvals.spans_of(noor.id, "msk-pgcert") == spans
    )
