"""A database of any size, fast: scans with their stories, audits and history, as if logged one by one.

History is chained as a release without keys did it; then every row is entered with its digest, as `flask migrate` does.

The rows of one student lie as far apart in the file as they would after a year of everybody's logging: the n-th scan
of everybody is written before the next of anybody. Ids are made from numbers, so the same day gives the same file.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import click
import cysqlite

import clock
import database
from bench.pattern import MENTORS, SCANS, STORIES, STUDENT, WEEKS, Pattern, columns, patterns, shift_of
from models import Audit, Move, Notice, Scan, db
from workflows.course import programmes
from workflows.history import history, keys

SECRET = "of the bench alone, and long enough for it"
COHORT = 24
LARGE = 1000  # students of the one large cohort
COHORTS_OF_A_COURSE = 8  # a director has these, however many courses there are
COURSE = "msk-pgcert"
STUDENTS_PER_SITE, MENTORS_PER_SITE = 4, 2
WOVEN = ("scan", "move", "audit", "notice", "history")


@dataclass(frozen=True)
class Student:
    """One student of the bench: their place in line and the ids of what is theirs."""

    rank: int
    enrolment: int
    person: int
    placement: int
    mentors: tuple[int, int]
    story: int
    shift: int


def fill(path: Path, scans: int, *, large: bool = True) -> dict[str, float]:
    """Make the SQLite file `path` with so many scans, 250 a student, and return how long each part took, in seconds.

    The large cohort is part of the whole where it fits in; else its students have just begun and have no scan.
    """
    took: dict[str, float] = {}
    begun = time.monotonic()
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    courses(path)
    database.migrate(database.open_database(f"sqlite:///{path}"))
    db.obj.close_all()
    connection = cysqlite.connect(str(path))
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "locking_mode = EXCLUSIVE"):
        connection.execute(f"PRAGMA {pragma}")
    for pragma in ("cache_size = -400000", "temp_store = FILE", "threads = 2"):
        connection.execute(f"PRAGMA {pragma}")
    programme, now = programmes.get(COURSE), clock.now()
    today = programme.today(now)
    indexes = _without_indexes(connection)
    connection.execute("BEGIN")
    students = _people(connection, scans // SCANS, large, today, Scan.received_at.db_value(now))
    _pattern(connection, woven := patterns(programme, today), students)
    took["people"] = time.monotonic() - begun
    begun = time.monotonic()
    _weave(connection, woven, students)
    connection.execute("COMMIT")
    took["rows"] = time.monotonic() - begun
    begun = time.monotonic()
    with click.progressbar(indexes, label="Indexes", item_show_func=lambda sql: _named(sql)) as bar:
        for sql in bar:
            connection.execute(sql)
    took["indexes"] = time.monotonic() - begun
    connection.execute("PRAGMA locking_mode = NORMAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    begun = time.monotonic()
    add_up(path)
    took["tallies"] = time.monotonic() - begun
    return took


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


def _without_indexes(connection: cysqlite.Connection) -> list[str]:
    """Drop the indexes of what is woven; they are built in one go afterwards. Returns how to make them again."""
    marks = ",".join("?" * len(WOVEN))
    found = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})", WOVEN
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _named(sql: str | None) -> str:
    return sql.split(" ON ")[0].split()[-1].strip('"') if sql else ""


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
    from demo.cast import SITES

    machines = SITES["croydon"].machines
    _many(connection, "machine (site_id, name)", ((site, name) for site in range(1, sites + 1) for name in machines))
    started = (today - timedelta(weeks=WEEKS)).isoformat()
    enrolments, placements, parties, students = [], [], [], []
    rank = 0
    for cohort, (_, size) in enumerate(cohorts, 1):
        for _ in range(size):
            rank += 1
            site = (rank - 1) // STUDENTS_PER_SITE + 1
            pair = [first_mentor + (site - 1) * MENTORS_PER_SITE + one for one in range(MENTORS_PER_SITE)]
            own = pair if rank % 2 else pair[::-1]
            person = first_student + rank - 1
            enrolments.append((rank, person, cohort, started))
            placements.append((rank, rank, site, started))
            parties += [(rank, mentor, "mentor") for mentor in own]
            if not (beside and cohort == len(cohorts)):
                students.append(
                    Student(rank, rank, person, rank, (own[0], own[1]), (rank - 1) % len(STORIES), shift_of(rank))
                )
    _many(connection, "enrolment (id, person_id, cohort_id, enrolled_on)", enrolments)
    _many(connection, "placement (id, enrolment_id, site_id, starts_on)", placements)
    _many(connection, "party (placement_id, person_id, role)", parties)
    course_of = [course for course, size in cohorts for _ in range(size)]
    named = dict.fromkeys((mentor, course_of[rank - 1], role) for rank, mentor, role in parties)
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


def _pattern(connection, woven: list[Pattern], students: list[Student]) -> None:
    """Put the stories and the students into temporary tables, from which SQLite itself weaves the rows."""
    for name, table, rows in (
        ("scans", Scan, lambda one: one.scans),
        ("moves", Move, lambda one: one.moves),
        ("audits", Audit, lambda one: one.audits),
        ("notices", Notice, lambda one: one.notices),
    ):
        heads = ["story", *(["number"] if table is not Scan else []), *columns(table)]
        connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(heads)})")
        _many(
            connection,
            f"temp.{name} ({', '.join(heads)})",
            ((story, *row) for story, one in enumerate(woven) for row in rows(one)),
        )
        by = "case_number" if table is Scan else "number"
        connection.execute(f"CREATE INDEX temp.{name}_by ON {name} (story, {by})")
    connection.execute("CREATE TEMP TABLE student (rank, enrolment, person, placement, mentor2, mentor3, story, shift)")
    _many(
        connection,
        "temp.student (rank, enrolment, person, placement, mentor2, mentor3, story, shift)",
        ((s.rank, s.enrolment, s.person, s.placement, *s.mentors, s.story, s.shift) for s in students),
    )


def _weave(connection, woven: list[Pattern], students: list[Student]) -> None:
    """The n-th scan of everybody, with its moves, audits and history; then the next."""
    woven_tables = ((Scan, "scans"), (Move, "moves"), (Audit, "audits"), (Notice, "notices"))
    statements = [_insert(table, name) for table, name in woven_tables]
    stride, number_of = len(students), SCANS * len(students)
    step = 0xFFFFFFFF // max(1, number_of)
    into = "history (at, actor_id, verb, object, enrolment_id, payload, previous, student_previous, hash)"
    sql = f"INSERT INTO {into} VALUES (?,?,?,?,?,?,?,?,?)"
    begun = time.monotonic()
    chain = _Chain(students)
    with click.progressbar(
        length=number_of,
        label=f"{number_of:,} scans",
        item_show_func=lambda done: f"{done / (time.monotonic() - begun):,.0f} scans/s" if done else "",
    ) as bar:
        for number in range(1, SCANS + 1):
            base = (number - 1) * stride
            for statement in statements:
                connection.execute(statement, {"number": number, "base": base, "step": step})
            connection.executemany(sql, chain.rows(woven, students, number, base, step))
            bar.update(stride, base + stride)


def id_of(place: int, step: int) -> str:
    """The id of the scan at this place of the whole: in order, and spread over all that ids can be."""
    return f"{place * step:08x}-0000-4000-8000-{place:012x}"


_PLACE = "(:base + s.rowid - 1)"
_ID = f"printf('%08x-0000-4000-8000-%012x', {_PLACE} * :step, {_PLACE})"


def _insert(table, source: str) -> str:
    """The statement that makes the rows of everybody's scan `:number`."""
    mine = {
        "id": _ID,
        "scan_id": _ID,
        "subject": f"'scan:' || {_ID}",
        "enrolment_id": "s.enrolment",
        "placement_id": "s.placement",
        "duplicate_of_id": "NULL",
    }

    def value(column: str) -> str:
        if column in mine:
            return mine[column]
        if column in ("mentor_id", "by_id", "approved_by_id", "recipient_id"):
            mentors = f"WHEN {MENTORS[0]} THEN s.mentor2 WHEN {MENTORS[1]} THEN s.mentor3"
            return f"CASE t.{column} WHEN {STUDENT} THEN s.person {mentors} END"
        return f"t.{column} + s.shift" if column == "at" or column.endswith("_at") else f"t.{column}"

    names = columns(table)
    number = "case_number" if table is Scan else "number"
    return (
        f"INSERT INTO {table._meta.table_name} ({', '.join(names)}) SELECT {', '.join(map(value, names))}"
        f" FROM temp.student AS s CROSS JOIN temp.{source} AS t WHERE t.story = s.story AND t.{number} = :number"
    )


