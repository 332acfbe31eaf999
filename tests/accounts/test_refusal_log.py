"""What was refused leaves one line in the log, without a secret and without a line of anybody else's making."""

import re

import pytest

from tests.accounts.conftest import is_in
from tests.cast import PASSWORD
from tests.client import Client
from workflows.accounts import password_queue, throttle

GUESS = "my guess is\r\nrefused: nothing"


@pytest.fixture
def lines(caplog):
    """The lines since it was last asked."""

    def read():
        found = [record.getMessage() for record in caplog.records if record.name == "sonofolio"]
        caplog.clear()
        return found

    return read


def test_every_kind_of_refusal_leaves_one_line(app, browse, cast, door, lines, monkeypatch):
    monkeypatch.setattr(password_queue, "SECONDS", 0)
    amara = browse(cast.amara)
    amara.token()

    def busy():
        with password_queue.queue.turn():
            door()

    refusals = {
        "wrong password": lambda: door(password=GUESS),
        "too many tries": lambda: [door(password="wrong", address="192.0.2.9") for _ in range(11)],
        "too many at once": busy,
        "wrong current password": lambda: amara.post("/me/password", {"current": GUESS, "new": PASSWORD}),
        "another part": lambda: amara.http.get("/cohort"),
        "another site": lambda: amara.http.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}),
        "CSRF": lambda: amara.http.post("/sign-out", data={"csrf_token": "made up"}),
        "one-time link": lambda: Client(app).http.get("/welcome/made-up-secret"),
        "one-time link that": lambda: Client(app).post("/welcome/made-up-secret", {"password": GUESS}),
    }
    lines()
    for words, refuse in refusals.items():
        refuse()
        line = lines()[-1:]  # of eleven the last is another
        assert len(line) == 1, words
        assert line[0].startswith("refused: ") and re.search(r"address=(192\.0\.2\.[19]|127\.0\.0\.1) ", line[0]), line
        assert re.search(r"request=[0-9a-f]{8}$", line[0]), line
        assert line[0].isascii() and line[0].isprintable(), line
        for secret in ("guess", "made-up", "amara", PASSWORD):
            assert secret not in line[0], line
        assert words.removesuffix(" that") in line[0] or words in ("another part", "another site"), line
    assert is_in(amara)
    assert lines() == [], "who is let in leaves none"


def test_a_line_says_who_it_was_where_that_is_known(app, browse, cast, door, lines):
    browse(cast.amara).http.get("/cohort")
    assert f"person={cast.amara.id} " in lines()[0]
    door(password="wrong")
    assert f"account={throttle.name_of(app.secret_key, 'amara@example.test')} " in lines()[0]


@pytest.mark.parametrize("address", ["fe80::1%x\nrefused: all is well", "1.2.3.4\r\nrefused", "\x1b[2J", "a b=c"])
def test_nobody_writes_a_line_of_their_own(door, lines, address):
    door("x\r\nrefused: nobody@example.test", GUESS, address=address)
    [line] = lines()
    assert line.isprintable() and "nobody@" not in line and len(line) < 400
    names = re.findall(r" (\w+)=", line)
    assert names == ["account", "route", "method", "address", "person", "request"]
    assert line.count(" ") == len(names) + 2, "each value is one word"


def test_a_proxy_that_is_not_trusted_is_said(door, app, lines, cast):
    browser = Client(app)
    browser.http.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"
    door(browser=browser, password="wrong")
    assert "TRUST_PROXY=0" in lines()[0]
    door(password="wrong")
    assert "TRUST_PROXY" not in lines()[0]
