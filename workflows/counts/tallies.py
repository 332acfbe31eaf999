"""What the scans add up to, written in the transaction of each change, so that no page counts scans.

One definition serves both ways: `StudentTally.add` says what one scan adds to its student's numbers. A transition takes
out what the scan added before and adds what it adds after; a recount (recount.py) adds every scan to nothing. Writers
queue (see `database.py`), so nobody changes a tally between our reading and our writing of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from models import INSTANT, Scan
from rules import states
from rules.programme import Programme
from statements import change, run
from workflows.course import absences, programmes

_DAY = 24 * 60 * 60 * 1_000_000  # an instant is a number of microseconds
JUDGING = ("approve", "send_back", "reopen", "undo")  # what a mentor does to a scan
APART = "procedure"  # where procedures wait
_STATES = (states.DRAFT, states.WITH_MENTOR, states.RETURNED, states.HELD, states.COUNTED)
_NUMBERS = (*(f"{kind}_{state}" for kind in ("aided", "unaided") for state in _STATES), "other_draft")
COLUMNS = (*_NUMBERS, "procedures", "regions", "waiting", "recent", "last_logged_at", "judged_at")

# ruff: noqa: S608 - the names in these statements are ours, the values are bound
# Written out once: these run with every move, and building a query costs many times what running it does.
_READ = (
    f"SELECT cohort.id, cohort.programme, version, {', '.join(COLUMNS)} FROM enrolment"
    " JOIN cohort ON cohort.id = cohort_id LEFT JOIN tally ON enrolment_id = enrolment.id WHERE enrolment.id = ?"
)
_READ_ALL = f"SELECT enrolment_id, version, {', '.join(COLUMNS)} FROM tally WHERE enrolment_id IN ("
_READ_PROGRESS = (
    "SELECT enrolment.id, (SELECT MIN(starts_on) || ' ' || MAX(COALESCE(ends_on, '9999-12-31')) FROM placement"
    " WHERE placement.enrolment_id = enrolment.id), EXISTS (SELECT 1 FROM placement"
    " JOIN party ON placement_id = placement.id AND role = 'mentor'"
    " AND (from_on IS NULL OR from_on <= ?) AND (party.ended_on IS NULL OR party.ended_on > ?)"
    " JOIN person ON person.id = party.person_id AND disabled_at IS NULL"
    " WHERE placement.enrolment_id = enrolment.id AND (ends_on IS NULL OR ends_on >= ?)),"
    f" {absences.AS_TEXT},"
    f" version, {', '.join(COLUMNS)} FROM enrolment LEFT JOIN tally ON tally.enrolment_id = enrolment.id"
    " WHERE enrolment.id IN ("
)
_INSERT = f"INSERT INTO tally (enrolment_id, version, {', '.join(COLUMNS)}) VALUES (?, ?{', ?' * len(COLUMNS)})"
_UPDATE = f"UPDATE tally SET version = ?, {', '.join(f'{name} = ?' for name in COLUMNS)} WHERE enrolment_id = ?"
_LAST_LOGGED = "SELECT MAX(received_at) FROM scan WHERE enrolment_id = ? AND state <> 'withdrawn'"
_EDGE_ALL = (
    "SELECT approved_at, case_number FROM scan WHERE enrolment_id = ? AND support = ? AND state = 'counted'"
    " ORDER BY approved_at, case_number LIMIT 1 OFFSET ?"
)
_REGIONS_ALL = (
    "SELECT region, COUNT(*) FROM (SELECT region FROM scan WHERE enrolment_id = ? AND support = ?"
    " AND state = 'counted' ORDER BY approved_at, case_number LIMIT ?) AS counting GROUP BY region"
)
_REGIONS = _REGIONS_ALL.replace(" ORDER", " AND procedure = '' ORDER")
_EDGE = _EDGE_ALL.replace(" ORDER", " AND procedure = '' ORDER")
# A number never goes below 0, even where it was wrong before; the recount finds that.
_SHIFTED = "number = CASE WHEN number + ? > 0 THEN number + ? ELSE 0 END"
_DAY_UPDATE = f"UPDATE counted_day SET {_SHIFTED} WHERE cohort_id = ? AND day = ?"
_DAY_INSERT = "INSERT INTO counted_day (cohort_id, day, number) VALUES (?, ?, ?)"
_ANSWER_UPDATE = f"UPDATE answered SET {_SHIFTED} WHERE cohort_id = ? AND mentor_id = ? AND days = ?"
_ANSWER_INSERT = "INSERT INTO answered (cohort_id, mentor_id, days, number) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a tally asks of a scan. Instants are microseconds since 1970, the day is ISO text."""

    enrolment: int
    state: str
    support: str
    region: str
    procedure: str
    scanned_on: str
    received_at: int
    sent_at: int | None
    approved_at: int | None
    approved_by: int | None
    case_number: int
    procedure_role: str


