"""A student's scans of every kind and state, for the tests of what leaves."""

from __future__ import annotations

from datetime import date, timedelta

import clock
from models import Earlier, EarlierBatch, Edition, Enrolment, Evidence, File, Scan, Share, db
from rules.vocabulary import Measured, NotSeen, Pair
from tests.cast import logged
from workflows.course import programmes
from workflows.history import history, records
from workflows.people import lifecycle
from workflows.reviews import reopening, reviews
from workflows.scans import scans
from workflows.scans.scan_entry import entry_of

FORMULA = '=HYPERLINK("https://elsewhere.test","x"), -1+1'


def enrolment_of(person) -> Enrolment:
    return Enrolment.get(Enrolment.person == person)


def approved(scan: Scan, by, **said) -> Scan:
    return reviews.approve(scan.id, by=by, version=Scan.get_by_id(scan.id).version, **said)


def of_all_kinds(cast, monkeypatch) -> Enrolment:
    """Amara's scans, of every kind and state, and what she brought from an earlier logbook; some minutes ago."""
    amara, ravi, moment = cast.amara, cast.ravi, [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    tear = Pair("ssp", "full-thickness tear", "left")
    audited = logged(
        *(amara, ravi),
        support="aided",
        side="both",
        findings=(tear, Pair("sasd", "bursitis", "both")),
        normal=("right | ssp",),
        not_seen=(NotSeen("lhb", "pain", "right"),),
        measured=(Measured(tear, "tear", "14x9"),),
        age_band="30 to 39",
        machine="Esaote MyLab X8",
    )
    approved(audited, ravi, appraisal=reviews.Appraisal("acceptable", "good", "minor", "machine"), comment="Well seen.")
    approved(logged(amara, ravi, region="knee", findings=(), normal=("all",), report=FORMULA), ravi)
    procedure = programmes.get(cast.cohort.programme).vocabulary.procedures_of("elbow")[0]
    guided = {"region": "elbow", "procedure": procedure, "procedure_role": "observed"}
    approved(logged(amara, ravi, **guided, findings=(), normal=("all",)), ravi)
    back = logged(amara, ravi, region="wrist", findings=(), normal=("all",))
    judged = reviews.Appraisal("poor", "", "major", "pacs")
    reviews.send_back(back.id, by=ravi, version=1, why="The side is wrong.", appraisal=judged)
    again = approved(logged(amara, ravi, region="hip", findings=(), normal=("all",)), ravi)
    moment[0] += timedelta(minutes=2)  # it cannot be undone any more
    reopening.ask(again.id, by=amara, why="I named the wrong tendon.")
    reopening.reopen(again.id, by=ravi, why="Put it right.")
    logged(amara, ravi, later=True, region="ankle", findings=(), normal=())
    gone = logged(amara, ravi, region="foot", findings=(), normal=("all",))
    scans.withdraw(gone.id, by=amara, version=1)
    corrected = logged(amara, ravi, region="hand", findings=(), normal=("all",))
    scans.correct(corrected.id, entry_of(corrected), by=amara, version=1)
    with db.atomic():
        batch = {"enrolment": enrolment_of(amara), "source": "Old logbook.csv", "digest": "0" * 64, "rows": 2}
        batch["about"] = {"course": {"name": "Foot clinic"}, "shares": []}
        kept = records.create(EarlierBatch, **batch, by=amara, made_at=clock.now())
        records.create(Earlier, batch=kept, number=1, scanned_on=date(1899, 3, 1), region="Knee", other={"ASA": "+2"})
        records.create(Earlier, batch=kept, number=2, finding=FORMULA)
        undone = records.create(EarlierBatch, **batch, by=amara, made_at=clock.now(), undone_at=clock.now())
        records.create(Earlier, batch=undone, number=1, region="taken back")
        history.record("import_earlier", "earlierbatch:1", by=amara, at=clock.now())
        stored = records.create(File, sha256="a" * 64, bytes=7, kind="application/pdf", made_at=clock.now())
        made = {"enrolment": enrolment_of(amara), "number": 1, "purpose": "employer", "code": "7KQ2M-9XA4D"}
        made |= {"asked_at": clock.now(), "asked_by": amara, "made_at": clock.now(), "file": stored, "state": "made"}
        edition = records.create(Edition, **made, pages=9, counted=2, root="b" * 64)
        link = {"token_hash": "c" * 64, "edition": edition, "label": "Croydon interview", "by": amara}
        records.create(Share, **link, made_at=clock.now(), expires_at=clock.now() + timedelta(days=9))
        kept = {"enrolment": enrolment_of(amara), "item": "cv", "name": "CV.pdf", "file": stored, "by": amara}
        records.create(Evidence, **kept, made_at=clock.now())
        history.record("make_edition", "edition:1", by=amara, at=clock.now())
    moment[0] += timedelta(minutes=2)
    today = clock.now().date()
    lifecycle.interrupt(enrolment_of(amara).id, today + timedelta(days=20), today + timedelta(days=41), by=cast.dana)
    lifecycle.extend(enrolment_of(amara).id, cast.cohort.due_on + timedelta(days=60), by=cast.dana)
    return enrolment_of(amara)
