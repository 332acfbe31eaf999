"""A room is added to a copy of the project, as docs/adding.md says: few existing files change, and all that the house
promises of a room and of a table holds for it.

The room is *Goals*: a student writes what they want to learn next. It has a table, a migration, a workflow, a page, a
place in the bar for the role, and its rows leave with the portfolio.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scans.test_new_field import insert

ROOT = Path(__file__).resolve().parents[1]
AT_MOST = 18  # existing files that a room may change
LEFT_OUT = shutil.ignore_patterns(".*", "instance", "node_modules", "__pycache__", "bench", "vendor", "browser")

NEW = {
    "tables/goals.py": '''"""What students want to learn next."""

from __future__ import annotations

from peewee import ForeignKeyField, TextField

from tables.course import Enrolment
from tables.fields import InstantField, Table


class Goal(Table):
    """One goal of a student, in their words."""

    enrolment = ForeignKeyField(Enrolment, backref="goals")
    text = TextField()
    made_at = InstantField()
''',
    "migrations/9000_goals.py": '''"""The goals of students."""

from migrations.schema import run

TABLE = """
CREATE TABLE "goal" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id")
);
CREATE INDEX "goal_enrolment_id" ON "goal" ("enrolment_id");
"""


def up(migrator, db):
    run(db, TABLE)
''',
    "workflows/goals/__init__.py": "",
    "workflows/goals/goals.py": '''"""Setting a goal."""

from __future__ import annotations

import clock
from models import Goal, Person, db
from visibility import enrolments_of
from workflows.history import history, records
from workflows.refusals import Invalid, NotFound
from workflows.scans import screening

LIMIT = 300


def set_goal(text: str, *, by: Person, named_nobody: str = "") -> Goal:
    """Keep what a student wants to learn next.

    Raises:
        NotFound: `by` is no student. Invalid: field -> sentences.
    """
    with db.atomic():
        student = enrolments_of(by.id).first()
        if student is None:
            raise NotFound()
        wrong = {} if 0 < len(text.strip()) <= LIMIT else {"note": [f"Write 1 to {LIMIT} characters."]}
        warned = screening.screen({"note": text}, named_nobody, problems=wrong)
        now = clock.now()
        goal = records.create(Goal, enrolment=student, text=text.strip(), made_at=now)
        payload = {"warned": warned} if warned else {}
        history.record("set_goal", f"goal:{goal.id}", by=by, at=now, enrolment=student.id, **payload)
        return goal
''',
    "blueprints/goals/__init__.py": "",
    "blueprints/goals/forms.py": '''"""The form of the room *Goals*."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import TextAreaField


class GoalForm(FlaskForm):
    """What a student wants to learn next."""

    note = TextAreaField("I want to learn")