FACTS = tuple(one.name for one in fields(Facts))


def facts_of(scan: Scan) -> Facts:
    """What this scan, as it is in memory now, brings to the tallies."""
    at = INSTANT.db_value
    return Facts(
        enrolment=scan.enrolment_id,
        state=scan.state,
        support=scan.support,
        region=scan.region,
        procedure=scan.procedure,
        scanned_on=scan.scanned_on.isoformat(),
        received_at=at(scan.received_at),
        sent_at=at(scan.sent_at),
        approved_at=at(scan.approved_at),
        approved_by=scan.approved_by_id,
        case_number=scan.case_number,
        procedure_role=scan.procedure_role,
    )


@dataclass
class StudentTally:
    """One student's numbers while they are added up."""

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_NUMBERS, 0))
    procedures: dict[str, int] = field(default_factory=dict)  # "state part": those of each part in each state
    regions: dict[str, int] = field(default_factory=dict)  # of what counts: a kind's surplus is in none
    waiting: dict[str, list[int]] = field(default_factory=dict)
    recent: dict[str, int] = field(default_factory=dict)  # "kind day": scans that came to count then
    last_logged_at: int | None = None
    judged_at: int | None = None

    def add(self, scan: Facts, programme: Programme, sign: int = 1) -> None:
        """Bring in what one scan brings, or with `sign=-1` take it out. A withdrawn scan brings nothing."""
        if scan.state == states.WITHDRAWN:
            return
        if scan.state == states.WITH_MENTOR:
            self._wait(scan.support if in_portfolio(scan, programme) else APART, scan.sent_at or 0, sign)
        if scan.procedure and scan.state != states.DRAFT:
            _shift(self.procedures, f"{scan.state} {scan.procedure_role}", sign)
        if not in_portfolio(scan, programme):
            return
        if not scan.support:
            self.numbers["other_draft"] += sign
            return
        self.numbers[f"{scan.support}_{scan.state}"] += sign
        if scan.state == states.COUNTED:
            _shift(self.regions, scan.region, sign)
            _shift(self.recent, f"{scan.support} {day(programme, scan.approved_at)}", sign)

    def _wait(self, kind: str, since: int, sign: int) -> None:
        line = self.waiting.setdefault(kind, [])
        if sign > 0:
            line.append(since)
            line.sort()
        elif since in line:
            line.remove(since)
        if not line:
            del self.waiting[kind]

    def values(self, after: date) -> tuple[Any, ...]:
        """The columns of the row, in the order of `COLUMNS`; of the recent days those after this one alone."""
        recent = {key: number for key, number in self.recent.items() if key.split()[1] > after.isoformat()}
        procedures, regions, recent = map(_above_nought, (self.procedures, self.regions, recent))
        texts = (_text(procedures), _text(regions), _text(self.waiting), _text(recent))
        numbers = (max(0, number) for number in self.numbers.values())
        return (*numbers, *texts, self.last_logged_at, self.judged_at)


