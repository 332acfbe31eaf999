"""Whatever students and mentors do, in whatever order, with whatever is sent again: an action is done once, on the step
that its person saw, or not at all. The counters equal a plain recount, and no name stands under what its owner did not
see."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import clock
import config
from database import open_database
from models import Audit, Cohort, Enrolment, Move, Party, Scan, db
from rules import states
from tests import cast as people
from tests.databases import Postgres, Sqlite
from tests.faults.ground import reckon, rounds
from workflows.counts import tally_queries
from workflows.course import programmes
from workflows.history import history, records
from workflows.refusals import Refused
from workflows.reviews import reopening, reviews
from workflows.scans import scans, transitions

WHO = ("amara", "tom", "mei", "ravi", "priya", "grace", "helen", "ian", "esther", "dana")
MENTORS = ("ravi", "priya")  # of Amara's and Tom's placement
OF_STUDENTS = ("correct", "send", "withdraw", "restore")
OF_MENTORS = ("approve", "undo", "reopen", "send_back")
VERBS = (*OF_STUDENTS, *OF_MENTORS, "hand_over")
ENTRIES = st.fixed_dictionaries(
    {
        "support": st.sampled_from(["aided", "unaided"] * 4 + [""]),
        "side": st.sampled_from(["left", "right", "both"] * 3 + [""]),
        "report": st.sampled_from(["", "Bursal fluid, 3 mm."]),
    }
)


@dataclass(frozen=True)
class Press:
    """A button as somebody pressed it, which a network may deliver again at any time."""

    verb: str
    who: str
    scan: str
    version: int
    step: int | None
    word: str  # the side of a correction, the reason, to whom it is handed, the judgement


@dataclass
class Known:
    """What must be so of a scan."""

    student: str
    state: str
    support: str
    side: str
    version: int = 1
    mentor: str = "ravi"
    approved_by: str = ""
    story: list[tuple[str, str, int]] = field(default_factory=list)  # verb, who, number of the step


class Work(RuleBasedStateMachine):
    """Everybody at Croydon and beyond, and a plain dictionary that says what must be so."""

    databases: Sqlite | Postgres

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.at = clock.now()
        self.patch.setattr(clock, "now", self.tick)
        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(self.databases.emptied(Path(self.folder.name)))
        self.database.connect()
        self.known: dict[str, Known] = {}
        self.pressed: list[Press] = []
        self.accepted: set[Press] = set()
        self.ended: set[str] = set()

    def tick(self):
        """Each look at the clock is a hundredth of a second later, so no undo is too late."""
        self.at += timedelta(milliseconds=10)
        return self.at

    @initialize()
    def gather(self):
        programmes.load_all(config.ROOT / "programmes")
        self.cast = people.gather()

    # --- What people do ----------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.known) < 4)
    @rule(entry=ENTRIES, later=st.sampled_from([False, False, False, True]), student=st.sampled_from(["amara", "tom"]))
    def log(self, entry, later, student):
        who, number = getattr(self.cast, student), str(uuid.UUID(int=len(self.known) + 1))
        told = {"by": who, "received": entry, "later": later, "another": True}
        if student in self.ended:
            with pytest.raises(Refused):
                scans.log(number, people.entry_for(self.cast.ravi, **entry), **told)
            return
        done = scans.log(number, people.entry_for(self.cast.ravi, **entry), **told)
        whole = bool(entry["support"] and entry["side"]) and not later and "ravi" not in self.ended
        assert done.scan.state == (states.WITH_MENTOR if whole else states.DRAFT)
        self.known[number] = Known(student, done.scan.state, entry["support"], entry["side"])
        self.known[number].story.append(("log", student, transitions.last_step(number)))

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def press(self, data):
        """Most presses are of who may, on the page as it is; others of anybody, on any page that ever was, or none."""
        scan = data.draw(st.sampled_from(list(self.known)))
        known = self.known[scan]
        fits = [verb for verb in VERBS if states.can(verb, known.state)]
        verb = data.draw(st.sampled_from([*fits, *fits, *VERBS]))
        likely = known.student if verb in (*OF_STUDENTS, "hand_over") else known.mentor
        who = data.draw(st.sampled_from([likely] * 12 + list(WHO)))
        steps = [number for one in self.known.values() for *_, number in one.story]
        pages = [known.story[-1][-1]] * 8 + [None] * 8 + [max(steps) + 1, 0, -1]
        some = data.draw(st.integers(0, len(pages) + len(steps) - 1))
        step = (pages + steps)[some]
        version = data.draw(st.sampled_from([known.version] * 6 + [known.version - 1, known.version + 1]))
        words = {"hand_over": ["ravi", "priya", "grace"], "correct": ["left", "right", "both"]}
        self.deliver(Press(verb, who, scan, version, step, data.draw(st.sampled_from(words.get(verb, ["So.", "No."])))))

    @precondition(lambda self: self.pressed)
    @rule(data=st.data())
    def replay(self, data):
        """What was sent before arrives again."""
        done = [press for press in self.pressed if press in self.accepted]
        self.deliver(data.draw(st.sampled_from([*self.pressed, *done, *done])))

    @precondition(lambda self: len(self.known) > 2 and not self.ended)
    @rule(who=st.sampled_from(["tom", "priya"]))
    def leave(self, who):
        """Tom's enrolment ends, or Priya's part in both placements."""
        person, day = getattr(self.cast, who), people.days_ago(0)
        with db.atomic():
            records.write(Enrolment.update(ended_on=day, ended_as="left").where(Enrolment.person == person))
            records.write(Party.update(ended_on=day).where(Party.person == person))
            history.record("leave", f"person:{person.id}", by=None, at=clock.now())
        self.ended.add(who)

    # --- What must come of it ----------------------------------------------------------------------------------

    def deliver(self, press: Press):
        known, again = self.known[press.scan], press in self.pressed
        before, is_new = self.row(press.scan), self.is_fresh(press)
        refused = None
        try:
            self.call(press)
        except Refused as refusal:
            refused = refusal
        after, story = self.row(press.scan), transitions.steps_of(press.scan)
        done = len(story) > len(known.story)
        where = f"{press}, {refused!r}, {known}"
        assert done or after == before, f"changed without a step: {where}"
        assert not (done and refused), where
        if again and (press.step is not None or press in self.accepted):
            assert not done, f"sent again, and done again: {where}"
        if done:
            assert len(story) == len(known.story) + 1, where
            assert self.may(press) and is_new is not False, f"overtaken, or not theirs, and done: {where}"
            self.note(press, story[-1])
        elif is_new and self.may(press):
            assert not refused and self.is_so(press), (
                f"refused, although it was neither overtaken nor another's: {where}"
            )
        if not refused and (done or press.step is not None):
            self.accepted.add(press)
        if not again:
            self.pressed.append(press)

    def is_fresh(self, press: Press) -> bool | None:
        """Whether it was made on the story as it stands; None when the form does not say."""
        known = self.known[press.scan]
        if press.step is None:
            return None
        numbers = [number for *_, number in known.story]
        if press.step not in numbers:
            return False
        later = [(verb, who) for verb, who, _ in known.story[numbers.index(press.step) + 1 :]]
        if press.verb == "undo" and later[:1] == [("approve", press.who)]:
            later = later[1:]
        if press.who == known.student:  # who is told of no approval that was undone
            told: list[str] = []
            for verb, _ in later:
                if verb != "undo":
                    told.append(verb)
                elif told and told[-1] == "approve":
                    told.pop()
            return not told
        return not later

    def may(self, press: Press) -> bool:
        """Whether it is this person's to do, to this version, in this state, as the table says."""
        known, verb = self.known[press.scan], press.verb
        mentors = [one for one in MENTORS if one not in self.ended]
        if press.verb in OF_STUDENTS:
            theirs = press.who == known.student and press.who not in self.ended
        elif press.verb == "hand_over":
            theirs = press.who in (*mentors, known.student) and press.who not in self.ended and press.word in mentors
        else:
            theirs = press.who in mentors and (
                press.who == known.mentor or (press.verb == "reopen" and known.mentor not in mentors)
            )
        version = press.verb in ("reopen", "hand_over") or press.version == known.version
        whole = press.verb != "send" or (known.support and known.side and known.mentor in mentors)
        return bool(theirs and version and whole and states.can(verb, known.state))

    def is_so(self, press: Press) -> bool:
        """What it asks for is so, so that there is no step to take."""
        known = self.known[press.scan]
        return press.verb == "hand_over" and press.word == known.mentor

    def call(self, press: Press):
        by, seen = getattr(self.cast, press.who), {"version": press.version, "step": press.step}
        if press.verb == "correct":
            support = self.known[press.scan].support or "unaided"
            entry = people.entry_for(self.cast.ravi, side=press.word, support=support, mentor=None)
            if self.known[press.scan].state != states.WITH_MENTOR:
                entry = people.entry_for(self.cast.ravi, side=press.word, support=support)
            scans.correct(press.scan, entry, by=by, received={"side": press.word}, **seen)
        elif press.verb == "hand_over":
            reviews.hand_over(press.scan, by=by, to=getattr(self.cast, press.word).id, step=press.step)
        elif press.verb == "reopen":
            reopening.reopen(press.scan, by=by, why=press.word, step=press.step)
        elif press.verb == "send_back":
            reviews.send_back(press.scan, by=by, why=press.word, **seen)
        elif press.verb in OF_MENTORS:
            getattr(reviews, press.verb)(press.scan, by=by, **seen)
        else:
            getattr(scans, press.verb)(press.scan, by=by, **seen)

    def note(self, press: Press, step: states.Step):
        """It was done: so this must be so now."""
        known, verb = self.known[press.scan], press.verb
        known.story.append((verb, press.who, step.id))
        assert step.verb == verb
        states.move(verb, known.state, step.after)
        if press.verb == "correct":
            known.mentor = known.mentor if known.state == states.WITH_MENTOR else "ravi"
            known.support, known.side = known.support or "unaided", press.word
        if verb == "correct":
            known.version += 1
        if verb == "hand_over":
            known.mentor = press.word
        if verb in ("undo", "reopen"):
            known.mentor = press.who
        known.state, known.approved_by = step.after, press.who if verb == "approve" else ""

    def row(self, scan: str) -> tuple:
        return Scan.select().where(Scan.id == scan).tuples().get()

    @precondition(lambda self: self.known)
    @invariant()
    def everything_is_as_the_model_says(self):
        names = {person.id: name for name, person in self.cast.everybody().items()}
        for scan in Scan.select():
            known = self.known[scan.id]
            stands = (scan.state, scan.version, scan.support, scan.side, names.get(scan.approved_by_id, ""))
            assert stands == (known.state, known.version, known.support, known.side, known.approved_by)
            assert names[scan.mentor_id] == known.mentor
            live = Audit.select().where(Audit.scan == scan, Audit.voided_at.is_null()).count()
            assert live == (scan.state == states.COUNTED and scan.support == "aided")
            if scan.state == states.COUNTED:
                assert scan.approved_version == scan.version and scan.digest == transitions.digest_of(scan)
                judged = [one for one in known.story if one[0] in ("approve", "undo", "reopen")]
                assert judged[-1][:2] == ("approve", known.approved_by), "their latest approval, not taken back"

    @precondition(lambda self: self.known)
    @invariant()
    def the_counters_equal_a_recount(self):
        programme = programmes.get("msk-pgcert")
        enrolled = list(Enrolment.select(Enrolment, Cohort).join(Cohort))
        found = tally_queries.progress_of(enrolled, programme, self.at)
        for enrolment in enrolled:
            name = {self.cast.amara.id: "amara", self.cast.tom.id: "tom"}.get(enrolment.person_id)
            mine = [known for known in self.known.values() if known.student == name]
            for part in found[enrolment.id].parts:
                of_kind = [known.state for known in mine if known.support == part.support.key]
                assert part.counted + part.surplus == of_kind.count(states.COUNTED)
                assert part.with_mentor == of_kind.count(states.WITH_MENTOR)
                assert part.returned == of_kind.count(states.RETURNED)

    def teardown(self):
        if self.known:
            reckon(set(self.known))
            assert Move.select().count() == sum(len(known.story) for known in self.known.values())
        self.patch.undo()
        self.database.close_all()
        self.folder.cleanup()


@pytest.mark.faults
def test_any_order_of_actions_and_resends_keeps_the_promises(databases):
    class Here(Work):
        pass

    Here.databases = databases

    Here.TestCase.settings = settings(
        max_examples=rounds(6, 1000),
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking costs minutes; the steps are short enough
    )
    Here.TestCase("runTest").runTest()
