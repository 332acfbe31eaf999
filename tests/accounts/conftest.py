"""What the tests of coming in and going out share: a browser at the front door."""

import re
from dataclasses import replace

import pytest

from tests.cast import PASSWORD
from tests.client import Client

LIVE = "https://scans.example.ac.uk"
NEW = "quiet harbour seven lanterns"


@pytest.fixture
def door(app, cast):
    """`door(email, password, ...)` tries to sign in on a fresh browser; the answer's `.browser` is that browser."""

    def knock(
        email="amara@example.test", password=PASSWORD, *, browser=None, address="192.0.2.1", htmx=False, **fields
    ):
        browser = browser or Client(app)
        answer = browser.post(
            "/sign-in",
            {"email": email, "password": password, **fields},
            environ_overrides={"REMOTE_ADDR": address},
            htmx=htmx,
        )
        answer.browser = browser
        return answer

    return knock


@pytest.fixture
def live_app(settings, database, cast):
    """The same house in production."""
    from app import create_app

    return create_app(replace(settings, env="production", base_url=LIVE))


class LiveBrowser:
    """A browser of the house in production: over TLS, sending the token that the page carries, and no referrer."""

    def __init__(self, app):
        self.http = app.test_client()

    def get(self, path, **options):
        return self.http.get(path, base_url=LIVE, **options)

    def post(self, path, data=None, *, page="/sign-in", headers=()):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).text).group(1)
        headers = {"Sec-Fetch-Site": "same-origin", **dict(headers)}
        return self.http.post(path, data={**(data or {}), "csrf_token": token}, base_url=LIVE, headers=headers)


@pytest.fixture
def live(live_app):
    return LiveBrowser(live_app)


def is_in(browser) -> bool:
    """Whether this browser is signed in, as its next request finds."""
    return browser.http.get("/me").status_code == 200
