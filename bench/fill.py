"""A database of any size, fast: scans with their timelines, audits and history, as if logged one by one.

History is chained as a release without keys did it; then every row is entered with its digest, as `flask migrate` does.

The rows of one student lie as far apart in the file as they would after a year of everybody's logging: the n-th scan
of everybody is written before the next of anybody, and ids are of no order. Indexes grow with the rows: built later,
their pages would be full, and nearly every row that the bench writes would split one. Ids are made from numbers, so the
same day gives the same file.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import click
import cysqlite

import clock
import database
from bench.pattern import (
    MENTORS,
    SCANS,
    STORIES,
    STUDENT,
    TABLES,
    WEEKS,
    Pattern,
    Step,
    columns,
    patterns_of,
    shift_of,
)
from demo.cast import SITES
from models import Scan, db
from workflows.course import programmes
from workflows.history import history, keys

SECRET = "of the bench alone, and long enough for it"
COHORT = 24
LARGE = 1000  # students of the one large cohort
COHORTS_OF_A_COURSE = 8  # a director has these, however many courses there are
COURSE = "msk-pgcert"
STUDENTS_PER_SITE, MENTORS_PER_SITE = 4, 2
SCATTER = (
    2_654_435_761  # odd: times a number, in 32 bits, it gives each number a place of its own far from its neighbours
)


@dataclass(frozen=True)
class Student:
    """One student of the bench: `number` is that of the enrolment and of the placement, too."""

    number: int
    person: int
    mentors: tuple[int, int]
    story: int
    shift: int


def fill(path: Path, scans: int, *, large: bool = True) -> dict[str, float]:
    """Make the SQLite file `path` with so many scans, 250 a student, and return how long each part took, in seconds.

    The large cohort is part of the whole where it fits in; else its students have just begun and have no scan.
    """
    took: dict[str, float] = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    with _timed(took, "people"):
        courses(path)
        database.migrate(database.open_database(f"sqlite:///{path}"))
        db.obj.close_all()
        connection = cysqlite.connect(str(path))
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "locking_mode = EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        for pragma in ("cache_size = -1500000", "temp_store = FILE", "threads = 2"):
            connection.execute(f"PRAGMA {pragma}")
        programme, now = programmes.get(COURSE), clock.now()
        today = programme.today(now)
        connection.execute("BEGIN")
        students = _people(connection, scans // SCANS, large, today, Scan.received_at.db_value(now))
        patterns = patterns_of(programme, today)
        _prepare(connection, patterns, students)
    with _timed(took, "rows"):
        _write(connection, patterns, students)
        connection.execute("COMMIT")
    connection.execute("PRAGMA locking_mode = NORMAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    with _timed(took, "tallies"):
        add_up(path)
    return took


@contextmanager
def _timed(took: dict[str, float], part: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    took[part] = time.monotonic() - begun


def courses(path: Path) -> Path:
    """The folder of programme files beside the database: the course, and as many like it as the cohorts need."""
    folder = path.parent / "programmes"
    source = database.MIGRATIONS.parent / "programmes"
    if not folder.exists():
        shutil.copytree(source, folder)
        text = (source / f"{COURSE}.toml").read_text(encoding="utf-8")
        for number in range(60):
            course = re.sub(r'(?m)^key = ".*"$', f'key = "{_course(number)}"', text, count=1)
            (folder / f"{_course(number)}.toml").write_text(course, encoding="utf-8")
    programmes.load_all(folder)
    return folder


def _course(number: int) -> str:
    """The course's own key, then the large cohort's, then others like it."""
    return COURSE if not number else f"{COURSE}-{number:02d}"


def add_up(path: Path) -> None:
    """Fill the tallies and enter every row into history, by the product's own means."""
    from workflows.counts import recount
    from workflows.history import baseline

    keys.use(SECRET)
    opened = database.open_database(f"sqlite:///{path}")
    with opened.connection_context():
        with click.progressbar(recount.cohorts(), label="Tallies") as bar:
            for cohort in bar:
                recount.mend(cohort)
        if tables := baseline.missing():
            with click.progressbar(length=baseline.size(tables), label="History of them") as bar:
                baseline.enter(tables, bar.update)
        opened.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close_all()


