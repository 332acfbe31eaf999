"""Whatever students and mentors do, the tallies equal a recount; a wrong one is found, named and mended."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

import clock
from models import Answered, Cohort, CountedDay, Enrolment, Scan, Tally, db
from rules import states
from tests.cast import entry_for, logged
from tests.client import queries_of
from tests.faults.ground import rounds
from workflows.counts import recount, tally_queries
from workflows.course import programmes
from workflows.refusals import Refused
from workflows.reviews import mentor_workload, reopening, reviews
from workflows.scans import scans


@pytest.fixture(params=[False, True], ids=["procedures apart", "procedures counted"])
def small(request, cast, monkeypatch):
    """The course with totals so small that a few scans make a surplus, with and without procedures in the portfolio."""
    whole = programmes.get("msk-pgcert")
    totals = {"aided": 2, "unaided": 3}
    supports = {key: replace(support, total=totals[key]) for key, support in whole.supports.items()}
    programme = replace(whole, supports=supports, procedures_count=request.param)
    monkeypatch.setitem(programmes._loaded, whole.key, programme)
    return programme


class Days:
    """A clock that a test turns."""

    def __init__(self, monkeypatch):
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def forward(self, **more) -> None:
        self.at += timedelta(**more)


@pytest.fixture
def days(monkeypatch):
    return Days(monkeypatch)


def wrong(cast) -> list[str]:
    return recount.check(cast.cohort)


ACTIONS = ("log", "log", "log", "approve", "approve", "approve", "undo", "send_back", "reopen", "correct", "withdraw")
ACTIONS += ("restore", "hand_over", "a day passes", "a month passes", "the clock goes back")


class Week:
    """Amara and Tom with Ravi and Priya, who do anything that they may, as chance has it."""

    def __init__(self, cast, programme, days, seed: int):
        self.cast, self.programme, self.days, self.chance = cast, programme, days, random.Random(seed)
        self.scans: list[str] = []

    def entry(self):
        chance, words = self.chance, self.programme.vocabulary
        procedure = chance.choice(words.procedures) if chance.random() < 0.2 else ""
        return {
            "support": chance.choice(("aided", "unaided", "unaided", "")),
            "region": chance.choice(("shoulder", "knee")),
            "findings": (),
            "normal": ("all",),
            "scanned_on": self.programme.today(self.days.at) - timedelta(days=chance.choice((0, 0, 3, 40))),
            "procedure": procedure,
            "procedure_role": chance.choice(words.procedure_roles) if procedure else "",
            "report": "",
        }

    def do(self, action: str) -> None:
        passes = {"a day passes": 25, "a month passes": 24 * 31, "the clock goes back": -50}
        if action in passes:
            self.days.forward(hours=passes[action])
        elif action == "log" or not self.scans:
            student = self.chance.choice((self.cast.amara, self.cast.tom))
            number, entry = str(uuid.uuid4()), entry_for(self.cast.ravi, **self.entry())
            self.scans.append(number)
            scans.log(number, entry, by=student, received={}, later=self.chance.random() < 0.2, another=True)
        else:
            self.act(action, Scan.get_by_id(self.chance.choice(self.scans)))

    def act(self, action: str, scan: Scan) -> None:
        student, mentor = scan.enrolment.person, self.chance.choice((self.cast.ravi, self.cast.priya))
        seen = {"version": scan.version}
        actions = {
            "approve": lambda: reviews.approve(scan.id, by=mentor, **seen),
            "undo": lambda: reviews.undo(scan.id, by=mentor, **seen),
            "send_back": lambda: reviews.send_back(scan.id, by=mentor, why="Which side?", **seen),
            "reopen": lambda: reopening.reopen(scan.id, by=mentor, why="Look again."),
            "hand_over": lambda: reviews.hand_over(scan.id, by=student, to=mentor.id),
            "correct": lambda: scans.correct(scan.id, entry_for(mentor, **self.entry()), by=student, **seen),
            "withdraw": lambda: scans.withdraw(scan.id, by=student, **seen),
            "restore": lambda: scans.restore(scan.id, by=student, **seen),
        }
        actions[action]()


@pytest.mark.faults
def test_whatever_is_done_the_tallies_equal_a_recount(cast, small, days):
    begun = days.at
    for seed in range(rounds(8, 400)):
        days.at, done = begun, []
        with db.atomic() as tried:
            week = Week(cast, small, days, seed)
            for _ in range(40):
                action = week.chance.choice(ACTIONS)
                try:
                    with db.atomic():
                        week.do(action)
                except Refused:
                    continue
                done.append(action)
                assert wrong(cast) == [], (seed, done)
            counted = sum(own.counted for own in _progress().values())
            assert sum(number for _, number in tally_queries.counted_by_day(cast.cohort)) == counted, (seed, done)
            tried.rollback()


def _progress():
    return tally_queries.progress_of_all(Enrolment.select(Enrolment, Cohort).join(Cohort))


def test_the_day_a_scan_came_to_count_moves_when_a_surplus_takes_its_place(cast, small, days):
    entry = {"support": "aided", "findings": (), "normal": ("all",), "report": ""}
    approved = []
    for _ in range(3):  # two count, the third is surplus
        scan = logged(cast.amara, cast.ravi, **entry)
        approved.append(reviews.approve(scan.id, by=cast.ravi, version=1))
        days.forward(days=1)
    assert [number for _, number in tally_queries.counted_by_day(cast.cohort)] == [1, 1]
    first, second, third = (small.today(scan.approved_at) for scan in approved)
    reopening.reopen(approved[0].id, by=cast.ravi, why="Look again.")
    assert tally_queries.counted_by_day(cast.cohort) == [(second, 1), (third, 1)]
    assert wrong(cast) == []


def test_a_mentors_load_is_what_waits_and_how_soon_they_answered(cast, days):
    for wait in (0, 2, 5):
        scan = logged(cast.amara, cast.ravi)
        days.forward(days=wait, hours=1)
        reviews.approve(scan.id, by=cast.ravi, version=1)
    logged(cast.tom, cast.ravi)
    days.forward(days=20)
    by_name = {load.name: load for load in mentors(cast, days.at)}
    ravi, priya = by_name["Ravi Patel"], by_name["Priya Nair"]
    assert (ravi.waiting, ravi.oldest_days, ravi.late) == (1, 20, True)
    assert (ravi.median_days, ravi.still_waits) == (2, False)
    assert (priya.waiting, priya.oldest_days, priya.median_days, priya.late) == (0, None, None, False)
    for region in ("knee", "elbow", "hip", "wrist"):
        logged(cast.tom, cast.ravi, region=region, findings=(), normal=("all",), report="")
    days.forward(days=36)
    (ravi,) = (load for load in mentors(cast, days.at) if load.name == "Ravi Patel")
    assert (ravi.waiting, ravi.median_days, ravi.still_waits) == (5, 36, True), "what waits still is counted too"


def mentors(cast, now):
    named = {cast.ravi.id: "Ravi Patel", cast.priya.id: "Priya Nair"}
    return mentor_workload.mentors_of(cast.cohort, mentor_workload.waits_of(cast.cohort, now), named, 50).mentors


def test_a_surplus_fills_no_region_and_a_kind_has_its_own_recent_days(cast, small, days):
    """Two aided scans count: a third, of another region, is in neither the total nor a region."""
    for region in ("knee", "elbow", "hip"):
        scan = logged(cast.amara, cast.ravi, support="aided", region=region, findings=(), normal=("all",), report="")
        reviews.approve(scan.id, by=cast.ravi, version=1)
        days.forward(days=1)
    amara = next(own for own in _progress().values() if own.counted)
    assert (amara.counts.regions, amara.counts.recent) == ({"knee": 1, "elbow": 1}, {"aided": 3})
    first = Scan.get(Scan.region == "knee")
    reopening.reopen(first.id, by=cast.ravi, why="Look again.")
    amara = next(own for own in _progress().values() if own.counted)
    assert (amara.counts.regions, amara.counts.recent) == ({"elbow": 1, "hip": 1}, {"aided": 2})
    assert wrong(cast) == []


def test_the_cohorts_version_changes_with_its_numbers_alone(cast):
    versions = [tally_queries.version_of(cast.cohort)]
    scan = logged(cast.amara, cast.ravi)
    versions.append(tally_queries.version_of(cast.cohort))
    reviews.hand_over(scan.id, by=cast.amara, to=cast.priya.id)
    assert tally_queries.version_of(cast.cohort) == versions[-1], "nobody's numbers changed"
    reviews.approve(scan.id, by=cast.priya, version=1)
    versions.append(tally_queries.version_of(cast.cohort))
    assert len(set(versions)) == 3


def test_a_wrong_tally_is_named_and_mended(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    Tally.update(unaided_counted=7).execute()
    CountedDay.update(number=9).execute()
    Answered.delete().execute()
    found = wrong(cast)
    assert any("unaided_counted is 7, counted 1" in line for line in found)
    assert any("9 came to count, counted 1" in line for line in found)
    assert any("0 approved after 0 days, counted 1" in line for line in found)
    assert recount.mend(cast.cohort) == found
    assert wrong(cast) == []


@pytest.mark.parametrize("number", [0, 500])
def test_a_wrong_tally_stops_nobody(cast, number):
    first, second = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi)
    reviews.approve(first.id, by=cast.ravi, version=1)
    Tally.update(unaided_counted=number, unaided_with_mentor=number, regions={}, waiting={}).execute()
    CountedDay.delete().execute()
    Answered.delete().execute()
    reviews.undo(first.id, by=cast.ravi, version=1)
    reviews.approve(second.id, by=cast.ravi, version=1)
    scans.withdraw(first.id, by=cast.amara, version=1)
    recount.mend(cast.cohort)
    assert wrong(cast) == []


def test_the_command_finds_mends_and_proves(app, cast):
    logged(cast.amara, cast.ravi)
    run = app.test_cli_runner().invoke
    assert run(args=["check-tallies"]).exit_code == 0
    Tally.update(unaided_with_mentor=5).execute()
    failed = run(args=["check-tallies"])
    assert failed.exit_code == 1 and "unaided_with_mentor is 5, counted 1" in failed.output
    assert run(args=["check-tallies", "--mend"]).exit_code == 0
    again = run(args=["check-tallies"])
    assert again.exit_code == 0 and "Every tally equals its recount." in again.output


def test_a_tally_that_cannot_be_kept_keeps_the_scan_from_changing(cast, monkeypatch):
    scan = logged(cast.amara, cast.ravi)

    def broken(*_):
        raise RuntimeError("the tally could not be written")

    monkeypatch.setattr("workflows.counts.tallies.moved", broken)
    with pytest.raises(RuntimeError):
        reviews.approve(scan.id, by=cast.ravi, version=1)
    assert Scan.get_by_id(scan.id).state == states.WITH_MENTOR, "both or neither"


def test_reading_a_cohort_of_fifty_asks_as_little_as_one_of_three(cast):
    logged(cast.amara, cast.ravi)
    with queries_of(db) as asked:
        mentors(cast, clock.now())
        tally_queries.counted_by_day(cast.cohort)
        tally_queries.version_of(cast.cohort)
    assert len(asked) == 4
