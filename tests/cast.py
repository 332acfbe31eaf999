"""The cast, told once.

Dana directs the course. Amara and Tom are students at the Croydon MSK clinic, where Ravi is their mentor and Priya a
second mentor; Helen manages the clinic. Mei is a student at the Brighton sports clinic with Grace as her mentor: a
stranger to Ravi. Ian assesses inside the course; Esther assesses Amara from outside.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import clock
from models import (
    Address,
    Cohort,
    Confirmation,
    Enrolment,
    Machine,
    Move,
    Notice,
    Party,
    Person,
    Placement,
    Scan,
    Site,
    Staff,
    db,
)
from rules.scan_fields import Entry
from rules.vocabulary import Pair
from workflows.history import history, records
from workflows.scans import scans
from workflows.scans.scan_entry import entry_of

SECRET = "only for the tests, and long enough for them"  # their SECRET_KEY
PASSWORD = "a long enough passphrase"
# argon2id of PASSWORD with small parameters, so that making the cast costs nothing
PASSWORD_HASH = ""


@dataclass
class Cast:
    amara: Person
    tom: Person
    mei: Person
    ravi: Person
    priya: Person
    grace: Person
    helen: Person
    ian: Person
    esther: Person
    dana: Person
    cohort: Cohort
    croydon: Site
    brighton: Site

    def everybody(self) -> dict[str, Person]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Person)}


PEOPLE = {
    "amara": "Amara Okafor",
    "tom": "Tom Bright",
    "mei": "Mei Chen",
    "ravi": "Ravi Patel",
    "priya": "Priya Nair",
    "grace": "Grace Adeyemi",
    "helen": "Helen Ward",
    "ian": "Ian Novak",
    "esther": "Esther Blake",
    "dana": "Dana Director",
}


def gather(programme: str = "msk-pgcert") -> Cast:
    """Put the cast into an empty database."""
    with db.atomic():
        return _gather(programme)


def _gather(programme: str) -> Cast:
    from argon2 import PasswordHasher

    global PASSWORD_HASH
    PASSWORD_HASH = PASSWORD_HASH or PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    now = clock.now()
    people = {
        key: records.create(Person, email=f"{key}@example.test", name=name, password=PASSWORD_HASH, made_at=now)
        for key, name in PEOPLE.items()
    }
    for person in people.values():
        records.create(Address, person=person, email=person.email, made_at=now, proved_at=now)
    today = now.date()
    cohort = records.create(
        Cohort,
        programme=programme,
        name="September 2026",
        starts_on=today - timedelta(days=70),
        due_on=today + timedelta(days=200),
    )
    croydon, brighton = (
        records.create(Site, name="Croydon MSK clinic"),
        records.create(Site, name="Brighton sports clinic"),
    )
    for site, machine in ((croydon, "Esaote MyLab X8"), (croydon, "GE Logiq E10"), (brighton, "Esaote MyLab Omega")):
        records.create(Machine, site=site, name=machine)
    at_croydon = [(people["ravi"], "mentor"), (people["priya"], "mentor"), (people["helen"], "clinical_manager")]
    _enrol(people["amara"], cohort, croydon, [*at_croydon, (people["esther"], "external_assessor")])
    _enrol(people["tom"], cohort, croydon, at_croydon)
    _enrol(people["mei"], cohort, brighton, [(people["grace"], "mentor")])
    records.create(Staff, person=people["dana"], programme=programme, role="director")
    records.create(Staff, person=people["ian"], programme=programme, role="internal_assessor")
    history.record("gather", f"cohort:{cohort.id}", by=None, at=now)
    return Cast(**people, cohort=cohort, croydon=croydon, brighton=brighton)


def _enrol(student: Person, cohort: Cohort, site: Site, parties: list[tuple[Person, str]]) -> None:
    enrolment = records.create(Enrolment, person=student, cohort=cohort, enrolled_on=cohort.starts_on)
    placement = records.create(Placement, enrolment=enrolment, site=site, starts_on=cohort.starts_on)
    for person, role in parties:
        records.create(Party, placement=placement, person=person, role=role)
        confirm(person, cohort.programme, role)


def confirm(person: Person, programme: str = "msk-pgcert", kind: str = "mentor") -> None:
    """As if the course itself had named them to this part: without this, what they approve is held."""
    facts = {"person": person, "programme": programme, "kind": kind}
    known = Confirmation.select().where(*(getattr(Confirmation, name) == value for name, value in facts.items()))
    if kind in ("mentor", "external_assessor") and not known.exists():
        with db.atomic():
            records.create(Confirmation, **facts, basis="named", made_at=clock.now(), why="")


def entry_for(by: Person, **changes: object) -> Entry:
    """An abnormal right shoulder for the mentor `by` to judge, unaided, with the student's own words, ready to send."""
    values: dict = {
        "support": "unaided",
        "region": "shoulder",
        "side": "right",
        "findings": (Pair("ssp", "full-thickness tear"), Pair("sasd", "bursitis")),
        "report": "14 mm full-thickness tear of the anterior supraspinatus at the footprint. Bursal fluid.",
        "mentor": by.id,
        **changes,
    }
    return Entry(**values)


def logged(student: Person, mentor: Person, *, later: bool = False, **changes: object) -> Scan:
    """A scan that the student has just logged (never taken for a duplicate)."""
    entry = entry_for(mentor, **changes)
    number = str(uuid.uuid4())
    return scans.log(number, entry, by=student, received={"id": number}, later=later, another=True).scan


def happened(scan: Scan, at: datetime, *verbs: str) -> None:
    """As if these moves of the scan, and the notices of them, had been made at that instant."""
    moves = Move.select().where(Move.scan == scan, Move.verb.in_(verbs))
    for move in list(moves):
        Move.update(at=at).where(Move.id == move.id).execute()
        about = (Notice.subject == f"scan:{scan.id}") & (Notice.at == move.at)
        Notice.update(at=at, deliver_at=at).where(about).execute()


def days_ago(days: int) -> date:
    return clock.now().date() - timedelta(days=days)


def both_sides(scan: Scan, by: Person, version: int) -> Scan:
    """The scan after its student has changed its side to both."""
    entry = replace(entry_of(Scan.get_by_id(scan.id)), side="both")
    return scans.correct(scan.id, entry, by=by, version=version).scan
