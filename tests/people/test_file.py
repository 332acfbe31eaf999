"""A file of people by screen: a preview that changes nothing, then all of it or nothing, and only what was seen."""

from __future__ import annotations

import pytest

from models import TABLES, Enrolment, History, Party, Person, Staff
from tests.client import Client
from tests.people.conftest import carried, sent_to, someone, upload
from tests.tree import Page
from workflows.people import links, people
from workflows.people.people_csv import MOST_BYTES

pytestmark = pytest.mark.both_in_full

HEAD = "email,name,role,cohort,starts_on,due_on,site,machines,student_email,previous_email\n"
COURSE = HEAD + (
    "kim@x.ac.uk,Kim Lee,student,Spring,2027-01-11,2027-09-30,Dover clinic,GE Venue Go,,\n"
    "sam@x.ac.uk,Sam Roe,mentor,,,,,,kim@x.ac.uk,\n"
)


def everything() -> list:
    return [list(table.select().tuples()) for table in TABLES]


def test_the_preview_shows_every_change_and_makes_none(browse, cast, alma):
    client = browse(alma)
    before = everything()
    answer = upload(client, COURSE)
    assert answer.status_code == 200
    for line in (
        "Kim Lee (kim@x.ac.uk) is new",
        "cohort Spring is new, from 2027-01-11 to 2027-09-30",
        "Kim Lee is placed at Dover clinic from 2027-01-11",
        "Dover clinic has the machine GE Venue Go",
        "Sam Roe becomes mentor of Kim Lee",
    ):
        assert line in answer.text
    assert everything() == before


def test_one_button_brings_all_of_it_in_and_mails_everybody_a_link_that_works(browse, cast, alma, app):
    client = browse(alma)
    upload(client, COURSE)
    answer = client.post("/people/file/changes", carried(client.page))
    assert (answer.status_code, answer.location) == (303, "/people")
    assert "7 changes made. Everybody new is mailed a link." in client.get("/people").text
    kim = people.by_email("kim@x.ac.uk")
    assert Enrolment.get(Enrolment.person == kim).cohort.name == "Spring"
    assert Party.get(Party.person == people.by_email("sam@x.ac.uk")).role == "mentor"
    entry = History.select().where(History.verb == "import").get()
    assert entry.actor == alma
    (letter,) = sent_to("kim@x.ac.uk")
    assert links.owner(letter["token"]) == kim
    assert Client(app).get(f"/welcome/{letter['token']}").status_code == 200
    assert len(sent_to("sam@x.ac.uk")) == 1


def test_a_second_tap_and_the_same_file_again_change_nothing(browse, cast):
    client = browse(cast.dana)
    upload(client, COURSE)
    form = carried(client.page)
    assert client.post("/people/file/changes", form).status_code == 303
    before = everything()
    assert client.post("/people/file/changes", form).status_code == 303
    assert "Everybody in this file is here already." in client.get("/people").text
    assert "There is nothing to do." in upload(client, COURSE).text
    assert everything()[1:3] == before[1:3] and Person.select().where(Person.name == "Kim Lee").count() == 1


def test_another_file_than_was_seen_is_refused_and_shown(browse, cast):
    client = browse(cast.dana)
    upload(client, COURSE)
    seen = carried(client.page)["seen"]
    upload(client, COURSE.replace("Sam Roe", "Max Roe"))
    before = everything()
    answer = client.post("/people/file/changes", carried(client.page, seen=seen))
    assert answer.status_code == 409
    assert "Something has changed since you looked. Nothing was done" in answer.text
    assert "Max Roe becomes mentor of Kim Lee" in answer.text
    assert everything() == before


def test_what_changed_here_meanwhile_is_shown_anew_and_nothing_is_done(browse, cast):
    client = browse(cast.dana)
    upload(client, COURSE)
    form = carried(client.page)
    people.register("sam@x.ac.uk", "Sam Roe")
    answer = client.post("/people/file/changes", form)
    assert answer.status_code == 409
    assert "Sam Roe (sam@x.ac.uk) is new" not in answer.text
    assert people.by_email("kim@x.ac.uk") is None
    assert client.post("/people/file/changes", carried(client.page)).status_code == 303
    assert people.by_email("kim@x.ac.uk").name == "Kim Lee"


def test_every_wrong_row_is_told_with_its_row_and_column(browse, cast):
    client, before = browse(cast.dana), everything()
    answer = upload(client, HEAD + "nope,Kim Lee,student,Spring,2027-01-11,2027-09-30,,,,\nx@x.ac.uk,Sam,boss,,,,,,,\n")
    assert answer.status_code == 422
    page = Page(answer.text)
    rows = [one.text for one in page.elements if one.tag == "li" and one.text.startswith("Row ")]
    assert len(rows) == 2
    assert "Row 2, email" in answer.text and "Row 3, role" in answer.text
    assert 'name="draft"' not in answer.text
    assert everything() == before


@pytest.mark.parametrize("text", ["", "email\n", "email,role,email\n", "\0\1", "email,role\n"])
def test_what_is_no_file_of_people_is_told_and_nothing_is_kept(browse, cast, text):
    answer = upload(browse(cast.dana), text)
    assert answer.status_code == 422
    assert "alert" in answer.text


def test_a_file_that_is_too_large_or_lost_is_told(browse, cast):
    client = browse(cast.dana)
    answer = upload(client, HEAD + "x" * MOST_BYTES)
    assert answer.status_code == 422 and "The file is larger than 5 MB." in answer.text
    answer = upload(client, HEAD + "\n" * 3001)
    assert answer.status_code == 422 and "more than 3,000 rows" in answer.text
    for path in ("/people/file", "/people/file/changes"):
        for draft in ("nonsense", "eJwDAA", "%%"):
            answer = client.post(path, {"draft": draft, "seen": "x"})
            assert answer.status_code == 422 and "Choose it again." in answer.text
    assert client.post("/people/file", {}).status_code == 422


