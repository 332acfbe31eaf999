"""What every answer tells the browser: where things may come from, what may be kept, and which cookies there are."""

import pytest

import config
from app import create_app
from tests.cast import PASSWORD
from tests.security.table import ANYBODY, POSTS
from tests.security.walk import doors
from tests.security.world import path_to
from workflows.accounts import throttle

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
EVIL = "evil.example"
ERRORS = (
    ("GET", "/nowhere", {}),
    ("GET", "/scans/not-a-uuid", {}),
    ("POST", "/scans/new", {"token": None}),
    ("POST", "/me/theme", {"headers": {"Sec-Fetch-Site": "cross-site"}}),
    ("PUT", "/scans", {}),
    ("POST", "/scans", {"data": {"report": "x" * 2_000_000}}),
    ("POST", "/scans", {"data": {"scan_id": "none"}}),
)

DOWNLOADED = {"sandbox", "default-src 'none'"}  # a stored file is opened as no page of ours


def guarded(answer) -> list[str]:
    """What is missing of the headers that every answer has."""
    headers, missing = answer.headers, []
    policy = DOWNLOADED if headers.get("Content-Disposition", "").startswith("attachment") else POLICY
    if set(headers.get("Content-Security-Policy", "").split("; ")) not in (policy, POLICY):
        missing.append(f"Content-Security-Policy: {headers.get('Content-Security-Policy')}")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    missing += [name for name, value in wanted.items() if headers.get(name) != value]
    if headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        missing.append("Referrer-Policy")
    return missing


@pytest.mark.parametrize("who", ANYBODY.split())
def test_every_answer_is_guarded_and_no_page_is_kept(world, who):
    for path in [*doors(world, who), "/inbox", "/cohort", "/"]:
        answer = world.ask(who, "GET", path)
        assert guarded(answer) == [], path
        if not path.startswith("/static/"):
            assert answer.headers["Cache-Control"] == "no-store", path


@pytest.mark.slow
def test_every_answer_to_a_form_is_guarded_and_not_kept(world):
    for route, row, who, thing, _ in POSTS:
        path, number = path_to(world, route.split()[1], thing)
        for kind in ({}, {"htmx": True}, {"json": True}):
            with world.undone():
                row.before(world)
                answer = world.ask(who, "POST", path, row.sends(world, number), **kind)
            assert guarded(answer) == [] and answer.headers["Cache-Control"] == "no-store", route


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error[0]} {error[1]}")
@pytest.mark.parametrize("kind", [{}, {"htmx": True}, {"json": True}], ids=str)
def test_an_error_is_guarded_and_not_kept(world, error, kind):
    method, path, options = error
    answer = world.ask("amara", method, path, **{**options, **kind})
    assert answer.status_code >= 400
    assert guarded(answer) == [] and answer.headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_ever_under_the_address_that_changes_with_it(world):
    with world.app.test_request_context():
        address = world.app.jinja_env.globals["static_url"]("app.css")
    answer = world.ask("amara", "GET", address)
    assert {"public", "immutable", "max-age=31536000"} <= set(answer.headers["Cache-Control"].split(", "))
    assert "Set-Cookie" not in answer.headers
    plain = world.ask("amara", "GET", "/static/app.css")
    assert "immutable" not in plain.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["../app.py", "..%2fapp.py", "%2e%2e/models.py", "/etc/passwd", "..\\app.py", "a%00b"])
def test_no_other_file_is_served(world, path):
    assert world.ask("nobody", "GET", f"/static/{path}").status_code in (400, 404)


@pytest.mark.parametrize("who", ["nobody", "amara", "ravi", "dana", "helen"])
@pytest.mark.parametrize(
    "headers", [["Host"], ["X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL"]], ids=str
)
def test_a_forged_host_is_reflected_nowhere(world, who, headers):
    sent = {header: f"{header.lower()}.{EVIL}" for header in headers}
    for path in [*doors(world, who), "/", "/inbox", "/nowhere", "/scans//new", "/scans/", "/students/1/"]:
        answer = world.ask(who, "GET", path, headers=sent)
        assert EVIL.encode() not in answer.data and EVIL not in str(answer.headers), path


@pytest.mark.slow
def test_a_forged_host_is_reflected_in_no_answer_to_a_form(world):
    for route, row, who, thing, _ in POSTS:
        path, number = path_to(world, route.split()[1], thing)
        for kind in ({}, {"htmx": True}, {"json": True}):
            with world.undone():
                row.before(world)
                headers = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Referer": f"https://{EVIL}/"}
                answer = world.ask(who, "POST", path, row.sends(world, number), headers=headers, **kind)
            assert EVIL not in answer.text and EVIL not in str(answer.headers), route


# --- Cookies ---------------------------------------------------------------------------------------------------


def cookies_of(answer) -> dict[str, set[str]]:
    """Name -> attributes of each cookie that is set."""
    found = {}
    for line in answer.headers.getlist("Set-Cookie"):
        first, *attributes = line.split("; ")
        found[first.split("=")[0]] = {one.split("=")[0] if one.startswith("Expires") else one for one in attributes}
    return found


def sign_in(world, **options):
    sent = {"email": "amara@example.test", "password": PASSWORD, **options.pop("data", {})}
    return world.ask("nobody", "POST", "/sign-in", sent, **options)


def test_the_two_cookies_are_out_of_reach_of_scripts_and_of_other_sites(world, undone):
    device = f"sonofolio-device-{throttle.name_of(world.settings.secret_key, 'amara@example.test')}"
    flags = {"HttpOnly", "SameSite=Lax", "Path=/", "Expires"}
    assert cookies_of(sign_in(world)) == {"sonofolio": flags, device: {*flags, "Max-Age=31536000"}}


def test_on_a_shared_computer_the_cookie_goes_with_the_browser(world, undone):
    (attributes,) = cookies_of(sign_in(world, data={"shared": "y"})).values()
    assert "Expires" not in attributes


def test_in_production_the_cookie_is_bound_to_this_host_and_to_tls(world):
    live = create_app(config.Settings(**{**vars(world.settings), "env": "production"}))
    browser = live.test_client()
    answer = browser.get("/sign-in", base_url="https://localhost")
    with browser.session_transaction(base_url="https://localhost") as session:
        session["a"] = "b"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert cookies_of(answer) == {"__Host-sonofolio": {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}}


def test_a_cookie_from_before_signing_out_opens_nothing(world, undone):
    assert world.ask("amara", "GET", "/me").status_code == 200
    world.ask("amara", "POST", "/sign-out")
    assert world.ask("amara", "GET", "/me").status_code == 303  # the very same cookie


def test_signing_in_gives_another_cookie_and_another_secret_than_before(world, undone):
    browser = world.app.test_client()
    browser.get("/sign-in")
    with browser.session_transaction() as session:
        before = session["csrf_token"]
    token = world.token(before)
    sent = {"email": "amara@example.test", "password": PASSWORD, "csrf_token": token}
    assert browser.post("/sign-in", data=sent).status_code == 303
    with browser.session_transaction() as session:
        assert session.get("csrf_token") != before


@pytest.mark.parametrize("cookie", ["", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "a" * 5000, "\x80\xff"])
def test_a_made_up_cookie_is_nobodys(world, cookie):
    browser = world.app.test_client(use_cookies=False)
    answer = browser.get("/me", headers={"Cookie": f"sonofolio={cookie}"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/me")
