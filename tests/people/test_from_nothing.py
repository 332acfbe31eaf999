"""The first course from nothing, by screen alone (docs/running.md): one command makes the first director; all the rest,
up to the first approved scan, happens in browsers.
"""

from __future__ import annotations

import re
import uuid

import pytest

import clock
from models import Scan
from tests.client import Client
from tests.people.conftest import sent_to
from tests.tree import Page

pytestmark = pytest.mark.both

WORDS = "quiet harbour seven lanterns"


def come_in(app, token: str) -> Client:
    """Open a one-time link on a browser of one's own, and choose a password."""
    client = Client(app)
    assert client.get(f"/welcome/{token}").status_code == 200
    assert client.post(f"/welcome/{token}", {"password": WORDS}).status_code == 303
    return client


def test_a_course_is_set_up_from_nothing_by_screen_alone(app, database):
    done = app.test_cli_runner().invoke(args=["create-director", "--email", "dana@x.ac.uk", "--name", "Dana Reid"])
    dana = come_in(app, re.search(r"/welcome/([\w-]{43})", done.output).group(1))
    today = clock.today()

    empty = dana.get("/people")
    assert "1 person in your care" in empty.text
    cohort = {"programme": "msk-pgcert", "name": "First", "starts_on": str(today), "due_on": f"{today.year + 1}-12-01"}
    answer = dana.post("/people/cohorts", cohort)
    page = Page(dana.get(answer.location).text)
    number = next(one.get("value") for one in page.elements if one.tag == "option" and one.text == "First")

    student = {"role": "student", "name": "Kim Lee", "email": "kim@x.ac.uk", "cohort": number, "site": "Dover clinic"}
    assert dana.post("/people", {**student, "machines": "Esaote MyLab X8"}).status_code == 303
    mentor = {"role": "mentor", "name": "Sam Roe", "email": "sam@x.ac.uk", "student_email": "kim@x.ac.uk", "site": ""}
    assert dana.post("/people", mentor).status_code == 303
    clerk = {"role": "administrator", "name": "Alma Reyes", "email": "alma@x.ac.uk", "programme": "msk-pgcert"}
    assert dana.post("/people", clerk).status_code == 303

    kim, sam, alma = (come_in(app, sent_to(f"{name}@x.ac.uk")[0]["token"]) for name in ("kim", "sam", "alma"))
    form = kim.get("/scans/new").text
    assert "Sam Roe" in form and "Esaote MyLab X8" in form
    taps = {"scan_id": str(uuid.uuid4()), "support": "unaided", "region": "shoulder", "side": "right", "normal": "all"}
    assert kim.post("/scans", {**taps, "mentor": mentor_of(kim)}).status_code == 303
    assert "Kim Lee" in sam.get("/inbox").text
    assert "Kim Lee" in dana.get("/cohort").text
    assert "Sam Roe" in alma.get("/people?q=mentor").text
    assert alma.get(f"/scans/{Scan.get().id}").status_code in (403, 404)
    assert "Alma Reyes" in dana.get("/people?q=administrator").text


def mentor_of(client: Client) -> str:
    """The mentor that the log form has chosen or offers."""
    page = Page(client.get("/scans/new").text)
    fields = [one for one in page.elements if one.tag in ("input", "select", "option")]
    named = [one.get("value") for one in fields if one.get("name") == "mentor" and one.get("value")]
    return (named or [one.get("value") for one in fields if one.text == "Sam Roe"])[0]
