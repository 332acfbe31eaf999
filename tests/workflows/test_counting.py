"""What the database holds is what is counted, however it got there: one query, a plain recount beside it."""

from __future__ import annotations

import shutil
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

import clock
import config
from database import open_database
from models import Cohort, Enrolment, Person, Placement, Scan, Site, db
from rules import sector, states
from tests.client import queries_of
from workflows.counts import recount, tally_queries
from workflows.course import programmes

ROOT = config.ROOT
KEYS = ("msk-pgcert", "limb-diploma")
SENT = (states.WITH_MENTOR, states.RETURNED, *states.APPROVED)


@pytest.fixture(scope="module")
def both_programmes(tmp_path_factory):
    """A folder with the real course and the invented one."""
    folder = tmp_path_factory.mktemp("programmes")
    for file in (*(ROOT / "programmes").glob("*.toml"), *(ROOT / "tests/programmes").glob("*.toml")):
        shutil.copy(file, folder / file.name)
    return folder


@pytest.fixture(params=KEYS)
def programme(request, settings, both_programmes):
    """Each programme in turn, read from that folder."""
    programmes.load_all(both_programmes)
    opened = open_database(settings.database_url)
    with opened.connection_context():
        yield programmes.get(request.param)
    opened.close_all()


class Ward:
    """A cohort into whose scans rows are written straight, past every workflow."""

    def __init__(self, programme):
        now = clock.now()
        self.programme, self.today = programme, programme.today(now)
        self.mentor = Person.create(email="m@example.test", name="Ravi Patel", made_at=now)
        self.cohort = Cohort.create(
            programme=programme.key,
            name="A",
            starts_on=self.today - timedelta(days=100),
            due_on=self.today + timedelta(days=100),
        )
        self.site = Site.create(name="Croydon MSK clinic")

    def student(self, name: str = "Amara Okafor") -> Enrolment:
        person = Person.create(email=f"{uuid.uuid4()}@example.test", name=name, made_at=clock.now())
        enrolment = Enrolment.create(person=person, cohort=self.cohort, enrolled_on=self.cohort.starts_on)
        Placement.create(enrolment=enrolment, site=self.site, starts_on=self.cohort.starts_on)
        return enrolment

    def put(self, enrolment: Enrolment, rows: list[dict]) -> None:
        place = Placement.get(Placement.enrolment == enrolment)
        Scan.delete().where(Scan.enrolment == enrolment).execute()
        full = [self._row(number, enrolment, place, **row) for number, row in enumerate(rows, 1)]
        for first in range(0, len(full), 100):
            Scan.insert_many(full[first : first + 100]).execute()
        recount.mend_all()

    def _row(
        self,
        number,
        enrolment,
        place,
        state="counted",
        support="unaided",
        region="",
        procedure="",
        part="observed",
        days=3,
    ):
        at = clock.now() - timedelta(days=days, minutes=1)
        sent, counted = state in SENT, state in states.APPROVED
        if sent:
            support = support or "unaided"
        return {
            "id": str(uuid.uuid4()),
            "enrolment": enrolment,
            "case_number": number,
            "placement": place,
            "mentor": self.mentor,
            "state": state,
            "received_at": at,
            "received_digest": "",
            "digest": "",
            "support": support,
            "region": region or next(iter(self.programme.vocabulary.regions)),
            "side": "left",
            "scanned_on": self.today - timedelta(days=days),
            "procedure": procedure,
            "procedure_role": part if procedure else "",
            "sent_at": at if sent else None,
            "approved_at": at if counted else None,
            "approved_by": self.mentor if counted else None,
            "approved_version": 1 if counted else None,
            "audited_at": at if counted and support == "aided" else None,
        }

    def progress(self, *enrolments: Enrolment):
        found = tally_queries.progress_of(enrolments, self.programme)
        return [found[enrolment.id] for enrolment in enrolments]


@pytest.fixture
def ward(programme):
    return Ward(programme)


