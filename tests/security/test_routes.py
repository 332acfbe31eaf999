"""The table of who may open what (tests/security/table.py) is the app's own set of routes, and it holds over HTTP."""

import uuid

import pytest

from app import create_app
from blueprints.home import views
from tests.security.table import ASKED_FOR, FEATURES, TABLE, Row, answers
from tests.security.world import World, changes, path_to

ROUTES = sorted(TABLE)


def routes_of(app) -> set[str]:
    """Every route as "METHOD /rule"; HEAD and OPTIONS are the server's own."""
    return {f"{method} {rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_the_table_and_the_app_have_the_same_routes(world):
    undeclared, vanished = routes_of(world.app) - set(TABLE), set(TABLE) - routes_of(world.app)
    assert not undeclared, f"say in tests/security/routes/ who may open {sorted(undeclared)}"
    assert not vanished, f"take out of tests/security/routes/: {sorted(vanished)}"
    assert sum(len(feature.ROUTES) for feature in FEATURES) == len(TABLE), "two features have a row for the same route"


def test_an_app_with_a_view_that_declares_nothing_refuses_to_start(world, monkeypatch):
    monkeypatch.delattr(views.show, "allowed")
    with pytest.raises(SystemExit, match=r"home\.show"):
        create_app(world.settings)


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_finds_what_the_table_says_and_no_more(world, route):
    method, rule = route.split()
    row = TABLE[route]
    wrong = []
    for count, thing in enumerate(row.finds):
        path, number = path_to(world, rule, thing)
        for who, expected in answers(row, thing, world.everybody).items():
            refused = row.alike and count == 0 and not 200 <= expected < 400
            for way in ({}, {"htmx": True}, {"json": True}) if refused else ({},):
                found = tried(world, row, who, method, path, number, expected, way)
                wrong += [f"{who} at {thing}: {fault} {way}" for fault in found]
    assert not wrong, f"{route}:\n  " + "\n  ".join(wrong)


def tried(world: World, row: Row, who: str, method: str, path: str, number: object, expected: int, way: dict):
    """One person at one address: as a plain browser, as htmx or as the outbox."""
    with world.undone():
        row.before(world)
        sends = row.sends(world, number) if method == "POST" else None
        before = world.snapshot()
        answer = world.ask(who, method, path, sends, **way)
        written = changes(before, world.snapshot())
    yield from _otherwise(answer, expected, way)
    allowed = who in (row.writes.split() if row.writes is not None else [who] if 200 <= expected < 400 else [])
    written.pop("attempt", None)  # a wrong password is counted, whoever tried it
    if written and (method == "GET" or not allowed):
        yield f"something was written: {written}"


def _otherwise(answer, expected: int, way: dict):
    """What is other than expected about the answer's status."""
    if expected:
        # A caller that is not a browser is never redirected, and a refused form may answer the refusal itself.
        if answer.status_code != expected:
            yield f"answered {answer.status_code}, not {expected}"
    elif way.get("htmx"):
        if answer.status_code != 401 or not answer.headers.get("HX-Redirect", "").startswith("/sign-in"):
            yield f"answered {answer.status_code}, not 401 with the way to sign in"
    elif way.get("json"):
        if answer.status_code != 401 or not answer.is_json or "Location" in answer.headers:
            yield f"answered {answer.status_code}, not 401 in JSON"
    elif answer.status_code != 303 or not answer.headers["Location"].startswith("/sign-in"):
        yield f"answered {answer.status_code}, not the way to sign in"


@pytest.mark.parametrize(("method", "path", "roles", "finds"), ASKED_FOR, ids=lambda value: str(value)[:20])
def test_what_the_address_asks_for_is_somebodys_too(world, method, path, roles, finds):
    for thing in finds:
        number = world.ids.get(thing, uuid.UUID(int=7))
        for who, expected in answers(Row(roles, finds), thing, roles.split()).items():
            assert world.ask(who, method, path.format(number)).status_code == expected, (who, thing)


def test_a_refusal_tells_a_stranger_as_much_as_there_being_nothing(world):
    theirs = world.ask("tom", "GET", f"/scans/{world.ids['amara.counted']}")
    nothing = world.ask("tom", "GET", f"/scans/{uuid.UUID(int=7)}")
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.text == nothing.text


def test_a_clinical_manager_reads_counts_and_never_a_report(world):
    page = world.ask("helen", "GET", f"/students/{world.ids['amara']}").text
    assert "Amara" in page
    assert "supraspinatus" not in page.lower()
    assert world.ids["amara.counted"] not in page


@pytest.mark.parametrize("path", ["/scans", "/scans.csv", "/scans?q=shoulder", "/"])
def test_what_lists_scans_lists_ones_own_alone(world, path):
    text = world.ask("tom", "GET", path).text
    strangers = [
        name for name, number in world.ids.items() if name.startswith(("amara.", "mei.")) and str(number) in text
    ]
    assert not strangers


@pytest.mark.parametrize("path", ["/inbox", "/inbox?student={amara}", "/students"])
def test_a_mentors_lists_hold_no_strangers(world, path):
    text = world.ask("grace", "GET", path.format(**world.ids)).text
    assert "Amara" not in text and world.ids["amara.with_mentor"] not in text
