"""The verbs of the room *People* as commands, with their exit codes."""

from __future__ import annotations

import re

import pytest

from models import Cohort, Enrolment, Party, Staff
from workflows.accounts import accounts
from workflows.people import links, people

pytestmark = pytest.mark.both


@pytest.fixture
def run(app):
    def run(*words: str):
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code in (0, 1, 2), done.output
        return done

    return run


def test_everybody_is_listed_and_found_without_accents(run, cast):
    accounts.disable(cast.priya)
    done = run("list-people", "mentor", "croydon")
    assert (done.exit_code, done.output.count("\n")) == (0, 2)
    assert re.search(r"priya@example\.test  Priya Nair  Mentor at Croydon MSK clinic  closed", done.output)
    assert run("list-people").output.count("@example.test") == 10
    none = run("list-people", "nobody of this name")
    assert (none.exit_code, none.output) == (1, "Nobody matches.\n")


def test_a_role_is_given_and_taken_and_the_last_director_stays(run, cast):
    done = run("appoint-person", "helen@example.test", "administrator")
    assert (done.exit_code, "Helen Ward is now course administrator of" in done.output) == (0, True)
    assert "is already" in run("appoint-person", "helen@example.test", "administrator").output
    done = run("dismiss-person", "helen@example.test", "administrator")
    assert (done.exit_code, "is no longer" in done.output) == (0, True)
    assert run("dismiss-person", "helen@example.test", "administrator").exit_code == 0
    refused = run("dismiss-person", "dana@example.test", "director")
    assert (refused.exit_code, "is the only director" in refused.output) == (1, True)
    assert Staff.select().where(Staff.role == "director").count() == 1
    assert run("appoint-person", "nobody@example.test", "director").exit_code == 1
    assert run("appoint-person", "helen@example.test", "mentor").exit_code == 2
    assert run("appoint-person", "helen@example.test", "director", "--programme", "none").exit_code == 2


def test_a_cohort_and_its_people_one_by_one(run, cast):
    done = run("open-cohort", "Spring 2027", "--starts-on", "2027-01-11", "--due-on", "2027-09-30")
    assert (done.exit_code, done.output) == (0, "Spring 2027 is open, from 2027-01-11 to 2027-09-30.\n")
    assert "is here already" in run("open-cohort", "spring 2027").output
    assert run("open-cohort", "Autumn").exit_code == 1
    assert run("open-cohort", "Autumn", "--starts-on", "11/1/2027").exit_code == 2
    assert Cohort.select().count() == 2
    student = (
        "add-person",
        "kim@x.ac.uk",
        "student",
        "--name",
        "Kim Lee",
        "--cohort",
        "Spring 2027",
        "--site",
        "Dover",
    )
    done = run(*student)
    assert done.exit_code == 0
    token = re.search(r"/welcome/([\w-]{43})", done.output).group(1)
    assert links.owner(token) == people.by_email("kim@x.ac.uk")
    again = run(*student)
    assert (again.exit_code, "Here already" in again.output) == (0, True)
    mentor = run("add-person", "sam@x.ac.uk", "mentor", "--name", "Sam Roe", "--student", "kim@x.ac.uk")
    assert mentor.exit_code == 0
    assert Party.get(Party.person == people.by_email("sam@x.ac.uk")).placement.site.name == "Dover"


def test_what_is_wrong_is_told_with_its_column_and_changes_nothing(run, cast):
    done = run("add-person", "kim@x.ac.uk", "student", "--name", "Kim Lee", "--cohort", "No such")
    assert done.exit_code == 1 and "starts_on: " in done.output
    done = run("add-person", "kim@x.ac.uk", "mentor", "--name", "Kim Lee")
    assert done.exit_code == 1 and "student_email: " in done.output
    assert people.by_email("kim@x.ac.uk") is None
    assert run("add-person", "kim@x.ac.uk", "boss").exit_code == 2


def test_a_namesake_is_asked_about_by_the_command_too(run, cast):
    words = ("add-person", "t@x.ac.uk", "student", "--name", "Tom Bright", "--cohort", "September 2026")
    words += ("--site", "Croydon MSK clinic")
    done = run(*words)
    assert done.exit_code == 1 and "Somebody else: --somebody-else." in done.output
    assert run(*words, "--somebody-else").exit_code == 0
    assert Enrolment.select().count() == 4


@pytest.mark.parametrize(
    "command",
    ["list-people", "add-person", "appoint-person", "dismiss-person", "open-cohort", "disable-person", "change-person"],
)
def test_each_says_what_it_does(run, database, command):
    done = run(command, "--help")
    assert done.exit_code == 0 and len(done.output) > 100
