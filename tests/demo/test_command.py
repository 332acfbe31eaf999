"""`seed-demo` fills an empty database once, touches no other, and is not for production."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from demo import cast as demo_cast
from models import Enrolment, Person, Scan
from tests import cast as people
from workflows.accounts import accounts
from workflows.history import verification

pytestmark = pytest.mark.both


@pytest.fixture
def seed(app):
    """`seed(*words)` runs the command and returns what became of it."""
    return lambda *words: app.test_cli_runner().invoke(args=["seed-demo", *words])


@pytest.fixture
def three_students(monkeypatch):
    """A small demo course, where the size is not the point."""
    some = tuple(student for student in demo_cast.STUDENTS if student.key in ("amara", "samuel", "isla"))
    monkeypatch.setattr(demo_cast, "STUDENTS", some)


def test_an_empty_database_is_filled_and_says_how_to_sign_in(three_students, seed, app):
    ran = seed("--if-empty")
    assert ran.exit_code == 0, ran.output
    assert "sonofolio-demo" in ran.output
    with app.extensions["database"].connection_context():
        assert Enrolment.select().count() == 3 and Scan.select().count() > 60
        secret = app.config["SECRET_KEY"]
        assert accounts.sign_in("amara@demo.sonofolio.test", "sonofolio-demo", address=None, secret=secret)
        assert verification.verify().sound


def test_a_second_time_is_refused_with_a_sentence_and_changes_nothing(three_students, seed, app):
    seed()
    again = seed()
    assert again.exit_code == 1 and "empty one" in again.output
    with app.extensions["database"].connection_context():
        assert Enrolment.select().count() == 3


def test_if_empty_leaves_a_database_with_anybody_in_it_alone(seed, app):
    with app.extensions["database"].connection_context():
        people.gather()
        before = Person.select().count()
    ran = seed("--if-empty")
    assert (ran.exit_code, ran.output) == (0, "")
    with app.extensions["database"].connection_context():
        assert Person.select().count() == before


def test_a_fault_half_way_leaves_nothing_behind(three_students, seed, app, monkeypatch):
    monkeypatch.setattr("demo.story.Book.write", lambda book: 1 / 0)
    assert seed().exception is not None
    with app.extensions["database"].connection_context():
        assert Person.select().count() == 0


def test_production_is_refused_in_one_line(settings, app):
    strict = create_app(replace(settings, env="production"))
    ran = strict.test_cli_runner().invoke(args=["seed-demo"])
    assert ran.exit_code == 1 and "not for production" in ran.output and ran.output.count("\n") == 1
    with strict.extensions["database"].connection_context():
        assert Person.select().count() == 0
