"""F13: a migration is killed at each statement. The schema is the old one or the new one, nothing is lost, the product
starts, and migrating again finishes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playhouse.migrations import Runner

import config
from commands.database import migrate as migrate_command
from config import ROOT
from database import MIGRATIONS, migrate, open_database, pending
from models import Answered, CountedDay, Tally
from tests import cast as people
from tests.cast import logged
from tests.faults.ground import FULL, reckon, rounds
from tests.test_migrations import REBUILD, lived_in, rows, shape, step
from workflows.counts import recount
from workflows.history import baseline

STEPS = sorted(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))
FEW = 40  # so many statements are tried each; of more, some
# A step does the same wherever one began. So the short run begins with nothing, the oldest and the two newest versions.
STARTS = list(range(len(STEPS))) if FULL else [0, 1, len(STEPS) - 2, len(STEPS) - 1]
FROM_NOTHING, FROM_OLDER = rounds(7, 1), rounds(29, 1)  # every so manieth statement
SOMEBODY = (
    "INSERT INTO person (email, name, theme, made_at) VALUES ('nora@example.test', 'Nora New', 'system', 1)",
    "INSERT INTO cohort (programme, name, starts_on, due_on) VALUES ('msk-pgcert', 'Old', '2025-09-01', '2026-07-01')",
)


@pytest.fixture(scope="module")
def killing():
    """`killing(url, k)` migrates and kills at the kth statement; says "killed" or "done N". `steps`: other ones."""
    command = [sys.executable, "-m", "tests.faults.migrating"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:

        def kill(url, last, steps=MIGRATIONS):
            nursery.stdin.write(f"{url} {last} {steps}\n")
            nursery.stdin.flush()
            return nursery.stdout.readline().strip()

        yield kill
        nursery.stdin.close()


def at_step(databases, folder, number: int) -> str:
    """A database with the first so many steps taken and somebody in it."""
    url = databases.bare(folder)
    opened = open_database(url)
    with opened.connection_context():
        if number:
            Runner(opened, str(MIGRATIONS)).up(STEPS[number - 1])
            for sql in SOMEBODY:
                opened.execute_sql(sql)
    opened.close_all()
    return url


@pytest.fixture(scope="module")
def shapes(databases, tmp_path_factory):
    """The shape of a database with no step taken, with the first, with the first two, and so on."""
    opened = open_database(databases.bare(tmp_path_factory.mktemp("shapes")))
    found = [shape(opened)]
    for name in STEPS:
        with opened.connection_context():
            Runner(opened, str(MIGRATIONS)).up(name)
        found.append(shape(opened))
    opened.close_all()
    return found


@pytest.mark.parametrize("done", STARTS, ids=lambda done: f"after {STEPS[done - 1]}" if done else "from nothing")
def test_a_migration_that_was_killed_anywhere_leaves_a_whole_schema_and_is_finished_later(
    house, databases, tmp_path, killing, shapes, done
):
    start, every = at_step(databases, tmp_path, done), FROM_OLDER if done else FROM_NOTHING
    whole = killing(databases.copy(start, tmp_path), 10_000)
    assert whole.startswith("done"), whole
    total = int(whole.split()[1])
    for last in [*range(1, total, every if total > FEW else 1), total]:
        url = databases.copy(start, tmp_path)
        assert killing(url, last) == "killed"
        opened = open_database(url)
        taken = len(STEPS) - len(pending(opened))
        assert shape(opened) == shapes[taken], f"killed at statement {last} of {total}: neither old nor new"
        migrate(opened)
        assert pending(opened) == [] and shape(opened) == shapes[-1]
        with opened.connection_context():
            there = [opened.execute_sql(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("person", "cohort")]
            assert there == [bool(done)] * 2
            baseline.enter()  # as `flask migrate` does after the steps
            assert reckon(set()) == 0
        opened.close_all()
        if databases.name == "postgresql":
            databases.drop(url)


def test_a_rebuild_that_was_killed_anywhere_leaves_every_table_as_it_was_and_is_finished_later(
    house, databases, tmp_path, killing
):
    start, steps = lived_in(databases, tmp_path)[0], step(tmp_path / "steps", REBUILD)
    opened = open_database(start)
    before = rows(opened), shape(opened)
    opened.close_all()
    done = databases.copy(start, tmp_path)
    total = int(killing(done, 10_000, steps).split()[1])
    opened = open_database(done)
    after = rows(opened), shape(opened)
    opened.close_all()
    assert after[0] == before[0] and after[1] != before[1]
    for last in range(1, total + 1):
        url = databases.copy(start, tmp_path)
        assert killing(url, last, steps) == "killed"
        opened = open_database(url)
        assert (rows(opened), shape(opened)) in (before, after), f"killed at statement {last} of {total}"
        migrate(opened, steps)
        assert (rows(opened), shape(opened)) == after
        opened.close_all()
        if databases.name == "postgresql":
            databases.drop(url)


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_the_product_starts_on_what_a_killed_migration_left(databases, tmp_path, killing, share):
    from app import create_app

    url = databases.bare(tmp_path)
    total = int(killing(databases.bare(tmp_path), 10_000).split()[1])
    assert killing(url, int(total * share)) == "killed"
    settings = config.Settings(secret_key="k" * 40, database_url=url, instance=tmp_path)
    app = create_app(settings)
    assert app.test_client().get("/healthz").status_code in (200, 503)
    assert app.test_cli_runner().invoke(migrate_command).exit_code == 0
    assert app.test_client().get("/healthz").status_code == 200
    app.extensions["database"].close_all()


def test_adding_up_that_was_cut_short_after_the_steps_is_done_by_the_next_migrate(app, cast):
    """`migrate` adds up what the new tables are for; it may be killed between the two."""
    other = people.Cohort.create(
        programme="msk-pgcert", name="Later", starts_on=cast.cohort.starts_on, due_on=cast.cohort.due_on
    )
    people.Enrolment.update(cohort=other).where(people.Enrolment.person == cast.tom).execute()
    logged(cast.amara, cast.ravi)
    logged(cast.tom, cast.ravi)
    for table in (Tally, CountedDay, Answered):  # as the steps leave them
        table.delete().execute()
    recount.mend(cast.cohort)  # the first cohort, and then the power went
    assert app.test_cli_runner().invoke(migrate_command).exit_code == 0
    assert [recount.check(cohort) for cohort in recount.cohorts()] == [[], []]
