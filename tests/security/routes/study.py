"""A student's place on the course: interrupted, extended, in another cohort, ended, open again."""

from __future__ import annotations

import clock
from models import Cohort, Enrolment
from rules import lifecycle
from tests.cast import days_ago
from tests.security.rows import NOBODYS, Row
from tests.security.world import World
from workflows.people import lifecycle as study

KEEPERS = "dana elsewhere adam"
FINDS = {"amara": "303: dana adam", "mei": "303: dana adam", "limb": "303: elsewhere", **NOBODYS}


def _ahead(days: int) -> str:
    return days_ago(-days).isoformat()


def _interrupted(world: World) -> None:
    for name, director in (("amara", "dana"), ("mei", "dana"), ("limb", "elsewhere")):
        study.interrupt(world.ids[name], days_ago(1), None, by=world.people[director])


def _ended(world: World) -> None:
    for name, director in (("amara", "dana"), ("mei", "dana"), ("limb", "elsewhere")):
        study.withdraw(world.ids[name], days_ago(1), by=world.people[director])


def _next_cohorts(world: World) -> None:
    for key in ("msk-pgcert", "limb-diploma"):
        days = {"starts_on": days_ago(-30), "due_on": days_ago(-400)}
        Cohort.create(programme=key, name="The next one", **days)


def _next_cohort_of(world: World, thing) -> dict:
    student = Enrolment.get_or_none(Enrolment.id == thing)
    programme = student.cohort.programme if student else "msk-pgcert"
    return {"cohort": Cohort.get(Cohort.name == "The next one", Cohort.programme == programme).id}


ROUTES = {
    "GET /enrolments/<int:enrolment>/study": Row(
        KEEPERS, {"amara": "200: dana adam", "tom": "200: dana adam", "limb": "200: elsewhere", **NOBODYS}
    ),
    "POST /enrolments/<int:enrolment>/interruption": Row(
        KEEPERS, FINDS, lambda world, thing: {"from_on": clock.now().date().isoformat(), "until_on": _ahead(30)}
    ),
    "POST /enrolments/<int:enrolment>/resumption": Row(
        KEEPERS, FINDS, lambda world, thing: {"back_on": _ahead(9)}, before=_interrupted
    ),
    "POST /enrolments/<int:enrolment>/extension": Row(KEEPERS, FINDS, lambda world, thing: {"due_on": _ahead(300)}),
    "POST /enrolments/<int:enrolment>/transfer": Row(KEEPERS, FINDS, _next_cohort_of, before=_next_cohorts),
    "POST /enrolments/<int:enrolment>/withdrawal": Row(
        KEEPERS,
        FINDS,
        lambda world, thing: {"ended_as": lifecycle.LEFT, "ended_on": clock.now().date().isoformat()},
    ),
    "POST /enrolments/<int:enrolment>/readmission": Row(KEEPERS, FINDS, before=_ended),
}
FIELDS = {
    "POST /enrolments/<int:enrolment>/interruption": "from_on until_on",
    "POST /enrolments/<int:enrolment>/resumption": "back_on",
    "POST /enrolments/<int:enrolment>/extension": "due_on",
    "POST /enrolments/<int:enrolment>/transfer": "cohort seen",
    "POST /enrolments/<int:enrolment>/withdrawal": "ended_as ended_on",
    "POST /enrolments/<int:enrolment>/readmission": "",
}
