"""Whatever students and mentors do, in whatever order: the counters equal a plain recount, and no name stands under
what its owner did not see."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

import config
from database import open_database
from models import Audit, Cohort, Enrolment, Move, Scan
from rules import states
from tests import cast as people
from tests.databases import Postgres, Sqlite
from tests.faults.ground import rounds
from workflows import counting, moves, programmes, reviews, scans, verification
from workflows.refusals import Refused

ENTRIES = st.fixed_dictionaries(
    {
        "support": st.sampled_from(["aided", "unaided", "unaided", ""]),
        "region": st.sampled_from(["shoulder"]),
        "side": st.sampled_from(["left", "right", "both", ""]),
        "report": st.sampled_from(["", "Bursal fluid, 3 mm."]),
    }
)


class Work(RuleBasedStateMachine):
    """Amara and Tom with Ravi and Priya, and a plain dictionary that says what must be so."""

    seen = Bundle("seen")
    databases: Sqlite | Postgres

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(self.databases.emptied(Path(self.folder.name)))
        self.database.connect()
        self.model: dict[str, dict] = {}

    @initialize()
    def gather(self):
        programmes.load_all(config.ROOT / "programmes")
        self.cast = people.gather()

    @rule(target=seen, entry=ENTRIES, later=st.booleans(), student=st.sampled_from(["amara", "tom"]))
    def log(self, entry, later, student):
        who, number = getattr(self.cast, student), str(uuid.uuid4())
        done = scans.log(
            number, people.entry_for(self.cast.ravi, **entry), by=who, received=entry, later=later, another=True
        )
        whole = bool(entry["support"] and entry["side"]) and not later
        assert done.scan.state == (states.WITH_MENTOR if whole else states.DRAFT)
        self.model[number] = {"student": student, "state": done.scan.state, "support": entry["support"], "version": 1}
        self.model[number]["mentor"] = "ravi"
        return number, 1

    @rule(target=seen, scan=seen, side=st.sampled_from(["left", "right", "both"]))
    def correct(self, scan, side):
        number, version = scan
        known = self.model[number]
        entry = people.entry_for(self.cast.ravi, side=side, support=known["support"] or "unaided")
        try:
            done = scans.correct(number, entry, by=getattr(self.cast, known["student"]), version=version)
        except Refused:
            assert version != known["version"] or known["state"] in (states.COUNTED, states.WITHDRAWN)
            return number, version
        if done.replayed:  # the same correction once more
            assert version == known["version"] - 1
            return number, done.version
        assert version == known["version"]
        if known["state"] != states.WITH_MENTOR:
            known["mentor"] = "ravi"  # as entered; one that waits stays with the mentor who has it
        known.update(state=states.WITH_MENTOR, version=version + 1, support=entry.support)
        assert done.version == version + 1
        return number, version + 1

    @rule(scan=seen, mentor=st.sampled_from(["ravi", "priya", "grace"]))
    def approve(self, scan, mentor):
        self._judge(scan, mentor, "approve", states.COUNTED)

    @rule(scan=seen, mentor=st.sampled_from(["ravi", "priya"]))
    def send_back(self, scan, mentor):
        self._judge(scan, mentor, "send_back", states.RETURNED, why="Measure it.")

    def _judge(self, scan, mentor, verb, after, **words):
        number, version = scan
        known, by = self.model[number], getattr(self.cast, mentor)
        before = Scan.get_by_id(number)
        again = known["state"] == after and before.version == version
        try:
            getattr(reviews, verb)(number, by=by, version=version, **words)
        except Refused:
            assert known["state"] != states.WITH_MENTOR or version != known["version"] or before.mentor_id != by.id
            return
        assert mentor == known["mentor"]
        assert again or (known["state"], known["version"]) == (states.WITH_MENTOR, version)
        known["state"] = after

    @rule(scan=seen, mentor=st.sampled_from(["ravi", "priya"]))
    def undo(self, scan, mentor):
        number, version = scan
        known, by = self.model[number], getattr(self.cast, mentor)
        try:
            reviews.undo(number, by=by, version=version)
        except Refused:
            return
        assert known["state"] in (states.COUNTED, states.WITH_MENTOR)
        assert version == known["version"]
        known["state"] = states.WITH_MENTOR

    @rule(scan=seen, to=st.sampled_from(["ravi", "priya", "grace"]))
    def hand_over(self, scan, to):
        known = self.model[scan[0]]
        try:
            reviews.hand_over(scan[0], by=getattr(self.cast, known["student"]), to=getattr(self.cast, to).id)
        except Refused:
            assert to == "grace" or known["state"] != states.WITH_MENTOR
            return
        assert to != "grace"
        known["mentor"] = to

    @rule(scan=seen, verb=st.sampled_from(["withdraw", "restore", "send"]))
    def decide(self, scan, verb):
        number, version = scan
        known = self.model[number]
        try:
            done = getattr(scans, verb)(number, by=getattr(self.cast, known["student"]), version=version)
        except Refused:
            return
        known["state"] = done.state

    @precondition(lambda self: self.model)
    @invariant()
    def the_counters_equal_a_recount(self):
        programme = programmes.get("msk-pgcert")
        enrolled = list(Enrolment.select(Enrolment, Cohort).join(Cohort))
        found = counting.progress_of(enrolled, programme)
        for enrolment in enrolled:
            name = {self.cast.amara.id: "amara", self.cast.tom.id: "tom"}.get(enrolment.person_id)
            mine = [known for known in self.model.values() if known["student"] == name]
            for part in found[enrolment.id].parts:
                of_kind = [known["state"] for known in mine if known["support"] == part.support.key]
                assert part.counted + part.surplus == of_kind.count(states.COUNTED)
                assert part.with_mentor == of_kind.count(states.WITH_MENTOR)
                assert part.returned == of_kind.count(states.RETURNED)

    @invariant()
    def nothing_counts_that_was_not_seen(self):
        for scan in Scan.select().where(Scan.state == states.COUNTED):
            assert scan.counted_version == scan.version
            assert scan.digest == moves.digest_of(scan)
            live = Audit.select().where(Audit.scan == scan, Audit.voided_at.is_null()).count()
            assert live == (scan.support == "aided")
        assert verification.verify().sound
        assert Move.select().where(Move.verb == "log").count() == len(self.model)

    def teardown(self):
        self.database.close_all()
        self.folder.cleanup()


@pytest.mark.faults
def test_any_order_of_deeds_keeps_the_promises(databases):
    class Here(Work):
        pass

    Here.databases = databases

    Here.TestCase.settings = settings(
        max_examples=rounds(25, 500),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking costs minutes; the steps are short enough
    )
    Here.TestCase("runTest").runTest()