def rows_of(programme):
    """Any scans: every state, support (missing too), region, procedure or none, up to 60 days old."""
    one = st.fixed_dictionaries(
        {
            "state": st.sampled_from(states.STATES),
            "support": st.sampled_from(["aided", "unaided", ""]),
            "region": st.sampled_from(list(programme.vocabulary.regions)),
            "procedure": st.sampled_from(["", "", "", programme.vocabulary.procedures[0]]),
            "part": st.sampled_from(programme.vocabulary.procedure_roles),
            "days": st.integers(0, 60),
        }
    )
    return st.lists(one, max_size=60)


@tries(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.slow
def test_any_scans_are_counted_as_by_hand(ward, data):
    rows = data.draw(rows_of(ward.programme))
    with db.atomic() as tried:
        student = ward.student()
        ward.put(student, rows)
        (found,) = ward.progress(student)
        tried.rollback()
    programme = ward.programme
    live = [row for row in rows if row["state"] != states.WITHDRAWN]
    scans = [row for row in live if programme.procedures_count or not row["procedure"]]
    by_kind = Counter((row["support"] or ("unaided" if row["state"] in SENT else ""), row["state"]) for row in scans)
    for part in found.parts:
        key, total = part.support.key, part.support.total
        assert part.counted == min(by_kind[key, states.COUNTED], total)
        assert part.surplus == max(0, by_kind[key, states.COUNTED] - total)
        assert part.with_mentor == by_kind[key, states.WITH_MENTOR]
        assert part.returned == by_kind[key, states.RETURNED]
        assert part.draft == by_kind[key, states.DRAFT]
    assert found.counted == sum(part.counted for part in found.parts)
    assert found.drafts == sum(row["state"] == states.DRAFT for row in scans)
    sent = [row for row in live if row["procedure"] and row["state"] != states.DRAFT]
    guided = Counter((row["part"], row["state"] == states.COUNTED) for row in sent)
    parts = {one.part: (one.approved, one.open) for one in found.procedures}
    known = programme.vocabulary.procedure_roles if guided else ()
    assert parts == {part: (guided[part, True], guided[part, False]) for part in known}
    for region in found.regions:
        inside = next(target.regions for target in programme.breadth if target.key == region.key)
        assert region.counted == sum(row["state"] == states.COUNTED and row["region"] in inside for row in scans)
    debt = [row for row in scans if row["state"] == states.WITH_MENTOR and row["support"] == "aided"]
    assert found.debt.count == len(debt)
    assert found.debt.overdue == sum(row["days"] >= programme.audit_overdue_days for row in debt)
    assert len(sector.sector(programme, found).dots) == programme.total


def test_a_surplus_in_one_kind_never_fills_the_other(ward):
    student, total = ward.student(), ward.programme.support("unaided").total
    ward.put(student, [{"support": "unaided"}] * (total + 40))
    (found,) = ward.progress(student)
    assert (found.counted, found.unaided.surplus, found.aided.counted) == (total, 40, 0)
    assert found.aided.missing == ward.programme.support("aided").total


def test_every_dot_is_a_scan_and_the_filled_ones_are_the_counted(ward):
    student = ward.student()
    ward.put(student, [{"support": "aided"}] * 30 + [{}] * 25 + [{"state": "with_mentor"}] * 7)
    (found,) = ward.progress(student)
    dots = Counter(dot.state for dot in sector.sector(ward.programme, found).dots)
    assert dots == {"counted": 55, "with_mentor": 7, "to_come": ward.programme.total - 62}


def test_one_students_scans_are_not_anothers(ward):
    amara, tom = ward.student(), ward.student("Tom Bright")
    ward.put(amara, [{}] * 5)
    ward.put(tom, [{"support": "aided", "state": "with_mentor"}] * 2)
    first, second = ward.progress(amara, tom)
    assert (first.counted, first.with_mentor, second.counted, second.with_mentor) == (5, 0, 0, 2)


def test_the_pace_window_holds_today_and_ends_after_its_weeks(ward):
    days = ward.programme.pace.window_weeks * 7
    for ago, forecast in ((0, True), (days - 1, True), (days, False)):
        student = ward.student()
        ward.put(student, [{"days": ago, "support": support} for support in ward.programme.supports] * 8)
        (found,) = ward.progress(student)
        assert [one is not None for one in found.forecasts] == [forecast, forecast], f"{ago} days ago"


def test_the_days_are_those_of_the_programmes_time_zone(ward):
    student = ward.student()
    ward.put(student, [{}])
    late = clock.now().replace(hour=23, minute=30)
    Scan.update(received_at=late - timedelta(days=1)).where(Scan.enrolment == student).execute()
    recount.mend_all()
    (found,) = ward.progress(student)
    assert found.counts.last_logged_on == ward.programme.local(late - timedelta(days=1)).date()


def test_no_students_ask_nothing(ward):
    with queries_of(db) as asked:
        assert tally_queries.progress_of([], ward.programme) == {}
    assert asked == []


def test_students_of_two_programmes_are_judged_each_by_their_own(programme):
    found = {}
    wards = []
    for key in KEYS:
        with_key = programmes.get(key)
        if wards:
            cohort = Cohort.create(
                programme=key, name="B", starts_on=wards[0].cohort.starts_on, due_on=wards[0].cohort.due_on
            )
            person = Person.create(email="b@example.test", name="Tom Bright", made_at=clock.now())
            found[key] = Enrolment.create(person=person, cohort=cohort, enrolled_on=cohort.starts_on)
        else:
            wards.append(Ward(with_key))
            found[key] = wards[0].student()
    progress = tally_queries.progress_of_all(found.values())
    assert [progress[found[key].id].total for key in KEYS] == [250, 300]


def test_the_numbers_are_read_without_touching_a_scan(ward):
    students = [ward.student(f"Student {number}") for number in range(24)]
    ward.put(students[0], [{}] * 3)
    with queries_of(db) as asked:
        assert ward.progress(*students)[0].counted == 3
    assert not any("scan" in str(sql).lower() for sql in asked), asked


def test_what_becomes_overdue_within_the_day_is_told_although_no_number_has_changed(ward):
    student = ward.student()
    ward.put(student, [{"state": states.WITH_MENTOR, "support": "aided", "days": 1}])
    sent = Scan.get(Scan.enrolment == student).sent_at
    overdue = sent + timedelta(days=ward.programme.audit_overdue_days)
    moments = [overdue - timedelta(seconds=1), overdue + timedelta(seconds=1), overdue - timedelta(seconds=1)]
    found = [tally_queries.progress_of([student], ward.programme, now)[student.id] for now in moments]
    assert [one.debt.overdue for one in found] == [0, 1, 0]


def test_another_day_another_due_date_or_another_remit_is_counted_anew(ward):
    student = ward.student()
    ward.put(student, [{}] * 3)
    now = clock.now()
    (first,) = ward.progress(student)
    assert ward.progress(student)[0] is first, "the same again is not worked out again"
    later = tally_queries.progress_of([student], ward.programme, now + timedelta(days=30))[student.id]
    assert later.expected > first.expected
    student.cohort.due_on += timedelta(days=50)
    assert ward.progress(student)[0].expected < first.expected
    student.remit = list(ward.programme.vocabulary.regions)[:1]
    assert len(ward.progress(student)[0].regions) < len(first.regions)


def test_fifty_students_are_one_query_as_five_are(ward):
    students = [ward.student(f"Student {number}") for number in range(50)]
    for some in (students[:5], students):
        with queries_of(db) as asked:
            tally_queries.progress_of(some, ward.programme)
        assert len(asked) == 1


def test_a_late_joiners_line_starts_with_them(ward):
    student = ward.student()
    student.enrolled_on = ward.today - timedelta(days=2)
    assert ward.progress(student)[0].expected < ward.progress(ward.student("Tom Bright"))[0].expected
    student.enrolled_on = ward.cohort.due_on
    assert ward.progress(student)[0].expected == 0