''',
    "blueprints/goals/views.py": '''"""The room *Goals*: what a student wants to learn next."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import allow, me
from blueprints.form_errors import errors_of, named_nobody, refused_as_json
from blueprints.goals.forms import GoalForm
from blueprints.hypermedia import wants_json
from rules import roles
from visibility import goals_visible_to
from workflows.goals import goals as work
from workflows.refusals import Invalid

goals = Blueprint("goals", __name__)


@goals.get("/goals")
@allow(*roles.with_room("goals"))
def index() -> str:
    return _page(GoalForm())


@goals.post("/goals")
@allow(*roles.with_room("goals"))
def set_goal() -> ResponseReturnValue:
    form = GoalForm()
    try:
        work.set_goal(form.note.data or "", by=me().person, named_nobody=named_nobody())
    except Invalid as invalid:
        if wants_json():
            return refused_as_json(invalid.problems, invalid)
        form.note.errors = invalid.problems["note"]
        return make_response(_page(form, invalid), 422)
    return redirect(url_for("goals.index"), 303)


def _page(form: GoalForm, invalid: Invalid | None = None) -> str:
    found = list(goals_visible_to(me().id))
    return render_template("goals/page.html", form=form, goals=found, screening=errors_of(invalid))
''',
    "templates/goals/page.html": """{#- What a student wants to learn next. -#}
{% extends "layout.html" %}
{% from "macros/forms.html" import button, field %}
{% from "macros/screening.html" import matches %}
{% block title %}Goals{% endblock %}
{% block main %}
  <section class="card" aria-label="Goals">
    <ul>{% for goal in goals %}<li>{{ goal.text }}</li>{% endfor %}</ul>
    <form method="post" action="{{ url_for('goals.set_goal') }}" novalidate>
      {{ form.hidden_tag() }}
      {{ field(form.note, maxlength=limits.note) }}
      {{ matches(screening, 'note') }}
      {{ button('Keep') }}
    </form>
  </section>
{% endblock %}
""",
    "tests/security/routes/goals.py": '''"""The room Goals."""

from __future__ import annotations

from tests.security.rows import STUDENTS, only

ROUTES = {
    "GET /goals": only(STUDENTS),
    "POST /goals": only(STUDENTS, 303, sends=lambda world, thing: {"note": "The rotator cuff."}),
}
FIELDS = {"POST /goals": "note named_nobody"}
''',
    "tests/test_goals.py": '''"""A goal is set, shown, proved by history, and leaves with the portfolio."""

from __future__ import annotations

from models import Goal, History


def test_a_goal_is_kept_shown_proved_and_taken_along(browse, cast):
    amara = browse(cast.amara)
    assert "Goals" in amara.get("/me").text
    assert amara.post("/goals", {"note": "The rotator cuff."}).status_code == 303
    page = amara.get("/goals").text
    assert "The rotator cuff." in page and 'aria-current="page"' in page
    assert amara.post("/goals", {"note": "Ask NHS number 943 476 5919"}).status_code == 422
    goal = Goal.get()
    assert f"goal:{goal.id}" in History.get(History.verb == "set_goal").payload
    book = amara.get("/portfolio.json").get_json()
    assert [one["text"] for one in book["goals"]] == ["The rotator cuff."]
    assert "goals.csv" in str(amara.get("/portfolio.csv.zip").data)
''',
}
EVIDENCE = "    shares: list[Share] = Field("
CHANGED = {
    # The table
    "models.py": (
        ("from tables.history import", "from tables.goals import Goal\nfrom tables.history import"),
        ("Wish),\n", "Wish, Goal),\n"),
    ),
    "visibility.py": (
        ("Enrolment, Invitation,", "Enrolment, Goal, Invitation,"),
        (
            "def enrolments_visible_to(",
            '''def enrolments_of(person: int) -> ModelSelect:
    """The student's own enrolment that has not ended."""
    return Enrolment.select().where(Enrolment.person == person, Enrolment.ended_on.is_null())


def goals_visible_to(person: int) -> ModelSelect:
    """A student's own goals."""
    return Goal.select().join(Enrolment).where(Enrolment.person == person).order_by(Goal.id)


def enrolments_visible_to(''',
        ),
    ),
    "rules/logbook.py": (
        (
            "class Evidence(Part):",
            """class Goal(Part):
    text: str = Field(description="What the student wants to learn.")
    set_at: datetime = Field(description="When it was set.")


class Evidence(Part):""",
        ),
        (
            EVIDENCE,
            f'    goals: list[Goal] = Field(default_factory=list, description="Goals.")\n{EVIDENCE}',
        ),
    ),
    "workflows/portfolio/outline.py": (
        ("Evidence, File,", "Evidence, File, Goal,"),
        ("        shares=_shares", "        goals=_goals(student.id),\n        shares=_shares"),
        (
            "def _shares(",
            '''def _goals(enrolment_id: int) -> list[logbook.Goal]:
    """The student's goals. One query."""
    rows = Goal.select().where(Goal.enrolment == enrolment_id).order_by(Goal.id)
    return [logbook.Goal(text=row.text, set_at=row.made_at) for row in rows]


def _shares(''',
        ),
    ),
    "workflows/portfolio/logbook_tables.py": (
        ('        _table("evidence"', '        _table("goals", "Goals.", logbook.Goal),\n        _table("evidence"'),
        ('        ("evidence", book.evidence)', '        ("goals", book.goals),\n        ("evidence", book.evidence)'),
    ),
    # The room
    "app.py": (('    "home.views:home",', '    "goals.views:goals",\n    "home.views:home",'),),
    "rules/roles.py": (
        ('"portfolio", "students", "me")  #', '"portfolio", "goals", "students", "me")  #'),
        ('"log", "portfolio", "me"), True', '"log", "portfolio", "goals", "me"), True'),
    ),
    "blueprints/navigation.py": (
        ('    "inbox": ("reviews', '    "goals": ("goals.index", "Goals", "check"),\n    "inbox": ("reviews'),
    ),
    # What the tests know of every free text
    "tests/security/test_free_text.py": (
        ('    ("POST /scans", "report"),', '    ("POST /goals", "note"),\n    ("POST /scans", "report"),'),
    ),
}
# In the copy: what is told of a goal, and what must hold of any room and table.
RUN = ("tests/test_goals.py", "tests/test_house.py", "tests/test_migrations.py", "tests/security/test_routes.py")
RUN += ("tests/security/test_free_text.py", "-k", "goals or steps_make or (house_stands and arrows)")


@pytest.mark.slow
def test_a_room_is_added_with_a_table_a_page_and_few_existing_files(tmp_path):
    copy = tmp_path / "house"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    for path, text in NEW.items():
        assert not (copy / path).exists(), path
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(text)
    for path, changes in CHANGED.items():
        for old, new in changes:
            insert(copy / path, old, new)
    assert len(CHANGED) <= AT_MOST
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--database", "sqlite"]
    done = subprocess.run([*pytest, *RUN], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