class _Chain:
    """The history's rows, each under the hash of the one before it: as `workflows.history` writes them."""

    def __init__(self, students: list[Student]) -> None:
        self.last = history.START
        self.heads = {student.rank: history.START for student in students}

    def rows(self, woven: list[Pattern], students: list[Student], number: int, base: int, step: int) -> Iterator[tuple]:
        last, heads, sha256 = self.last, self.heads, hashlib.sha256
        escaped = [
            [(s, s.head.replace('"', '\\"'), s.tail.replace('"', '\\"')) for s in one.steps.get(number, ())]
            for one in woven
        ]
        for place, student in enumerate(students, base):
            thing = f"scan:{id_of(place, step)}"
            people = (0, student.person, *student.mentors)
            enrolment, shift, before = student.enrolment, student.shift, heads[student.rank]
            for one, head, tail in escaped[student.story]:
                at, by, mentor = one.at + shift, people[one.by], people[one.mentor]
                text = (
                    f'{{"actor":{by},"at":{at},"enrolment":{enrolment},"object":"{thing}","payload":"{head}{mentor}{tail}",'
                    f'"previous":"{last}","student_previous":"{before}","verb":"{one.verb}"}}'
                )
                found = sha256(text.encode()).hexdigest()
                yield at, by, one.verb, thing, enrolment, f"{one.head}{mentor}{one.tail}", last, before, found
                last = before = found
            heads[student.rank] = before
        self.last = last
