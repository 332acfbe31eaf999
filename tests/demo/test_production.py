"""No real course is run on the demo course, whatever became of its people: everybody's password in it is published."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

import config
from app import create_app
from models import History, Person
from scripts.demo_server import free_port
from tests.cast import gather
from tests.client import Client
from workflows.course import demo_course
from workflows.people import people
from workflows.refusals import Invalid

SITE = "https://scans.example.ac.uk"


@pytest.fixture
def seeded(plant, tmp_path):
    """The demo course of one student, and the settings of a real course on the same database."""
    from tests.demo.conftest import NOW

    database = plant(NOW, "isla")
    url = plant.url
    return database, config.Settings(
        env="production", secret_key="k" * 40, base_url=SITE, instance=tmp_path, database_url=url
    )


def renamed():
    Person.update(name="Real Name", email=Person.email.concat(".example.ac.uk")).execute()


def one_left():
    Person.update(email="d.reid@example.ac.uk").where(Person.email == "director@demo.sonofolio.test").execute()


def seeded_before_there_was_a_mark():
    History.delete().where(History.verb == demo_course.SEEDED).execute()
    Person.update(email="d.reid@example.ac.uk").where(Person.email == "director@demo.sonofolio.test").execute()


def test_production_refuses_the_demo_course_however_it_was_changed(seeded):
    database, settings = seeded
    for change in (lambda: None, one_left, renamed, seeded_before_there_was_a_mark):
        with database.atomic() as undone:
            change()
            with pytest.raises(config.SettingError, match="holds the demo course") as stop:
                create_app(settings)
            undone.rollback()
        assert "\n" not in str(stop.value) and "flask --app app migrate" in str(stop.value)
    assert not create_app(replace(settings, env="development")).config["SONOFOLIO"].production


def test_production_starts_where_nobody_is_of_the_demo(settings, database):
    live = replace(settings, env="production", base_url=SITE)
    create_app(live)
    gather()
    create_app(live)


@pytest.mark.slow
@pytest.mark.sqlite
def test_the_server_and_every_command_stop_with_one_line(seeded):
    _, settings = seeded
    env = {"PATH": os.environ["PATH"], "SONOFOLIO_ENV": "production", "SECRET_KEY": settings.secret_key}
    env |= {"BASE_URL": SITE, "DATABASE_URL": settings.database_url, "SONOFOLIO_INSTANCE": str(settings.instance)}
    env |= {"PORT": str(free_port())}
    director = ("create-director", "--name", "Dana Reid", "--email", "d.reid@example.ac.uk")
    flask = ("-m", "flask", "--app", "app")
    commands = [(*flask, *words) for words in (("migrate",), director, ("deliver", "--once"), ("seed-demo",))]
    for words in (("serve.py",), *commands):
        command = [sys.executable, *words]
        ran = subprocess.run(command, cwd=config.ROOT, env=env, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.startswith("DATABASE_URL: ") and ran.stderr.count("\n") == 1


def test_production_does_not_start_on_a_database_that_cannot_be_asked(settings, tmp_path):
    for url in (f"sqlite:///{tmp_path}", "postgresql://nobody:secret@127.0.0.1:1/none"):
        with pytest.raises(config.SettingError, match="does not answer") as stop:
            create_app(replace(settings, env="production", base_url=SITE, database_url=url))
        assert "\n" not in str(stop.value) and "secret" not in str(stop.value)


def test_demo_people_put_in_while_production_runs_are_nobody(app, cast, settings):
    Person.update(email="ravi@demo.sonofolio.test").where(Person.id == cast.ravi.id).execute()
    assert Client(app, cast.ravi).get("/me").status_code == 200
    app.config["SONOFOLIO"] = replace(settings, env="production", base_url=SITE)
    assert Client(app, cast.ravi).get("/me").status_code == 303
    assert Client(app, cast.amara).get("/me").status_code == 200


def test_nobody_gets_an_address_of_the_demo_course(database):
    with pytest.raises(Invalid, match="demo course"):
        people.register("Real@Demo.Sonofolio.Test", "Real Person")
    assert Person.select().count() == 0
