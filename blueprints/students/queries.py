"""Which students a person may see, and which of their scans."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from peewee import JOIN, SQL, Case, ModelSelect, Select, fn

from blueprints import presenters
from blueprints.scan_presenter import TimelineEntry, entry_of
from models import Cohort, Contact, Enrolment, InstantField, Move, Party, Person, Placement, Scan, Site, db
from rules import sampling, states
from rules.folding import fold
from rules.programme import Programme
from visibility import (
    AWAY_NOW,
    FAILED_COUNTS,
    MENTORS_NOW,
    PARTS_NOW,
    counted_for_assessor,
    enrolments_visible_to,
    mentors_of_placement,
    placements_of_mentor,
    scans_visible_to,
    scans_waiting_for,
)

LATEST = 20  # scans listed on a student's page
STEPS = 20  # of the timeline on one page
_instant = InstantField()


@dataclass(frozen=True)
class Place:
    """A placement of a student: its site, its last day (None: none yet) and who mentors there now, by name. `away`:
    those who are away today.
    """

    id: int
    site: str
    ends_on: date | None
    people: list[tuple[str, str]]  # the mentors with their e-mail addresses
    away: frozenset[str] = frozenset()  # names of those who are away today

    @property
    def mentors(self) -> list[str]:
        return [f"{name} (away)" if name in self.away else name for name, _ in self.people]

    def at(self, today: date) -> bool:
        return self.ends_on is None or self.ends_on >= today


@dataclass(frozen=True)
class Sent:
    """One sent scan in a list. `can_take`: it waits with another mentor of a placement where the reader mentors too."""

    id: str
    case_number: int
    support: str
    place: str
    headline: str
    state: str
    scanned_on: date
    sent_on: date
    mentor: str
    latest: bool
    can_take: bool
    failed_counts: bool
    apart: bool  # a guided procedure that counts apart
    sampled: bool


def students(person: int) -> list[Enrolment]:
    """Every student that this person may see, by name, those whose enrolment has ended last; each with its cohort,
    its person, and `.waiting`: how many of their scans wait for this person.
    """
    waiting = scans_waiting_for(person).where(Scan.enrolment == Enrolment.id).select(fn.COUNT(Scan.id))
    found = _with_person(person, waiting.alias("waiting"))
    return sorted(found, key=lambda one: (one.ended_on is not None, fold(one.person.name), one.id))


def student(enrolment: int, person: int) -> tuple[Enrolment | None, list[Place]]:
    """This student with cohort and person, and where they were ever placed, if this person may see them. One query."""
    mentor = Person.alias("mentor")
    rows = list(
        _with_person(
            *(person, Placement.id, Placement.ends_on, Site.id, Site.name, Party.id),
            *(Case(None, [(AWAY_NOW, 1)], 0).alias("is_away"), mentor.id, mentor.name, mentor.email),
        )
        .join_from(Enrolment, Placement, JOIN.LEFT_OUTER, attr="placed")
        .join_from(Placement, Site, JOIN.LEFT_OUTER)
        .join_from(Placement, Party, JOIN.LEFT_OUTER, on=(Party.placement == Placement.id) & MENTORS_NOW, attr="party")
        .join_from(Party, mentor, JOIN.LEFT_OUTER, on=(Party.person == mentor.id))
        .where(Enrolment.id == enrolment)
    )
    return (rows[0] if rows else None), _places(rows)


def _places(rows: list[Enrolment]) -> list[Place]:
    """From a row for each mentor of each placement."""

    def site_and_end(one: Placement) -> tuple[str, str, date]:
        return fold(one.site.name), one.site.name, one.ends_on or date.max

    for row in rows:
        if row.placed:
            row.placed.is_away = row.is_away
    placed = sorted([row.placed for row in rows if row.placed], key=site_and_end)
    return [
        Place(of[0].id, of[0].site.name, of[0].ends_on, _mentors(of), _away(of))
        for of in (list(group) for _, group in groupby(placed, key=site_and_end))
    ]


def _away(placed: list[Placement]) -> frozenset[str]:
    return frozenset(one.party.person.name for one in placed if one.party and one.is_away)


def _mentors(placed: list[Placement]) -> list[tuple[str, str]]:
    people = {one.party.person.id: one.party.person for one in placed if one.party}  # once, with several parts too
    return [(one.name, one.email) for one in sorted(people.values(), key=lambda one: fold(one.name))]


def _with_person(person: int, *more) -> ModelSelect:
    return enrolments_visible_to(person).select(Enrolment, Cohort, Person, *more).join_from(Enrolment, Person)


def sites(person: int) -> dict[int, list[tuple[str, date | None]]]:
    """Where each student (enrolment) that this person may see is placed, with the last day there: only the sites where
    this person has a part, if they have one with that student. One query.
    """
    own = Party.select(Party.placement).where(Party.person == person, PARTS_NOW)
    rows = (
        Placement.select(Placement.enrolment, Site.name, Placement.ends_on, Placement.id.in_(own))
        .join(Site)
        .where(Placement.enrolment.in_(enrolments_visible_to(person).select(Enrolment.id)))
        .tuples()
    )
    every: dict[int, list] = defaultdict(list)
    theirs: dict[int, list] = defaultdict(list)
    for enrolment, site, ends_on, is_own in rows:
        every[enrolment].append((site, ends_on))
        if is_own:
            theirs[enrolment].append((site, ends_on))
    return {enrolment: theirs[enrolment] or placed for enrolment, placed in every.items()}


def sample_of_counted(enrolment: int, person: int) -> tuple[list[str], int]:
    """The sample (ids) of the student's counted scans that this assessor looks at, and of how many it was drawn."""
    counted = [number for (number,) in counted_for_assessor(person, enrolment).select(Scan.id).tuples()]
    return sampling.sample(enrolment, counted), len(counted)