def test_namesakes_are_asked_about_and_the_answer_decides(browse, cast):
    client = browse(cast.dana)
    rows = HEAD + "tom.bright@new.ac.uk,Tom Bright,student,September 2026,,,Croydon MSK clinic,,,\n"
    answer = upload(client, rows)
    assert answer.status_code == 200
    assert "Who is who?" in answer.text and "Bring them in" not in answer.text
    form = carried(client.page)
    assert client.post("/people/file/changes", form).status_code == 409, "an open question is no answer"
    same = {"draft": form["draft"], "same": f"tom.bright@new.ac.uk {cast.tom.email}"}
    answer = client.post("/people/file", same)
    assert "has the address tom.bright@new.ac.uk, no longer tom@example.test" in answer.text
    assert client.post("/people/file/changes", {**carried(client.page), **same}).status_code == 303
    assert Person.get_by_id(cast.tom.id).email == "tom.bright@new.ac.uk"
    for address in ("tom@example.test", "tom.bright@new.ac.uk"):
        (letter,) = sent_to(address)
        assert letter["email"] == "tom.bright@new.ac.uk", "the old and the new address are told"


def test_somebody_else_of_the_same_name_is_new(browse, cast):
    client = browse(cast.dana)
    upload(client, HEAD + "tom2@new.ac.uk,Tom Bright,student,September 2026,,,Croydon MSK clinic,,,\n")
    other = {"draft": carried(client.page)["draft"], "same": "tom2@new.ac.uk none"}
    assert "Tom Bright (tom2@new.ac.uk) is new" in client.post("/people/file", other).text
    assert client.post("/people/file/changes", {**carried(client.page), **other}).status_code == 303
    assert Person.select().where(Person.name == "Tom Bright").count() == 2


def test_an_administrator_appoints_nobody_and_changes_nobodys_address(browse, cast, alma):
    client = browse(alma)
    for row, says in (
        ("eve@x.ac.uk,Eve Ng,director,,,,,,,", "Only a director makes somebody course director."),
        ("eve@x.ac.uk,Eve Ng,administrator,,,,,,,", "Only a director makes somebody course administrator."),
        (f"alma@example.test,,mentor,,,,,,{cast.amara.email},", "You cannot give yourself a part"),
        (f"new@x.ac.uk,,mentor,,,,,,{cast.amara.email},{cast.ravi.email}", "Only a director of their course"),
    ):
        answer = upload(client, HEAD + row + "\n")
        assert answer.status_code == 422 and says in answer.text, row
    upload(client, HEAD + "tom2@new.ac.uk,Tom Bright,student,September 2026,,,Croydon MSK clinic,,,\n")
    same = {"draft": carried(client.page)["draft"], "same": f"tom2@new.ac.uk {cast.tom.email}"}
    assert "The same person" not in client.http.get("/people").text
    assert client.post("/people/file", same).status_code == 422
    assert Staff.select().where(Staff.role == "director").count() == 1
    assert Person.get_by_id(cast.tom.id).email == "tom@example.test"


def test_a_director_brings_nobody_into_another_course_and_sees_none_of_its_people(browse, cast, elsewhere):
    client = browse(elsewhere)
    rows = f"zoe@x.ac.uk,Zoe Ox,mentor,,,,,,{cast.amara.email},\n"
    answer = upload(client, HEAD + rows)
    assert answer.status_code == 422
    assert "No student with a placement has the address amara@example.test" in answer.text
    assert "Amara Okafor" not in answer.text and "Croydon" not in answer.text
    rows = f"ravi@other.ac.uk,,mentor,,,,,,{cast.amara.email},{cast.ravi.email}\n"
    assert upload(client, HEAD + rows).status_code == 422
    head = "email,name,role,programme,cohort,starts_on,due_on\n"
    answer = upload(client, head + "kim@x.ac.uk,Kim Lee,student,msk-pgcert,Spring,2027-01-11,2027-09-30\n")
    assert "You do not manage the people of this course." in answer.text


def test_a_director_does_not_move_who_has_a_part_elsewhere(browse, cast):
    people.appoint(cast.grace, "limb-diploma", "internal_assessor")
    rows = f"grace@new.ac.uk,,mentor,,,,,,{cast.mei.email},{cast.grace.email}\n"
    answer = upload(browse(cast.dana), HEAD + rows)
    assert answer.status_code == 422 and "has a part on another course too" in answer.text


def test_whoever_loses_the_role_between_preview_and_button_changes_nothing(browse, cast, alma):
    client = browse(alma)
    upload(client, COURSE)
    form = carried(client.page)
    Staff.delete().where(Staff.person == alma).execute()
    assert client.post("/people/file/changes", form).status_code == 403
    assert people.by_email("kim@x.ac.uk") is None


@pytest.mark.both
def test_two_who_bring_in_the_same_at_once_make_it_once(browse, cast):
    second = someone("second", "Second Director", director="msk-pgcert")
    one, two = browse(cast.dana), browse(second)
    for client in (one, two):
        upload(client, COURSE)
    assert one.post("/people/file/changes", carried(one.page)).status_code == 303
    assert two.post("/people/file/changes", carried(two.page)).status_code == 303
    assert Person.select().where(Person.name.in_(["Kim Lee", "Sam Roe"])).count() == 2
    assert len(sent_to("kim@x.ac.uk")) == 1
