"""What people type is text, wherever it is shown: never an element, an attribute, a template, a formula."""

import csv
import io

import pytest
from peewee import SqliteDatabase, Value

from models import Audit, Cohort, Machine, Move, Person, Scan, SignIn, Site, db
from tests.cast import PASSWORD
from tests.security.payloads import PAYLOADS, caught, groups
from tests.security.table import POSTS, ROUTE_FIELDS
from tests.security.world import path_to
from tests.tree import Page
from workflows.reviews import reviews
from workflows.scans import ownership

GROUPS = groups()
SHOWN_TO = ("amara", "ravi", "priya", "helen", "esther", "ian", "dana")


def pages_of(who: str, world) -> list[str]:
    """The addresses that show this person what others wrote."""
    ids = world.ids
    mine = [f"/scans/{ids[f'amara.{state}']}" for state in ("counted", "audited", "returned", "with_mentor")]
    of = {
        "amara": [
            "/",
            "/scans",
            "/scans?q=x",
            "/scans/new",
            "/me",
            f"{mine[2]}/edit",
            f"/scans/new?like={ids['amara.counted']}",
        ],
        "ravi": ["/inbox", "/inbox/counters", "/students", f"{mine[3]}/card", f"{mine[3]}/review", f"{mine[1]}/review"],
        "priya": ["/students", f"{mine[3]}/review"],
        "helen": ["/students"],
        "dana": ["/cohort", f"/cohorts/{ids['cohort']}/counters", "/students"],
    }
    student = [] if who == "amara" else [f"/students/{ids['amara']}"]
    return [*of.get(who, []), *student, *(mine if who != "helen" else []), "/nowhere"]


def kept(text: str) -> str:
    """What a database keeps of it: PostgreSQL takes no NUL."""
    return text if isinstance(db.obj, SqliteDatabase) else text.replace("\x00", "")


def spoil(world, text: str) -> None:
    """Put the text straight into every column that is text and free, those included that no form reaches."""
    text = kept(text)
    Person.update(name=text).execute()
    for table in (Site, Machine, Cohort):  # each name once
        table.update(name=Value(text).concat(table.id.cast("TEXT"))).execute()
    SignIn.update(device=text).execute()
    Move.update(why=text).execute()
    Audit.update(comment=text).execute()
    free = ("report", "headline", "indication", "machine", "transducer", "age_band", "sex", "outcome", "protocol")
    Scan.update(dict.fromkeys(free, text)).execute()
    Scan.update(findings=[["ssp", text], [text, "tear"]], normal=[text], limitations=[text], modifiers=[text]).execute()


def spoil_words(text: str) -> None:
    """The columns that are words of the vocabulary; a list may change, so they are shown from the row."""
    text = kept(text)
    Scan.update(region=text, side=text, procedure=text, procedure_role=text, composed=text).execute()


@pytest.mark.parametrize("number", range(len(GROUPS)))
@pytest.mark.parametrize("how", ["what is typed", "what is chosen"])
def test_what_is_in_the_database_is_shown_as_text_on_every_page(world, undone, number, how):
    text = GROUPS[number]
    spoil(world, text) if how == "what is typed" else spoil_words(text)
    found = []
    for who in SHOWN_TO:
        for path in pages_of(who, world):
            answer = world.ask(who, "GET", path)
            assert answer.status_code in (200, 404), (who, path, answer.status_code)
            found += [f"{path} for {who}: {fault}" for fault in caught(answer.text)]
    assert not found, "\n".join(found[:20])


def test_the_payloads_do_reach_the_pages(world, undone):
    """Otherwise the test above would prove nothing."""
    for number, text in enumerate(GROUPS):
        spoil(world, text)
        shown = [Page(world.ask(who, "GET", pages_of(who, world)[0]).text) for who in ("ravi", "amara", "dana")]
        read = ["".join(str(one) for element in page.elements for one in element.children) for page in shown]
        mark = next(f"zqx{i}z" for i, payload in enumerate(PAYLOADS) if payload in text)
        assert all(mark in words for words in read), number


