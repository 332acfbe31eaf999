"""Hide now (R8): the text of a scan is blanked everywhere and for all, whoever reads it says so, and it stays away."""

from __future__ import annotations

import threading

import pytest

import clock
from models import Audit, Edition, Enrolment, File, Hiding, History, Move, Notice, Scan, Share, Tally, db
from rules import states
from rules.scan_fields import Entry
from tests.cast import entry_for, logged
from tests.portfolio import editions
from workflows import files
from workflows.counts import recount
from workflows.history import history, records, verification
from workflows.notices import letters
from workflows.portfolio import shares
from workflows.refusals import Conflict, NotFound, Refused
from workflows.reviews import replies, reviews
from workflows.reviews.reviews import Appraisal
from workflows.scans import blanking, hiding, scans

WORD = "Wilhelmina"
NAMES_HER = f"Tear of the supraspinatus in {WORD}, 14 mm."


def told(person, kind: str) -> int:
    return Notice.select().where(Notice.recipient == person, Notice.kind == kind).count()


def sound() -> None:
    """History proves every row as it is now, and every count is that of the scans."""
    report = verification.verify()
    assert report.sound, report.findings


def everything_said() -> str:
    """Every text of every table, as it is stored."""
    from models import TABLES

    return "\n".join(repr(row) for model in TABLES for row in model.select().tuples())


@pytest.fixture
def named(cast) -> Scan:
    """A scan of Amara's with Ravi whose report names its patient."""
    return logged(cast.amara, cast.ravi, report=NAMES_HER)


# --- What disappears ---------------------------------------------------------------------------------------------


def test_its_text_stands_nowhere_any_more_and_its_student_writes_it_anew(cast, named):
    scan = hiding.hide(named.id, by=cast.ravi)

    kept = Scan.get_by_id(scan.id)
    assert (kept.state, kept.version, kept.report, kept.composed) == ("returned", 2, "", "")
    assert kept.headline == blanking.HEADLINE and kept.digest != named.digest
    assert kept.findings == named.findings, "what was tapped names nobody"
    assert WORD not in everything_said()
    assert told(cast.amara, "scan_hidden") == 1 and told(cast.dana, "scan_hidden_here") == 1
    sound()


def test_the_event_is_kept_without_what_it_said(cast, named):
    hiding.hide(named.id, by=cast.ravi)

    row = Hiding.get()
    assert (row.scan_id, row.by, row.version) == (named.id, cast.ravi, 2)
    assert row.fields["report"] == len(NAMES_HER)
    entry = History.select().where(History.verb == "hide").get()
    assert '"report":' in entry.payload and WORD not in entry.payload


def test_an_approval_is_void_and_the_count_goes_back(cast, named):
    reviews.approve(named.id, by=cast.ravi, version=1, appraisal=Appraisal(seen="machine"), comment=f"Good, {WORD}.")

    hiding.hide(named.id, by=cast.ian)

    scan = Scan.get_by_id(named.id)
    assert (scan.state, scan.approved_at, scan.approved_by_id) == ("returned", None, None)
    assert Audit.get().voided_at is not None and Audit.get().comment == blanking.HIDDEN
    assert Tally.get(Tally.enrolment == scan.enrolment_id).unaided_counted == 0
    assert not Notice.select().where(Notice.recipient == cast.amara, Notice.kind == "scan_commented").exists()
    assert WORD not in everything_said()
    sound()


def test_reasons_replies_and_what_was_returned_go_with_it(cast, named):
    reviews.send_back(named.id, by=cast.ravi, version=1, why=f"Who is {WORD}?")
    replies.reply(named.id, by=cast.amara, why=f"{WORD} is her name.")

    hiding.hide(named.id, by=cast.dana)

    assert {move.why for move in Move.select().where(Move.verb.in_(("send_back", "reply")))} == {blanking.HIDDEN}
    assert not Move.select().where(Move.content.is_null(False)).exists()
    assert WORD not in everything_said()
    assert Hiding.get().fields["reasons and replies"] == len(f"Who is {WORD}?") + len(f"{WORD} is her name.")
    sound()


