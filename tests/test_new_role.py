"""A role is added with one row and one migration. Tried in a copy of the project, with a role on a programme that reads
no texts and one in a placement that does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import create_app
from blueprints import access, navigation
from blueprints.home import views
from rules import roles

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".*", "instance", "node_modules", "__pycache__", "docs", "bench")
ROWS = """    Role("registrar", "Course registrar", PROGRAMME, "cohort", ("cohort", *FOLLOWS), False),
    Role("supervisor", "Supervisor", PLACEMENT, "students", FOLLOWS, True, synonyms=("lead_sonographer",)),
)
BY_KEY"""
MIGRATION = """
from migrations.schema import rebuild


def up(migrator, db):
    rebuild(
        db,
        {
            "staff": {"'administrator')": "'administrator', 'registrar')"},
            "party": {"'clinical_manager')": "'clinical_manager', 'supervisor')"},
        },
        postgresql="",
    )
"""
FILE = """email,name,role,student_email
adam@example.ac.uk,Adam Admin,Course registrar,
sue@example.ac.uk,Sue Pervisor,lead sonographer,amara@example.test
"""
# Run in the copy: brings the two in from a file, and asks for pages as each of them.
TRY = """
import json, re
from pathlib import Path
import config
from app import create_app
from models import Person
from tests import cast as people
from tests.client import Client
from workflows.people import people as work, people_import
from workflows.reviews import reviews

settings = config.Settings(secret_key=people.SECRET, database_url="sqlite:///try.sqlite3", instance=Path("instance"))
app = create_app(settings)
answers = {}
with app.extensions["database"].connection_context():
    cast = people.gather()
    scan = people.logged(cast.amara, cast.ravi)
    outcome = people_import.import_people(FILE.encode(), by=cast.dana)
    answers["problems"] = [str(one) for one in outcome.problems]
    for name in ("adam", "sue"):
        person = Person.get(Person.email == f"{name}@example.ac.uk")
        client = Client(app, person)
        home = client.get("/")
        answers[name] = {
            "home": home.headers.get("Location"),
            "bar": re.findall(r"<span>([^<]+)</span>", client.get("/me").text.split('class="tabs"')[1])[:3],
            "part": [part.words for part in work.parts_of([person.id])[person.id]],
            "answers": {
                path: client.get(path).status_code
                for path in ("/cohort", "/cohort.csv", "/students", "/inbox", "/scans", f"/scans/{scan.id}")
            },
            "students": sorted(one for one in ("Amara", "Tom", "Mei") if one in client.get("/students").text),
        }
print(json.dumps(answers).replace(scan.id, "ID"))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What the copy answers; `touched` files of it were changed."""
    copy = tmp_path_factory.mktemp("copy") / "sonofolio"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    before = {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}
    table = copy / "rules" / "roles.py"
    table.write_text(table.read_text().replace(")\nBY_KEY", ROWS, 1))
    number = max(int(file.name[:4]) for file in (copy / "migrations").glob("[0-9]*.py")) + 1
    (copy / "migrations" / f"{number:04}_more_roles.py").write_text(MIGRATION)
    touched = sum(file.read_bytes() != content for file, content in before.items())
    (copy / "try.py").write_text(f"FILE = {FILE!r}\n{TRY}")
    env = {
        **os.environ,
        "DATABASE_URL": "sqlite:///try.sqlite3",
        "SECRET_KEY": "x" * 40,
        "SONOFOLIO_INSTANCE": "instance",
    }
    for words in (["-m", "flask", "--app", "app", "migrate"], ["try.py"]):
        done = subprocess.run([sys.executable, *words], cwd=copy, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    return {"touched": touched, **json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.slow
def test_a_new_role_touches_one_file_and_is_brought_in_from_a_file_of_people(answers):
    assert answers["touched"] == 1
    assert answers["problems"] == []
    assert answers["adam"]["part"] == ["Course registrar, PgCert MSK Ultrasound"]
    assert answers["sue"]["part"] == ["Supervisor at Croydon MSK clinic"]


@pytest.mark.slow
def test_the_holder_of_a_new_role_finds_their_rooms_and_their_students_and_nothing_else(answers):
    adam, sue = answers["adam"], answers["sue"]
    assert (adam["home"], adam["bar"]) == ("/cohort", ["Cohort", "Students", "Me"])
    assert (sue["home"], sue["bar"][:2]) == ("/students", ["Students", "Me"])
    assert (adam["students"], sue["students"]) == (["Amara", "Mei", "Tom"], ["Amara"])
    common = {"/students": 200, "/inbox": 403, "/scans": 403}
    assert adam["answers"] == {**common, "/cohort": 200, "/cohort.csv": 200, "/scans/ID": 403}
    assert sue["answers"] == {**common, "/cohort": 403, "/cohort.csv": 403, "/scans/ID": 200}


def test_the_page_of_each_room_opens_for_who_has_the_room(app):
    assert set(navigation.PAGES) == set(roles.ROOMS)
    for room, (endpoint, *_) in navigation.PAGES.items():
        allowed = access.allowed(app, endpoint)
        assert allowed in ({access.PERSON}, set(roles.with_room(room))), room


def test_every_row_names_what_there_is():
    assert roles.in_scope(roles.OWN) == (roles.STUDENT,), "another role of one's own needs a table that says who has it"
    for role in roles.ROLES:
        assert role.scope in (roles.OWN, roles.PLACEMENT, roles.PROGRAMME)
        assert role.home in role.rooms and set(role.rooms) <= set(roles.ROOMS), role.key
        assert set(role.may_invite) <= set(roles.BY_KEY), role.key


def test_a_view_that_names_a_role_that_there_is_not_refuses_to_start(settings, monkeypatch):
    monkeypatch.setattr(views.show, "allowed", frozenset({"direktor"}))
    with pytest.raises(SystemExit, match=r"direktor"):
        create_app(settings)
