"""The list of a cohort's students for a director: filtered, in order, a page at a time, and how many each
filter would show. All in memory: one row a student, a thousand of them at most.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from itertools import chain

from werkzeug.datastructures import MultiDict

from blueprints.cohort import queries
from blueprints.cohort.columns import ORDERS, Column, columns_of
from blueprints.cohort.pace_chart import Own
from blueprints.cohort.queries import Places
from blueprints.filters import CohortFilters
from blueprints.mailto import MailLink, mail_links
from blueprints.student_rows import LEFT, StudentRow, student_rows
from models import Cohort
from rules.folding import fold
from rules.programme import Programme
from rules.progress import Progress
from rules.status import MENTOR, PLACEMENT, Wait
from workflows.course import programmes
from workflows.reviews import mentor_workload
from workflows.reviews.mentor_workload import Waiting

PAGE = 30
SHADES = 9  # of the case mix, from the first scan (1) to the target or more (9); 0 is none
SHOWS = {
    "at-risk": "At risk",
    "mentor": "Mentor in the way",
    "placement": "No placement or mentor",
    "audit-debt": "Audit debt",
    "breadth-gap": "Breadth gap",
    "failed-audit": "Failed audit counts",
    "interrupted": "Interrupted",
}
# What the counters and the rows of the mentors open: no chips, and shown only when they are asked for.
COUNTED = {
    "enrolled": "Not left",
    "counted": "With scans that count",
    "waiting": "With scans that wait",
    "held": "With scans that are held",
}
Facet = tuple[str, str | int]  # one thing that a filter can ask: ("show", "at-risk"), ("mentor", 7)


@dataclass(frozen=True)
class Counters:
    """The cohort in four numbers: students who have not left, scans counted, scans with a mentor, students at risk; and
    of the students those whose study is interrupted today.
    """

    students: int
    interrupted: int
    counted: int
    with_mentor: int
    at_risk: int


@dataclass(frozen=True)
class MixCell:
    """One student in one area of breadth. `counted` is None where the area is outside their remit."""

    counted: int | None
    shade: int
    reached: bool


@dataclass(frozen=True)
class Roster:
    """A cohort, its students (`rows`: everybody, by name), what waits for its mentors, and the filters that apply."""

    cohort: Cohort
    programme: Programme
    today: date
    rows: list[StudentRow]
    places: Places
    columns: tuple[Column, ...]
    filters: CohortFilters
    waits: list[Waiting]

    @cached_property
    def found(self) -> list[StudentRow]:
        """Who passes the filters, sorted; students whose enrolment has ended are last in all but the name."""
        wanted = {
            (name, value) for name in ("region", "site", "mentor", "waits") if (value := getattr(self.filters, name))
        }
        wanted |= {("show", one) for one in self.filters.show}
        words = fold(self.filters.q).split()
        matching = self.rows
        if wanted:
            matching = [row for row in matching if wanted.issubset(self._facets[row.enrolment.id])]
        if words:
            names = ((row, fold(row.name)) for row in matching)
            matching = [row for row, name in names if all(word in name for word in words)]
        return self._in_order(matching)

    def _in_order(self, rows: list[StudentRow]) -> list[StudentRow]:
        key, backwards = self.filters.sort.removeprefix("-"), self.filters.sort.startswith("-")
        if key == "name":  # as they come
            return rows[::-1] if backwards else rows
        column = next((column for column in self.columns if key and column.key == key), None)
        ordered = sorted(rows, key=column.sort_key if column else lambda row: -row.status.weight, reverse=backwards)
        return sorted(ordered, key=lambda row: row.enrolment.ended_as is not None)

    @cached_property
    def counts(self) -> Counter[Facet]:
        """("show", "at-risk") -> how many students of the whole cohort are so."""
        return Counter(chain.from_iterable(self._facets.values()))

    @property
    def areas(self) -> dict[str, str]:
        """The areas of breadth in which somebody can be short: key -> name."""
        return {area.key: area.name for area in self.programme.breadth if area.target}

    @cached_property
    def _facets(self) -> dict[int, list[Facet]]:
        found = {row.enrolment.id: _facets(row, self.places) for row in self.rows}
        for student, mentor in {(one.student, one.mentor) for one in self.waits}:
            found[student].append(("waits", mentor))
        return found

    @cached_property
    def in_the_way(self) -> list[StudentRow]:
        """Those for whom somebody must act, the gravest first."""
        pressing = [row for row in self.rows if row.enrolment.ended_as is None and row.pressing]
        return sorted(pressing, key=lambda row: -row.status.weight)

    @cached_property
    def mentors(self) -> dict[int, str]:
        """Those of the placements now, and those for whom something waits still, by id."""
        return {**self.places.mentors, **{one.mentor: one.name for one in self.waits}}

    @property
    def last_page(self) -> int:
        return max(1, -(-len(self.found) // PAGE))

    @property
    def page(self) -> int:
        return min(self.filters.page, self.last_page)

    @property
    def page_rows(self) -> list[StudentRow]:
        return self.found[(self.page - 1) * PAGE : self.page * PAGE]

    @property
    def target(self) -> int:
        """How many scans the students who have not left are to bring together."""
        return self.programme.total * sum(row.enrolment.ended_as != LEFT for row in self.rows)

    @property
    def own_lines(self) -> list[Own]:
        """Of who has not left, the lines of those who are or were interrupted, or have a due date of their own."""
        return [
            Own(counts.starts_on, counts.due_on, counts.absences, self.programme.total)
            for row in self.rows
            if row.enrolment.ended_as != LEFT and (counts := row.progress.counts).decided
        ]

    @property
    def order(self) -> str:
        sort = self.filters.sort
        if sort in ORDERS:
            return ORDERS[sort]
        label = next(column.label for column in self.columns if column.key == sort.removeprefix("-"))
        return f"{label}, {'largest' if sort.startswith('-') else 'smallest'} first"

    @property
    def words(self) -> str:
        """The filters in words, for the head of an export."""
        chosen = self.filters
        words = [{**SHOWS, **COUNTED}[one] for one in chosen.show]
        words += [f"short in {area.name}" for area in self.programme.breadth if area.key == chosen.region]
        words += [self.places.sites[chosen.site]] if chosen.site else []
        words += [f"with {self.places.mentors[chosen.mentor]}"] if chosen.mentor else []
        words += [f"with scans that wait for {self.mentors[chosen.waits]}"] if chosen.waits else []
        words += [f"named “{chosen.q}”"] if chosen.q else []
        return "; ".join(words) or "everybody"

    def mail_links(self, row: StudentRow) -> list[MailLink]:
        """A mail to the student and one to each mentor; none of somebody whose enrolment has ended."""
        if row.enrolment.ended_as is not None:
            return []
        person, mentors = row.enrolment.person, self.places.mentors_of(row.enrolment.id)
        return mail_links((person.name, person.email), mentors, row.status, self.programme.short_name)

    def case_mix(self, progress: Progress) -> list[MixCell]:
        """A student's cells, one for each area of the programme. An area without a target is shaded by the largest."""
        areas = self.programme.breadth
        usual = max((area.target for area in areas if area.target), default=progress.total // max(1, len(areas)))
        counted = {region.key: region.counted for region in progress.regions}
        return [_mix_cell(counted.get(area.key), area.target, usual) for area in areas]


def roster_of(cohort: Cohort, args: MultiDict[str, str], now: datetime) -> Roster:
    """The cohort as the address asks for it. Four queries: students, their numbers, their places, what waits."""
    programme = programmes.get(cohort.programme)
    today = programme.today(now)
    places = queries.places(cohort, today)
    waits = mentor_workload.waits_of(cohort, now)
    rows = student_rows(queries.students(cohort), now, _by_student(waits), partial(places.names, "site"))
    columns = columns_of(programme, places, any_failed=any(row.enrolment.failed for row in rows))
    filters = CohortFilters.read(
        args,
        cohort.id,
        show={**SHOWS, **COUNTED},
        region=[area.key for area in programme.breadth],
        site=places.sites,
        mentor=places.mentors,
        waits={one.mentor for one in waits},
        sort=[column.key for column in columns if column.key],
    )
    return Roster(cohort, programme, today, rows, places, columns, filters, waits)


def _by_student(waits: list[Waiting]) -> dict[int, tuple[Wait, ...]]:
    """Enrolment id -> what waits for which mentor."""
    found: dict[int, dict[int, Wait]] = {}
    for one in waits:
        theirs = found.setdefault(one.student, {})
        known = theirs.get(one.mentor, Wait(one.name, 0, 0, one.closed))
        oldest = max(known.oldest_days, one.oldest_days)
        theirs[one.mentor] = known._replace(number=known.number + one.number, oldest_days=oldest)
    return {student: tuple(theirs.values()) for student, theirs in found.items()}


def counters(rows: list[StudentRow]) -> Counters:
    return Counters(
        students=sum([row.enrolment.ended_as != LEFT for row in rows]),
        interrupted=sum([row.is_interrupted for row in rows]),
        counted=sum([row.progress.counted for row in rows]),
        with_mentor=sum([row.progress.with_mentor for row in rows]),
        at_risk=sum([row.at_risk for row in rows]),
    )


def _facets(row: StudentRow, places: Places) -> list[Facet]:
    """What a filter can ask of this student. Who has left or graduated owes nothing any more."""
    found, progress = list(places.of.get(row.enrolment.id, ())), row.progress
    if row.enrolment.failed:
        found.append(("show", "failed-audit"))
    if row.enrolment.ended_as != LEFT:
        found.append(("show", "enrolled"))
    if progress.counted:
        found.append(("show", "counted"))
    if progress.with_mentor:
        found.append(("show", "waiting"))
    if progress.held:
        found.append(("show", "held"))
    return found if row.enrolment.ended_as is not None else found + _facets_of_running(row)


def _facets_of_running(row: StudentRow) -> list[Facet]:
    progress, pressing = row.progress, row.pressing
    found: list[Facet] = [("show", about.lower()) for about in (MENTOR, PLACEMENT) if about in pressing]
    if row.at_risk:
        found.append(("show", "at-risk"))
    if progress.counts.debt:
        found.append(("show", "audit-debt"))
    if row.is_interrupted:
        found.append(("show", "interrupted"))
    elif progress.gaps:
        found += [("show", "breadth-gap"), *(("region", area.key) for area in progress.gaps)]
    return found


def _mix_cell(counted: int | None, target: int | None, usual: int) -> MixCell:
    if counted is None:
        return MixCell(None, 0, False)
    full = target or usual
    shade = SHADES if counted >= full else min(SHADES, -(-counted * (SHADES - 1) // full))
    return MixCell(counted, shade, bool(target) and counted >= full)
