"""What takes time is done before the transaction, so that nobody waits behind it; what others may have changed
meanwhile is checked within it.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import date

import pytest
from peewee import SqliteDatabase

import clock
from models import Enrolment, History, Party, Person, Scan, db
from rules import own_words, report
from rules.vocabulary import Pair
from tests.cast import entry_for, logged
from tests.client import queries_of
from tests.faults.ground import FULL
from workflows.history import verification
from workflows.people import people, people_csv, people_import, people_writing
from workflows.refusals import Conflict, Refused
from workflows.reviews import reopening, reviews
from workflows.scans import scan_entry, scans, screening

WORKS = (
    *((own_words, name) for name in ("recompose", "has_own_words", "own_words")),
    *((report, name) for name in ("compose", "headline")),
    *((screening, name) for name in ("screen", "find_matches")),
)


@pytest.fixture
def outside(monkeypatch):
    """Names of what was worked out; nothing of it may be within a transaction."""
    done = set()

    def watched(name, work):
        def instead(*args, **named):
            assert not db.in_transaction(), f"{name} within a transaction"
            done.add(name)
            return work(*args, **named)

        return instead

    for module, name in WORKS:
        monkeypatch.setattr(module, name, watched(name, getattr(module, name)))
    return done


def test_nothing_of_a_report_is_worked_out_within_a_transaction(cast, outside):
    words = entry_for(
        cast.ravi, report="The tendon looked frayed.", report_base="", findings=(Pair("ssp", "full-thickness tear"),)
    )
    words = replace(words, normal=())
    done = scans.log(str(uuid.uuid4()), words, by=cast.amara, received={"a": 1}, later=True)
    assert {"recompose", "has_own_words", "compose", "headline", "screen"} <= outside
    scans.correct(done.scan.id, replace(words, side="left"), by=cast.amara, version=1, later=True)
    scans.correct(done.scan.id, replace(words, side="both"), by=cast.amara, version=2, later=True)
    scans.send(done.scan.id, by=cast.amara, version=3)
    reviews.send_back(done.scan.id, by=cast.ravi, version=3, why="Which tendon?")
    scans.correct(done.scan.id, replace(words, report="The supraspinatus."), by=cast.amara, version=3)
    reviews.approve(done.scan.id, by=cast.ravi, version=4, comment="Clear.")
    reopening.reopen(done.scan.id, by=cast.ravi, why="The side is missing.")


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(action)`: somebody does this after the report was worked out and before it is kept."""

    def at_that_moment(action):
        check = scan_entry.check

        def then(*args, **named):
            done = check(*args, **named)
            monkeypatch.setattr(scan_entry, "check", check)
            action()
            return done

        monkeypatch.setattr(scan_entry, "check", then)

    return at_that_moment


def test_the_same_scan_sent_twice_at_once_is_one(cast, meanwhile):
    number, sent = str(uuid.uuid4()), {"by": cast.amara, "received": {"a": 1}}
    meanwhile(lambda: scans.log(number, entry_for(cast.ravi), **sent))
    second = scans.log(number, entry_for(cast.ravi), **sent)
    assert second.replayed and Scan.select().count() == 1
    other = str(uuid.uuid4())
    meanwhile(lambda: scans.log(other, entry_for(cast.ravi), **{**sent, "received": {"a": 2}}))
    with pytest.raises(Conflict, match="other content"):
        scans.log(other, entry_for(cast.ravi), **sent)


def test_who_leaves_meanwhile_logs_nothing(cast, meanwhile):
    end = {"ended_on": date(2027, 1, 1), "ended_as": "left"}
    meanwhile(lambda: Enrolment.update(**end).where(Enrolment.person == cast.amara.id).execute())
    with pytest.raises(Refused):
        scans.log(str(uuid.uuid4()), entry_for(cast.ravi), by=cast.amara, received={})
    assert Scan.select().count() == 0


def test_a_mentor_who_leaves_meanwhile_is_sent_nothing(cast, meanwhile):
    meanwhile(lambda: Party.update(ended_on=clock.today()).where(Party.person == cast.ravi.id).execute())
    kept = scans.log(str(uuid.uuid4()), entry_for(cast.ravi), by=cast.amara, received={})
    assert (kept.state, kept.missing) == ("draft", ("mentor",)), "a draft that asks who follows"


def test_a_scan_that_changes_meanwhile_is_not_overwritten(cast, meanwhile):
    scan, first = logged(cast.amara, cast.ravi), entry_for(cast.ravi, side="left")
    meanwhile(lambda: scans.correct(scan.id, first, by=cast.amara, version=1))
    with pytest.raises(Conflict):
        scans.correct(scan.id, entry_for(cast.ravi, side="both"), by=cast.amara, version=1)
    assert Scan.get_by_id(scan.id).side == "left"
    meanwhile(lambda: scans.correct(scan.id, replace(first, side="right"), by=cast.amara, version=2))
    again = scans.correct(scan.id, replace(first, side="right"), by=cast.amara, version=2)  # a double tap
    assert again.replayed and Scan.get_by_id(scan.id).version == 3


