"""The room People, for directors and administrators."""

from __future__ import annotations

from models import Cohort
from tests.security.rows import MANAGERS, NOBODYS, Row, only
from tests.security.world import World
from workflows.people import people_import
from workflows.people.import_outcome import mark_of
from workflows.people.import_rights import ImportRights

TABLE = "email,name,role,student_email\nzoe@example.test,Zoe New,mentor,{}@example.test\n"
OF = {"dana": "amara", "adam": "amara", "elsewhere": "limb"}
DIRECTORS = "dana elsewhere"
# Whose pages they open: the director and the administrator of their own course's people, and of who has no part.
SEEN = {
    "person amara": "200: dana adam",
    "person ravi": "200: dana adam",
    "person dana": "200: dana adam",
    "person limb": "200: elsewhere",
    "person partless": "200: dana adam elsewhere",
    **NOBODYS,
}


def done(status: int, **more: str) -> dict[str, str]:
    """What each finds who does something to an account: an administrator nothing to a director's."""
    found = {
        "person amara": f"{status}: dana adam",
        "person limb": f"{status}: elsewhere",
        "person partless": f"{status}: dana adam elsewhere",
    }
    return {**found, "person ian": f"{status}: dana; 403: adam", **more, **NOBODYS}


def packed(world: World, thing: object) -> dict[str, str]:
    from blueprints.people import adding

    content = TABLE.format("amara").encode()
    outcome = people_import.import_people(content, preview=True, rights=ImportRights(world.people["dana"]))
    return {"draft": adding._packed(content), "seen": mark_of(content, outcome), "same": ""}


def added(world: World, thing: object) -> dict[str, object]:
    """A mentor of the student with this address, or a student of this cohort."""
    named = {"name": "Zoe New", "email": "zoe@example.test", "previous_email": "", "site": ""}
    if isinstance(thing, str):
        return {**named, "role": "mentor", "student_email": thing}
    place = {"cohort": thing, "site": "Dover clinic", "machines": "GE Venue Go", "placement_starts_on": ""}
    return {**named, **place, "role": "student"}


ROUTES = {
    "GET /people": only(MANAGERS),
    "GET /people/<int:person_id>": Row(MANAGERS, SEEN),
    "POST /people/<int:person_id>/name": Row(MANAGERS, done(303), lambda world, thing: {"name": "Another Name"}),
    "POST /people/<int:person_id>/link": Row(
        MANAGERS, {**done(303), "person ian": "303: dana adam", "who left": "409: dana adam"}
    ),
    "POST /people/<int:person_id>/closing": Row(MANAGERS, done(303, **{"person dana": "403: dana adam"})),
    "POST /people/<int:person_id>/closing/undo": Row(MANAGERS, {"who left": "303: dana adam", **NOBODYS}),
    "POST /people/<int:person_id>/roles": Row(
        DIRECTORS,
        {"person ravi": "303: dana", "person partless": "303: dana", **NOBODYS},
        lambda world, thing: {"part": "msk-pgcert:internal_assessor"},
    ),
    "POST /people/<int:person_id>/roles/ending": Row(
        DIRECTORS, {"person ian": "303: dana", **NOBODYS}, lambda world, thing: {"part": "msk-pgcert:internal_assessor"}
    ),
    "POST /failed-mails/<int:number>/again": Row(MANAGERS, {"failed mail": "303: dana adam", **NOBODYS}),
    "GET /people/new": only(MANAGERS),
    "POST /people": Row(
        MANAGERS,
        {
            "address of amara": "303: dana adam; 422: elsewhere",
            "address of limb": "422: dana adam elsewhere",
            "cohort": "303: dana adam; 422: elsewhere",
            "other cohort": "303: elsewhere; 422: dana adam",
        },
        added,
    ),
    "GET /people/cohort": only(MANAGERS),
    "POST /people/cohorts": Row(
        MANAGERS,
        {"cohort": "303: dana adam", "other cohort": "303: elsewhere"},
        lambda world, thing: {
            "programme": Cohort.get_by_id(thing).programme,
            "name": "Spring",
            "starts_on": "2026-02-02",
            "due_on": "2026-12-01",
        },
    ),
    "GET /people/file": only(MANAGERS),
    "POST /people/file": Row(
        MANAGERS,
        {"-": "200: dana adam; 422: elsewhere"},
        lambda world, thing: {**packed(world, thing)},
        writes="",
    ),
    "POST /people/file/changes": Row(MANAGERS, {"-": "303: dana adam; 409: elsewhere"}, packed),
}
FIELDS = {
    "POST /people/<int:person_id>/name": "name",
    "POST /people/<int:person_id>/link": "",
    "POST /people/<int:person_id>/closing": "",
    "POST /people/<int:person_id>/closing/undo": "",
    "POST /people/<int:person_id>/roles": "part",
    "POST /people/<int:person_id>/roles/ending": "part",
    "POST /failed-mails/<int:number>/again": "",
    "POST /people": "role name email programme cohort site machines placement_starts_on student_email previous_email"
    " named_nobody",
    "POST /people/cohorts": "programme name starts_on due_on named_nobody",
    "POST /people/file": "draft seen same",
    "POST /people/file/changes": "draft seen same",
}
TAKES_FILES = ("POST /people/file", "POST /people/file/changes")
