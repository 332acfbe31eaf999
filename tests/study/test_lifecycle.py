"""What is decided of a student's place on the course, as the workflow does it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

import clock
from models import Absence, Answered, Cohort, CountedDay, Enrolment, History, Notice, Person, Scan, Staff, Tally, db
from rules import lifecycle as rule
from tests.cast import days_ago, logged
from tests.cohort.steps import counted, days_earlier
from workflows.counts import recount, tally_queries
from workflows.course import programmes
from workflows.history import verification
from workflows.people import lifecycle, retention
from workflows.refusals import Conflict, Invalid, NotFound
from workflows.reviews import reopening, reviews

pytestmark = pytest.mark.both
TODAY = days_ago(0)
KNEE = {"region": "knee", "findings": (), "normal": ("all",), "report": ""}


def ahead(days: int):
    return days_ago(-days)


@pytest.fixture
def tom(cast) -> int:
    return Enrolment.get(Enrolment.person == cast.tom).id


@pytest.fixture
def next_year(cast) -> Cohort:
    days = {"starts_on": ahead(300), "due_on": ahead(570)}
    return Cohort.create(programme=cast.cohort.programme, name="September 2027", **days)


def progress(enrolment: int):
    student = Enrolment.get_by_id(enrolment)
    return tally_queries.progress_of([student], programmes.get(student.cohort.programme))[enrolment]


def refused(verb, *given, **more) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as invalid:
        verb(*given, **more)
    return invalid.value.problems


def verbs() -> list[str]:
    return [one.verb for one in History.select().where(History.verb.not_in(("gather", "log", "approve")))]


def test_while_study_rests_nothing_is_expected_and_afterwards_the_due_date_has_moved(cast, tom):
    before = progress(tom)
    assert before.key == "at risk"
    made = lifecycle.interrupt(tom, days_ago(10), None, by=cast.dana)
    shown = progress(tom)
    assert (shown.key, shown.status.reasons) == ("interrupted", ())
    assert shown.counts.due_on == cast.cohort.due_on + timedelta(days=11), "today is one of its days"
    lifecycle.resume(tom, TODAY, by=cast.dana)
    after = progress(tom)
    assert after.counts.due_on == cast.cohort.due_on + timedelta(days=10)
    assert after.expected < before.expected and not after.is_interrupted
    assert Absence.get().id == made.id
    assert verbs() == ["interrupt", "resume"]
    assert verification.verify().findings == []


def test_the_same_once_more_is_the_first_answer_and_one_line_of_history(cast, tom, next_year):
    first = lifecycle.interrupt(tom, days_ago(3), None, by=cast.dana)
    assert lifecycle.interrupt(tom, days_ago(3), None, by=cast.dana).id == first.id
    back = lifecycle.resume(tom, ahead(4), by=cast.dana)
    assert lifecycle.resume(tom, ahead(4), by=cast.dana).id == back.id == first.id
    longer = lifecycle.extend(tom, ahead(400), by=cast.dana)
    assert lifecycle.extend(tom, ahead(400), by=cast.dana).id == longer.id
    for _ in range(2):
        lifecycle.transfer(tom, next_year.id, by=cast.dana, seen=cast.cohort.id)
    for _ in range(2):
        lifecycle.withdraw(tom, TODAY, by=cast.dana)
    for _ in range(2):
        lifecycle.readmit(tom, by=cast.dana)
    assert verbs() == ["interrupt", "resume", "extend", "transfer", "withdraw", "readmit"]
    told = [(one.kind, one.recipient_id) for one in Notice.select().order_by(Notice.id)]
    kinds = ("interrupted", "resumed", "extended", "transferred", "ended", "readmitted")
    assert told == [(f"study_{kind}", cast.tom.id) for kind in kinds]


def test_a_wrong_day_is_a_sentence_beside_its_field(cast, tom):
    begun, due = Enrolment.get_by_id(tom).enrolled_on, cast.cohort.due_on
    interrupt, resume, extend = lifecycle.interrupt, lifecycle.resume, lifecycle.extend
    by = {"by": cast.dana}
    assert "first day" in refused(interrupt, tom, None, None, **by)["from_on"][0]
    assert "They enrolled" in refused(interrupt, tom, begun - timedelta(days=1), None, **by)["from_on"][0]
    assert "a later day" in refused(interrupt, tom, TODAY, TODAY, **by)["until_on"][0]
    assert "from 2000 to 2099" in refused(interrupt, tom, TODAY, TODAY.replace(year=2300), **by)["until_on"][0]
    interrupt(tom, days_ago(5), ahead(5), **by)
    for first, back in ((ahead(4), ahead(9)), (days_ago(9), days_ago(4)), (days_ago(9), None), (ahead(1), ahead(2))):
        assert "interrupted already" in refused(interrupt, tom, first, back, **by)["from_on"][0]
    interrupt(tom, ahead(5), ahead(6), **by)  # the day on which they come back is free
    assert "rests from" in refused(resume, tom, days_ago(6), **by)["back_on"][0]
    assert "interrupted already" in refused(resume, tom, ahead(9), **by)["back_on"][0]
    assert "Write the day" in refused(resume, tom, None, **by)["back_on"][0]
    for day in (due, due + timedelta(days=11)):  # with the eleven days of the interruptions
        assert "as it is" in refused(extend, tom, day, **by)["due_on"][0]
    assert "Write the day" in refused(extend, tom, None, **by)["due_on"][0]
    for day in (None, begun - timedelta(days=1), ahead(1)):
        assert "to today" in refused(lifecycle.withdraw, tom, day, **by)["ended_on"][0]
    assert refused(lifecycle.withdraw, tom, TODAY, **by, ended_as="away")["ended_as"]
    assert Absence.select().count() == 2


def test_an_interruption_that_was_a_mistake_is_taken_back_by_its_own_first_day(cast, tom):
    lifecycle.interrupt(tom, ahead(5), None, by=cast.dana)
    for _ in range(2):
        assert lifecycle.resume(tom, ahead(5), by=cast.dana).voided_at
    assert progress(tom).counts.due_on == cast.cohort.due_on
    with pytest.raises(Conflict):
        lifecycle.resume(tom, ahead(9), by=cast.dana)


def test_another_extension_takes_the_place_of_the_one_before(cast, tom):
    for days in (300, 250):
        lifecycle.extend(tom, ahead(days), by=cast.dana)
        assert progress(tom).counts.due_on == ahead(days)
    assert Absence.select().where(Absence.voided_at.is_null()).count() == 1


def test_only_who_directs_or_administers_the_course_decides(cast, tom):
    for person in (cast.ian, cast.ravi, cast.tom, cast.helen):
        with pytest.raises(NotFound):
            lifecycle.interrupt(tom, TODAY, None, by=person)
    adam = Person.create(email="adam@example.test", name="Adam Admin", made_at=clock.now())
    Staff.create(person=adam, programme=cast.cohort.programme, role="administrator")
    assert lifecycle.interrupt(tom, TODAY, None, by=adam)


def test_of_an_enrolment_that_has_ended_nothing_is_decided_but_to_open_it_again(cast, tom, next_year):
    lifecycle.withdraw(tom, days_ago(4), by=cast.dana)
    for verb, said in (
        (lifecycle.interrupt, (TODAY, None)),
        (lifecycle.resume, (TODAY,)),
        (lifecycle.extend, (ahead(400),)),
        (lifecycle.transfer, (next_year.id,)),
        (lifecycle.withdraw, (TODAY,)),
    ):
        with pytest.raises(Conflict, match="they left the course"):
            verb(tom, *said, by=cast.dana)
    assert Absence.select().count() == 0


def test_who_left_is_readmitted_to_the_same_portfolio_and_the_days_between_are_an_interruption(cast, tom):
    scan = logged(cast.tom, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    lifecycle.interrupt(tom, days_ago(20), None, by=cast.dana)
    lifecycle.withdraw(tom, days_ago(10), by=cast.dana)
    now = {"at": clock.now(), "deliver_at": clock.now(), "listed": True}
    Notice.create(recipient=cast.tom, kind="reading_ends_60", subject=f"enrolment:{tom}", **now)
    lifecycle.readmit(tom, by=cast.dana)
    days = [(one.from_on, one.until_on) for one in Absence.select().order_by(Absence.from_on)]
    assert days == [(days_ago(20), days_ago(10)), (days_ago(10), TODAY)]
    assert progress(tom).counted == 1 and Scan.get_by_id(scan.id).enrolment_id == tom
    assert not Notice.select().where(Notice.kind.in_(lifecycle.OF_RETENTION)).count()
    assert logged(cast.tom, cast.ravi, **KNEE).case_number == scan.case_number + 1


def test_a_graduate_is_one_whose_portfolio_is_complete_and_comes_back_to_no_study(cast, tom):
    problems = refused(lifecycle.withdraw, tom, TODAY, by=cast.dana, ended_as=rule.GRADUATED)
    assert problems["ended_as"] == ["Their portfolio is not complete: 250 do not count yet."]
    with db.atomic():
        Tally.delete().execute()
        empty = {name: 0 for name in Tally._meta.fields if name.startswith(("aided", "unaided"))}
        full = {"aided_counted": 100, "unaided_counted": 150, "other_draft": 0, "version": 1}
        texts = dict.fromkeys(("procedures", "regions", "waiting", "recent"), {})
        Tally.create(enrolment=tom, **{**empty, **full}, **texts)
    assert lifecycle.withdraw(tom, TODAY, by=cast.dana, ended_as=rule.GRADUATED).ended_as == "graduated"
    with pytest.raises(Conflict, match="graduated"):
        lifecycle.readmit(tom, by=cast.dana)


def test_a_transfer_keeps_portfolio_chain_and_numbers_and_takes_the_due_date_of_the_cohort(cast, tom, next_year):
    scan = logged(cast.tom, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    lifecycle.extend(tom, ahead(400), by=cast.dana)
    moved = lifecycle.transfer(tom, next_year.id, by=cast.dana)
    assert (moved.id, moved.cohort_id) == (tom, next_year.id)
    assert progress(tom).counts.due_on == next_year.due_on, "an extension ends"
    assert logged(cast.tom, cast.ravi, **KNEE).case_number == scan.case_number + 1
    chain = History.select().where(History.enrolment == tom).order_by(History.seq)
    assert [one.verb for one in chain][-2:] == ["transfer", "log"]


def test_a_deferral_is_an_interruption_and_a_transfer_and_its_days_move_nothing_twice(cast, tom, next_year):
    lifecycle.interrupt(tom, days_ago(9), next_year.starts_on, by=cast.dana)
    lifecycle.transfer(tom, next_year.id, by=cast.dana)
    assert progress(tom).counts.due_on == next_year.due_on
    assert progress(tom).key == "interrupted"


def test_a_cohort_that_cannot_be_is_a_sentence(cast, tom, next_year):
    other = Cohort.create(programme="limb-diploma", name="Other", starts_on=TODAY, due_on=ahead(9))
    early = Cohort.create(programme=cast.cohort.programme, name="Early", starts_on=days_ago(900), due_on=days_ago(600))
    Enrolment.create(person=cast.tom, cohort=next_year, enrolled_on=next_year.starts_on)
    for cohort, says in (
        (None, "Choose a cohort"),
        (other.id, "of the same course"),
        (cast.cohort.id, "in September 2026 already"),
        (next_year.id, "another enrolment"),
        (early.id, "were due before"),
    ):
        assert says in refused(lifecycle.transfer, tom, cohort, by=cast.dana)["cohort"][0]
    with pytest.raises(Conflict, match="Somebody has moved them"):
        lifecycle.transfer(tom, next_year.id, by=cast.dana, seen=other.id)


def test_students_are_told_14_days_before_they_come_back_and_once(cast, tom):
    first, back = days_ago(20), ahead(14)
    with days_earlier(30):
        lifecycle.interrupt(tom, first, back, by=cast.dana)
    for now, told in ((-1, 0), (0, 1), (1, 0), (13, 0)):
        with days_earlier(-now):
            assert lifecycle.remind() == told, now
    (notice,) = Notice.select().where(Notice.kind == "study_resumes")
    assert notice.recipient_id == cast.tom.id
    lifecycle.resume(tom, ahead(40), by=cast.dana)  # another day: they are told of that one
    assert lifecycle.remind() == 0
    with days_earlier(-30):
        assert (lifecycle.remind(), lifecycle.remind()) == (1, 0)


def test_what_is_kept_of_a_student_is_kept_from_their_own_due_date(cast, tom):
    (before,) = retention.periods([cast.tom.id], clock.now())[cast.tom.id]
    lifecycle.extend(tom, cast.cohort.due_on + timedelta(days=90), by=cast.dana)
    (after,) = retention.periods([cast.tom.id], clock.now())[cast.tom.id]
    assert (after.portfolio.on - before.portfolio.on).days == 90


def test_whoever_shows_the_cohort_hears_of_each_change(cast, tom, next_year):
    seen = {tally_queries.version_of(cast.cohort)}
    for verb, said in (
        (lifecycle.interrupt, (TODAY, None)),
        (lifecycle.resume, (ahead(9),)),
        (lifecycle.extend, (ahead(400),)),
        (lifecycle.transfer, (next_year.id,)),
        (lifecycle.transfer, (cast.cohort.id,)),
        (lifecycle.withdraw, (TODAY,)),
        (lifecycle.readmit, ()),
    ):
        verb(tom, *said, by=cast.dana)
        version = tally_queries.version_of(cast.cohort)
        assert version not in seen, verb
        seen.add(version)


STEPS = st.lists(st.sampled_from(("there", "back", "approve", "undo", "withdraw", "reopen")), min_size=2, max_size=9)


@tries(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
@given(steps=STEPS, aided=st.lists(st.booleans(), min_size=1, max_size=4), total=st.integers(1, 3))
def test_however_often_a_student_moves_the_numbers_of_both_cohorts_equal_a_recount(
    cast, tom, next_year, monkeypatch, steps, aided, total
):
    programme = programmes.get(cast.cohort.programme)
    for kind in programme.supports.values():  # few, so that there is surplus
        monkeypatch.setitem(kind.__dict__, "total", total)
    with db.atomic() as undone:
        for place, is_aided in enumerate(aided):
            with days_earlier(place):
                counted(cast.tom, cast.ravi, support="aided" if is_aided else "unaided")
        counted(cast.amara, cast.ravi)
        for step in steps:
            _one(step, cast, tom, next_year)
            assert [line for one in (cast.cohort, next_year) for line in recount.check(one)] == [], step
        undone.rollback()


def _one(step: str, cast, tom: int, next_year: Cohort) -> None:
    last = Scan.select().where(Scan.enrolment == tom).order_by(Scan.case_number.desc()).first()
    if step in ("there", "back"):
        target = next_year if step == "there" else cast.cohort
        if Enrolment.get_by_id(tom).cohort_id != target.id:
            lifecycle.transfer(tom, target.id, by=cast.dana)
    elif step == "approve":
        counted(cast.tom, cast.priya)
    elif step == "undo" and last.state == "counted" and (clock.now() - last.approved_at) < timedelta(seconds=9):
        reviews.undo(last.id, by=last.approved_by, version=last.version)
    elif step == "withdraw":
        logged(cast.tom, cast.ravi, **KNEE)
    elif step == "reopen" and last.state == "counted":
        reopening.reopen(last.id, by=last.approved_by, why="Name the tendon.")


def test_the_numbers_move_with_the_student(cast, tom, next_year):
    counted(cast.tom, cast.ravi)
    counted(cast.amara, cast.ravi)
    lifecycle.transfer(tom, next_year.id, by=cast.dana)
    for cohort in (cast.cohort, next_year):
        assert [one.number for one in CountedDay.select().where(CountedDay.cohort == cohort)] == [1]
        assert [one.number for one in Answered.select().where(Answered.cohort == cohort)] == [1]
