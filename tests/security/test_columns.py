"""What a form may set is what its route allows. Every column of every table, sent along, changes nothing more."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import pytest
from peewee import BooleanField, DateField, ForeignKeyField, IntegerField

import clock
from models import TABLES, InstantField
from tests.faults.ground import FULL
from tests.security.table import POSTS, ROUTE_FIELDS, TABLE, answers
from tests.security.world import World, changes, path_to

SECRET = re.compile(
    r"\$argon2id\$.*|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b"
    r"|\bgAAAA[\w=-]+"
)  # salted, random, or a digest of these

AT_ONCE = 400  # a form with more than MOST_FIELDS is refused whole


def batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(names)
    while part := list(islice(left, size)):
        yield part


def hostile(field, world: World) -> str:
    """The worst plausible value for a column."""
    words = {"state": "counted", "role": "director", "programme": "msk-pgcert", "verb": "approve", "after": "counted"}
    if field.name in words:
        return words[field.name]
    if isinstance(field, ForeignKeyField):
        return str(world.people["dana"].id)
    if isinstance(field, BooleanField):
        return "true"
    if isinstance(field, DateField):
        return "2001-01-01"
    if isinstance(field, IntegerField | InstantField):
        return "3"
    return "hostile"


def every_column(world: World, allowed: str) -> dict[str, str]:
    """Each column under each name that a careless handler might take, those left out that the route allows."""
    found = {}
    for table in TABLES:
        for field in table._meta.sorted_fields:
            for name in (field.name, field.column_name, f"{table._meta.table_name}.{field.name}"):
                found[name] = hostile(field, world)
    more = {"by": world.people["dana"].id, "actor": world.people["dana"].id, "roles": "director", "is_admin": "1"}
    return {name: value for name, value in {**found, **more}.items() if name not in allowed.split()}


def plain(rows: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """Rows without what is random in them."""
    hide = lambda value: SECRET.sub("secret", value) if isinstance(value, str) else value  # noqa: E731
    return {name: sorted((tuple(map(hide, row)) for row in found), key=repr) for name, found in rows.items()}


@pytest.fixture
def frozen(monkeypatch):
    """Time stands still, so that what is written twice is written alike."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.mark.slow
@pytest.mark.parametrize("route", sorted({route for route, *_ in POSTS}))
def test_columns_sent_along_change_nothing_more(world, frozen, route):
    for _, row, who, thing, _ in (post for post in POSTS if post[0] == route):
        path, number = path_to(world, route.split()[1], thing)
        with world.undone():
            row.before(world)
            sends = row.sends(world, number)
            extra = every_column(world, ROUTE_FIELDS[route])
            assert not set(extra) & set(sends), "say in ROUTE_FIELDS what this route allows"
            before = world.snapshot()
            world.ask(who, "POST", path, sends)
            honest = changes(before, world.snapshot())
            assert honest or row.writes == "", "the honest form should do something"
        for part in batched(extra, AT_ONCE):
            with world.undone():
                row.before(world)
                before = world.snapshot()
                world.ask(who, "POST", path, {**sends, **{name: extra[name] for name in part}})
                greedy = changes(before, world.snapshot())
            assert plain(greedy) == plain(honest), f"{route} by {who}"


def test_every_route_that_writes_says_which_fields_it_takes():
    assert set(ROUTE_FIELDS) == {route for route in TABLE if route.startswith("POST")}


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("route", sorted(ROUTE_FIELDS))
def test_columns_sent_by_whom_the_route_refuses_change_nothing(world, route):
    """In the short run by one person for each way of being refused; what is honest is sent by all in test_routes.py."""
    row, extra = TABLE[route], every_column(world, ROUTE_FIELDS[route])
    for thing in row.finds:
        path, number = path_to(world, route.split()[1], thing)
        found = answers(row, thing, world.everybody).items()
        refused = {who: status for who, status in found if not 200 <= status < 400 and who not in (row.writes or "")}
        for who in refused if FULL else {status: who for who, status in refused.items()}.values():
            with world.undone():
                row.before(world)
                before = world.snapshot()
                world.ask(who, "POST", path, {**row.sends(world, number), **extra})
                written = changes(before, world.snapshot())
            assert set(written) <= {"attempt"}, (who, thing)  # a wrong password is counted
