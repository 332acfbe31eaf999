"""One person with one part, and an empty cohort, by forms."""

from __future__ import annotations

import pytest

from models import Cohort, Enrolment, History, Machine, Party, Person, Placement, Site, Staff
from tests.people.conftest import sent_to
from workflows.people import links, people

pytestmark = pytest.mark.both_in_full

STUDENT = {
    "role": "student",
    "name": "Kim Lee",
    "email": "Kim@X.ac.uk",
    "site": "Dover clinic",
    "machines": "GE | Esaote",
}


def test_a_student_comes_with_site_machines_and_placement_and_is_mailed_a_link(browse, cast, alma):
    client = browse(alma)
    sent = {**STUDENT, "cohort": str(cast.cohort.id), "placement_starts_on": str(cast.cohort.due_on)}
    assert client.post("/people", sent).status_code == 303
    kim = people.by_email("kim@x.ac.uk")
    placement = Placement.select().join(Enrolment).where(Enrolment.person == kim).get()
    assert (placement.site.name, placement.starts_on) == ("Dover clinic", cast.cohort.due_on)
    assert {one.name for one in Machine.select().where(Machine.site == placement.site)} == {"GE", "Esaote"}
    assert links.owner(sent_to("kim@x.ac.uk")[0]["token"]) == kim
    assert History.select().where(History.verb == "add_person", History.actor == alma.id).count() == 1


def test_who_is_here_already_gets_a_further_part_and_no_second_letter(browse, cast):
    client = browse(cast.dana)
    sent = {
        "role": "mentor",
        "email": "grace@example.test",
        "name": "",
        "student_email": "amara@example.test",
        "site": "",
    }
    for _ in range(2):
        assert client.post("/people", sent).status_code == 303
    assert Party.select().where(Party.person == cast.grace).count() == 2
    assert sent_to("grace@example.test") == []
    assert "They are here already with this part." in client.get("/people").text


def test_the_form_shows_what_the_part_needs_and_what_is_known(browse, cast, alma):
    dana, clerk = browse(cast.dana), browse(alma)
    assert "/people/new?role=director" in dana.get("/people/new").text
    assert "role=director" not in clerk.get("/people/new").text
    mentor = clerk.get("/people/new?role=mentor&student_email=amara%40example.test").text
    assert 'value="amara@example.test"' in mentor and 'name="cohort"' not in mentor
    assert "Tom Bright, September 2026" in mentor
    student = clerk.get("/people/new?role=student").text
    assert 'value="Brighton sports clinic"' in student and 'name="student_email"' not in student
    assert "Which part do they have?" in clerk.get("/people/new?role=director").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nope"}, "email"),
        ({"email": ""}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"cohort": "987654"}, "cohort"),
        ({"cohort": ""}, "cohort"),
        ({"placement_starts_on": "yesterday"}, "placement_starts_on"),
        ({"placement_starts_on": "2001-01-01"}, "placement_starts_on"),
        ({"site": "x" * 101}, "site"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_is_kept(browse, cast, changes, field):
    sent = {**STUDENT, "cohort": str(cast.cohort.id), **changes}
    answer = browse(cast.dana).post("/people", sent)
    assert answer.status_code == 422
    assert "-error" in answer.text and 'aria-invalid="true"' in answer.text
    assert people.by_email("kim@x.ac.uk") is None and Site.select().count() == 2
    if field != "site":
        assert 'value="Dover clinic"' in answer.text


def test_a_part_that_is_not_theirs_to_give_is_none_for_an_administrator(browse, cast, alma):
    sent = {"role": "director", "name": "Eve Ng", "email": "eve@x.ac.uk", "programme": "msk-pgcert"}
    assert browse(alma).post("/people", sent).status_code == 422
    assert people.by_email("eve@x.ac.uk") is None
    assert browse(cast.dana).post("/people", sent).status_code == 303
    assert Staff.get(Staff.person == people.by_email("eve@x.ac.uk")).role == "director"


def test_a_namesake_is_asked_about_and_nothing_is_done_before(browse, cast, alma):
    sent = {
        **STUDENT,
        "name": "Tom Bright",
        "cohort": str(cast.cohort.id),
        "site": "Croydon MSK clinic",
        "machines": "",
    }
    answer = browse(alma).post("/people", sent)
    assert answer.status_code == 422 and "The same person?" in answer.text
    assert "tom@example.test" in answer.text and "their address is" not in answer.text
    assert Person.select().where(Person.name == "Tom Bright").count() == 1
    assert browse(alma).post("/people", {**sent, "previous_email": "none"}).status_code == 303
    assert Person.select().where(Person.name == "Tom Bright").count() == 2


def test_the_director_says_that_it_is_the_same_person(browse, cast):
    sent = {
        **STUDENT,
        "name": "Tom Bright",
        "cohort": str(cast.cohort.id),
        "site": "Croydon MSK clinic",
        "machines": "",
    }
    client = browse(cast.dana)
    assert "their address is kim@x.ac.uk now" in client.post("/people", sent).text
    assert client.post("/people", {**sent, "previous_email": "tom@example.test"}).status_code == 303
    assert Person.get_by_id(cast.tom.id).email == "kim@x.ac.uk"
    assert len(sent_to("tom@example.test")) == len(sent_to("kim@x.ac.uk")) == 1


def test_a_site_that_is_known_is_not_asked_about_and_a_patients_number_is_refused(browse, cast):
    Site.create(name="St Mary Hospital")
    client = browse(cast.dana)
    sent = {**STUDENT, "cohort": str(cast.cohort.id), "site": "st mary hospital", "machines": ""}
    assert client.post("/people", sent).status_code == 303
    answer = client.post("/people", {**sent, "email": "b@x.ac.uk", "site": "Ward 943 476 5919"})
    assert answer.status_code == 422 and people.by_email("b@x.ac.uk") is None


def test_a_cohort_is_opened_once_and_its_students_come_next(browse, cast, alma):
    client = browse(alma)
    sent = {"programme": "msk-pgcert", "name": "Spring 2027", "starts_on": "2027-01-11", "due_on": "2027-09-30"}
    for _ in range(2):
        answer = client.post("/people/cohorts", sent)
        assert answer.status_code == 303 and "role=student" in answer.location
    assert Cohort.select().where(Cohort.name == "Spring 2027").count() == 1
    page = client.get(answer.location).text
    assert "Spring 2027" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"starts_on": ""},
        {"due_on": "soon"},
        {"due_on": "2027-01-11"},
        {"starts_on": "1901-01-01"},
        {"name": "September 2026"},
    ],
)
def test_a_cohort_that_cannot_be_is_told_beside_its_field(browse, cast, changes):
    sent = {"programme": "msk-pgcert", "name": "Spring", "starts_on": "2027-01-11", "due_on": "2027-09-30", **changes}
    answer = browse(cast.dana).post("/people/cohorts", sent)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert Cohort.select().count() == 1


def test_a_cohort_of_another_course_is_404(browse, cast):
    sent = {"programme": "limb-diploma", "name": "Spring", "starts_on": "2027-01-11", "due_on": "2027-09-30"}
    assert browse(cast.dana).post("/people/cohorts", sent).status_code == 404