def test_after_the_enrolment_has_ended_the_count_stands_without_the_text(cast, named):
    reviews.approve(named.id, by=cast.ravi, version=1, appraisal=Appraisal(seen="machine"))
    with db.atomic():
        records.write(
            Enrolment.update(ended_on=clock.today(), ended_as="graduated").where(Enrolment.person == cast.amara)
        )
        history.record("end", "enrolment:1", by=cast.dana, at=clock.now())

    hiding.hide(named.id, by=cast.dana)

    scan = Scan.get_by_id(named.id)
    assert (scan.state, scan.version, scan.approved_version, scan.report) == ("counted", 2, 2, "")
    assert Audit.get().voided_at is None and Audit.get().version == 2
    assert '"count_stands":true' in History.get(History.verb == "hide").payload
    assert recount.check(cast.cohort) == []
    sound()


def test_a_mail_that_says_it_does_not_go(cast, named):
    with db.atomic():
        for said in (NAMES_HER, "Nothing of it."):
            letters.write("welcome", address="a@example.test", person=None, words={"text": said}, at=clock.now())

    hiding.hide(named.id, by=cast.ravi)

    assert [letters.take(number).words["text"] for number in letters.due()] == ["Nothing of it."]


# --- Editions ----------------------------------------------------------------------------------------------------


def test_editions_that_hold_it_are_void_and_their_bytes_are_gone(cast, named):
    reviews.approve(named.id, by=cast.ravi, version=1)
    edition = editions.made(cast.amara, b"%PDF-1.7\n" + WORD.encode() + b"\n%%EOF\n")
    token = shares.share(edition.id, by=cast.amara, label="Employer", days=3)

    hiding.hide(named.id, by=cast.ravi)

    edition = Edition.get_by_id(edition.id)
    assert edition.void_at and edition.void_why == blanking.VOID_WHY
    with pytest.raises(shares.Void):
        shares.find(token)
    file = File.get_by_id(edition.file_id)
    with pytest.raises(files.ErasedFile):
        files.read(file)
    assert file.erased_at and not [*files.check(clock.now())]
    assert told(cast.amara, "edition_void") == 1 and Share.select().count() == 1
    sound()


def test_an_edition_of_before_it_was_ever_sent_stands(cast, named):
    edition = editions.made(cast.amara)
    draft = logged(cast.amara, cast.ravi, later=True, report=NAMES_HER)

    hiding.hide(draft.id, by=cast.amara)

    assert Edition.get_by_id(edition.id).void_at is None


def test_one_that_is_being_made_is_begun_anew(cast, named):
    edition = editions.made(cast.amara, state="making", made_at=None, file=None, tries=1)

    hiding.hide(named.id, by=cast.ravi)

    assert (Edition.get_by_id(edition.id).state, Edition.get_by_id(edition.id).tries) == ("asked", 0)


# --- Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ravi", "priya", "esther", "ian", "dana"])
def test_whoever_reads_it_may(cast, named, who):
    assert hiding.hide(named.id, by=getattr(cast, who)).state == "returned"


@pytest.mark.parametrize("who", ["grace", "helen", "tom"])
def test_whoever_does_not_finds_nothing(cast, named, who):
    with pytest.raises(NotFound):
        hiding.hide(named.id, by=getattr(cast, who))


