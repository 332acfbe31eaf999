"""Every field of every form has a limit: told beside it where a person types, and kept by nothing that stores."""

from __future__ import annotations

import re
import uuid
from itertools import cycle, islice

import pytest

from blueprints import field_limits
from models import Move, Scan, db
from rules import entry, report
from rules.scan_fields import Entry
from rules.vocabulary import Pair
from tests.faults.ground import FULL
from tests.security.table import POSTS, ROUTE_FIELDS, TABLE
from tests.security.world import changes, path_to
from tests.tree import Page
from workflows.course import programmes

LONG = "Ab 1. "  # a text of sentences, so that everything that reads text has something to do
WAYS = ({}, {"json": True}, {"htmx": True})
SIZES = (20_000, 400_000)
LONGEST_KEPT = max(field_limits.TYPED.values())
ROUTES = {route: (row, who, thing) for route, row, who, thing, _ in reversed(POSTS)}
SCAN = {"support": "unaided", "region": "shoulder", "side": "right", "normal": "all"}
# What its own page answers: the sentence beside the field that was typed in, and all that was entered still there.
BESIDE = (
    *(("POST", path, "amara", "report") for path in ("/scans", "/scans/report", "/scans/new", "/scans/{amara.draft}")),
    ("POST", "/scans/{amara.draft}/edit", "amara", "report"),
    ("POST", "/scans/{amara.aided}/audit", "ravi", "comment"),
    ("POST", "/scans/{amara.aided}/return", "ravi", "why"),
    ("POST", "/scans/{amara.counted}/reopening", "ravi", "why"),
    ("POST", "/me/password", "amara", "current"),
    ("POST", "/me/password", "amara", "new"),
    ("POST", "/sign-in", "nobody", "email"),
    ("POST", "/sign-in", "nobody", "password"),
    ("POST", "/welcome/{link}", "nobody", "password"),
    ("POST", "/editions/{edition of amara}/shares", "amara", "label"),
    ("GET", "/scans", "amara", "q"),
    ("GET", "/cohort", "dana", "q"),
    ("GET", "/students", "helen", "q"),
)


def sent_for(world, path: str) -> dict:
    """A form that would do, for any of the pages above."""
    judged = {"version": 1, "agreement": "minor", "image": "good", "report": "good", "comment": "ok", "why": "ok"}
    if re.search("audit|return|reopening", path):
        return judged
    known = {"current": "umbrella kettle", "new": "umbrella kettle moon", "email": "a@b.uk", "password": "x" * 20}
    return {**SCAN, **known, "scan_id": str(uuid.uuid4()), "version": 1}


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("size", SIZES)
def test_every_field_of_every_form_far_too_long_stores_nothing_beyond_its_limit(world, size):
    """In the short run each field is sent in one of the three ways, in turn, and in another one for each size."""
    text, turn = (LONG * size)[:size], islice(cycle(WAYS), SIZES.index(size), None)
    for route, fields in ROUTE_FIELDS.items():
        row, who, thing = ROUTES.get(route) or (TABLE[route], "amara", next(iter(TABLE[route].finds)))
        path, number = path_to(world, route.split()[1], thing)
        for field in [*fields.split(), "anything", "csrf_token", "kept_for", "a" * 300]:
            for way in WAYS if FULL else [next(turn)]:
                with world.undone():
                    row.before(world)
                    before = world.snapshot()
                    answer = world.ask(who, "POST", path, {**row.sends(world, number), field: text}, **way)
                    assert answer.status_code < 500, (route, field, way)
                    for table, rows in changes(before, world.snapshot()).items():
                        longest = max(
                            (len(value) for row in rows for value in row if isinstance(value, str)), default=0
                        )
                        assert longest <= LONGEST_KEPT, (route, field, table, longest)


