"""What is done once for all requests comes out as if it were done for each."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from flask import Flask
from jinja2 import UndefinedError
from markupsafe import Markup

from blueprints import assets, templating

ROOT = Path(__file__).parent.parent
LABELS = ("", "Seen", "<Amara & Tom>", Markup("&lt;Amara &amp; Tom&gt;"), Markup("<Amara & Tom>"))


@pytest.fixture
def app(tmp_path):
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=copytree(ROOT / "static", tmp_path / "s"))
    templating.init_app(app)
    assets.init_app(app)
    return app


def icons(app):
    return app.jinja_env.get_template("macros/icons.html").module


def test_an_icon_is_what_its_macro_draws_the_first_time_and_the_second(app):
    page = app.jinja_env.from_string("{% from 'macros/icons.html' import icon %}{{ icon('check', label) }}")
    with app.test_request_context():
        for label in (*LABELS, *reversed(LABELS)):
            drawn = icons(app).drawn(assets.assets().url("icons.svg"), "check", label)
            assert page.render(label=label) == drawn == icons(app).icon("check", label=label)
        assert icons(app).icon("check") == icons(app).icon("check", "") != icons(app).icon("cloud")


def test_an_icon_is_drawn_anew_once_the_file_of_icons_has_changed(app, monkeypatch):
    with app.test_request_context():
        own = assets.assets()
        before = icons(app).icon("check")
        with own.path("icons.svg").open("a") as file:
            file.write("<!-- another -->")
        monkeypatch.setattr("blueprints.assets.monotonic", lambda: 1e9)  # a later second
        after = icons(app).icon("check")
        assert after != before
        assert own.url("icons.svg") in after


def test_an_icon_that_a_template_does_not_know_is_an_error(app):
    with app.test_request_context(), pytest.raises(UndefinedError):
        app.jinja_env.from_string("{% from 'macros/icons.html' import icon %}{{ icon(nothing) }}").render()


def test_an_icon_is_drawn_once(app):
    with app.test_request_context():
        first = icons(app).icon("check", "Seen")
        assert icons(app).icon("check", "Seen") is first


def test_a_function_of_the_app_is_called_as_it_is_and_asked_once_whether_it_can_be(house, monkeypatch):
    def view():
        return "seen"

    async def waiting():
        return "awaited"

    monkeypatch.setattr(Flask, "async_to_sync", lambda app, view: lambda: "run by Flask")
    for _ in range(2):
        assert house.ensure_sync(view) is view
        assert house.ensure_sync(waiting)() == "run by Flask"
    monkeypatch.setattr("flask.app.iscoroutinefunction", None)  # nobody can be asked any more
    assert house.ensure_sync(view) is view
