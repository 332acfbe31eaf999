"""No page asks the database more often than it should, and none asks more often because there is more to show."""

import json

import pytest

from models import (
    Audit,
    Cohort,
    Earlier,
    EarlierBatch,
    Enrolment,
    Machine,
    Move,
    Party,
    Person,
    Placement,
    Scan,
    SignIn,
    Site,
    Staff,
    db,
)
from tests.client import queries_of
from tests.security.table import TABLE, answers
from tests.security.world import STATES, World, path_to

pytestmark = pytest.mark.both

MOST = 4  # the visitor's own query included
# ... and one for each further panel, or three for the mentors: what waits for them, how they answered, who left.
PANELS = {
    # what is kept for which courses, whether they asked to be erased; three kinds of ways in; who covers for a mentor
    "GET /me": 5,
    "GET /me/data": 14,  # a table each
    "GET /wishes": 8,  # who asked, whose time is over, what keeps each, what waits, who directs; editions past theirs
    "GET /wishes/<int:person_id>": 10,  # the same of one, and the texts that may name them
    "GET /invitations": 1,  # what is open, who has accepted, placements and programmes for which one may invite
    "GET /": 1,  # what waits for mentors who left
    "GET /inbox": 4,  # asked to be reopened, waits for who left, who covers for whom, what waits for a confirmation
    "GET /people/confirmations/<int:person_id>": 3,
    "GET /people/confirmations": 3,  # whom to confirm, what each has approved, who has invited them
    "GET /people": 6,  # parts, on the course too; mails and letters that failed, and of whom; who asks to be erased
    # parts, of the course too, ways in, addresses, invitations, confirmations, whose they are besides, my own rights
    "GET /people/<int:person_id>": 9,
    "GET /placements/<int:placement>": 1,  # who has which part, who covers, who may be given one
    "GET /me/away": 2,  # their parts, who may cover; who covers for them, for whom they cover
    # filters, how new the list is, what waits, pace, how mentors answered, who left; failed mails, failed letters; who
    # waits to be confirmed, and what is held
    "GET /cohort": 12,
    # parts, people, confirmations, invitations, approvals
    **dict.fromkeys(("GET /people/confirmations", "GET /people/confirmations/<int:person_id>"), 3),
    "GET /cohort.csv": 4,  # filters, what waits, where history ends now, and what was added since
    "GET /cohort.xlsx": 4,
    "GET /scans.csv": 1,
    # placements, earlier logbooks, editions, links, files, proof; scans, their stories and audits; where history ends
    **dict.fromkeys((f"GET /portfolio.{one}" for one in ("json", "csv.zip", "xlsx")), 12),
    **dict.fromkeys((f"GET /students/<int:enrolment_id>/portfolio.{one}" for one in ("json", "csv.zip", "xlsx")), 12),
    # progress, editions with their status and links, earlier logbooks, other enrolments
    **dict.fromkeys(("GET /portfolio", "GET /students/<int:enrolment_id>/portfolio"), 6),
    "GET /students/<int:enrolment_id>/portfolio/editions": 3,  # editions with their status and links
    "GET /scans/<uuid:scan_id>/edit": 2,  # the last step of its story; whether its mentor mentors there yet
    "GET /cohorts/<int:cohort_id>/counters": 1,
    "GET /students": 1,  # the sites
    "GET /enrolments/<int:enrolment>/study": 1,  # the student, their interruptions and absences, the other cohorts
    # what happened, who left, weeks, an assessor's sample; a director: with whom to speak, who was
    "GET /students/<int:enrolment_id>": 6,
}
PAGES = sorted(route for route in TABLE if route.startswith("GET"))


