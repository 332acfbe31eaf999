"""When something goes wrong: no trace in the answer, a number to report, nothing half-written, and a clean log."""

import logging
import re

import pytest
from peewee import IntegrityError, OperationalError

from blueprints import errors
from models import SignIn
from tests.client import knows
from tests.pages import faults
from tests.security.table import POSTS, TABLE, answers
from tests.security.world import SECRET, path_to
from tests.tree import Page
from workflows.history import history

PRIVATE = "a private detail of the fault"
TRACE = ("Traceback", "RuntimeError", "File &#34;", 'File "', "/work", ".py", PRIVATE)
NUMBER = re.compile(r"\b[0-9a-f]{8}\b")


def fail(*args, **kwargs):
    raise RuntimeError(PRIVATE)


@pytest.fixture
def every_handler(world, monkeypatch):
    """`every_handler(fails)`: puts this in the place of every view."""

    def becomes(fails):
        for endpoint, view in list(world.app.view_functions.items()):
            handler = lambda *args, **kwargs: fails()  # noqa: E731
            handler.allowed = view.allowed
            monkeypatch.setitem(world.app.view_functions, endpoint, handler)

    return becomes


@pytest.fixture
def failing(every_handler):
    every_handler(fail)


@pytest.mark.parametrize("kind", [{}, {"htmx": True}, {"json": True}], ids=str)
def test_a_handler_that_fails_says_so_with_a_number_and_no_trace(world, failing, caplog, kind):
    for route, row in TABLE.items():
        method, rule = route.split()
        for who in ("amara", "ravi", "dana", "nobody"):
            if who not in row.roles.split():
                continue
            path, _ = path_to(world, rule, next(iter(row.finds)))
            caplog.clear()
            answer = world.ask(who, method, path, {}, **kind)
            assert answer.status_code == 500, route
            assert not [word for word in TRACE if word in answer.text], route
            (said,) = set(NUMBER.findall(answer.json["message"] if kind.get("json") else _sentence(answer.text)))
            assert f"fault {said}" in caplog.text, "the number leads to the fault in the log"
            if kind.get("htmx"):
                assert answer.headers["HX-Retarget"] == "#notice"
            if answer.mimetype == "text/html":
                assert faults(Page(answer.text), knows(world.app), at=path) == []
            break


def _sentence(html: str) -> str:
    return re.search(r"If you report it, say \w+", html).group()


def test_an_action_whose_history_cannot_be_written_is_not_done(world, monkeypatch):
    monkeypatch.setattr(history, "record", fail)
    half = []
    for route, row, who, thing, _ in POSTS:
        path, number = path_to(world, route.split()[1], thing)
        with world.undone():
            monkeypatch.undo()
            row.before(world)
            monkeypatch.setattr(history, "record", fail)
            before = world.snapshot()
            answer = world.ask(who, "POST", path, row.sends(world, number))
            if world.snapshot() != before and answer.status_code == 500:
                half.append(route)
            if answer.status_code not in (200, 303, 500):
                half.append(f"{route}: {answer.status_code}")
    assert not half


def test_no_password_is_kept_on_the_page_of_a_form_that_could_not_be_saved(world, every_handler):
    def full():
        raise OperationalError("database or disk is full")

    every_handler(full)
    secrets = {"password": "correct horse battery", "current": "horse battery staple", "new": "battery staple correct"}
    for path in ("/sign-in", "/me/password", f"/welcome/{world.ids['link']}"):
        answer = world.ask("amara", "POST", path, {**secrets, "email": "amara@example.test"})
        assert answer.status_code == 507
        assert not [secret for secret in secrets.values() if secret in answer.text], path


def test_a_full_disk_is_told_in_the_words_of_either_database(world, every_handler):
    for words in (
        "database or disk is full",
        'could not extend file "base/1/2": No space left on device\nHINT: free some',
    ):
        every_handler(lambda words=words: (_ for _ in ()).throw(OperationalError(words)))
        assert world.ask("amara", "GET", "/scans", json=True).status_code == 507


def test_a_row_that_the_database_refuses_is_neither_shown_nor_logged(world, every_handler, caplog):
    """PostgreSQL repeats the row below what it says."""

    def refuse():
        raise IntegrityError(f'duplicate key value violates "scan_pkey"\nDETAIL:  Failing row: full, {PRIVATE}')

    every_handler(refuse)
    answer = world.ask("amara", "GET", "/scans", json=True)
    assert answer.status_code == 409
    assert "scan_pkey" in caplog.text
    assert PRIVATE not in caplog.text + answer.text


def test_the_sentences_of_errors_are_all_sentences():
    assert all(sentence.endswith(".") for sentence in errors.SENTENCES.values())


# --- Logs ------------------------------------------------------------------------------------------------------

INJECTED = "\r\nERROR    sonofolio:errors.py:1 all is well\r\n"


def test_no_line_can_be_put_into_the_log(world, failing, caplog):
    caplog.set_level(logging.DEBUG)
    for path in ("/scans/new/findings/a%0d%0aERROR%20all%20is%20well", "/welcome/a%0aERROR%20all%20is%20well"):
        world.ask("amara", "GET", path, headers={"User-Agent": "x", "Referer": "x"})
    world.ask("amara", "POST", "/scans", {"report": INJECTED, "region": INJECTED})
    world.ask("nobody", "POST", "/sign-in", {"email": INJECTED, "password": "x"})
    assert caplog.records
    for record in caplog.records:
        assert "all is well" not in record.getMessage()


def test_no_secret_is_logged(world, failing, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = {"password": "correct horse battery", "current": "horse battery staple", "new": "battery staple correct"}
    for path in ("/sign-in", "/me/password", f"/welcome/{world.ids['link']}"):
        world.ask("amara", "POST", path, secrets)
    world.ask("amara", "GET", f"/welcome/{world.ids['link']}")
    hidden = [*secrets.values(), world.ids["link"], world.tokens["amara"], world.token(), SECRET, world.cookie("amara")]
    assert len(caplog.records) >= 4
    text = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert not [secret for secret in hidden if secret in text]


def test_no_secret_is_logged_when_all_is_well(world, undone, caplog):
    from tests.cast import PASSWORD

    caplog.set_level(logging.DEBUG)
    world.ask("nobody", "POST", "/sign-in", {"email": "amara@example.test", "password": PASSWORD})
    world.ask("nobody", "POST", "/sign-in", {"email": "amara@example.test", "password": "a wrong passphrase"})
    world.ask("nobody", "POST", f"/welcome/{world.ids['link']}", {"password": "umbrella kettle rainbow"})
    text = "\n".join(logging.Formatter().format(record) for record in caplog.records if record.name != "peewee")
    hidden = (PASSWORD, "a wrong passphrase", "umbrella kettle rainbow", world.ids["link"], SECRET)
    assert not [secret for secret in hidden if secret in text]


def test_what_is_kept_of_a_secret_is_its_hash(world, undone):
    world.ask("nobody", "POST", f"/welcome/{world.ids['link']}", {"password": "umbrella kettle rainbow"})
    kept = repr(world.snapshot())
    assert SignIn.select().count() > 0
    for secret in ("umbrella kettle rainbow", world.ids["link"], *world.tokens.values()):
        assert secret not in kept


def test_every_expected_answer_is_in_the_table():
    """The table's rows name only people who pass the guard: a slip there would hide a hole."""
    for route, row in TABLE.items():
        for thing, said in row.finds.items():
            named = {name for part in filter(None, said.split("; ")) for name in part.split(": ")[1].split()}
            assert named <= set(row.roles.split()), (route, thing)
            assert set(answers(row, thing, list(named))) == named