def in_portfolio(scan: Facts, programme: Programme) -> bool:
    """It is no guided procedure, or the programme counts those with the scans (R4)."""
    return not programme.counts_apart(scan.procedure)


def moved(before: Facts | None, after: Facts, verb: str, now: datetime) -> None:
    """Carry one move of a scan into the tallies. Call it in the transaction of the move, after the row is written.

    Args:
        before: None when the scan was just logged.
        verb: what was done; what a mentor did is remembered as their last sign of life.
    """
    cohort, key, version, *stored = run(_READ, after.enrolment).fetchone()
    programme = programmes.get(key)
    total = read(stored) if version else StudentTally()
    if before is not None:
        total.add(before, programme, -1)
    total.add(after, programme)
    if any(numbers > programme.support(kind).total for kind, numbers in _counted(before, after, total).items()):
        total.regions = _regions(after.enrolment, programme)
    total.last_logged_at = _last_logged(total.last_logged_at, before, after)
    if verb in JUDGING:
        total.judged_at = max(total.judged_at or 0, INSTANT.db_value(now))
    values = total.values(stored_after(programme, now))
    if values != tuple(stored):
        write(after.enrolment, version or 0, values)
    for scan, sign in ((before, -1), (after, 1)):
        if scan is not None and scan.state == states.COUNTED:
            _count_day(scan, sign, cohort, programme, total)
            _shift_answer((cohort, scan.approved_by or 0, days_to_approval(scan)), sign)


def _counted(before: Facts | None, after: Facts, total: StudentTally) -> dict[str, int]:
    """Of each kind that the move touches how many count, or counted before it."""
    kinds = {scan.support for scan in (before, after) if scan is not None and scan.support}
    was = before.support if before is not None and before.state == states.COUNTED else ""
    return {kind: total.numbers[f"{kind}_{states.COUNTED}"] + (kind == was) for kind in kinds}


def _regions(enrolment: int, programme: Programme) -> dict[str, int]:
    """The regions of what counts: of each kind those that came to count first, up to its total (R2)."""
    found: dict[str, int] = {}
    statement = _REGIONS if not programme.procedures_count else _REGIONS_ALL
    for kind, support in programme.supports.items():
        for region, number in run(statement, enrolment, kind, support.total).fetchall():
            found[region] = found.get(region, 0) + number
    return found


def window(programme: Programme, now: datetime) -> date:
    """The last day before the pace window."""
    return programme.today(now) - timedelta(weeks=programme.pace.window_weeks)


def stored_after(programme: Programme, now: datetime) -> date:
    """The days after this one stay in a tally: the pace window, and a week more for a clock that is set back."""
    return window(programme, now) - timedelta(weeks=1)


def _last_logged(stored: int | None, before: Facts | None, after: Facts) -> int | None:
    """When the student last logged something that is not withdrawn."""
    if after.state != states.WITHDRAWN:
        return max(stored or 0, after.received_at)
    if before is None or before.received_at != stored:
        return stored
    return run(_LAST_LOGGED, after.enrolment).fetchone()[0]


def _count_day(scan: Facts, sign: int, cohort: int, programme: Programme, total: StudentTally) -> None:
    """The days on which a kind's scans came to count, up to its total: when one goes beyond, or leaves a surplus
    behind, another one stands at the edge (R2).
    """
    if not in_portfolio(scan, programme):
        return
    most, counted = programme.support(scan.support).total, total.numbers[f"{scan.support}_{states.COUNTED}"]
    if counted + (sign < 0) <= most:
        _shift_day(cohort, day(programme, scan.approved_at), sign)
        return
    # The list as it stands now: of it the first `most` count. Taken out of it (or put in) was `scan`.
    edge = run(_EDGE if not programme.procedures_count else _EDGE_ALL, scan.enrolment, scan.support, most - (sign < 0))
    found = edge.fetchone()
    if found is not None and (scan.approved_at, scan.case_number) < found:
        _shift_day(cohort, day(programme, scan.approved_at), sign)
        _shift_day(cohort, day(programme, found[0]), -sign)