# --- Who there is ----------------------------------------------------------------------------------------------


def _people(connection, number: int, large: bool, today: date, now: int) -> list[Student]:
    """Directors, cohorts, sites, mentors and students; returns the students who have scans."""
    beside = LARGE if large and number < 2 * LARGE else 0  # they come on top, without scans
    within = LARGE if large and not beside else 0
    cohorts = _cohorts(connection, number - within, beside + within, today)
    directors = len({course for course, _ in cohorts})
    everybody = sum(size for _, size in cohorts)
    sites = -(-everybody // STUDENTS_PER_SITE)
    first_mentor = directors + 1
    first_student = first_mentor + sites * MENTORS_PER_SITE
    names = [f"Director {one}" for one in range(1, directors + 1)]
    names += [f"Mentor {one:05d}" for one in range(1, sites * MENTORS_PER_SITE + 1)]
    names += [f"Student {one:05d}" for one in range(1, everybody + 1)]
    _many(
        connection,
        "person (id, email, name, theme, made_at)",
        (
            (one, f"{name.replace(' ', '.').lower()}@bench.test", name, "system", now)
            for one, name in enumerate(names, 1)
        ),
    )
    keys = sorted({course for course, _ in cohorts})
    _many(connection, "staff (person_id, programme, role)", ((one, key, "director") for one, key in enumerate(keys, 1)))
    _many(connection, "site (id, name)", ((one, f"Clinic {one:05d}") for one in range(1, sites + 1)))
    machines = SITES["croydon"].machines
    _many(connection, "machine (site_id, name)", ((site, name) for site in range(1, sites + 1) for name in machines))
    started = (today - timedelta(weeks=WEEKS)).isoformat()
    enrolments, placements, parties, students = [], [], [], []
    cohort_of = [cohort for cohort, (_, size) in enumerate(cohorts, 1) for _ in range(size)]
    for number, cohort in enumerate(cohort_of, 1):
        site = (number - 1) // STUDENTS_PER_SITE + 1
        first = first_mentor + (site - 1) * MENTORS_PER_SITE
        mentors = (first, first + 1) if number % 2 else (first + 1, first)
        person = first_student + number - 1
        enrolments.append((number, person, cohort, started))
        placements.append((number, number, site, started))
        parties += [(number, mentor, "mentor") for mentor in mentors]
        if not (beside and cohort == len(cohorts)):
            students.append(Student(number, person, mentors, (number - 1) % len(STORIES), shift_of(number)))
    _many(connection, "enrolment (id, person_id, cohort_id, enrolled_on)", enrolments)
    _many(connection, "placement (id, enrolment_id, site_id, starts_on)", placements)
    _many(connection, "party (placement_id, person_id, role)", parties)
    named = dict.fromkeys((mentor, cohorts[cohort_of[number - 1] - 1][0], role) for number, mentor, role in parties)
    into = "confirmation (person_id, programme, kind, basis, made_at, why)"
    _many(connection, into, ((*one, "named", now, "") for one in named))
    return students


def _cohorts(connection, small: int, large: int, today: date) -> list[tuple[str, int]]:
    """The cohorts, as their course's key and number of students; the large one is the last, of a course of its own."""
    whole, rest = divmod(small, COHORT)
    sizes = [COHORT] * whole + ([rest] if rest else [])
    found = [
        (_course(0 if one < COHORTS_OF_A_COURSE else 1 + one // COHORTS_OF_A_COURSE), size)
        for one, size in enumerate(sizes)
    ]
    if large:
        found.append((_course(1), large))
    starts, due = today - timedelta(weeks=WEEKS), today + timedelta(weeks=4)
    rows = (
        (one, course, f"Cohort {one}", starts.isoformat(), due.isoformat()) for one, (course, _) in enumerate(found, 1)
    )
    _many(connection, "cohort (id, programme, name, starts_on, due_on)", rows)
    return found


def _many(connection, into: str, rows) -> None:
    marks = ",".join("?" * (into.count(",") + 1))
    connection.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)


# --- What they did ---------------------------------------------------------------------------------------------


def _prepare(connection, patterns: list[Pattern], students: list[Student]) -> None:
    """Put patterns and students into temporary tables, from which SQLite itself makes the rows."""
    for table in TABLES:
        name = table._meta.table_name
        heads = ", ".join(["story", "number", *columns(table)])
        connection.execute(f"CREATE TEMP TABLE {name}_pattern ({heads})")
        rows = ((story, *row) for story, one in enumerate(patterns) for row in one.rows[table])
        _many(connection, f"temp.{name}_pattern ({heads})", rows)
        connection.execute(f"CREATE INDEX temp.{name}_pattern_by ON {name}_pattern (story, number)")
    heads = "number, person, mentor2, mentor3, story, shift"
    connection.execute(f"CREATE TEMP TABLE student ({heads})")
    rows = ((one.number, one.person, *one.mentors, one.story, one.shift) for one in students)
    _many(connection, f"temp.student ({heads})", rows)


def _write(connection, patterns: list[Pattern], students: list[Student]) -> None:
    """The n-th scan of everybody, with its moves, audits, notices and history; then the next."""
    statements = [_insert(table) for table in TABLES]
    total = SCANS * len(students)
    last, heads = history.START, {student.number: history.START for student in students}
    with click.progressbar(length=total, label=f"{total:,} scans") as bar:
        for number in range(1, SCANS + 1):
            first = (number - 1) * len(students)
            for statement in statements:
                connection.execute(statement, {"number": number, "first": first})
            entries = []
            for place, student in enumerate(students, first):
                thing = f"scan:{place * SCATTER & 0xFFFFFFFF:08x}-0000-4000-8000-{place:012x}"
                for step in patterns[student.story].steps[number]:
                    entry = _entry(student, step, thing, last, heads[student.number])
                    last = heads[student.number] = entry[-1]
                    entries.append(entry)
            _many(connection, f"history ({', '.join(HISTORY)}, hash)", entries)
            bar.update(len(students))


HISTORY = ("at", "actor_id", "verb", "object", "enrolment_id", "payload", "previous", "student_previous")


def _entry(student: Student, step: Step, thing: str, last: str, last_of_student: str) -> tuple:
    """One row of history under the hash of the one before it, as it was hashed before there were keys."""
    people = {STUDENT: student.person, **dict(zip(MENTORS, student.mentors, strict=True))}
    payload = history.canonical({**step.payload, "mentor": people[step.payload["mentor"]]})
    row = (step.at + student.shift, people[step.by], step.verb, thing, student.number, payload, last, last_of_student)
    hashed = {name.removesuffix("_id"): value for name, value in zip(HISTORY, row, strict=True)}
    return *row, history.hash_of(hashed, None)


# The id of the scan at this place of the whole: anywhere among all that ids can be.
_PLACE = "(:first + s.rowid - 1)"
_ID = f"printf('%08x-0000-4000-8000-%012x', {_PLACE} * {SCATTER} & 0xFFFFFFFF, {_PLACE})"


def _insert(table) -> str:
    """The statement that makes the rows of everybody's scan `:number`."""
    own = {
        "id": _ID,
        "scan_id": _ID,
        "subject": f"'scan:' || {_ID}",
        "enrolment_id": "s.number",
        "placement_id": "s.number",
        "duplicate_of_id": "NULL",
    }

    def value(column: str) -> str:
        if column in own:
            return own[column]
        if column in ("mentor_id", "by_id", "approved_by_id", "recipient_id"):
            mentors = f"WHEN {MENTORS[0]} THEN s.mentor2 WHEN {MENTORS[1]} THEN s.mentor3"
            return f"CASE t.{column} WHEN {STUDENT} THEN s.person {mentors} END"
        return f"t.{column} + s.shift" if column == "at" or column.endswith("_at") else f"t.{column}"

    names, name = columns(table), table._meta.table_name
    return (
        f"INSERT INTO {name} ({', '.join(names)}) SELECT {', '.join(map(value, names))}"
        f" FROM temp.student AS s CROSS JOIN temp.{name}_pattern AS t WHERE t.story = s.story AND t.number = :number"
    )
