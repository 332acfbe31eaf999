"""Who keeps the records in these tests: Alma, the course's administrator; and a director of another course."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

import clock
from models import Cohort, Letter, Person, Staff, db
from tests import cast as people
from workflows.history import history, records
from workflows.notices import letters


def someone(key: str, name: str, **roles: str) -> Person:
    """An account, with a role on each of these programmes (key of a role -> programme)."""
    with db.atomic():
        person = records.create(
            Person, email=f"{key}@example.test", name=name, password=people.PASSWORD_HASH, made_at=clock.now()
        )
        for role, programme in roles.items():
            records.create(Staff, person=person, programme=programme, role=role)
        history.record("register", f"person:{person.id}", by=None, at=clock.now())
    return person


@pytest.fixture
def alma(cast) -> Person:
    return someone("alma", "Alma Reyes", administrator="msk-pgcert")


@pytest.fixture
def elsewhere(cast) -> Person:
    """Directs another course, which has a cohort and nobody in it."""
    today = clock.today()
    with db.atomic():
        days = {"starts_on": today - timedelta(days=9), "due_on": today + timedelta(days=99)}
        records.create(Cohort, programme="limb-diploma", name="February", **days)
        history.record("open_cohort", "cohort:2", by=None, at=clock.now())
    return someone("elsewhere", "Else Where", director="limb-diploma")


def upload(client, text: str, **fields: str):
    """Choose this text as a file, and look at the preview."""
    sent = {"file": (io.BytesIO(text.encode()), "people.csv"), **fields}
    return client.post("/people/file", sent, content_type="multipart/form-data")


def carried(page, **changes: str) -> dict[str, str]:
    """What the preview's form carries: the file, what was seen, and answers."""
    fields = {
        one.get("name"): one.get("value")
        for one in page.elements
        if one.tag == "input" and one.get("name") in ("draft", "seen")
    }
    return {**fields, **changes}


def sent_to(address: str) -> list[dict]:
    """The words of each letter to this address, as the worker reads them."""
    found = [number for (number,) in Letter.select(Letter.id).where(Letter.address == address).tuples()]
    return [letter.words for number in found if (letter := letters.take(number))]