def grow(world: World, times: int) -> None:
    """So many times more of everything that a page lists: scans, moves, students, mentors, sites, cohorts, devices."""
    cohort, ravi = world.ids["cohort"], world.people["ravi"]
    placement = Placement.get(Placement.enrolment == world.ids["amara"])
    newest = 1000
    for number in range(times):
        site = Site.create(name=f"Site {number}")
        Machine.create(site=placement.site, name=f"Machine {number}")
        student, mentor = (
            Person.create(email=f"{part}{number}@example.test", name=f"{part} {number}", made_at=ravi.made_at)
            for part in ("student", "mentor")
        )
        enrolment = Enrolment.create(person=student, cohort=cohort, enrolled_on=placement.starts_on)
        theirs = Placement.create(enrolment=enrolment, site=site, starts_on=placement.starts_on)
        for place in (placement, theirs):
            Party.create(placement=place, person=mentor, role="mentor")
        for name, role in (("ravi", "mentor"), ("helen", "clinical_manager"), ("esther", "external_assessor")):
            Party.create(placement=theirs, person=world.people[name], role=role)
        again = Placement.create(enrolment=world.ids["amara"], site=site, starts_on=placement.starts_on)
        Party.create(placement=again, person=ravi, role="mentor")
        for name in ("amara", "ravi", "dana"):
            SignIn.create(
                token_hash=f"{name}{number}",
                person=world.people[name],
                made_at=ravi.made_at,
                expires_at=ravi.made_at.replace(year=ravi.made_at.year + 1),
            )
        later = Cohort.create(
            programme="msk-pgcert",
            name=f"Cohort {number}",
            starts_on=Cohort.get_by_id(cohort).starts_on.replace(year=2020),
            due_on=Cohort.get_by_id(cohort).due_on.replace(year=2021),
        )
        Staff.create(person=mentor, programme=f"course-{later.id}", role="director")
        batch = EarlierBatch.create(
            enrolment=world.ids["amara"],
            by=world.people["amara"],
            made_at=ravi.made_at,
            source=f"Logbook {number}",
            digest=str(number),
            rows=1,
        )
        Earlier.create(batch=batch, number=1, region="knee")
        for state in STATES:
            for place in (enrolment.id, world.ids["amara"]):
                newest += 1
                copy(world, f"amara.{state}", newest, place, theirs.id if place == enrolment.id else placement.id)


def copy(world: World, name: str, number: int, enrolment: int, placement: int) -> None:
    """A scan once more, with its story and its audit."""
    scan = dict(Scan.select().where(Scan.id == world.ids[name]).dicts().get())
    new = f"00000000-0000-4000-8000-{number:012d}"
    changes = {"id": new, "case_number": number, "enrolment": enrolment, "placement": placement}
    changes["received_digest"] = json.dumps(number)
    Scan.insert({**scan, **changes}).execute()
    for table in (Move, Audit):
        for row in table.select().where(table.scan == world.ids[name]).dicts():
            del row["id"]
            table.insert({**row, "scan": new}).execute()


def counted(world: World) -> dict[tuple[str, str], int]:
    """How many queries each page takes for each person who may open it."""
    found = {}
    for route in PAGES:
        for thing in TABLE[route].finds:
            for who, status in answers(TABLE[route], thing, world.everybody).items():
                if status == 200:
                    path, _ = path_to(world, route.split()[1], thing)
                    with queries_of(db) as asked:
                        assert world.ask(who, "GET", path).status_code == 200, (route, who)
                    found[f"{route} ({thing})", who] = len(asked)
    return found


@pytest.fixture(scope="module")
def few(world):
    """How many queries each page takes for each person when it shows little."""
    with world.undone():
        grow(world, 5)
        return counted(world)


@pytest.mark.slow
@pytest.mark.both_in_full
def test_every_page_takes_as_many_queries_for_many_rows(world, few):
    with world.undone():
        grow(world, 50)
        many = counted(world)
    assert few == many, {page: (few[page], many[page]) for page in few if few[page] != many[page]}


def test_every_page_takes_few_queries(few):
    too_many = {page: number for page, number in few.items() if number > MOST + PANELS.get(page[0].split(" (")[0], 0)}
    assert not too_many


@pytest.mark.parametrize("who", ["amara", "ravi", "dana", "nobody"])
def test_a_refusal_takes_no_more_than_looking_up_who_asks(world, who):
    for path in ("/cohorts/1/counters", "/inbox", "/scans/new", "/cohort", "/nowhere"):
        with queries_of(db) as asked:
            if world.ask(who, "GET", path).status_code == 403:
                assert len(asked) == 1, path
