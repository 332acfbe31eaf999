"""An edition is asked for once, made by one worker, tried again after a fault, and says what became of its scans."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import clock
from models import Edition, Enrolment, File, History, Notice, Scan, db
from tests.cast import logged
from workflows import files
from workflows.history import verification
from workflows.portfolio import contents, edition_status, editions, pdf, signing
from workflows.refusals import Refused
from workflows.reviews import reopening, reviews

pytestmark = pytest.mark.both
ADDRESS = "https://sonofolio.test/verify/{}".format


def own(person) -> Enrolment:
    return Enrolment.get(Enrolment.person == person)


def counted(cast, **changes) -> Scan:
    scan = logged(cast.amara, cast.ravi, **changes)
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    return scan


@pytest.fixture
def quick(monkeypatch):
    """Printing and signing take seconds, and have tests of their own; the bytes say what was printed."""

    def render(logbook, facts):
        said = f"%PDF-1.7 {facts.code} {facts.number} {facts.made_at} {[scan.id for scan in logbook.scans]} %%EOF"
        return pdf.Rendered(said.encode(), 3, [])

    monkeypatch.setattr(pdf, "render", render)
    monkeypatch.setattr(signing, "sign", lambda content, *, settings, at: content)


def made(cast, settings, purpose="working", declared=False) -> Edition:
    edition = editions.ask(own(cast.amara).id, by=cast.amara, purpose=purpose, declared=declared)
    assert editions.make_due(settings, ADDRESS) == 1
    return Edition.get_by_id(edition.id)


def test_a_student_presses_twice_and_has_one_edition(browse, cast, settings, quick):
    counted(cast)
    amara = browse(cast.amara)
    page = amara.get("/portfolio").text
    assert "Make PDF" in page and "1 count; " in page.replace("\n", " ")
    for _ in range(2):
        assert amara.post("/portfolio/editions", {"purpose": "working"}).status_code == 303
    edition = Edition.get()
    page = amara.get("/portfolio").text
    assert "Waits for its turn" in page and 'hx-trigger="every 2s"' in page
    assert editions.is_due() and editions.make_due(settings, ADDRESS) == 1 and not editions.is_due()
    piece = amara.get(f"/students/{own(cast.amara).id}/portfolio/editions", htmx=True).text
    assert edition.code in piece and "1 scans counted" in piece and "every 2s" not in piece
    answer = amara.get(f"/editions/{edition.id}.pdf")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    assert hashlib.sha256(answer.data).hexdigest() == File.get().sha256
    told = Notice.get(Notice.kind == "edition_made")
    assert told.recipient_id == cast.amara.id
    assert verification.verify().sound


def test_only_a_working_copy_goes_without_the_declaration(browse, cast):
    amara = browse(cast.amara)
    refused = amara.post("/portfolio/editions", {"purpose": "employer"})
    assert refused.status_code == 422 and "Sign the declaration" in refused.text
    assert re.search(r'value="employer"[^>]* checked', refused.text), "what was chosen stays chosen"
    assert amara.post("/portfolio/editions", {"purpose": "nothing"}).status_code == 422
    assert not Edition.select().exists()
    assert amara.post("/portfolio/editions", {"purpose": "employer", "declared": "y"}).status_code == 303
    assert Edition.get().declared_at is not None


def test_two_workers_at_once_make_each_edition_once(cast, settings, quick, database):
    for student in (cast.amara, cast.tom, cast.mei):
        editions.ask(own(student).id, by=student, purpose="working", declared=False)

    def work(_) -> int:
        with db.connection_context():
            return editions.make_due(settings, ADDRESS)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, range(3))) == 3
    assert [row.state for row in Edition.select()] == ["made"] * 3
    assert History.select().where(History.verb == "make_edition").count() == 3


def test_a_fault_is_told_tried_again_and_given_up_without_half_a_file(browse, cast, settings, quick, monkeypatch):
    edition = editions.ask(own(cast.amara).id, by=cast.amara, purpose="working", declared=False)

    def full(*_, **__):
        raise Refused("The disk is full: nothing was written.")

    real = files.store
    monkeypatch.setattr(files, "store", full)
    assert editions.make_due(settings, ADDRESS) == 0
    row = Edition.get()
    assert (row.state, row.tries, row.why) == ("asked", 1, "The disk is full: nothing was written.")
    assert "The disk is full" in browse(cast.amara).get("/portfolio").text
    assert not editions.is_due(), "not at once"
    later = clock.now
    for minutes in (2, 4):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: later() + timedelta(minutes=minutes))
        assert editions.make_due(settings, ADDRESS) == 0
    assert Edition.get().state == "failed" and not File.select().exists()
    assert Notice.get().kind == "edition_failed"
    monkeypatch.setattr(files, "store", real)
    again = made(cast, settings)
    assert again.number == edition.number + 1


def test_an_edition_whose_worker_died_is_made_by_the_next(cast, settings, quick, monkeypatch):
    editions.ask(own(cast.amara).id, by=cast.amara, purpose="working", declared=False)
    dead = editions._take()
    assert dead.state == "making" and not editions.is_due()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + editions.ABANDONED + timedelta(seconds=1))
    assert editions.make_due(settings, ADDRESS) == 1
    file = Edition.get().file_id
    editions._make(dead, settings, ADDRESS)  # it was not dead, and comes to its end late
    assert Edition.get().file_id == file and History.select().where(History.verb == "make_edition").count() == 1
    assert verification.verify().sound and list(files.check(clock.now() + timedelta(hours=2))) == [], "nothing is left"


def test_an_edition_says_what_became_of_its_scans(cast, settings, quick):
    first, second = counted(cast), counted(cast, region="knee", findings=(), normal=("all",))
    edition = made(cast, settings)
    assert edition.counted == 2 and set(edition.scans) == {first.id, second.id}
    assert edition_status.status_of(edition).word == "current"
    reopening.reopen(first.id, by=cast.ravi, why="Look at the side again.")
    status = edition_status.status_of(edition)
    assert (status.word, status.reopened) == ("changed", 1)
    later = made(cast, settings)
    assert edition_status.status_of(edition).superseded_by == later.number
    logbook = contents.logbook_of(own(cast.amara).id, clock.now(), complete=False)
    assert later.root == logbook.record.root and later.counted == 1


def test_only_its_student_or_a_director_makes_an_edition_void_and_for_a_reason(browse, cast, settings, quick):
    counted(cast)
    edition = made(cast, settings)
    address = f"/editions/{edition.id}/void"
    assert browse(cast.amara).post(address, {"why": " "}).status_code == 422
    refused = browse(cast.amara).post(address, {"why": "NHS 943 476 5919 was in it"})
    assert refused.status_code == 422 and Edition.get().void_at is None
    assert browse(cast.ian).post(address, {"why": "No."}).status_code == 403
    assert browse(cast.tom).post(address, {"why": "No."}).status_code == 404
    assert browse(cast.dana).post(address, {"why": "The wrong remit was recorded."}).status_code == 303
    assert browse(cast.dana).post(address, {"why": "Again."}).status_code == 403
    assert edition_status.status_of(Edition.get()).word == "void"
    assert Notice.select().where(Notice.kind == "edition_void", Notice.recipient == cast.amara).exists()
    assert "The wrong remit was recorded." in browse(cast.amara).get("/portfolio").text


def test_a_director_makes_a_cohorts_editions_at_once_and_sees_how_far_they_are(browse, cast, settings, quick):
    dana = browse(cast.dana)
    answer = dana.post(f"/cohorts/{cast.cohort.id}/editions")
    assert answer.status_code == 303
    page = dana.get(answer.location).text
    assert "0 of 3 done" in page and "Amara Okafor" in page and 'hx-trigger="every 2s"' in page
    assert dana.post(f"/cohorts/{cast.cohort.id}/editions").status_code == 403, "each has one on its way"
    assert editions.make_due(settings, ADDRESS) == 3
    page = dana.get(answer.location).text
    assert "3 of 3 done" in page and "every 2s" not in page
    assert {row.declared_at for row in Edition.select()} == {None}, "a declaration is the student's to give"
    assert dana.get("/cohorts/987/editions/progress?asked=1").status_code == 404


def test_who_reads_a_portfolio(browse, cast, settings, quick):
    counted(cast)
    edition = made(cast, settings)
    student = own(cast.amara).id
    for who, page, file in (
        ("amara", 200, 200),
        ("dana", 200, 200),
        ("ian", 200, 200),
        ("esther", 200, 200),
        ("tom", 404, 404),
        ("ravi", 403, 403),
        ("helen", 403, 403),
    ):
        person = browse(getattr(cast, who))
        shown = person.get(f"/students/{student}/portfolio")
        assert shown.status_code == page, who
        assert ("Make PDF" in shown.text) == (who == "amara")
        assert person.get(f"/editions/{edition.id}.pdf").status_code == file, who
