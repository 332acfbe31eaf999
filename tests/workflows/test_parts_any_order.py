"""Whatever is begun, ended, covered, moved and called off, in any order and on any day: who has which part on each day
is what a plain model says, and what waits is with somebody who may judge it, or is shown to who may hand it over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import clock
from models import Enrolment, Party, Person, Placement, Scan, db
from rules.states import WITH_MENTOR
from tests.cast import logged
from visibility import mentors_of_placement, scans_of_mentors_who_left
from workflows.history import verification
from workflows.people import covers, part_changeovers, parts
from workflows.refusals import Refused

DAY = timedelta(days=1)
PEOPLE = ("ravi", "priya", "grace")
days = st.integers(-3, 12)
people = st.sampled_from(PEOPLE)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), people, days),
        st.tuples(st.just("end"), people, days, st.none() | people),
        st.tuples(st.just("cover"), people, people, days, days),
        st.tuples(st.just("change"), st.integers(0, 5), st.none() | days),
        st.tuples(st.just("log"), people),
        st.tuples(st.just("pass"), st.integers(1, 4)),
    ),
    max_size=14,
)

GUEST = (("begin", "grace", 0), ("log", "ravi"))  # Grace mentors there too, and a scan waits for Ravi


@dataclass
class Held:
    """A part in the model: from a day until the day before another; `covers` is the part that it covers."""

    who: str
    first: int
    ended: int | None = None
    covers: Held | None = None

    def on(self, day: int) -> bool:
        return self.first <= day and (self.ended is None or day < self.ended)


class Model:
    """Amara's mentors, as plain Python; a day is a number, 0 when the cast was gathered."""

    def __init__(self) -> None:
        self.parts = [Held("ravi", -70), Held("priya", -70)]

    def own(self, who: str, today: int) -> Held | None:
        """The part that is ended or covered: the last one of their own that has not ended."""
        theirs = [one for one in self.parts if one.who == who and one.covers is None]
        return next((one for one in theirs if one.ended is None or one.ended > today), None)

    def mentors(self, day: int) -> set[str]:
        return {one.who for one in self.parts if one.on(day)}


@dataclass
class Told:
    """The verb, said to the workflow; what it answers is told to the model."""

    cast: object
    model: Model
    start: date
    today: int = 0

    def at(self, day: int) -> date:
        return self.start + day * DAY

    @property
    def placement(self) -> Placement:
        return Placement.get(Placement.enrolment == Enrolment.get(Enrolment.person == self.cast.amara))

    def party(self, held: Held) -> Party:
        return Party.get(
            Party.placement == self.placement,
            Party.person == getattr(self.cast, held.who),
            Party.from_on.is_null() if held.first == -70 else Party.from_on == self.at(held.first),
            Party.cover_for.is_null() if held.covers is None else Party.cover_for == self.party(held.covers),
            Party.ended_on.is_null() if held.ended is None else Party.ended_on == self.at(held.ended),
        )

    def begin(self, who: str, day: int) -> None:
        parts.begin(
            self.placement.id,
            person=getattr(self.cast, who).id,
            role="mentor",
            from_on=self.at(day),
            by=self.cast.dana,
        )
        if not any(
            one.who == who and one.covers is None and one.first == day and one.ended is None for one in self.model.parts
        ):
            self.model.parts.append(Held(who, day))

    def end(self, who: str, day: int, successor: str | None) -> None:
        held = self.model.own(who, self.today)
        if held is None:
            return
        to = getattr(self.cast, successor).id if successor else None
        parts.end(self.party(held).id, last_day=self.at(day), by=self.cast.dana, successor=to)
        held.ended = day + 1
        for one in self.model.parts:
            if one.covers is held and one.ended > held.ended:
                one.ended = max(one.first, held.ended)

    def cover(self, who: str, other: str, first: int, last: int) -> None:
        held = self.model.own(who, self.today)
        if held is None:
            return
        before = {one.id for one in Party.select(Party.id)}
        covers.cover(
            self.party(held).id,
            person=getattr(self.cast, other).id,
            from_on=self.at(first),
            last_day=self.at(last),
            by=self.cast.dana,
        )
        if Party.select().where(Party.placement == self.placement, Party.id.not_in(before)).exists():
            until = last + 1 if held.ended is None else min(last + 1, held.ended)
            self.model.parts.append(Held(other, first, until, held))

    def change(self, number: int, last: int | None) -> None:
        found = [one for one in self.model.parts if one.covers is not None and one.ended > max(self.today, one.first)]
        if not found:
            return
        held = found[number % len(found)]
        covers.change(self.party(held).id, last_day=None if last is None else self.at(last), by=self.cast.dana)
        ended = self.today if last is None else last + 1
        own = held.covers.ended
        held.ended = max(held.first, ended if own is None else min(ended, own))

    def log(self, who: str) -> None:
        logged(self.cast.amara, getattr(self.cast, who))

    def check(self) -> None:
        placement = self.placement
        names = {getattr(self.cast, name).id: name for name in PEOPLE}
        for day in range(self.today, self.today + 16):
            _at(self.at(day))
            found = {names[number] for (number,) in mentors_of_placement(placement.id).tuples()}
            assert found == self.model.mentors(day), day
        _at(self.at(self.today))
        part_changeovers.hand_over_due()
        assert part_changeovers.hand_over_due() == 0  # another worker finds nothing left to do
        there = self.model.mentors(self.today)
        waiting = list(Scan.select().where(Scan.state == WITH_MENTOR, Scan.placement == placement))
        left = {scan.id for scan in scans_of_mentors_who_left(self.cast.dana.id).select(Scan.id)}
        for scan in waiting:
            assert (names[scan.mentor_id] in there) != (scan.id in left)
            assert scan.id not in left or names.get(self.follows(scan)) not in there

    def follows(self, scan: Scan) -> int | None:
        """Who has what waits after the last part of the scan's mentor, as it was named; None for nobody."""
        theirs = Party.select().where(Party.placement == self.placement, Party.person == scan.mentor_id)
        last = (
            theirs.where(Party.from_on.is_null() | (Party.ended_on > Party.from_on))
            .order_by(Party.ended_on.desc())
            .first()
        )
        if last is None or last.closed_at is None and last.cover_for is not None and last.begun_at is None:
            return None
        return last.successor_id if last.cover_for is None else last.cover_for.person_id


_day: list[date] = []


def _at(day: date) -> None:
    _day[:] = [day]


@pytest.fixture
def on_a_day(monkeypatch):
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(_day[0], time(12), UTC) if _day else real())
    yield
    _day.clear()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions)
@example([*GUEST, ("cover", "ravi", "grace", 0, 1), ("end", "grace", 0, None), ("pass", 3)])
@example([*GUEST, ("end", "ravi", 0, "grace"), ("pass", 2)])
@example(
    [*GUEST, ("cover", "ravi", "grace", 0, 9), ("end", "ravi", 1, "priya"), ("end", "grace", 0, None), ("pass", 3)]
)
@pytest.mark.slow
def test_parts_on_a_day_are_what_a_plain_model_says_and_nothing_waits_in_silence(cast, on_a_day, said):
    _day.clear()
    with db.atomic() as transaction:
        told = Told(cast, Model(), clock.today())
        _at(told.start)
        for verb, *given in said:
            if verb == "pass":
                told.today += given[0]
                _at(told.at(told.today))
                continue
            try:
                with db.atomic():
                    getattr(told, verb)(*given)
            except Refused:
                pass
            told.check()
        told.check()
        assert verification.verify().findings == []
        transaction.rollback()
    _day.clear()
    assert Person.select().count() == len(cast.everybody())
