"""What the log form offers this student: their mentors, sites and machines, and their own usual findings first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from peewee import JOIN, Case

from models import Enrolment, Machine, Party, Person, Placement, Scan, Site
from rules.parts import DAY
from rules.person_names import distinct_names
from rules.phrases import day
from rules.programme import Programme
from rules.vocabulary import Pair, pair_text
from visibility import AWAY_NOW, MENTORS_NOW
from workflows.refusals import NotFound

SCANS_LOOKED_AT = 100  # scans from which the own usual findings are taken
USUAL = 4  # pairs a region that are offered first


@dataclass(frozen=True)
class Away:
    """A mentor who is away: nothing new goes to them meanwhile. `until` is the last day."""

    mentor: int
    name: str
    until: date
    cover: int
    cover_name: str

    @property
    def words(self) -> str:
        return f"{self.name} is away until {day(self.until)}; {self.cover_name} covers."


@dataclass(frozen=True)
class PlacementOptions:
    """The student's placements, the latest first; machines as (site's name, name), the programme's preferred first.
    `away`: who mentors there and is away today, so that they are no choice.
    """

    mentors: tuple[tuple[int, str], ...] = ()
    sites: tuple[tuple[int, str], ...] = ()
    machines: tuple[tuple[str, str], ...] = ()
    away: tuple[Away, ...] = ()

    def named(self, mentor: int | None) -> str:
        """The name of somebody who mentors there today, away or not; empty of anybody else."""
        return {**{one.mentor: one.name for one in self.away}, **dict(self.mentors)}.get(mentor, "")

    def instead_of(self, mentor: int | None) -> int | None:
        """Who covers for this mentor today; themselves if they are a choice, or nobody covers."""
        covers = {one.mentor: one.cover for one in self.away}
        return mentor if mentor in dict(self.mentors) else covers.get(mentor, mentor)

    def only(self, kind: str) -> int | None:
        """The id of the one mentor or site, when there is only one to choose."""
        found = getattr(self, kind)
        return found[0][0] if len(found) == 1 else None


def placement_options(enrolment: Enrolment, programme: Programme) -> PlacementOptions:
    """The student's mentors, sites and machines: one query."""
    mentors, sites, machines, away = {}, {}, {}, {}
    is_away = Case(None, [(AWAY_NOW, 1)], 0)
    rows = (
        Placement.select(Site.id, Site.name, Person.id, Person.name, Person.email, is_away, Machine.name)
        .join(Site)
        .join_from(
            Placement,
            Party,
            JOIN.LEFT_OUTER,
            on=((Party.placement == Placement.id) & MENTORS_NOW),
        )
        .join(Person, JOIN.LEFT_OUTER)
        .join_from(Site, Machine, JOIN.LEFT_OUTER, on=(Machine.site == Site.id))
        .where(Placement.enrolment == enrolment.id)
        .order_by(Placement.starts_on.desc(), Placement.id.desc(), Party.id, Machine.name)
    )
    for site, place, mentor, name, email, covered, machine in rows.tuples():
        sites[site] = place
        if covered:
            away[mentor] = name
        elif mentor:
            mentors.setdefault(mentor, {"name": name, "email": email, "places": {}})["places"][place] = None
        if machine:
            machines[place, machine] = _rank(programme, machine)
    several = len(sites) > 1
    shown = [f"{of['name']} ({', '.join(of['places'])})" if several else of["name"] for of in mentors.values()]
    names = distinct_names([(name, of["email"]) for name, of in zip(shown, mentors.values(), strict=True)])
    return PlacementOptions(
        tuple(zip(mentors, names, strict=True)),
        tuple(sites.items()),
        tuple(sorted(machines, key=lambda pair: (list(sites.values()).index(pair[0]), machines[pair], pair[1]))),
        away_of(enrolment.id) if away.keys() - mentors.keys() else (),
    )


def away_of(enrolment: int) -> tuple[Away, ...]:
    """The student's mentors who are away today, and who covers. One query."""
    covered, mentor = Party.alias("own"), Person.alias("mentor")
    rows = (
        Party.select(mentor.id, mentor.name, Party.ended_on, Person.id, Person.name)
        .join(Person)
        .join_from(Party, covered, on=(Party.cover_for == covered.id))
        .join(mentor, on=(covered.person == mentor.id))
        .join_from(Party, Placement)
        .where(Placement.enrolment == enrolment, MENTORS_NOW)
        .order_by(Party.id)
    )
    return tuple(Away(one, name, until - DAY, *cover) for one, name, until, *cover in rows.tuples())


def _rank(programme: Programme, machine: str) -> int:
    first = programme.machines_first
    return next((place for place, maker in enumerate(first) if machine.startswith(maker)), len(first))


@dataclass(frozen=True)
class PastScans:
    """What the student's own scans offer for the next one."""

    last: Scan | None  # the scan logged last, or the one to copy
    usual: dict[str, tuple[str, ...]]  # region -> the student's own commonest findings, "structure: finding"


def past_scans(enrolment: Enrolment, like: str = "") -> PastScans:
    """The last scan (or the one named `like`) with its site, and the usual findings. One query.

    Raises:
        NotFound: `like` is no scan of this student.
    """
    rows = list(
        Scan.select(Scan, Placement)
        .join(Placement, JOIN.LEFT_OUTER)
        .where(Scan.enrolment == enrolment.id)
        .order_by((Scan.id == like).desc(), Scan.state == "withdrawn", Scan.case_number.desc())
        .limit(SCANS_LOOKED_AT)
    )
    if like and (not rows or rows[0].id != like):
        raise NotFound()
    return PastScans(rows[0] if rows else None, _usual(rows))


def _usual(scans: Iterable[Scan]) -> dict[str, tuple[str, ...]]:
    counted: dict[str, Counter[str]] = {}
    for scan in scans:
        if scan.state != "withdrawn":
            counted.setdefault(scan.region, Counter()).update(pair_text(Pair(*pair[:2])) for pair in scan.findings)
    return {
        region: tuple(pair for pair, _ in tally.most_common(USUAL))
        for region, tally in counted.items()
        if region and tally
    }
