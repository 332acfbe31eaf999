"""The demo course says what its documents promise, and is made of rows that the workflows could have written."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from peewee import SqliteDatabase, fn

from demo import cast
from models import Audit, Enrolment, History, Move, Notice, Party, Person, Placement, Scan, Site, Staff
from rules import identifiers, states
from rules import report as reports
from rules.entry import missing, problems
from rules.own_words import has_own_words
from workflows.course import programmes
from workflows.history import verification
from workflows.people import invitations
from workflows.reviews import reviews
from workflows.scans import scan_entry, transitions

PROMISED = {
    "amara": "Amara Okafor",
    "tom": "Tom Bright",
    "ravi": "Ravi Patel",
    "mei": "Mei Chen",
    "grace": "Grace Adeyemi",
    "helen": "Helen Ward",
    "ian": "Ian Novak",
    "esther": "Esther Blake",
    "director": "Dana Director",
}


def parts_of(key: str) -> set[tuple[str, str, str]]:
    """(role, site, student's key) of every part that this person has in a placement."""
    student = Person.alias()
    rows = Party.select(Party.role, Site.name, student.email).join(Person).switch(Party).join(Placement).join(Site)
    rows = rows.switch(Placement).join(Enrolment).join(student, on=(student.id == Enrolment.person))
    rows = rows.where(Person.email == f"{key}@demo.sonofolio.test").tuples()
    return {(role, site, email.partition("@")[0]) for role, site, email in rows}


def scans_of(course, key: str, **where: object) -> list[Scan]:
    return list(Scan.select().where(Scan.enrolment == course.enrolments[key]).filter(**where))


def test_everybody_who_was_promised_is_there(course):
    people = {person.email: person.name for person in Person.select()}
    for key, name in PROMISED.items():
        assert people[f"{key}@demo.sonofolio.test"] == name
    assert len(set(people.values())) == len(people)


def test_an_invitation_of_amaras_is_open(course):
    of = invitations.find_live(cast.INVITATION)
    assert (of.by.name, of.role, of.name) == ("Amara Okafor", "mentor", "Farah Aziz")


def test_the_promised_people_have_their_parts(course):
    at_croydon = "Croydon MSK clinic"
    assert {("mentor", at_croydon, "amara"), ("mentor", at_croydon, "tom")} <= parts_of("ravi")
    assert {site for _, site, _ in parts_of("ravi")} == {at_croydon}
    assert ("mentor", "Brighton sports clinic", "mei") in parts_of("grace")
    assert {(role, site) for role, site, _ in parts_of("helen")} == {("clinical_manager", at_croydon)}
    assert {role for role, _, _ in parts_of("esther")} == {"external_assessor"}
    staff = {(one.person.email.partition("@")[0], one.role) for one in Staff.select()}
    assert staff == {("director", "director"), ("ian", "internal_assessor"), ("alma", "administrator")}


def test_a_cohort_of_24_students_at_every_stage(course):
    assert len(course.enrolments) == 24
    standing = Counter(one.ended_as or course.progress[key].status.key for key, one in course.enrolments.items())
    assert set(standing) == {
        "on pace",
        "ahead",
        "behind",
        "at risk",
        "not started",
        "complete",
        "interrupted",
        "graduated",
    }
    assert 2 <= standing["at risk"] <= 5, "for what they do themselves: who has a silent mentor is not at risk for that"
    assert standing["on pace"] >= 8


def test_one_student_is_interrupted_and_one_has_an_extension(course):
    chloe, marcus = course.progress["chloe"], course.progress["marcus"]
    assert chloe.status.words.startswith("Interrupted until") and not chloe.counts.open_ended
    cohort = course.enrolments["marcus"].cohort
    assert marcus.counts.due_on == cohort.due_on + timedelta(days=56) and not marcus.is_interrupted
    logged = Scan.select(fn.MAX(Scan.scanned_on)).where(Scan.enrolment == course.enrolments["chloe"])
    assert logged.scalar() < chloe.counts.absences[0][0], "no scan is dated within it"


def test_amara_is_in_mid_course_with_one_scan_returned(course):
    progress = course.progress["amara"]
    assert progress.status.key == "on pace"
    assert (progress.returned, progress.drafts) == (1, 1)
    assert progress.with_mentor >= 4
    assert all(part.with_mentor for part in progress.parts), "she has both kinds waiting"
    (returned,) = scans_of(course, "amara", state=states.RETURNED)
    said = Move.get(Move.scan == returned, Move.verb == "send_back")
    assert said.why.startswith("Please add the long-axis view of supraspinatus")
    notice = Notice.get(Notice.subject == f"scan:{returned.id}", Notice.kind == "scan_returned")
    assert notice.read_at is None and notice.at == said.at
    assert "ssp" in {structure for structure, _ in returned.findings} and "long axis" not in returned.report


def test_amara_has_one_abnormal_scan_without_her_own_words(course):
    without = [
        scan
        for scan in scans_of(course, "amara", own_words=False)
        if scan.state != states.DRAFT and not reports.is_normal(scan_entry.entry_of(scan))
    ]
    assert [scan.state for scan in without] == [states.WITH_MENTOR]


def test_tom_is_behind_with_audits_overdue(course):
    progress = course.progress["tom"]
    assert progress.status.key == "behind" and progress.ahead <= -11
    assert progress.debt.overdue > 0


def test_one_mentor_has_not_looked_for_weeks(course):
    assert course.progress["hannah"].with_mentor >= 20
    assert course.progress["hannah"].debt.oldest_days > 14


def test_every_audit_that_counts_is_there_and_alive(course):
    aided = {scan.id: scan.version for scan in Scan.select().where(Scan.state == "counted", Scan.support == "aided")}
    alive = {audit.scan_id: audit.version for audit in Audit.select().where(Audit.voided_at.is_null())}
    assert len(aided) > 500
    assert {scan: alive.get(scan) for scan in aided} == aided


def test_audits_get_better_with_practice(course):
    marks = (
        Audit.select(Scan.case_number, Audit.image, Audit.agreement).join(Scan).where(Scan.case_number < 250).tuples()
    )
    early = [mark for number, *mark in marks if number <= 40]
    late = [mark for number, *mark in marks if number > 70]
    shares = [sum(mark == ["good", "agree"] for mark in some) / len(some) for some in (early, late)]
    assert shares[0] < shares[1] and shares[0] > 0.5


def test_no_report_and_no_word_of_a_mentor_identifies_a_patient(course):
    texts = [scan.report for scan in Scan.select()] + [move.why for move in Move.select()]
    assert [text for text in texts if identifiers.screen(text)] == []


def test_every_scan_could_have_been_entered(course):
    started = {one.id: one.enrolled_on for one in course.enrolments.values()}
    for scan in Scan.select():
        entry = scan_entry.entry_of(scan)
        on = started[scan.enrolment_id]
        assert problems(course.programme, entry, today=course.now.date(), enrolled_on=on) == {}, scan.headline
        if scan.state != states.DRAFT:
            assert missing(course.programme, entry) == []


def test_what_is_derived_is_what_the_rules_derive(course):
    for scan in Scan.select():
        taps = scan_entry.entry_of(scan)
        assert scan.composed == reports.compose(course.programme.vocabulary, taps)
        assert scan.headline == reports.headline(course.programme.vocabulary, taps)
        assert scan.own_words == has_own_words(scan.report, scan.composed)
        assert scan.digest == transitions.digest_of(scan)


def test_reports_vary(course):
    own = [scan.report for scan in Scan.select().where(Scan.own_words)]
    assert len(set(own)) > 0.85 * len(own)
    abnormal = [scan for scan in Scan.select() if not reports.is_normal(scan_entry.entry_of(scan))]
    assert 0.5 < len(abnormal) / Scan.select().count() < 0.65


def test_every_step_is_in_the_table_and_nothing_happens_before_or_after_its_time(course):
    before: dict[str, Move] = {}
    for step in Move.select().order_by(Move.id):
        last = before.get(step.scan_id)
        states.move(step.verb, step.before, step.after)
        assert step.before == (last.after if last else None)
        assert last is None or step.at > last.at
        assert step.at < course.now
        before[step.scan_id] = step
    for scan in Scan.select():
        assert before[scan.id].after == scan.state and before[scan.id].version == scan.version
        assert course.programme.today(scan.received_at) == scan.scanned_on


def test_only_mentors_of_the_placement_judge(course):
    judges = {(one.placement_id, one.person_id) for one in Party.select().where(Party.role == "mentor")}
    judged = Move.select(Scan.placement, Move.by).join(Scan).where(Move.verb.in_(("approve", "send_back", "reopen")))
    assert set(judged.tuples()) <= judges


def test_case_numbers_follow_the_order_in_which_scans_were_logged(course):
    for enrolment in course.enrolments.values():
        mine = Scan.select(Scan.case_number).where(Scan.enrolment == enrolment).order_by(Scan.received_at)
        numbers = [scan.case_number for scan in mine]
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_database_and_the_history_are_sound(course):
    if isinstance(course.database, SqliteDatabase):
        assert course.database.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert course.database.execute_sql("PRAGMA foreign_key_check").fetchall() == []
    verdict = verification.verify()
    assert verdict.sound and verdict.rows == History.select().count()
    assert History.select().where(History.object.startswith("scan:")).count() == Move.select().count()


def test_a_mentor_can_go_on_where_the_demo_stops(course):
    waiting = Scan.get(Scan.mentor == Person.get(Person.email.startswith("ravi@")), Scan.state == states.WITH_MENTOR)
    with course.database.atomic() as undone:
        approved = reviews.approve(waiting.id, by=waiting.mentor, version=waiting.version)
        assert approved.state == states.COUNTED and verification.verify().sound
        undone.rollback()


def test_words_are_missing_where_the_rules_say_so(course):
    programme = programmes.get("msk-pgcert")
    for scan in Scan.select():
        taps = scan_entry.entry_of(scan)
        own = has_own_words(scan.report, scan.composed)
        assert (scan.own_words, scan.words_missing) == (own, reports.words_missing(programme, taps, own))
