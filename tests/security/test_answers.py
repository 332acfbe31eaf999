"""What goes for every answer whatever it holds: its kind, its letters, who may read it, and that it wants TLS."""

import hashlib
import time

import pytest
from flask.sessions import SecureCookieSessionInterface
from peewee import OperationalError

import config
from app import create_app
from models import db
from tests.security.walk import doors

TEXT = ("text/", "image/svg+xml")
NO_TEXT = (
    "application/json",
    "application/schema+json",
    "application/zip",
    "application/pdf",
    "application/x-pem-file",
    "application/manifest+json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml",
)
WHO = ("nobody", "amara", "ravi", "dana")  # between them they may open every page
ELSEWHERE = "https://elsewhere.example"
REFUSED = ("/nowhere", "/static/nowhere.css", "/static/", "/static/vendor/", "/cohort", "/inbox")


@pytest.mark.parametrize("who", WHO)
def test_every_answer_says_what_it_is_and_in_which_letters(world, who):
    for path in [*doors(world, who), *REFUSED]:
        answer = world.ask(who, "GET", path)
        kind = answer.headers["Content-Type"]
        assert kind.startswith((*TEXT, *NO_TEXT)), (path, kind)
        assert not kind.startswith(TEXT) or kind.endswith("; charset=utf-8"), (path, kind)
        answer.data.decode("utf-8" if kind.startswith((*TEXT, *NO_TEXT[:2])) else "latin-1")


@pytest.mark.parametrize("who", WHO)
def test_no_answer_is_shared_with_another_site(world, who):
    asks = {
        "Origin": ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-csrftoken",
    }
    for path in [*doors(world, who), *REFUSED]:
        for method in ("GET", "OPTIONS"):
            headers = world.ask(who, method, path, headers=asks).headers
            assert not [name for name, _ in headers if name.startswith("Access-Control-")], (method, path)
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path


@pytest.mark.parametrize("who", ["nobody", "amara"])
@pytest.mark.parametrize("path", ["/static/nowhere.css", "/static/vendor/", "/static/..%2fapp.py"])
def test_the_page_of_an_error_below_static_is_kept_nowhere(world, who, path):
    answer = world.ask(who, "GET", path)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/vendor", "/static/vendor/", "/static/icons/"])
def test_no_folder_is_listed(world, path):
    answer = world.ask("nobody", "GET", path)
    assert answer.status_code == 404
    assert "htmx.min.js" not in answer.text.partition("<main")[2] and "icon-192.png" not in answer.text


def test_in_production_every_answer_wants_tls_from_then_on(world):
    live = create_app(config.Settings(**{**vars(world.settings), "env": "production"})).test_client()
    for path in ("/", "/sign-in", "/healthz", "/static/app.css", *REFUSED):
        with live.get(path, base_url="https://localhost") as answer:
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path


@pytest.mark.parametrize(("digest", "status"), [(hashlib.sha1, 303), (hashlib.sha256, 200)])
def test_the_cookie_is_signed_with_sha_256_and_nothing_weaker_is_taken(world, digest, status):
    interface = SecureCookieSessionInterface()
    interface.digest_method = digest
    kept = world.app.session_interface.get_signing_serializer(world.app).loads(world.cookie("amara").partition("=")[2])
    forged = interface.get_signing_serializer(world.app).dumps(kept)
    answer = world.app.test_client(use_cookies=False).get("/me", headers={"Cookie": f"sonofolio={forged}"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("ours", "came_from", "said", "counts"),
    [
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (1, "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "127.0.0.1", "203.0.113.66, 198.51.100.7", "198.51.100.7"),
        (2, "127.0.0.1", "203.0.113.66, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
    ],
)
def test_the_address_that_counts_is_the_one_that_our_own_proxy_saw(world, ours, came_from, said, counts):
    app, seen = create_app(config.Settings(**{**vars(world.settings), "trust_proxy": ours})), []
    app.before_request_funcs[None].insert(0, lambda: seen.append(_address()))
    headers = {"X-Forwarded-For": said, "X-Real-IP": "203.0.113.67", "Forwarded": "for=203.0.113.68"}
    app.test_client().get("/healthz", headers=headers, environ_base={"REMOTE_ADDR": came_from})
    assert seen == [counts]


def _address() -> str:
    from flask import request

    return request.remote_addr


def test_a_form_that_could_not_be_saved_leads_nowhere_but_to_its_own_address(world, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("no database")

    monkeypatch.setattr(db.obj, "execute_sql", away)
    for path, kept in (("/me/theme?x=1", True), ("//elsewhere.example/x", False), ("/nowhere", False)):
        answer = world.ask("amara", "POST", path, {"theme": "dark"})
        assert answer.status_code == 503
        assert ("<form" in answer.text) is kept and "elsewhere.example" not in answer.text, path


def test_one_kind_of_token_is_not_taken_for_another(world):
    cookie, token, stop = world.cookie("amara").partition("=")[2], world.token(), world.ids["stop"]
    for other in (cookie, stop, world.tokens["amara"], world.ids["link"]):
        assert world.ask("amara", "POST", "/me/theme", {"theme": "dark"}, token=other).status_code == 400
    for other in (token, stop, world.tokens["amara"], world.ids["link"]):
        browser = world.app.test_client(use_cookies=False)
        assert browser.get("/me", headers={"Cookie": f"sonofolio={other}"}).status_code == 303
    for other in (cookie, token, world.tokens["amara"]):
        assert world.ask("nobody", "GET", f"/welcome/{other}").status_code == 404
        assert world.ask("nobody", "GET", f"/mail/stop/{other}").status_code == 404
    assert world.ask("nobody", "GET", f"/mail/stop/{world.ids['link']}").status_code == 404
    assert world.ask("nobody", "GET", f"/welcome/{stop}").status_code == 404


def test_a_cookie_ends_with_its_time_though_it_was_signed_by_us(world, monkeypatch):
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now - 61 * 24 * 3600)
    old = world.cookie("amara")
    monkeypatch.undo()
    assert world.app.test_client(use_cookies=False).get("/me", headers={"Cookie": old}).status_code == 303
    assert world.ask("amara", "GET", "/me").status_code == 200
