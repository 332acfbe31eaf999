"""The record of who did what: whatever is changed afterwards, in it or in what it is about, is found and named."""

from __future__ import annotations

import json

import pytest

import clock
import config
from database import open_database
from models import History, Person, Scan, Staff, db
from statements import run
from tests.cast import SECRET, logged
from tests.faults.ground import rounds
from tests.workflows import tampering
from workflows.counts import recount
from workflows.course import programmes
from workflows.history import baseline, history, keys, records, verification
from workflows.reviews import reviews

OTHER = "another secret key, that somebody else would have"


@pytest.fixture(scope="module")
def lived(databases, tmp_path_factory):
    """A database in which every action was done, and who did them."""
    keys.use(SECRET)
    programmes.load_all(config.ROOT / "programmes")
    folder = tmp_path_factory.mktemp("lived")
    opened = open_database(databases.fresh(folder))
    with opened.connection_context():
        yield opened, tampering.lived(folder)
    opened.close_all()


@pytest.fixture
def course(lived):
    """The cast in that database; what a test does in it is undone."""
    opened, cast = lived
    db.initialize(opened)
    with tampering.undone():
        yield cast


@pytest.fixture
def found(course):
    """`found()`: what a verification says, with the head that was anchored before."""
    anchored = tampering.head()
    return lambda: verification.verify([anchored])


def a_counted() -> Scan:
    return Scan.select().where(Scan.state == "counted", Scan.support == "aided").order_by(Scan.case_number).get()


def alter(sql, *values):
    """A statement past every workflow."""
    run(sql, *values)


def forge_counted(mentor: int) -> None:
    """Every waiting scan is made to count, by that mentor, now."""
    alter(
        "UPDATE scan SET state = 'counted', approved_at = ?, approved_by_id = ?, approved_version = version,"
        " audited_at = ? WHERE state = 'with_mentor'",
        *(Scan.sent_at.db_value(clock.now()), mentor, Scan.sent_at.db_value(clock.now())),
    )


# --- What is not altered is sound -----------------------------------------------------------------------------------


def test_what_nobody_altered_is_sound(found):
    report = found()
    assert report.findings == [] and report.sound
    assert report.rows == History.select().count()
    assert report.head == History.select(History.hash).order_by(History.seq.desc()).scalar()


def test_every_table_that_an_action_writes_is_in_history(course):
    entered = {
        name.split(":")[0]
        for (text,) in History.select(History.payload).tuples()
        for name in _records(json.loads(text))
    }
    assert entered == {model._meta.table_name for model in records.COVERED}


def _records(payload):
    return payload.get("records", {}) if "columns" not in payload else {}


def test_the_record_says_what_was_approved_by_its_digest(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    last = History.select().order_by(History.seq.desc()).get()
    assert (last.verb, last.object) == ("approve", f"scan:{scan.id}")
    assert scan.digest in last.payload
    assert {name.split(":")[0] for name in json.loads(last.payload)["records"]} == {"scan", "move"}


def test_no_personal_words_are_in_the_record(course):
    for row in History.select():
        assert not [word for word in ("Clear images", "Amara", "Nora", "Hastings", "@") if word in row.payload]


def test_somebody_can_be_erased_by_an_action_of_its_own(found, course):
    with db.atomic():
        records.update(Person, {"email": "erased-1@invalid", "name": "Erased", "seal": None}, id=course.tom.id)
        history.record("erase", f"person:{course.tom.id}", by=course.dana, at=clock.now())
    assert found().findings == []


def test_what_was_deleted_by_an_action_is_not_missed_and_not_put_back_in_silence(found, course):
    staff = Staff.select().dicts().get()
    with db.atomic():
        assert records.write(Staff.delete().where(Staff.id == staff["id"])) == 1
        history.record("dismiss", f"person:{staff['person']}", by=None, at=clock.now())
    assert found().findings == []
    Staff.insert(**staff).execute()
    (finding,) = found().findings
    assert finding.startswith(f"Staff {staff['id']} of person {staff['person']} as director is there again")


def test_a_row_that_history_proves_is_written_inside_a_transaction(cast):
    with pytest.raises(RuntimeError, match="inside the transaction"):
        records.update(Person, {"name": "Somebody"}, id=cast.tom.id)


# --- The nine ways that were not found before ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE scan SET report = 'No abnormality.' WHERE id = ?", "Scan {scan} of enrolment 1 does not say"),
        ("UPDATE scan SET findings = '[]' WHERE id = ?", "Scan {scan} of enrolment 1 does not say"),
        ("UPDATE audit SET agreement = 'major' WHERE scan_id = ? AND voided_at IS NULL", "Audit"),
        ("UPDATE audit SET comment = 'Well done.' WHERE scan_id = ? AND voided_at IS NULL", "Audit"),
        ("UPDATE move SET why = 'Well done.' WHERE scan_id = ? AND verb = 'approve'", "Move"),
        ("DELETE FROM audit WHERE scan_id = ? AND voided_at IS NULL", "Audit"),
    ],
)
def test_what_was_approved_cannot_be_rewritten(found, sql, what):
    scan = a_counted()
    alter(sql, scan.id)
    report = found()
    assert not report.sound and report.findings[0].startswith(what.format(scan=scan.id)), report.findings
    assert "approve on" in report.findings[0] and "entry" in report.findings[0]