def test_its_student_asks_for_it_once_and_hides_drafts_themselves(cast, named):
    with pytest.raises(Refused):
        hiding.hide(named.id, by=cast.amara)
    hiding.ask(named.id, by=cast.amara)
    hiding.ask(named.id, by=cast.amara)
    assert (told(cast.ravi, "hiding_asked"), told(cast.dana, "hiding_asked"), Hiding.select().count()) == (1, 1, 1)
    hiding.hide(named.id, by=cast.ravi)
    assert Hiding.get().at and Hiding.get().asked_at
    with pytest.raises(Conflict):
        hiding.ask(named.id, by=cast.amara)

    draft = logged(cast.amara, cast.ravi, later=True, report=NAMES_HER)
    with pytest.raises(Conflict):
        hiding.ask(draft.id, by=cast.amara)
    assert hiding.hide(draft.id, by=cast.amara).state == "draft"
    assert WORD not in everything_said()
    sound()


# --- It never comes back -----------------------------------------------------------------------------------------


def test_hidden_twice_is_hidden_once(cast, named):
    hiding.hide(named.id, by=cast.ravi)
    hiding.hide(named.id, by=cast.dana)
    assert (Scan.get_by_id(named.id).version, Hiding.select().count()) == (2, 1)


def test_what_the_phone_sends_again_is_answered_as_received_and_changes_nothing(cast):
    entry, number = entry_for(cast.ravi, report=NAMES_HER), "0b1a5a3e-6d0a-4c2e-9d55-3c1f5f0c9a11"
    sent = {"by": cast.amara, "received": {"report": NAMES_HER}, "another": True}
    scans.log(number, entry, **sent)
    hiding.hide(number, by=cast.ravi)

    again = scans.log(number, entry, **sent)

    assert again.replayed and again.state == "with_mentor"
    assert (Scan.get_by_id(number).report, Scan.get_by_id(number).version) == ("", 2)


def test_a_correction_sent_again_is_answered_as_received_and_another_is_refused(cast, named):
    entry = entry_for(cast.ravi, report=f"{NAMES_HER} Bursitis.")
    sent = {"by": cast.amara, "version": 1, "received": {"report": entry.report}}
    scans.correct(named.id, entry, **sent)
    hiding.hide(named.id, by=cast.ravi)

    again = scans.correct(named.id, entry, **sent)

    assert again.replayed and Scan.get_by_id(named.id).report == ""
    with pytest.raises(Conflict):
        scans.correct(named.id, entry_for(cast.ravi, report=NAMES_HER + " Late."), by=cast.amara, version=2)
    assert WORD not in everything_said()


def test_written_anew_it_is_approved_as_any_other(cast, named):
    hiding.hide(named.id, by=cast.ravi)
    done = scans.correct(named.id, entry_for(cast.ravi), by=cast.amara, version=2)
    assert done.state == "with_mentor"
    scan = reviews.approve(named.id, by=cast.ravi, version=3)
    assert scan.state == "counted" and not hiding.is_hidden(scan)
    sound()


def test_what_was_approved_before_it_arrived_is_overtaken(cast, named):
    hiding.hide(named.id, by=cast.priya)
    with pytest.raises(Conflict):
        reviews.approve(named.id, by=cast.ravi, version=1)


@pytest.mark.parametrize("other", ["approve", "correct"])
def test_at_the_same_moment_there_is_one_order_and_never_the_text(cast, named, other):
    """Hidden while its mentor approves, or its student corrects: one comes after the other, and the text is away."""
    start, faults = threading.Barrier(2), []

    def do(verb) -> None:
        with db.connection_context():
            start.wait()
            try:
                verb()
            except Conflict:
                pass
            except Exception as fault:
                faults.append(fault)

    entry: Entry = entry_for(cast.ravi, report=f"{NAMES_HER} Again.")
    verbs = {
        "approve": lambda: reviews.approve(named.id, by=cast.ravi, version=1),
        "correct": lambda: scans.correct(named.id, entry, by=cast.amara, version=1),
    }
    threads = [
        threading.Thread(target=do, args=(verb,))
        for verb in (lambda: hiding.hide(named.id, by=cast.dana), verbs[other])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert not faults
    assert Scan.get_by_id(named.id).state == states.RETURNED
    assert WORD not in everything_said()
    sound()