@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_what_people_type_is_shown_as_text_to_those_who_read_it(world, undone, number):
    text, ids = GROUPS[number], world.ids
    amara, ravi = world.people["amara"], world.people["ravi"]
    scan = Scan.get_by_id(ids["amara.draft"])
    sent = {"support": "aided", "region": "shoulder", "side": "left", "mentor": ravi.id, "report": text, "version": 1}
    assert world.ask("amara", "POST", f"/scans/{scan.id}", {**sent, "finding": "ssp: tendinosis"}).status_code == 303
    judged = {"version": 2, "agreement": "minor", "image": "good", "report": "good", "comment": text, "why": text}
    assert world.ask("ravi", "POST", f"/scans/{scan.id}/return", judged).status_code == 303
    again = {**judged, "version": 1}
    assert world.ask("ravi", "POST", f"/scans/{ids['amara.aided']}/audit", again).status_code == 303
    assert world.ask("ravi", "POST", f"/scans/{ids['amara.counted']}/reopening", {"why": text}).status_code == 303
    found = []
    for who in ("amara", "ravi", "dana"):
        for path in [*pages_of(who, world), f"/scans/{scan.id}", f"/scans/{ids['amara.aided']}"]:
            found += [f"{path} for {who}: {fault}" for fault in caught(world.ask(who, "GET", path).text)]
    assert not found, "\n".join(found[:20])
    assert ownership.own_scan(scan.id, amara).report.count("zqx") == text.count("zqx")  # kept as it was typed
    assert len(text) < reviews.NOTE_LIMIT


@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_a_refused_form_shows_what_was_entered_as_text(world, number):
    text, found = GROUPS[number], []
    for route, row, who, thing, _ in POSTS:
        path, number_ = path_to(world, route.split()[1], thing)
        if "sign-ins" in path or path == "/sign-out":
            continue
        for kind in ({}, {"htmx": True}):
            with world.undone():
                row.before(world)
                sends = dict.fromkeys(ROUTE_FIELDS[route].split(), text) | {"version": 1}
                answer = world.ask(who, "POST", path, sends, **kind)
            assert answer.status_code < 500, route
            if answer.mimetype == "text/html":
                found += [f"{route}: {fault}" for fault in caught(answer.text)]
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("number", range(len(GROUPS)))
@pytest.mark.parametrize("who", ["nobody", "amara", "ravi", "dana"])
def test_what_is_asked_in_the_address_is_shown_as_text(world, who, number):
    names = (
        "q next like support student state region side words kind sort cohort show site mentor made month since until "
        "page saved sent scan v back"
    )
    asked = dict.fromkeys(names.split(), GROUPS[number])
    student = ("/", "/scans", "/scans/new")
    followed = ("/students", f"/students/{world.ids['amara']}", "/cohort", "/cohort.csv")
    for path in ("/sign-in", *student, "/inbox", *followed, "/nowhere", "/static/x"):
        for kind in ({}, {"htmx": True}):
            answer = world.ask(who, "GET", path, query_string=asked, **kind)
            assert answer.status_code < 500, path
            assert list(caught(answer.text)) == [], path
            assert "zqx" not in answer.headers.get("Location", "").split("?")[0]


WAYS = """
//zqx.example
///zqx.example
/\\zqx.example
\\\\zqx.example
https://zqx.example
https:zqx.example
javascript:zqx()
/%2f/zqx.example
/%5czqx.example
/\t/zqx.example
/\r/zqx.example
 //zqx.example
/%09/zqx.example
/..//zqx.example
/.//zqx.example
/%2e%2e//zqx.example
http:///zqx.example
@zqx.example
/%252f%252fzqx.example
/\u2215\u2215zqx.example
/;//zqx.example
zqx.example
?//zqx.example
"""


@pytest.mark.parametrize("way", WAYS.strip("\n").split("\n"))
def test_the_way_back_never_leaves_the_house(world, undone, way):
    page = world.ask("nobody", "GET", "/sign-in", query_string={"next": way})
    assert "zqx" not in page.text
    to = world.ask("amara", "GET", "/sign-in", query_string={"next": way}).headers["Location"]
    assert to.startswith("/") and "zqx" not in to


@pytest.mark.parametrize("way", WAYS.strip("\n").split("\n")[:6])
@pytest.mark.parametrize("kind", [{}, {"htmx": True}], ids=str)
def test_nor_does_it_from_a_form_that_was_tampered_with(world, undone, way, kind):
    sent = {"email": "amara@example.test", "password": PASSWORD, "next": way}
    answer = world.ask("nobody", "POST", "/sign-in", sent, **kind)
    assert answer.headers.get("Location", answer.headers.get("HX-Redirect")) == "/"


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '"=1',
    "'=1",
    "=cmd|' /C calc'!A0",
    "\uff1d1",
    "\u00a0=1",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_the_export_is_a_formula(world, undone, formula):
    spoil(world, formula)
    Site.update(name=formula).where(Site.id == 1).execute()
    rows = list(csv.reader(io.StringIO(world.ask("amara", "GET", "/scans.csv").data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 8 and len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows[1:] for cell in row):
        assert not cell.lstrip(' \n"\u00a0').startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")), repr(cell)