def test_scans_forged_to_counted_and_mended_into_the_tallies_are_found(found, course):
    forge_counted(course.ravi.id)
    recount.mend_all()
    assert [line for cohort in recount.cohorts() for line in recount.check(cohort)] == []
    report = found()
    assert any("does not say what it said" in line for line in report.findings)
    assert any("is approved, but history has no approval of it" in line for line in report.findings)


def test_a_director_who_was_inserted_is_found(found, course):
    alter("INSERT INTO staff (person_id, programme, role) VALUES (?, 'msk-pgcert', 'director')", course.amara.id)
    (finding,) = found().findings
    assert f"of person {course.amara.id} as director was never entered in history" in finding


def test_a_tail_that_was_cut_off_is_found_by_the_last_anchored_head(found):
    last = History.select(History.seq).order_by(History.seq.desc()).limit(1).scalar()
    alter("DELETE FROM history WHERE seq > ?", last - 3)
    report = found()
    assert any(f"entry {last} with hash" in line and "is not in history any more" in line for line in report.findings)


def test_a_history_that_was_deleted_whole_is_found(found):
    alter("DELETE FROM history")
    report = found()
    assert any("is not in history any more" in line for line in report.findings)
    assert any("was never entered in history" in line for line in report.findings)


def test_a_course_that_was_deleted_whole_is_found(found):
    for model in (*records.COVERED, History, *tampering.ADDED_UP):
        alter(f'DELETE FROM "{model._meta.table_name}"')
    (finding,) = found().findings
    assert "is not in history any more" in finding


@pytest.mark.parametrize("key", ["none", "another", "the old part alone"])
def test_a_chain_that_was_hashed_anew_without_the_key_is_found(found, key):
    alter("UPDATE history SET verb = 'enrol' WHERE seq = 2")
    if key == "the old part alone":  # all that was entered before there were keys, by who knows how
        last = history.START
        for row in History.select().where(History.key_id.is_null()).order_by(History.seq):
            values = {name: getattr(row, name) for name in ("verb", "object", "payload", "student_previous")}
            values |= {"at": History.at.db_value(row.at), "actor": None, "enrolment": None, "previous": last}
            last = history.hash_of(values, None)
            alter("UPDATE history SET previous = ?, hash = ? WHERE seq = ?", values["previous"], last, row.seq)
    elif key == "another":
        keys.use(OTHER)
        other = keys.current()
        tampering.rehash(other)
        keys.use(SECRET)
    else:
        tampering.rehash(None)
    report = found()
    assert report.bad_seq is not None or "is not in history any more" in " ".join(report.findings)
    assert not verification.verify().sound, "even without an anchored head"


def test_who_has_the_code_and_not_the_key_can_do_nothing_unseen(found, course):
    """They run the workflows themselves on the database, mend the tallies, take over what is there as a baseline."""
    waiting = Scan.select().where(Scan.state == "with_mentor", Scan.mentor == course.ravi).get()
    keys.use(OTHER)
    reviews.approve(waiting.id, by=course.ravi, version=waiting.version, step=tampering.step_of(waiting))
    recount.mend_all()
    baseline.enter()
    keys.use(SECRET)
    report = found()
    assert "was signed with a key that is not known here" in report.findings[0]
    tampering.rehash(None)
    assert not found().sound


# --- Other things that are found --------------------------------------------------------------------------------


def test_an_entry_without_a_signature_after_one_with_is_refused(found):
    last = History.select().order_by(History.seq.desc()).get()
    row = {"at": 5, "actor": None, "verb": "appoint", "object": "person:1", "enrolment": None, "payload": "{}"}
    row |= {"previous": last.hash, "student_previous": None}
    History.insert(**row, hash=history.hash_of(row, None)).execute()
    report = found()
    assert report.bad_seq == report.seq > last.seq and "is not signed" in report.findings[0]