def test_a_draft_that_changes_meanwhile_is_not_sent_as_it_was(cast, meanwhile):
    scan, other = logged(cast.amara, cast.ravi, later=True), entry_for(cast.ravi, side="left")
    meanwhile(lambda: scans.correct(scan.id, other, by=cast.amara, version=1, later=True))
    with pytest.raises(Conflict):
        scans.send(scan.id, by=cast.amara, version=1)
    assert Scan.get_by_id(scan.id).state == "draft"


# --- A file of people ------------------------------------------------------------------------------------------

HEAD = "email,name,role,cohort,starts_on,due_on,site,machines,student_email\n"


def course(number: int) -> bytes:
    """So many people, half of them students, the others a mentor for each."""
    students = (
        f"s{n}@x.ac.uk,Student {n},student,Autumn,2027-01-11,2027-09-30,Site {n % 40},GE {n % 7},"
        for n in range(number // 2)
    )
    mentors = (f"m{n}@x.ac.uk,Mentor {n},mentor,,,,,,s{n}@x.ac.uk" for n in range(number - number // 2))
    return (HEAD + "\n".join([*students, *mentors])).encode()


@pytest.mark.sample
@pytest.mark.slow
def test_five_thousand_people_are_checked_without_a_lock_and_written_with_few_statements(database, monkeypatch):
    """A thousand on PostgreSQL in the short run."""
    number = 5000 if FULL or isinstance(database.obj, SqliteDatabase) else 1000
    content, locked = course(number), []
    read = people_csv.read
    monkeypatch.setattr(people_csv, "read", lambda content: locked.append(db.in_transaction()) or read(content))
    with queries_of(database) as asked:
        preview = people_import.import_people(content, preview=True)
    assert locked == [False] and len(asked) < 40
    assert not any(one.startswith(("BEGIN", "INSERT", "UPDATE", "DELETE", "SAVEPOINT")) for one in asked)
    with queries_of(database) as asked:
        outcome = people_import.import_people(content)
    assert outcome.problems == [] and outcome.changes == preview.changes
    assert (Person.select().count(), Party.select().count(), len(outcome.links)) == (number, number // 2, number)
    assert len(asked) < number / 10
    assert verification.verify().sound
    assert people_import.import_people(content).unchanged == number


def test_another_writes_while_a_file_is_checked(cast, database, monkeypatch):
    """Also between the checks and the writing: what they did is seen, and nothing is made twice."""
    content, place = course(20), people.check_cohort

    def somebody_else(*args):
        monkeypatch.setattr(people, "check_cohort", place)
        assert not db.in_transaction()
        people.register("s3@x.ac.uk", "Student 3")
        people.register("s4@x.ac.uk", "Another Name")
        return place(*args)

    monkeypatch.setattr(people, "check_cohort", somebody_else)
    outcome = people_import.import_people(content)
    said = [str(problem) for problem in outcome.problems]
    assert said == ["Row 6, name: s4@x.ac.uk is already here as Another Name. Write that name, or leave it empty."]
    assert Person.select().where(Person.email.endswith("@x.ac.uk")).count() == 2  # theirs alone
    Person.update(name="Student 4").where(Person.email == "s4@x.ac.uk").execute()
    assert people_import.import_people(content).problems == []
    assert Person.select().where(Person.email.endswith("@x.ac.uk")).count() == 20


def test_history_says_of_a_file_what_it_says_of_the_same_verbs(database):
    """Made by a file or by the verbs one by one: the same actions on the same things, in the same words."""
    content = HEAD + "a@x.uk,Ann Roe,student,Spring,2027-01-11,2027-09-30,Ward 3,,\nb@x.uk,Ben Day,mentor,,,,,,a@x.uk\n"
    content += "b@x.uk,,internal assessor,,,,,,\n"
    actions = ("register", "open_cohort", "enrol", "place", "take_part", "appoint")

    def told() -> list[tuple]:
        rows = History.select().where(History.verb.in_(actions)).order_by(History.verb, History.object)
        return [(row.verb, row.object.partition(":")[0], row.enrolment_id is None, keys(row.payload)) for row in rows]

    def keys(payload: str) -> list[str]:  # but the digests, of which the first action of a file has all
        return sorted(json.loads(payload).keys() - {"records"})

    people_import.import_people(content.encode())
    by_file = told()
    with db.atomic() as transaction:
        History.delete().execute()
        ann, _ = people.register("c@x.uk", "Ann Roe")
        ben, _ = people.register("d@x.uk", "Ben Day")
        cohort, _ = people.open_cohort("msk-pgcert", "Autumn", date(2027, 1, 11), date(2027, 9, 30))
        enrolment, _ = people.enrol(ann, cohort)
        placement, _ = people.place(enrolment, "Ward 4")
        people.take_part(placement, ben, "mentor")
        people.appoint(ben, "msk-pgcert", "internal_assessor")
        by_verbs = told()
        transaction.rollback()
    assert by_file == by_verbs
    assert set(people_writing.ORDER) >= {type(one) for one in (ann, cohort, enrolment, placement)}
