"""Pages are never older than the database: after each step of a story they equal those of a process without memory."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from datetime import date, timedelta
from functools import partial

import pytest

import clock
from models import Cohort, Enrolment, Party, Person, Scan, Site
from rules.states import STATES
from tests.cast import entry_for, logged
from tests.faults.ground import rounds
from workflows.counts import tally_queries
from workflows.refusals import Refused
from workflows.reviews import reviews
from workflows.scans import scans

pytestmark = [pytest.mark.both_in_full, pytest.mark.sample, pytest.mark.slow]

ACTIONS = rounds(20, 60)
LEFT, STUDIES = {"ended_as": "left", "ended_on": date(2026, 9, 1)}, {"ended_as": None, "ended_on": None}
TOKENS = re.compile(r'value="[\w.-]{80,}"')


@pytest.fixture
def hour(monkeypatch):
    """A clock that a test sets: `hour(3)` is three hours later."""
    now = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: now[0])

    def later(hours: float) -> None:
        now[0] += timedelta(hours=hours)

    return later


@pytest.fixture
def same_as_new(monkeypatch):
    """The page as it is answered now; it is the same from a process that has computed no progress before."""

    def compared(get) -> str:
        found = TOKENS.sub("", get().text)
        with monkeypatch.context() as fresh:
            fresh.setattr(tally_queries, "_cache", {})
            assert found == TOKENS.sub("", get().text)
        return found

    return compared


def test_an_inbox_is_up_to_date_whatever_happened_to_its_scans(browse, cast, hour, same_as_new):
    dice = random.Random(7)
    people = {cast.amara: cast.ravi, cast.tom: cast.ravi}
    ravi, priya = browse(cast.ravi), browse(cast.priya)

    def any_scan(*states: str) -> Scan:
        found = list(Scan.select().where(Scan.state.in_(states), Scan.mentor == cast.ravi).order_by(Scan.id))
        return dice.choice(found) if found else logged(cast.amara, cast.ravi)

    def edited(scan: Scan) -> None:
        student = Person.get_by_id(Enrolment.get_by_id(scan.enrolment_id).person_id)
        entry = entry_for(cast.ravi, side=dice.choice(("left", "right")), report=f"Read anew, {dice.random():.3f} cm.")
        scans.correct(scan.id, entry, by=student, version=scan.version)

    def judged(verb, scan: Scan, **what: str) -> None:
        verb(scan.id, by=cast.ravi, version=scan.version, **what)

    steps = [
        lambda: logged(*dice.choice(list(people.items())), support=dice.choice(("aided", "unaided"))),
        lambda: edited(any_scan("with_mentor", "returned")),
        lambda: judged(reviews.approve, any_scan("with_mentor")),
        lambda: judged(reviews.send_back, any_scan("with_mentor"), why="Measure it again."),
        lambda: hour(dice.choice((0.001, 0.01, 0.3, 5, 30, 24 * 12))),
        lambda: reviews.hand_over(any_scan("with_mentor").id, by=cast.ravi, to=cast.priya.id),
        lambda: Person.update(name=f"Amara {dice.choice('ABC')}. Okafor").where(Person.id == cast.amara.id).execute(),
    ]
    seen = set()
    for _ in range(ACTIONS):
        with suppress(Refused):  # what cannot be done just now is left
            dice.choice(steps)()
        for at in (ravi, priya):
            for address in ("/inbox", "/inbox?support=aided", f"/scans/{any_scan(*STATES).id}/card"):
                seen.add(same_as_new(partial(at.get, address)))
    assert len(seen) > ACTIONS, "the story changed the pages"


def test_a_cohort_is_up_to_date_whatever_happened_to_its_students(browse, cast, hour, same_as_new):
    dice, dana = random.Random(11), browse(cast.dana)
    students, mine = (cast.amara, cast.tom), Enrolment.person == cast.amara

    def approved() -> None:
        scan = logged(
            dice.choice(students), cast.ravi, region=dice.choice(("shoulder", "knee")), findings=(), report=""
        )
        reviews.approve(scan.id, by=cast.ravi, version=scan.version)

    steps = [
        approved,
        lambda: logged(dice.choice(students), cast.ravi),
        lambda: hour(dice.choice((1, 24, 24 * 9))),
        lambda: Person.update(name=f"Tom {dice.choice('ABC')}.").where(Person.id == cast.tom.id).execute(),
        lambda: Enrolment.update(remit=dice.choice((None, ["shoulder", "wrist"]))).where(mine).execute(),
        lambda: Enrolment.update(dice.choice((LEFT, STUDIES))).where(mine).execute(),
        lambda: Cohort.update(due_on=Cohort.get_by_id(cast.cohort.id).due_on + timedelta(days=40)).execute(),
        lambda: (
            Party.update(ended_on=dice.choice((None, date(2026, 9, 1)))).where(Party.person == cast.priya).execute()
        ),
        lambda: Site.update(name=f"Clinic {dice.choice('ABC')}").where(Site.id == cast.croydon.id).execute(),
    ]
    seen = set()
    for _ in range(ACTIONS):
        with suppress(Refused):  # what cannot be done just now is left
            dice.choice(steps)()
        for address in ("/cohort", "/cohort?sort=-name"):
            seen.add(same_as_new(partial(dana.get, address)))
    assert len(seen) > ACTIONS, "the story changed the pages"


def test_the_memory_of_computed_progress_is_bounded(browse, cast, monkeypatch):
    monkeypatch.setattr(tally_queries, "_MOST_CACHED", 2)
    logged(cast.amara, cast.ravi)
    browse(cast.dana).get("/cohort")
    assert 0 < len(tally_queries._cache) <= 2
