"""Logbooks of the demo cast, made without a database: for what only reads one."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rules import merkle
from rules.logbook import (
    AreaCount,
    Audit,
    Count,
    Counts,
    Course,
    Definition,
    EarlierScan,
    Finding,
    Logbook,
    Member,
    NotSeen,
    Placement,
    ProcedureCount,
    Record,
    Scan,
    Size,
    Step,
    Student,
)
from workflows.portfolio.pdf import EditionFacts

MADE_AT = datetime(2027, 6, 4, 13, 5, tzinfo=UTC)
FIRST = date(2026, 9, 28)
REGIONS = ("Shoulder", "Knee", "Ankle", "Wrist", "Hip and groin", "Elbow", "Foot", "Hand and fingers")
STRUCTURES = ("Supraspinatus", "Patellar tendon", "Achilles tendon", "First extensor compartment")
FINDINGS = ("partial-thickness tear", "tendinosis", "effusion", "full-thickness tear")
OF_SHOULDERS = (
    "There is a partial-thickness tear of the supraspinatus at its anterior edge, 6 by 4 mm, without retraction. The "
    "long head of biceps lies in its groove. The subacromial-subdeltoid bursa is thickened, with bunching. "
    "The infraspinatus, subscapularis and teres minor are of normal echotexture. The acromioclavicular joint shows "
    "osteophytes. A clinical opinion on the findings is advised, with physiotherapy first."
)


def edition(**other: Any) -> EditionFacts:
    facts = {
        "number": 3,
        "purpose": "For an employer",
        "code": "7KQ2M-9XA4D",
        "made_at": MADE_AT,
        "verify_url": "https://scans.example.ac.uk/verify/7KQ2M-9XA4D",
        "declared_on": date(2027, 6, 4),
        "declaration": "These scans are my own work, and what I wrote of them is true.",
        "not_declared": "The student has not declared that these scans are their own work.",
    }
    return EditionFacts(**{**facts, **other})


def scan(number: int, **other: Any) -> Scan:
    """Scan `number` of Amara: counted, every fourth of them normal; the first 100 aided and audited."""
    day = FIRST + timedelta(days=number)
    at = datetime(day.year, day.month, day.day, 14, number % 60, tzinfo=UTC)
    aided, found = number <= 100, number % 4 != 0
    structure, finding = STRUCTURES[number % 4], FINDINGS[number % 4]
    side = ("left", "right", "both")[number % 3]
    fields = {
        "id": str(uuid.UUID(int=number)),
        "case_number": number,
        "state": "counted",
        "version": 1,
        "counts": True,
        "support": "aided" if aided else "unaided",
        "scanned_on": day,
        "region": REGIONS[number % len(REGIONS)],
        "region_code": "shoulder",
        "side": side,
        "sides_recorded": True,
        "protocol": ("focused", "full")[number % 2],
        "indication": ("pain, cuff tear?", "lump", "")[number % 3],
        "headline": f"{structure}: {finding}" if found else "Normal",
        "findings": [Finding(structure=structure, finding=finding, side="", structure_code="ssp", finding_code=finding)]
        if found
        else [],
        "normal": ["Long head of biceps", "Subscapularis", "Acromioclavicular joint"],
        "not_seen": [NotSeen(structure="Posterior labrum", limitation="body habitus", side="")]
        if number % 5 == 0
        else [],
        "sizes": [
            Size(
                structure=structure,
                finding=finding,
                side="",
                measure="Depth of fluid",
                value=str(number % 9),
                unit="mm",
            )
        ]
        if found and number % 2
        else [],
        "outcome": ("abnormal, explains symptoms", "normal for age")[number % 2],
        "limitations": ["pain"] if number % 7 == 0 else [],
        "modifiers": ["power Doppler"] if number % 6 == 0 else [],
        "report": f"Case {number}. {OF_SHOULDERS}",
        "own_words": True,
        "age_band": ("30 to 39", "40 to 49", "50 to 59")[number % 3],
        "sex": ("female", "male")[number % 2],
        "site": "Croydon MSK clinic",
        "mentor": "Ravi Patel",
        "machine": "Esaote MyLab Eight",
        "transducer": "linear high-frequency",
        "procedure": "",
        "procedure_part": "",
        "logged_at": at,
        "saved_at": at - timedelta(minutes=2),
        "sent_at": at,
        "approved_at": at + timedelta(days=1),
        "approved_by": "Ravi Patel",
        "audits": [audit(number, at + timedelta(days=1))] if aided else [],
        "story": [
            Step(at=at, by="Amara Okafor", what="sent to the mentor", words="", version=1),
            Step(at=at + timedelta(days=1), by="Ravi Patel", what="approved", words="Good images.", version=1),
        ],
        "digest": hashlib.sha256(str(number).encode()).hexdigest(),
    }
    return Scan(**{**fields, **other})


def audit(number: int, at: datetime, **other: Any) -> Audit:
    fields = {
        "id": number,
        "version": 1,
        "by": "Ravi Patel",
        "made_at": at,
        "image": "good",
        "report": "acceptable",
        "agreement": "agree",
        "seen": "at the machine",
        "how": "said for this scan",
        "comment": "Show the tendon in both planes.",
        "failed": False,
        "void": False,
    }
    return Audit(**{**fields, **other})


def logbook(scans: list[Scan], earlier: list[EarlierScan] | None = None, **other: Any) -> Logbook:
    """Amara's logbook with these scans; its numbers are of them."""
    counted = [one for one in scans if one.counts]
    supports = [_count(key, total, scans) for key, total in (("aided", 100), ("unaided", 150))]
    fields = {
        "format": "sonofolio-logbook-1",
        "made_at": MADE_AT,
        "complete": True,
        "student": Student(name="Amara Okafor", enrolment=7),
        "course": Course(
            programme="msk-pgcert",
            name="PgCert Musculoskeletal Ultrasound Imaging",
            institution="London South Bank University, Croydon",
            accredited_by="Consortium for the Accreditation of Sonographic Education (CASE)",
            award="PgCert",
            level=7,
            cohort="September 2026",
            starts_on=date(2026, 9, 21),
            due_on=date(2027, 9, 10),
            enrolled_on=date(2026, 9, 21),
            ended_on=None,
            ended_as=None,
            remit=["Shoulder", "Knee"],
            timezone="Europe/London",
        ),
        "definitions": [
            Definition(term="Aided", text="The mentor is beside you, guiding or re-scanning."),
            Definition(term="Audited", text="The mentor has judged image, report and agreement."),
        ],
        "counts": Counts(
            counted=sum(part.counted for part in supports),
            total=250,
            supports=supports,
            areas=[AreaCount(key="shoulder", name="Shoulder", counted=len(counted) // 8, target=20)],
            procedures=[ProcedureCount(part="observed", approved=1, open=0)],
        ),
        "placements": [
            Placement(
                id=1,
                site="Croydon MSK clinic",
                starts_on=date(2026, 9, 21),
                ends_on=None,
                people=[
                    Member(id=3, name="Ravi Patel", role="mentor", ended_on=None),
                    Member(id=4, name="Priya Nair", role="mentor", ended_on=date(2027, 1, 8)),
                ],
            )
        ],
        "scans": scans,
        "earlier": earlier or [],
        "record": Record(head=f"812:{'ab' * 32}", root=merkle.root([bytes.fromhex(one.digest) for one in counted])),
    }
    return Logbook(**{**fields, **other})


def _count(key: str, total: int, scans: list[Scan]) -> Count:
    of = [one for one in scans if one.support == key]
    counted = sum(one.counts for one in of)
    return Count(
        key=key,
        name=key.capitalize(),
        counted=min(counted, total),
        total=total,
        surplus=max(0, counted - total),
        with_mentor=sum(one.state == "with_mentor" for one in of),
        returned=sum(one.state == "returned" for one in of),
    )


def realistic(number: int = 250) -> Logbook:
    """So many counted scans."""
    return logbook([scan(one) for one in range(1, number + 1)])
