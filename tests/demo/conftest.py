"""The demo course, planted once for all of its tests, as of one Monday in November."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

import config
from database import open_database
from demo import cast, seed
from models import Cohort, Enrolment, Person
from rules.progress import Progress
from workflows.accounts import passwords
from workflows.counts import tally_queries
from workflows.course import programmes

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def plant(tmp_path_factory, databases):
    """`plant(now, *keys)` makes the demo course, or only these students of it, in a database of its own, and makes that
    the one that the models read; its address is `plant.url`.
    """
    opened = []

    def make(now: datetime, *keys: str):
        programmes.load_all(config.ROOT / "programmes")
        make.url = databases.fresh(tmp_path_factory.mktemp("demo"))
        opened.append(open_database(make.url))
        opened[-1].connect()
        with pytest.MonkeyPatch.context() as patch:
            if keys:
                patch.setattr(cast, "STUDENTS", tuple(one for one in cast.STUDENTS if one.key in keys))
            patch.setattr(passwords, "keep", lambda password: f"kept {password}")  # the salt apart, all is the same
            seed.plant(now)
        return opened[-1]

    yield make
    for database in opened:
        database.close_all()


@pytest.fixture(scope="module")
def course(plant):
    """The demo course: `now`, the `database`, `enrolments` and `progress`, both by the key of the student's e-mail."""
    database = plant(NOW)
    enrolments, progress = standing(NOW)
    programme = programmes.get("msk-pgcert")
    return SimpleNamespace(now=NOW, database=database, programme=programme, enrolments=enrolments, progress=progress)


def standing(now: datetime) -> tuple[dict[str, Enrolment], dict[str, Progress]]:
    """Enrolments and progress of the planted course, by the key of the student's e-mail."""
    found = Enrolment.select(Enrolment, Person, Cohort).join(Person).switch(Enrolment).join(Cohort)
    enrolments = {one.person.email.partition("@")[0]: one for one in found}
    progress = tally_queries.progress_of(enrolments.values(), programmes.get("msk-pgcert"), now)
    return enrolments, {key: progress[one.id] for key, one in enrolments.items()}
