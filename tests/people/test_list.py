"""The list of the room *People*: who is in it, how they are found, and how it does with five thousand."""

from __future__ import annotations

import re

import pytest

from blueprints.people import roster
from models import Cohort, Enrolment, FailedMail, Party, Person, Placement, db
from tests.cast import days_ago
from tests.client import queries_of
from tests.people.conftest import someone
from tests.tree import Page
from visibility import people_visible_to
from workflows.accounts import accounts
from workflows.history import history, records
from workflows.notices import failed_mail
from workflows.people import administration, people

pytestmark = pytest.mark.both


def names(client, address: str = "/people") -> list[str]:
    page = Page(client.get(address).text)
    return [one.text for one in page.elements if one.tag == "a" and re.fullmatch(r"/people/\d+", one.get("href") or "")]


def test_the_director_and_the_administrator_see_everybody_of_their_course_by_name(browse, cast, alma, elsewhere):
    expected = sorted([*(one.name for one in cast.everybody().values()), "Alma Reyes"])
    for person in (cast.dana, alma):
        assert names(browse(person)) == expected
    assert names(browse(elsewhere)) == ["Else Where"]
    assert browse(cast.ravi).get("/people").status_code == 403


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("okafor", ["Amara Okafor"]),
        ("RAVI@EXAMPLE", ["Ravi Patel"]),
        ("brighton", ["Grace Adeyemi", "Mei Chen"]),
        ("mentor croydon", ["Priya Nair", "Ravi Patel"]),
        ("external assessor", ["Esther Blake"]),
        ("lukasz", ["Łukasz O’Brien"]),
        ("nobody of this name", []),
    ],
)
def test_somebody_is_found_by_name_address_site_and_role_whatever_the_accents(browse, cast, typed, found):
    lukasz = someone("lukasz", "Łukasz O’Brien")
    people.appoint(lukasz, "msk-pgcert", "internal_assessor")
    assert names(browse(cast.dana), f"/people?q={typed}") == found


def test_a_role_an_account_and_who_has_not_come_are_filters(browse, cast):
    Person.update(password=None).where(Person.id == cast.tom.id).execute()
    accounts.disable(cast.priya)
    dana = browse(cast.dana)
    assert names(dana, "/people?show=student") == ["Amara Okafor", "Mei Chen", "Tom Bright"]
    assert names(dana, "/people?show=new") == ["Tom Bright"]
    assert names(dana, "/people?show=closed") == ["Priya Nair"]
    assert names(dana, "/people?show=mentor&q=croydon") == ["Priya Nair", "Ravi Patel"]
    assert names(dana, "/people?show=hostile") == names(dana)


def test_who_has_no_part_any_more_is_found(browse, cast, elsewhere):
    Party.update(ended_on=days_ago(1)).where(Party.person == cast.grace).execute()
    lone = someone("lone", "Lone Person")
    dana = browse(cast.dana)
    assert names(dana, "/people?show=none") == ["Grace Adeyemi", "Lone Person"]
    assert "No part now" in dana.get("/people?q=grace").text
    assert "Lone Person" in names(browse(elsewhere)), "who has no part at all is of every course"
    assert "Grace Adeyemi" not in names(browse(elsewhere))
    assert dana.get(f"/people/{lone.id}").status_code == 200


def test_who_was_erased_is_not_listed_and_has_no_page(browse, cast):
    nobody = someone("x", "Former member 77")
    Person.update(email=f"person-{nobody.id}@erased.invalid").where(Person.id == nobody.id).execute()
    dana = browse(cast.dana)
    assert "Former member 77" not in names(dana)
    assert dana.get(f"/people/{nobody.id}").status_code == 404


def test_a_search_that_is_too_long_is_told_beside_the_field(browse, cast):
    answer = browse(cast.dana).get(f"/people?q={'x' * 61}")
    assert answer.status_code == 422
    assert "Search for at most 60 characters." in answer.text


def test_whoever_loses_the_role_loses_the_room_at_once(browse, cast, alma):
    client = browse(alma)
    assert client.get("/people").status_code == 200
    administration.take_role(alma.id, "msk-pgcert", "administrator", by=cast.dana)
    assert client.get("/people").status_code == 403
    assert list(people_visible_to(alma.id)) == []


def test_five_thousand_people_are_paged_with_as_many_queries_as_ten(browse, cast):
    dana = browse(cast.dana)
    with queries_of(db) as few:
        dana.get("/people")
    placement = Placement.select().join(Enrolment).where(Enrolment.person == cast.amara).get()
    made_at = cast.amara.made_at
    with db.atomic():
        rows = [
            {
                "email": f"many{number}@example.test",
                "name": f"Many Number{number:04}",
                "theme": "system",
                "made_at": made_at,
            }
            for number in range(5000)
        ]
        records.insert_all(Person, rows)
        numbers = [number for (number,) in Person.select(Person.id).where(Person.name.startswith("Many")).tuples()]
        some = {"placement": placement.id, "role": "mentor"}
        records.insert_all(Party, [{"person": number, **some} for number in numbers])
        history.record("gather", f"cohort:{cast.cohort.id}", by=None, at=made_at)
    with queries_of(db) as many:
        page = dana.get("/people").text
    assert len(many) == len(few)
    assert page.count('scope="row"') == roster.PAGE
    assert f"Page 1 of {-(-5010 // roster.PAGE)}" in page
    assert names(dana, "/people?q=number4999") == ["Many Number4999"]
    assert names(dana, "/people?page=999999")[-1] == "Tom Bright", "a page beyond the last is the last"
    assert Cohort.select().count() == 1


def test_mails_that_did_not_go_are_listed_here_and_counted_on_the_cohorts_page(browse, cast, alma, elsewhere):
    failed_mail.keep(cast.tom, failed_mail.DIGEST, "550 no such mailbox")
    for person in (cast.dana, alma):
        client = browse(person)
        assert "<b>1 mail</b> did not go" in client.get("/cohort").text
        page = client.get("/people").text
        assert "550 no such mailbox" in page and f'href="/people/{cast.tom.id}"' in page
    assert "did not go" not in browse(elsewhere).get("/people").text
    number = FailedMail.get().id
    assert browse(alma).post(f"/failed-mails/{number}/again").location == "/people#failed-mails"
    assert "Is sent again soon" in browse(cast.dana).get("/people").text
