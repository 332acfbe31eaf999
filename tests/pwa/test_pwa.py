"""What a browser and a supervisor ask of the product itself."""

import time
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from blueprints.request_checks import WRITING_SINCE
from tests.client import Client, queries_of


def test_the_manifest_says_what_a_home_screen_needs(app):
    answer = app.test_client().get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.get_json(force=True)
    assert (manifest["name"], manifest["display"], manifest["start_url"], manifest["id"]) == (
        "Sonofolio",
        "standalone",
        "/",
        "/",
    )
    assert [(shortcut["name"], shortcut["url"]) for shortcut in manifest["shortcuts"]] == [
        ("Log scan", "/scans/new"),
        ("Inbox", "/inbox"),
    ]


def test_every_icon_is_there_and_as_large_as_it_says(app):
    client = app.test_client()
    icons = client.get("/manifest.webmanifest").get_json(force=True)["icons"]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    assert {icon["sizes"] for icon in icons} >= {"192x192", "512x512"}
    for icon in icons:
        with client.get(icon["src"]) as answer:
            assert (answer.status_code, answer.mimetype) == (200, icon["type"])
            if icon["type"] == "image/png":
                width, height = Image.open(BytesIO(answer.data)).size
                assert icon["sizes"] == f"{width}x{height}"


def test_every_screenshot_is_there_small_and_as_large_as_it_says(app):
    client = app.test_client()
    screenshots = client.get("/manifest.webmanifest").get_json(force=True)["screenshots"]
    assert {one["form_factor"] for one in screenshots} == {"narrow", "wide"}
    for one in screenshots:
        with client.get(one["src"]) as answer:
            assert (answer.status_code, answer.mimetype) == (200, one["type"])
            assert len(answer.data) < 60_000, one["src"]
            width, height = Image.open(BytesIO(answer.data)).size
        assert one["sizes"] == f"{width}x{height}" and one["label"]
        assert max(width, height) <= 2.3 * min(width, height), "a browser shows no longer one"
        assert (width < height) == (one["form_factor"] == "narrow")
    shapes = {(one["form_factor"], one["sizes"]) for one in screenshots}
    assert len(shapes) == 2, "a browser shows those of one shape alone"


def test_the_manifest_stands_for_the_whole_product(app):
    manifest = app.test_client().get("/manifest.webmanifest").get_json(force=True)
    assert (manifest["scope"], manifest["theme_color"]) == ("/", manifest["background_color"])
    page = app.test_client().get("/sign-in").text
    for theme, colour in (("dark", manifest["theme_color"]), ("light", "#f4f6f7")):
        assert f'<meta name="theme-color" content="{colour}" media="(prefers-color-scheme: {theme})">' in page


def test_the_favicon_is_where_old_programs_look(app):
    with app.test_client().get("/favicon.ico", follow_redirects=True) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/png")


def test_health_is_one_cheap_query_and_an_empty_transaction_and_tells_no_more(app, database):
    with queries_of(database) as seen:
        answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert len(seen) == 1


@pytest.mark.parametrize("seconds, status", [(1, 200), (60, 503)])
def test_health_is_503_while_a_request_that_saves_does_not_end(app, database, seconds, status):
    since = {WRITING_SINCE: time.monotonic() - seconds}
    answer = app.test_client().get("/healthz", environ_overrides=since)
    assert answer.status_code == status


@pytest.mark.parametrize("gone", ["no tables", "no database"])
def test_health_is_503_when_the_database_is_gone(settings, databases, tmp_path, gone):
    from app import create_app

    folder = tmp_path / "elsewhere"
    app = create_app(replace(settings, database_url=(url := databases.bare(folder))))
    if gone == "no database":
        databases.drop(url)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    for secret in (str(folder), "sqlite", "postgres", "person", "Traceback"):
        assert secret not in answer.text


def test_nobody_needs_to_sign_in_for_any_of_it(app):
    browser = Client(app)
    for path in ("/manifest.webmanifest", "/healthz", "/favicon.ico"):
        assert browser.http.get(path).status_code in (200, 302)