def _shift_answer(place: tuple[int, int, int], sign: int) -> None:
    if not change(_ANSWER_UPDATE, sign, sign, *place) and sign > 0:
        run(_ANSWER_INSERT, *place, sign)


def days_to_approval(scan: Facts) -> int:
    """Whole days from the sending of a counted scan to its approval; 0 is within a day."""
    return max(0, ((scan.approved_at or 0) - (scan.sent_at or 0)) // _DAY)


def carry_over(days: Mapping[str, int], answers: Mapping[tuple[int, int], int], source: int, target: int) -> None:
    """Take one student's part out of the numbers of a cohort (its id) and into those of another.
    `days`: day -> how many of their scans came to count on it; `answers`: (mentor, days to approval) -> how many.
    """
    for on, number in days.items():
        _shift_day(source, on, -number)
        _shift_day(target, on, number)
    for place, number in answers.items():
        _shift_answer((source, *place), -number)
        _shift_answer((target, *place), number)


def _shift_day(cohort: int, on: str, sign: int) -> None:
    if not change(_DAY_UPDATE, sign, sign, cohort, on) and sign > 0:
        run(_DAY_INSERT, cohort, on, sign)


def day(programme: Programme, moment: int | None) -> str:
    """The programme's day of an instant, as ISO text."""
    return programme.today(INSTANT.python_value(moment)).isoformat()


def _shift(numbers: dict[str, int], key: str, sign: int) -> None:
    number = numbers.pop(key, 0) + sign
    if number:
        numbers[key] = number


def _above_nought(numbers: dict[str, int]) -> dict[str, int]:
    return {key: number for key, number in numbers.items() if number > 0}


def _text(value: dict) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def progress_rows(enrolments: Sequence[int], today: date) -> list[tuple]:
    """Of each of these students: enrolment, first and last day of their placements ("2026-09-21 9999-12-31", None for
    somebody who was never placed), whether somebody mentors them on that day, their absences as `absences.read` takes
    them, then version and `COLUMNS`, empty for somebody without a scan. One query.
    """
    if not enrolments:
        return []
    day = today.isoformat()
    return run(f"{_READ_PROGRESS}{', '.join('?' * len(enrolments))})", day, day, day, *enrolments).fetchall()


def rows_of(enrolments: Sequence[int]) -> list[tuple]:
    """The tally row of each of these students: enrolment, version, then `COLUMNS`. Who has no scan may have none."""
    if not enrolments:
        return []
    return run(f"{_READ_ALL}{', '.join('?' * len(enrolments))})", *enrolments).fetchall()


def touch(enrolment: int) -> None:
    """Something else that is said of the student has changed: whoever saw this version has not seen all. In the
    transaction of the change.
    """
    version, *stored = run(_READ, enrolment).fetchone()[2:]
    values = tuple(stored) if version else StudentTally().values(date.min)
    write(enrolment, version or 0, values)


def write(enrolment: int, version: int, values: tuple[Any, ...]) -> None:
    """Write a student's row that was read as `version` (0: there was none)."""
    if version:
        run(_UPDATE, version + 1, *values, enrolment)
    else:
        run(_INSERT, enrolment, 1, *values)


def read(values: Iterable[Any]) -> StudentTally:
    """The tally that these `COLUMNS` of a row hold."""
    *numbers, procedures, regions, waiting, recent, last, judged = values
    # In one: a list reads a thousand rows.
    procedures, regions, waiting, recent = json.loads(f"[{procedures},{regions},{waiting},{recent}]")
    named = dict(zip(_NUMBERS, numbers, strict=True))
    return StudentTally(named, procedures, regions, waiting, recent, last, judged)