def test_a_scan_that_counted_before_there_were_digests_needs_its_approval(course):
    """A baseline takes over what there is; history from before still says what was approved."""
    forge_counted(course.ravi.id)
    recount.mend_all()
    baseline.enter()
    report = verification.verify()
    assert report.findings and all("history has no approval of it" in line for line in report.findings)


def test_who_counted_a_scan_was_a_mentor_of_its_placement(found, course):
    scan = a_counted()
    with db.atomic():  # as a fault in our own code would
        records.update(Scan, {"approved_by": course.grace}, id=scan.id)
        history.record("approve", f"scan:{scan.id}", by=course.grace, at=scan.approved_at, enrolment=scan.enrolment_id)
        recount.mend_all()
    (finding,) = found().findings
    assert "who never was a mentor of its placement" in finding


def test_a_sign_in_and_a_password_that_were_written_into_the_database_are_found(found, course):
    alter("UPDATE person SET password = 'mine' WHERE id = ?", course.dana.id)
    into = "sign_in (token_hash, person_id, made_at, expires_at, shared, device)"
    alter(f"INSERT INTO {into} VALUES (?, ?, 1, 9000000000000000, FALSE, '')", "e" * 64, course.dana.id)
    report = found()
    assert [line.split(" ")[0] for line in report.findings] == ["Person", "Sign-in"]
    assert "e" * 20 not in report.findings[1], "a secret's hash is not told whole"


def test_nothing_is_said_of_how_somebody_wants_their_own_pages(found, course):
    alter("UPDATE person SET theme = 'dark', by_mail = ?, quiet_from = 5", False)
    alter("UPDATE notice SET read_at = 5")
    assert found().findings == []


def test_findings_are_bounded_and_counted(found):
    with db.atomic():
        for number in range(verification.MOST + 5):
            alter("INSERT INTO site (name) VALUES (?)", f"Site {number}")
    report = found()
    assert (report.number, len(report.findings)) == (verification.MOST + 5, verification.MOST)


def test_a_changed_secret_key_breaks_nothing_while_the_old_one_is_known(found, course):
    keys.use(OTHER, [SECRET])
    reviews.approve(logged(course.amara, course.ravi).id, by=course.ravi, version=1)
    assert found().findings == []
    alter("UPDATE person SET name = 'Somebody' WHERE id = ?", course.tom.id)
    assert len(found().findings) == 1
    keys.use(OTHER)
    assert "SECRET_KEY_FALLBACKS" in found().findings[0]


def test_a_table_whose_columns_changed_is_taken_over_again(course, monkeypatch):
    assert baseline.missing() == []
    monkeypatch.setattr(baseline, "_shape", lambda model: "other" if model is Person else "same")
    monkeypatch.setattr(baseline.records, "COVERED", [Person])
    assert baseline.missing() == [Person]
    baseline.enter([Person])
    assert baseline.missing() == []


# --- At random ----------------------------------------------------------------------------------------------------


@pytest.mark.faults
def test_random_changes_of_any_table_that_an_action_writes_are_found(found):
    tamperer, tried = tampering.Tamperer(7), 0
    assert found().sound
    while tried < rounds(120, 10_000):
        with tampering.undone():
            what = tamperer.change()
            if what:
                report = tampering.report_of(found, what)
                assert not report.sound, what
                tried += 1
    assert found().sound


@pytest.mark.faults
def test_the_first_bad_entry_of_history_is_named(found):
    tamperer = tampering.Tamperer(8)
    entries = [seq for (seq,) in History.select(History.seq).order_by(History.seq).tuples()]
    for _ in range(rounds(25, 2_000)):
        with tampering.undone():
            place = tamperer.chance.randrange(len(entries) - 1)
            seq, after = entries[place : place + 2]
            what = tamperer.chance.choice(("edit", "remove", "swap"))
            if what == "edit":
                column = tamperer.chance.choice(("verb", "object", "payload", "previous", "hash"))
                alter(f"UPDATE history SET {column} = ? WHERE seq = ?", "other", seq)
            elif what == "remove":
                alter("DELETE FROM history WHERE seq = ?", seq)
                seq = after
            else:
                alter("UPDATE history SET seq = -1 WHERE seq = ?", seq)
                alter("UPDATE history SET seq = ? WHERE seq = ?", seq, after)
                alter("UPDATE history SET seq = ? WHERE seq = -1", after)
            assert found().bad_seq == seq, what
