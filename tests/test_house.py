"""The house stands as the plan says: arrows run down, only workflows write, files stay small, templates stay clean."""

from pathlib import Path

import pytest

from tests import house

ROOT = Path(__file__).resolve().parent.parent
READERS = (house.arrows, house.circles, house.writers, house.sizes, house.templates)

WRONG = [
    (house.arrows, {"rules/a.py": "import models", "models.py": ""}, "rules may not import models"),
    (house.arrows, {"rules/a.py": "from flask import request"}, "rules is pure"),
    (house.arrows, {"models.py": "from workflows import a", "workflows/a.py": ""}, "models may not import workflows.a"),
    (house.arrows, {"workflows/a.py": "import app", "app.py": ""}, "workflows may not import app"),
    (house.arrows, {"workflows/a.py": "def f():\n from blueprints import b", "blueprints/b.py": ""}, "a.py:2"),
    (house.arrows, {"blueprints/a/views.py": "from blueprints.b import views", "blueprints/b/views.py": ""}, "another"),
    (house.arrows, {"blueprints/a/views.py": "from ..b import views", "blueprints/b/views.py": ""}, "another"),
    (house.arrows, {"blueprints/a.py": "from blueprints.b import views", "blueprints/b/views.py": ""}, "another"),
    (house.arrows, {"blueprints/a/views.py": "import htmx_flask"}, "only blueprints.hypermedia"),
    (house.arrows, {"blueprints/a/views.py": "from flask_login import current_user"}, "only blueprints.access"),
    (house.arrows, {"blueprints/scans/a.py": "import csv"}, "only workflows.spreadsheets"),
    (house.arrows, {"blueprints/a/views.py": "import huey"}, "only commands.worker"),
    (house.arrows, {"workflows/a.py": "from tables.people import P", "tables/people.py": ""}, "only models and tables"),
    (house.arrows, {"tests/test_a.py": "import tables.people", "tables/people.py": ""}, "only models and tables"),
    (house.arrows, {"models.py": "from visibility import x", "visibility.py": ""}, "models may not import visibility"),
    (
        house.arrows,
        {"migrations/0002_a.py": "from models import Scan", "models.py": ""},
        "migrations may not import models",
    ),
    (house.arrows, {"shed.py": ""}, "nobody said"),
    (house.circles, {"rules/a.py": "from rules import b", "rules/b.py": "from rules.a import x"}, "a circle"),
    (house.writers, {"blueprints/a.py": "from models import Scan\nScan.update(side='left')"}, "`.update(` writes"),
    (house.writers, {"blueprints/a.py": "import models\nmodels.Scan.create()"}, "`.create(` writes"),
    (house.writers, {"app.py": "scan.save()"}, "`.save(` writes"),
    (house.sizes, {"app.py": "\n" * 151}, "at most 150"),
    (house.sizes, {"rules/a.py": "\n" * 401}, "at most 400"),
    (house.sizes, {"tables/a.py": "\n" * 251}, "at most 250"),
    (house.sizes, {"workflows/helpers.py": ""}, "name the job"),
    (house.templates, {"templates/a.html": '<p style="color:red">'}, "use a class"),
    (house.templates, {"templates/a.html": "<style>p{}</style>"}, "static/app.css"),
    (house.templates, {"templates/a.html": "<script>1</script>"}, "inline <script>"),
    (house.templates, {"templates/a.html": '<a onclick="x()">'}, "onclick="),
    (house.templates, {"templates/a.html": '<a hx-on:click="x()">'}, "hx-on:click="),
    (house.templates, {"templates/a.html": '<a href="javascript:x()">'}, "javascript:"),
    (house.templates, {"templates/a.html": '<script src="https://elsewhere.test/x.js"></script>'}, "another host"),
    (house.templates, {"templates/a.html": "{{ text|safe }}"}, "escaping"),
    (house.templates, {"templates/Page-Two.html": ""}, "small letters"),
    (house.templates, {"templates/_a.html": '{% extends "layout.html" %}'}, "a piece extends no layout"),
    (house.templates, {"templates/a.html": "<p>"}, "named _a.html"),
    (house.templates, {"blueprints/a.py": "Markup(text)"}, "escaping off"),
]
RIGHT = {
    "app.py": "from blueprints.scans import views\nfrom database import x",
    "database.py": "from models import db",
    "models.py": "from tables.people import Person",
    "tables/people.py": "from rules import states\nfrom tables import fields",
    "tables/fields.py": "import peewee",
    "visibility.py": "from models import Person\nfrom rules import states",
    "rules/states.py": "import dataclasses",
    "rules/progress.py": "from rules.states import x",
    "workflows/scans/scans.py": "from models import Scan\nfrom rules import states\nScan.create()",
    "blueprints/access.py": "import flask_login",
    "blueprints/hypermedia.py": "import htmx_flask",
    "blueprints/scans/views.py": "from blueprints.access import x\nfrom . import forms\nimport workflows\n{}.update()",
    "blueprints/scans/forms.py": "import wtforms",
    "tests/test_a.py": "from app import create_app",
    "templates/show.html": '{% extends "layout.html" %}{% set only = "x" %}<script src="{{ f(on="x") }}"></script>',
}


@pytest.mark.slow
def test_the_house_stands():
    faults = [f"{reader.__name__}: {fault}" for reader in READERS for fault in reader(ROOT)]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(("reader", "tree", "says"), WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_a_fault_is_seen_and_its_repair_is_said(tmp_path, reader, tree, says):
    build(tmp_path, tree)
    assert says in "\n".join(reader(tmp_path))


def test_nothing_is_said_of_a_good_house(tmp_path):
    build(tmp_path, RIGHT)
    assert [(reader.__name__, fault) for reader in READERS for fault in reader(tmp_path)] == []


def build(root: Path, tree: dict[str, str]) -> None:
    """Write a small project under `root`."""
    for name, text in tree.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