def sent_scans(enrolment: int, person: int, programme: Programme, sample: Collection[str] = ()) -> list[Sent]:
    """The student's latest sent scans that this person may read, every one that they could take over, every one that
    counts with a failed audit, and those of the sample.
    """
    theirs = Scan.mentor.in_(mentors_of_placement(Scan.placement))  # what waits for who left is handed over as a whole
    takes = (Scan.state == states.WITH_MENTOR) & (Scan.mentor != person) & theirs
    takes &= Scan.placement.in_(placements_of_mentor(person))
    rank = fn.ROW_NUMBER().over(order_by=[Scan.sent_at.desc(), Scan.case_number.desc()])
    sent = (
        scans_visible_to(person)
        .select(Scan.id, Scan.case_number, Scan.support, Scan.region, Scan.side, Scan.headline)
        .select_extend(Scan.state, Scan.procedure, Scan.scanned_on, Scan.sent_at, Person.name)
        .select_extend(rank.alias("rank"), takes.alias("can_take"), FAILED_COUNTS.alias("failed"))
        .join(Person, on=(Scan.mentor == Person.id))
        .where(Scan.enrolment == enrolment, Scan.state.not_in((states.DRAFT, states.WITHDRAWN)))
        .alias("sent")
    )
    listed = (sent.c.rank <= LATEST) | sent.c.can_take | sent.c.failed
    if sample:
        listed |= sent.c.id.in_(list(sample))
    chosen = Select([sent], [SQL("sent.*")]).where(listed).order_by(sent.c.rank)
    found = []
    for number, case, support, region, side, headline, state, procedure, scanned, *more in chosen.tuples().execute(db):
        at, mentor, rank, *marks = more
        day, where = programme.today(_instant.python_value(at)), presenters.place(programme, region, side)
        marks = (rank <= LATEST, *map(bool, marks), programme.counts_apart(procedure))
        days = Scan.scanned_on.python_value(scanned), day
        found.append(Sent(number, case, support, where, headline, state, *days, mentor, *marks, number in sample))
    return found


def logged(enrolment: int, programme: Programme) -> list[tuple[date, str]]:
    """On which day each of the student's scans was logged, and its state today; without what was withdrawn, and what
    counts apart. One query.
    """
    rows = Scan.select(Scan.received_at, Scan.state, Scan.procedure).where(
        Scan.enrolment == enrolment, Scan.state != states.WITHDRAWN
    )
    return [(programme.today(at), state) for at, state, kind in rows.tuples() if not programme.counts_apart(kind)]


def contacts(enrolment: int) -> list[Contact]:
    """With whom directors spoke about the student, the latest first, with the names. One query."""
    by = Person.alias("director")
    rows = Contact.select(Contact, Person.name, by.name).join(Person, on=(Contact.person == Person.id))
    rows = rows.join_from(Contact, by, on=(Contact.by == by.id), attr="by")
    return list(rows.where(Contact.enrolment == enrolment).order_by(Contact.spoken_on.desc(), Contact.id.desc()))


def timeline(enrolment: int, person: int, programme: Programme, page: int) -> tuple[list[TimelineEntry], bool]:
    """What happened to the student's scans that this person may read, the latest first: one page of it, and whether
    there is more. One query.
    """
    readable = scans_visible_to(person).select(Scan.id).where(Scan.enrolment == enrolment)
    moves = (
        Move.select(Move, Person.id, Person.name, Scan.id, Scan.case_number, Scan.support, Scan.region, Scan.side)
        .select_extend(Scan.received_at, Scan.entered_at)
        .join_from(Move, Person, on=(Move.by == Person.id), attr="by")
        .join_from(Move, Scan)
        .where(Move.scan.in_(readable))
        .order_by(Move.id.desc())
        .offset((page - 1) * STEPS)
        .limit(STEPS + 1)
    )
    found = [_step(move, programme) for move in moves]
    return found[:STEPS], len(found) > STEPS


def _step(move: Move, programme: Programme) -> TimelineEntry:
    scan = move.scan
    known = programme.vocabulary.regions.get(scan.region)
    place = f"case {scan.case_number}, {(known.name if known else scan.region).lower()} {scan.side}".strip()
    return entry_of(move, scan, partial(presenters.instant, programme), scan=scan.id, place=place)
