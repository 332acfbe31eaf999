"""A course in which every action was done once, and somebody who changes its database past the app."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from peewee import DatabaseError, Model, PostgresqlDatabase, fn

import clock
from models import Answered, CountedDay, History, Move, Passkey, Scan, Tally, db
from rules.earlier_columns import DAY_FIRST
from statements import run
from tests import cast as people
from tests.cast import entry_for, logged
from tests.portfolio import editions, samples
from tests.portfolio.earlier_samples import COLUMNS, CSV
from workflows import files
from workflows.accounts import accounts, passwords
from workflows.history import baseline, heads, history, keys, records
from workflows.people import confirmations, contacts, erasure, invitations, lifecycle, links
from workflows.people import people as course
from workflows.portfolio import earlier, earlier_file, register_pack, shares
from workflows.reviews import reopening, reviews
from workflows.scans import hidden_list, hiding, scans

ADDED_UP = (Tally, CountedDay, Answered)
# What no verification looks at: see `records`. Of a tally the version, by which readers know that it has changed.
UNSEEN = {(model, name) for model, names in records.OWN_CHOICE.items() for name in names} | {(Tally, "version")}


def lived(folder: Path) -> people.Cast:
    """History of before there were keys, then every action. Files are kept in the folder."""
    cast = people.gather()
    _unsigned()
    baseline.enter()
    for support in ("aided", "unaided"):
        first, second, third = (logged(cast.amara, cast.ravi, support=support) for _ in range(3))
        reviews.approve(first.id, by=cast.ravi, version=1, comment="Clear images.")
        reviews.approve(second.id, by=cast.ravi, version=1)
        reviews.undo(second.id, by=cast.ravi, version=1)
        reviews.send_back(third.id, by=cast.ravi, version=1, why="Name the side.")
    scans.correct(third.id, entry_for(cast.ravi, side="left"), by=cast.amara, version=1)
    reopening.reopen(first.id, by=cast.ravi, why="The wrong patient.")
    reviews.hand_over(first.id, by=cast.ravi, to=cast.priya.id, step=step_of(first))
    acceptable = reviews.Appraisal(report="acceptable")
    reviews.approve(first.id, by=cast.priya, version=1, appraisal=acceptable, step=step_of(first))
    draft = logged(cast.mei, cast.grace, later=True)
    scans.withdraw(draft.id, by=cast.mei, version=1)
    scans.restore(draft.id, by=cast.mei, version=1)
    reviews.approve(logged(cast.mei, cast.grace, support="aided").id, by=cast.grace, version=1)
    _course(cast)
    _portfolio(cast, folder)
    return cast


def step_of(scan: Scan) -> int:
    """The last step of a scan's story, as the mentor's page carries it."""
    return Move.select(fn.MAX(Move.id)).where(Move.scan == scan.id).scalar()


def _course(cast: people.Cast) -> None:
    """Somebody comes, gets a part in everything, signs in and out."""
    nora, _ = course.register("nora@example.test", "Nora New", by=cast.dana)
    day = cast.cohort.starts_on
    cohort, _ = course.open_cohort("msk-pgcert", "January", day, day + timedelta(days=300), by=cast.dana)
    enrolment, _ = course.enrol(nora, cohort, by=cast.dana)
    placement, _ = course.place(enrolment, "Hastings clinic", by=cast.dana)
    course.equip(placement.site, ["A machine"], by=cast.dana)
    course.take_part(placement, cast.grace, "mentor", by=cast.dana)
    course.appoint(nora, "msk-pgcert", "internal_assessor", by=cast.dana)
    confirmations.confirm(
        cast.grace.id,
        programme="msk-pgcert",
        kind="mentor",
        basis="certificate",
        from_on=day,
        until_on=None,
        by=cast.dana,
    )
    invitations.invite(cast.dana, "clinical_manager", placement=placement.id, means="qr")
    lifecycle.interrupt(enrolment.id, day + timedelta(days=20), day + timedelta(days=30), by=cast.dana)
    with db.atomic():
        key = {"public_key": "key", "sign_count": 0, "backed_up": True, "name": "Nora's phone", "made_at": clock.now()}
        records.create(Passkey, id="nora", person=nora, **key)
        history.record("add_passkey", f"person:{nora.id}", by=nora, at=clock.now())
    contacts.note_contact(enrolment.id, by=cast.dana, person=nora.id, spoken_on=day, note="Agreed on eight a week.")
    links.make(nora, by=cast.dana)
    links.make(nora, by=cast.dana)
    passwords.store(nora, people.PASSWORD_HASH)
    visitor = accounts.visitor(accounts.start(nora))
    accounts.start(nora)
    accounts.choose_theme(nora, "dark")
    accounts.end(visitor)
    accounts.disable(nora, by=cast.dana)
    accounts.enable(nora, by=cast.dana)


def _portfolio(cast: people.Cast, folder: Path) -> None:
    """A portfolio leaves and is shared, an earlier logbook and a certificate come in, somebody asks to be erased."""
    files.use("", folder)
    hidden_list.use(folder)
    hiding.hide(logged(cast.amara, cast.ravi, later=True).id, by=cast.amara)
    shares.share(editions.made(cast.amara).id, by=cast.amara, label="Croydon physiotherapy", days=30)
    register_pack.add("certificate", io.BytesIO(samples.pdf()), by=cast.amara, shows_nobody=True)
    logbook = earlier_file.read(CSV.encode())
    found = earlier.preview(logbook, COLUMNS, DAY_FIRST, by=cast.amara)
    earlier.bring_in(found, source="Hospital logbook", by=cast.amara, named_nobody=found.mark)
    erasure.ask(cast.mei)


def _unsigned() -> None:
    """Entries as they were before there were keys, in the place of those that there are."""
    run("DELETE FROM history")
    before = history.START
    for number in range(4):
        row = {"at": number, "actor": None, "verb": "register", "object": f"person:{number}", "enrolment": None}
        row |= {"payload": "{}", "previous": before, "student_previous": None}
        before = history.hash_of(row, None)
        History.insert(**row, hash=before).execute()


def head() -> heads.Head:
    """Where history ends now, as it was anchored."""
    return heads.current()


def rehash(key: keys.Key | None) -> None:
    """The whole chain hashed anew by somebody who has the code: without a key, or with one of their own."""
    last, students = history.START, {}
    for row in list(History.select().order_by(History.seq)):
        student = None if row.enrolment_id is None else students.get(row.enrolment_id, history.START)
        values = {name: getattr(row, name) for name in ("verb", "object", "payload")}
        values |= {"at": History.at.db_value(row.at), "actor": row.actor_id, "enrolment": row.enrolment_id}
        values |= {"previous": last, "student_previous": student}
        last = history.hash_of(values, key)
        run(
            "UPDATE history SET previous = ?, student_previous = ?, hash = ?, key_id = ? WHERE seq = ?",
            *(values["previous"], student, last, key.id if key else None, row.seq),
        )
        if row.enrolment_id is not None:
            students[row.enrolment_id] = last


@contextmanager
def undone():
    """What is done within is undone at its end. No foreign key is followed meanwhile: whoever has the file has the
    constraints too.
    """
    postgres = isinstance(db.obj, PostgresqlDatabase)
    if not postgres:
        run("PRAGMA foreign_keys = OFF")
    with db.atomic() as transaction:
        if postgres:
            run("SET LOCAL session_replication_role = replica")
        yield
        transaction.rollback()


class Tamperer:
    """Changes one thing at a time in a table that an action writes, at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tables: list[type[Model]] = [*records.COVERED, History, *ADDED_UP]

    def change(self) -> str:
        """Make one change that the database takes, and say what it was; empty when there was none to make."""
        model = self.chance.choice(self.tables)
        kind = self.chance.choice(
            (self._edit, self._edit, self._edit, self._delete, self._insert, self._swap, self._cut)
        )
        before = self._all(model)
        try:
            with db.atomic():
                said = kind(model)
        except DatabaseError:  # a constraint
            return ""
        return said if said and self._all(model) != before else ""

    def _all(self, model: type[Model]) -> list[tuple]:
        return sorted(self._rows(model), key=repr)

    def _rows(self, model: type[Model]) -> list[tuple]:
        return run(f'SELECT {", ".join(map(_quoted, _columns(model)))} FROM "{model._meta.table_name}"').fetchall()

    def _edit(self, model: type[Model]) -> str:
        row, column = self._one(model), self.chance.choice(_columns(model))
        if row is None or (model, column) in UNSEEN:
            return ""
        old = row[_columns(model).index(column)]
        new = self._other(model, column, old)
        self._set(model, row, {column: new})
        return f"{model.__name__}.{column} from {old!r} to {new!r}"

    def _delete(self, model: type[Model]) -> str:
        row = self._one(model)
        if row is None or (model in ADDED_UP and _says_nothing(model, row)):
            return ""
        where, values = _where(model, row)
        run(f'DELETE FROM "{model._meta.table_name}" WHERE {where}', *values)
        return f"{model.__name__} without {row!r}"

    def _insert(self, model: type[Model]) -> str:
        """A copy of a row, with a key of its own and another value wherever there may be only one of a kind."""
        row = self._one(model)
        if row is None or model is Tally:
            return ""
        names, values = _columns(model), dict(zip(_columns(model), row, strict=True))
        alone = {name for index in db.get_indexes(model._meta.table_name) if index.unique for name in index.columns}
        for name in {names[0], *alone, *self.chance.sample(names, 1)} & set(names):
            values[name] = self._other(model, name, values[name])
        if model in ADDED_UP and not values["number"]:
            return ""
        marks = ", ".join("?" * len(names))
        run(
            f'INSERT INTO "{model._meta.table_name}" ({", ".join(map(_quoted, names))}) VALUES ({marks})',
            *values.values(),
        )
        return f"{model.__name__} with {values!r}"

    def _swap(self, model: type[Model]) -> str:
        """Two rows change their keys: the same content in another order."""
        one, other = self._one(model), self._one(model)
        key = _columns(model)[0]
        if one is None or other is None or one[0] == other[0] or model in ADDED_UP:
            return ""
        aside = -1 if isinstance(one[0], int) else "aside"
        sql = f'UPDATE "{model._meta.table_name}" SET {_quoted(key)} = ? WHERE {_quoted(key)} = ?'
        for new, old in ((aside, one[0]), (one[0], other[0]), (other[0], aside)):
            run(sql, new, old)
        return f"{model.__name__} {one[0]} and {other[0]} in each other's place"

    def _cut(self, model: type[Model]) -> str:
        """The end of a table, or all of it."""
        key, rows = _columns(model)[0], sorted(row[0] for row in self._rows(model))
        if not rows or model in ADDED_UP:
            return ""
        run(f'DELETE FROM "{model._meta.table_name}" WHERE {_quoted(key)} >= ?', self.chance.choice(rows))
        return f"the end of {model.__name__}"

    def _one(self, model: type[Model]) -> tuple | None:
        rows = self._rows(model)
        return self.chance.choice(rows) if rows else None

    def _set(self, model: type[Model], row: tuple, values: dict[str, Any]) -> None:
        where, of = _where(model, row)
        sets = ", ".join(f"{_quoted(name)} = ?" for name in values)
        run(f'UPDATE "{model._meta.table_name}" SET {sets} WHERE {where}', *values.values(), *of)

    def _other(self, model: type[Model], column: str, old: Any) -> Any:
        """Another value of this kind."""
        kind = next(field for field in model._meta.sorted_fields if field.column_name == column)
        if model is Tally and column in ("regions", "waiting", "recent"):
            return {
                "regions": '{"knee": 7}',
                "waiting": '{"aided": [7]}',
                "recent": f'{{"unaided {clock.now().date()}": 7}}',
            }[column]
        if kind.field_type == "BOOL":
            return not old
        if isinstance(old, bool):
            return not old
        if isinstance(old, date):
            return old + timedelta(days=self.chance.randint(1, 400))
        if kind.field_type == "DATE":
            return "2031-03-01" if isinstance(db.obj, PostgresqlDatabase) or old != "2031-03-01" else "2031-03-02"
        if isinstance(old, int) or (old is None and kind.field_type in ("INT", "BIGINT", "AUTO")):
            return (old or 0) + self.chance.choice((1, 2, 1000, 10**6))
        words = {"image": "poor", "report": "poor", "state": "draft", "support": "unaided", "role": "director"}
        return self.chance.choice([f"{old or ''} altered", "", words.get(column, "other"), None])


def _columns(model: type[Model]) -> list[str]:
    return [field.column_name for field in model._meta.sorted_fields]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _where(model: type[Model], row: tuple) -> tuple[str, list[Any]]:
    """What finds this row: its key."""
    key = model._meta.primary_key
    fields = [key] if not hasattr(key, "field_names") else [model._meta.fields[name] for name in key.field_names]
    values = dict(zip(_columns(model), row, strict=True))
    names = [field.column_name for field in fields]
    return " AND ".join(f"{_quoted(name)} = ?" for name in names), [values[name] for name in names]


def _says_nothing(model: type[Model], row: tuple) -> bool:
    """A count of nought is as good as none."""
    return model is not Tally and not dict(zip(_columns(model), row, strict=True))["number"]


def report_of(verify: Callable[[], Any], what: str) -> Any:
    """What a verification says after a change; it never fails itself."""
    try:
        return verify()
    except Exception as error:
        raise AssertionError(f"verification failed after: {what}") from error