@pytest.mark.parametrize(("method", "path", "who", "field"), BESIDE)
def test_what_is_typed_beyond_the_limit_is_told_beside_its_field_and_kept(world, method, path, who, field):
    address = re.sub("{(.*?)}", lambda thing: str(world.ids[thing[1]]), path)
    most = field_limits.TYPED.get(field, field_limits.TYPED["password"])
    text = ("far too long " * 3000)[: most + 1] if field != "email" else "a" * most + "@b.uk"
    with world.undone():
        before = world.snapshot()
        if method == "GET":
            answer = world.ask(who, "GET", f"{address}?{field}={text}")
        else:
            answer = world.ask(who, "POST", address, {**sent_for(world, address), field: text})
        assert answer.status_code == 422, answer.text[:300]
        assert changes(before, world.snapshot()).keys() <= {"attempt"}
    page = Page(answer.text)
    at = next(element for element in page.elements if element.get("name") == field and element.tag != "meta")
    assert at.get("aria-invalid") == "true"
    told = f"{at.get('id')}-error"
    assert told in at.get("aria-describedby") and f'id="{told}"' in answer.text
    is_password = at.get("type") == "password"  # none is ever written into a page, nor cut when it is pasted
    assert at.get("maxlength") == ("" if is_password else str(most))
    if not is_password:
        assert text.strip()[:1000] in answer.text


@pytest.mark.parametrize("field", [name for name in ROUTE_FIELDS["POST /scans"].split() if name != "report"])
def test_a_hidden_field_of_the_log_form_is_refused_before_anything_reads_it(world, field):
    sends = {**SCAN, "scan_id": str(uuid.uuid4()), field: LONG * 20_000}
    with world.undone():
        for way in ({}, {"json": True}):
            assert world.ask("amara", "POST", "/scans", sends, **way).status_code in (
                (303, 201, 409) if field in ("entered_at", "form") else (413, 422)
            ), field


def test_an_address_far_too_long_is_refused_or_asks_for_nothing(world):
    for path, who in (("/scans", "amara"), ("/cohort", "dana"), ("/inbox", "ravi"), ("/sign-in", "nobody")):
        for name in ("q", "state", "region", "like", "next", "back", "cohort", "page", "sort", "made", "anything"):
            status = world.ask(who, "GET", f"{path}?{name}={'x' * 5000}").status_code
            assert status in (200, 400, 404, 422), (path, name)


def test_an_export_of_a_search_that_was_too_long_is_not_an_export_of_everybody(world):
    for path in ("/cohort.csv", "/cohort.xlsx"):
        assert world.ask("dana", "GET", f"{path}?q={'x' * 61}").status_code == 422


def test_every_finding_ticked_is_within_the_limits_of_the_form(world):
    """What the form carries hidden of a draft is never refused, and what is too long to be kept says what to do."""
    programme = programmes.get("msk-pgcert")
    words = programme.vocabulary
    for region in words.regions.values():
        pairs = tuple(Pair(one.id, finding) for one in region.structures.values() for finding in one.findings)
        taps = Entry(region=region.id, side="both", protocol="full", findings=pairs, normal=("all",))
        full = {"limitations": words.limitations, "modifiers": words.modifiers, "outcome": words.outcomes[0]}
        taps = Entry(**{**vars(taps), **full})
        assert len(report.compose(words, taps)) < entry.BASE_LIMIT
        assert max(len(f"{pair.structure}: {pair.finding}") for pair in pairs) < field_limits.OTHER
    every = [f"{one.id}: {finding}" for one in words.regions["ankle"].structures.values() for finding in one.findings]
    sends = {**SCAN, "region": "ankle", "normal": "", "finding": every, "scan_id": str(uuid.uuid4())}
    with world.undone():
        answer = world.ask("amara", "POST", "/scans", sends)
        assert answer.status_code == 422 and "Untick some findings" in answer.text


def test_the_log_form_and_the_mentors_forms_say_how_much_they_take(world):
    form = world.ask("amara", "GET", "/scans/new").text
    assert "At most 5,000 characters" in form and 'maxlength="5000"' in form
    review = world.ask("ravi", "GET", f"/scans/{world.ids['amara.aided']}/review").text
    assert "at most 2,000 characters" in review and 'maxlength="2000"' in review


def test_what_is_stored_is_within_the_limits(world):
    """The reports and reasons of the world itself, so that the limits above are those of what people write."""
    assert max(len(scan.report) for scan in Scan.select()) <= entry.REPORT_LIMIT
    assert max(len(move.why) for move in Move.select()) <= field_limits.TYPED["why"]
    assert db.in_transaction() is False
