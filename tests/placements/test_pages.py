"""The pages of parts and covers: a mentor who is away, who runs the course, and what students see of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

import clock
from models import Enrolment, Notice, Party, Person, Placement, Scan, Staff
from tests.cast import logged
from tests.scans.steps import text_of
from workflows.people import covers, part_changeovers, parts

DAY = timedelta(days=1)


def placement_of(student: Person) -> Placement:
    return Placement.get(Placement.enrolment == Enrolment.get(Enrolment.person == student))


def part_of(person: Person, student: Person) -> Party:
    return Party.get(Party.person == person, Party.placement == placement_of(student), Party.cover_for.is_null())


def away(cast, first: int = 0, last: int = 14) -> Party:
    days = {"from_on": clock.today() + first * DAY, "last_day": clock.today() + last * DAY}
    return covers.cover(part_of(cast.ravi, cast.amara).id, person=cast.priya.id, **days, by=cast.ravi)[0]


@pytest.fixture
def administrator(cast) -> Person:
    person = Person.create(
        email="ada@example.test", name="Ada Office", password=cast.dana.password, made_at=clock.now()
    )
    Staff.create(person=person, programme="msk-pgcert", role="administrator")
    return person


def test_a_mentor_says_when_they_are_away_and_who_covers(browse, cast):
    ravi, priya = browse(cast.ravi), browse(cast.priya)
    scan = logged(cast.amara, cast.ravi)
    assert "I am away" in ravi.get("/me").text
    page = ravi.get("/me/away")
    assert "For all of your students at Croydon MSK clinic" in text_of(page) and "Grace" not in page.text
    part, last = part_of(cast.ravi, cast.amara), clock.today() + 14 * DAY
    form = {"person": cast.priya.id, "from_on": str(clock.today()), "last_day": str(last)}
    assert ravi.post(f"/parts/{part.id}/cover", form).location == "/me/away"
    words = f"until {last.day} {last:%B %Y}"
    assert f"Priya Nair covers for you {words}." in text_of(ravi.get("/inbox"))
    assert f"You cover for Ravi Patel {words}." in text_of(priya.get("/inbox"))
    assert "1 waiting" in priya.get("/inbox").text and "nothing waiting" in ravi.get("/inbox").text
    cover = Party.get(Party.cover_for == part)
    assert ravi.post(f"/covers/{cover.id}/ending").location == "/me/away"
    assert "covers for you" not in ravi.get("/inbox").text and Scan.get_by_id(scan.id).mentor_id == cast.ravi.id


def test_what_is_wrong_is_said_beside_its_field_and_the_input_is_kept(browse, cast):
    ravi, part = browse(cast.ravi), part_of(cast.ravi, cast.amara)
    sent = {"person": cast.priya.id, "from_on": "2000-01-01", "last_day": str(clock.today())}
    answer = ravi.post(f"/parts/{part.id}/cover", sent)
    assert answer.status_code == 422 and "This part begins on" in answer.text
    assert 'value="2000-01-01"' in answer.text and f'selected value="{cast.priya.id}"' in answer.text
    cover = away(cast)
    answer = ravi.post(f"/covers/{cover.id}/ending", {"last_day": ""})
    assert answer.status_code == 422 and "Write the new last day" in answer.text


def test_the_director_begins_and_ends_parts_and_has_them_covered(browse, cast):
    dana, where = browse(cast.dana), placement_of(cast.amara)
    scan, today = logged(cast.amara, cast.ravi), clock.today()
    page = dana.get(f"/placements/{where.id}")
    assert "Ravi Patel · Mentor" in text_of(page) and "1 scan waits" in text_of(page)
    given = {"person": cast.grace.id, "role": "mentor", "from_on": str(today)}
    assert dana.post(f"/placements/{where.id}/parts", given).status_code == 303
    ravis = part_of(cast.ravi, cast.amara)
    opened = text_of(dana.get(f"/placements/{where.id}?part={ravis.id}"))
    assert "End this part" in opened and "While Ravi Patel is away" in opened
    ending = {"last_day": str(today - DAY), "everywhere": "y"}
    answer = dana.post(f"/parts/{ravis.id}/ending", ending)
    assert answer.status_code == 422 and "1 scan waits for Ravi Patel: choose who succeeds." in text_of(answer)
    assert dana.post(f"/parts/{ravis.id}/ending", {**ending, "successor": cast.grace.id}).status_code == 303
    assert Scan.get_by_id(scan.id).mentor_id == cast.grace.id
    assert "Ravi Patel" in text_of(dana.get(f"/placements/{where.id}"))  # under Earlier
    priyas = part_of(cast.priya, cast.amara)
    days = {"person": cast.ravi.id, "from_on": str(today), "last_day": str(today + DAY)}
    assert dana.post(f"/parts/{priyas.id}/cover", days).location == f"/placements/{where.id}"


def test_an_ended_part_cannot_be_ended_again_on_another_day(browse, cast):
    dana, ravis = browse(cast.dana), part_of(cast.ravi, cast.amara)
    ending = {"last_day": str(clock.today() - DAY)}
    assert dana.post(f"/parts/{ravis.id}/ending", ending).status_code == 303
    assert dana.post(f"/parts/{ravis.id}/ending", ending).status_code == 303  # pressed twice
    assert dana.post(f"/parts/{ravis.id}/ending", {"last_day": str(clock.today())}).status_code == 409


def test_the_administrator_does_all_of_it_and_never_sees_a_text(browse, cast, administrator):
    ada, where = browse(administrator), placement_of(cast.amara)
    scan, ravis = logged(cast.amara, cast.ravi), part_of(cast.ravi, cast.amara)
    days = {"person": cast.priya.id, "from_on": str(clock.today()), "last_day": str(clock.today() + DAY)}
    pages = [ada.get("/me"), ada.get("/placements"), ada.get(f"/placements/{where.id}?part={ravis.id}")]
    assert ada.post(f"/parts/{ravis.id}/cover", days).status_code == 303
    given = {"person": cast.grace.id, "role": "mentor", "from_on": str(clock.today())}
    assert ada.post(f"/placements/{where.id}/parts", given).status_code == 303
    pages += [ada.get(f"/placements/{where.id}"), ada.get("/news")]
    assert all(page.status_code == 200 for page in pages)
    assert not any("supraspinatus" in page.text or scan.headline in page.text for page in pages)
    assert ada.get(f"/scans/{scan.id}").status_code in (403, 404)
    assert ada.get("/inbox").status_code == 403 and ada.get("/me/away").status_code == 403


def test_who_is_away_is_named_on_the_log_form_and_whoever_covers_is_the_default(browse, cast):
    logged(cast.amara, cast.ravi)
    away(cast)
    page = browse(cast.amara).get("/scans/new")
    last = clock.today() + 14 * DAY
    assert f"Ravi Patel is away until {last.day} {last:%B %Y}; Priya Nair covers." in text_of(page)
    assert "With Priya Nair at Croydon MSK clinic" in text_of(page)
    assert f'<option value="{cast.ravi.id}"' not in page.text
    assert "Ravi Patel (away)" in text_of(browse(cast.dana).get(f"/students/{placement_of(cast.amara).enrolment_id}"))


def test_a_draft_that_names_who_is_away_says_who_covers(browse, cast):
    amara = browse(cast.amara)
    away(cast)
    scan = logged(cast.amara, cast.ravi)
    page = text_of(amara.get(f"/scans/{scan.id}"))
    assert "Priya Nair covers. Choose who is to judge it." in page and "Who is the mentor?" in page
    assert amara.post(f"/scans/{scan.id}/missing", {"mentor": cast.priya.id, "version": 1}).status_code == 303
    assert (Scan.get_by_id(scan.id).state, Scan.get_by_id(scan.id).mentor_id) == ("with_mentor", cast.priya.id)


def test_a_draft_whose_mentor_has_left_says_who_follows(browse, cast):
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=clock.today() - DAY, by=cast.dana, successor=cast.priya.id)
    scan = logged(cast.amara, cast.ravi)
    page = text_of(browse(cast.amara).get(f"/scans/{scan.id}"))
    assert "Ravi Patel mentors there no more: Priya Nair follows." in page


def test_what_waits_with_a_mentor_on_leave_can_be_corrected_and_stays_with_them(browse, cast):
    amara = browse(cast.amara)
    away(cast)
    scan = logged(cast.amara, cast.priya)
    amara.post(f"/scans/{scan.id}/mentor", {"mentor": cast.ravi.id, "step": ""})
    assert Scan.get_by_id(scan.id).mentor_id == cast.ravi.id
    assert "It is with Ravi Patel." in text_of(amara.get(f"/scans/{scan.id}/edit"))


def test_the_notices_name_the_cover(browse, cast):
    away(cast)
    assert {one.kind for one in Notice.select().where(Notice.recipient == cast.amara)} == {"cover_begun_of_student"}
    for person in (cast.amara, cast.ravi, cast.priya):
        assert "Priya Nair’s cover for Ravi Patel begun" in text_of(browse(person).get("/news")), person.name


def test_a_person_with_two_parts_of_one_role_stands_once_everywhere(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    away(cast)
    where = placement_of(cast.amara)
    amara, dana = browse(cast.amara), browse(cast.dana)
    assert amara.get("/scans/new").text.count(f'<option value="{cast.priya.id}"') <= 1
    page = text_of(dana.get(f"/students/{where.enrolment_id}"))
    assert "Priya Nair, Ravi Patel (away) · Croydon MSK clinic" in page
    priya = browse(cast.priya)
    assert priya.get("/inbox").text.count(f'id="scan-{scan.id}"') == 1
    assert text_of(priya.get("/me")).count("Mentor at Croydon MSK clinic") == 1


def test_a_mentor_who_is_an_assessor_too_and_a_student_elsewhere_has_each_room_once(browse, cast):
    Staff.create(person=cast.ravi, programme="msk-pgcert", role="internal_assessor")
    Enrolment.create(person=cast.ravi, cohort=cast.cohort, enrolled_on=cast.cohort.starts_on)
    page = browse(cast.ravi).get("/me")
    for room in ("/inbox", "/students", "/scans", "/portfolio"):
        assert page.text.count(f'href="{room}"') == 1, room


def test_what_was_waiting_too_long_is_the_covers_from_then_on(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    away(cast, first=0)
    part_changeovers.hand_over_due()
    assert Scan.get_by_id(scan.id).mentor_id == cast.priya.id
    assert "away, covered" in text_of(browse(cast.dana).get("/cohort"))
