"""Whoever writes has the database to themselves until it is written: what was checked still holds when it is done.

On SQLite by its own lock, on PostgreSQL by ours (docs/decisions/0009-one-writer.md): the same promises on both.
"""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from models import Attempt, Audit, Move, Party, Person, Placement, Scan, Site
from rules import states
from tests.cast import entry_for, logged
from tests.faults.ground import reckon, rounds
from workflows.accounts import accounts, throttle
from workflows.people import links, people, people_import
from workflows.refusals import NotFound, Refused
from workflows.reviews import reviews
from workflows.scans import scans

TIMES = rounds(6, 200)
TAPS = 6


def log(cast, number=None, **changes):
    number = number or str(uuid.uuid4())
    return scans.log(number, entry_for(cast.ravi, **changes), by=cast.amara, received={"id": number}, another=True)


def test_one_student_logs_on_two_phones_at_once_and_each_case_has_its_own_number(cast, at_once):
    for _ in range(TIMES):
        assert all(done.state == states.WITH_MENTOR for done in at_once(*[partial(log, cast)] * TAPS))
    numbers = [number for (number,) in Scan.select(Scan.case_number).order_by(Scan.case_number).tuples()]
    assert numbers == list(range(1, TIMES * TAPS + 1))
    assert reckon(set()) == TIMES * TAPS


def test_the_same_scan_sent_several_times_at_once_is_kept_once_and_answered_alike(cast, at_once):
    for _ in range(TIMES):
        answers = at_once(*[partial(log, cast, str(uuid.uuid4()))] * TAPS)
        assert sorted(answer.replayed for answer in answers) == [False] + [True] * (TAPS - 1)
        assert len({(answer.scan.id, answer.state, answer.version) for answer in answers}) == 1
    assert reckon(set()) == TIMES


def test_a_likely_duplicate_is_asked_about_though_both_came_at_once(cast, at_once):
    for region in ("shoulder", "knee", "hip"):
        entry = entry_for(cast.ravi, region=region, findings=(), normal=("all",), report="")
        tries = [partial(scans.log, str(uuid.uuid4()), entry, by=cast.amara, received={}) for _ in range(2)]
        assert sorted(done.state for done in at_once(*tries)) == [states.DRAFT, states.WITH_MENTOR]


def test_everybody_at_once_still_makes_one_chain(cast, at_once):
    for _ in range(TIMES):
        at_once(
            partial(log, cast),
            partial(logged, cast.tom, cast.ravi),
            partial(logged, cast.mei, cast.grace),
            partial(accounts.start, cast.dana),
            partial(people.register, f"{uuid.uuid4()}@example.test", "Nora New"),
            partial(links.make, cast.helen),
        )
    assert reckon(set()) == TIMES * 3


def test_a_scan_that_is_handed_over_is_not_approved_by_the_mentor_who_had_it(cast, at_once):
    for number in range(TIMES * 3):
        scan = logged(cast.amara, cast.ravi, support="aided", report=f"{number} mm.")
        hand_over = partial(reviews.hand_over, scan.id, by=cast.amara, to=cast.priya.id)
        actions = [partial(reviews.approve, scan.id, by=cast.ravi, version=1), hand_over]
        answers = at_once(*actions) if number % 2 else at_once(*reversed(actions))[::-1]
        assert [isinstance(answer, Refused) for answer in answers].count(True) == 1, answers
        verbs = [verb for (verb,) in Move.select(Move.verb).where(Move.scan == scan).order_by(Move.id).tuples()]
        now = Scan.get_by_id(scan.id)
        if verbs == ["log", "approve"]:
            assert (now.state, now.mentor_id, now.approved_by_id) == (states.COUNTED, cast.ravi.id, cast.ravi.id)
        else:
            assert verbs == ["log", "hand_over"]
            assert (now.state, now.mentor_id, now.approved_by_id) == (states.WITH_MENTOR, cast.priya.id, None)
            assert Audit.select().where(Audit.scan == scan).count() == 0


def test_parallel_guesses_take_no_more_places_than_there_are(database, at_once):
    def guess(account):
        return throttle.take("a secret", f"account:{account}")

    for number in range(TIMES):
        before = Attempt.select().count()
        answers = [one for _ in range(3) for one in at_once(*[partial(guess, number)] * TAPS)]
        assert sum(isinstance(answer, throttle.Try) for answer in answers) == throttle.MOST
        assert Attempt.select().count() - before == throttle.MOST


def test_a_link_opens_once_though_two_use_it_at_once(cast, at_once):
    for number in range(max(2, TIMES // 3)):
        token = links.make(cast.helen)
        words = "umbrella kettle rainbow {}"
        answers = at_once(*[partial(links.use, token, words.format(number * 2 + one)) for one in range(2)])
        assert sorted(type(answer) for answer in answers if isinstance(answer, Refused)) == [NotFound]


COURSE = """email,name,role,cohort,starts_on,due_on,site,student_email,machines
{0}-student@example.test,Nora New,student,Cohort {0},2026-09-01,2027-06-30,Site {0},,Machine {0}
{0}-mentor@example.test,Max Mentor,mentor,,,,Site {0},{0}-student@example.test,
"""


def test_the_same_file_brought_in_twice_at_once_brings_everybody_in_once(cast, at_once):
    for number in range(TIMES):
        file = COURSE.format(f"n{number}").encode()
        outcomes = at_once(*[partial(people_import.import_people, file)] * 3)
        assert not any(outcome.problems for outcome in outcomes)
        assert sorted(len(outcome.links) for outcome in outcomes) == [0, 0, 2]
        there = [table.select().count() for table in (Person, Placement, Site, Party)]
        assert there == [10 + 2 * (number + 1), 3 + number + 1, 2 + number + 1, 8 + number + 1]


@pytest.mark.parametrize("action", ["sign out everywhere", "change the theme"])
def test_actions_of_one_person_at_once_are_all_done(cast, at_once, action):
    does = {
        "sign out everywhere": partial(accounts.end_everywhere, cast.amara),
        "change the theme": partial(accounts.choose_theme, cast.amara, "dark"),
    }[action]
    assert at_once(*[does] * TAPS) == [None] * TAPS
    reckon(set())
