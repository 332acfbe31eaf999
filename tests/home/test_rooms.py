"""Which rooms a person finds in the bar."""

from __future__ import annotations

import re

import clock
from models import Enrolment, Party, Placement


def rooms(client, path="/me"):
    bar = client.get(path).text.split('<nav class="tabs"')[1].split("</nav>")[0]
    return re.findall(r"<span>([^<]+)</span>", bar)


def test_each_part_in_the_course_has_its_rooms(cast, browse):
    assert rooms(browse(cast.amara)) == ["Home", "Scans", "Log scan", "Portfolio", "Me"]
    assert rooms(browse(cast.ravi)) == ["Inbox", "Students", "Me"]
    assert rooms(browse(cast.dana)) == ["Cohort", "People", "Students", "Me"]
    assert rooms(browse(cast.helen)) == ["Students", "Me"]


def test_a_person_with_several_parts_sees_each_room_once_and_five_tabs_at_most(cast, browse):
    placement = Placement.get()
    Party.create(placement=placement, person=cast.mei, role="mentor")
    assert rooms(browse(cast.mei)) == ["Home", "Scans", "Log scan", "Inbox", "More", "Portfolio", "Students", "Me"]


def test_a_graduate_reads_and_logs_no_more(cast, browse):
    Enrolment.update(ended_on=clock.now().date(), ended_as="graduated").where(Enrolment.person == cast.amara).execute()
    assert rooms(browse(cast.amara)) == ["Home", "Scans", "Portfolio", "Me"]
    assert browse(cast.amara).get("/scans/new").status_code == 403


def test_the_room_one_is_in_is_marked_and_logging_is_not_the_list(cast, browse):
    amara = browse(cast.amara)
    for path, name in (
        ("/", "Home"),
        ("/scans", "Scans"),
        ("/scans/new", "Log scan"),
        ("/me", "Me"),
        ("/portfolio/import", "Portfolio"),
    ):
        marked = re.findall(r'aria-current="page">.*?<span>([^<]+)</span>', amara.get(path).text)
        assert marked == [name]


def test_people_who_come_in_turn_each_find_their_own_rooms_and_name(cast, browse):
    amara, ravi, tom = browse(cast.amara), browse(cast.ravi), browse(cast.tom)
    for _ in range(2):
        for one, person in ((amara, cast.amara), (ravi, cast.ravi), (tom, cast.tom)):
            assert rooms(one) == (
                ["Inbox", "Students", "Me"] if one is ravi else ["Home", "Scans", "Log scan", "Portfolio", "Me"]
            )
            assert f"Me: {person.name}<" in one.get("/me").text


def test_rooms_come_and_go_with_the_part_that_one_has(cast, browse):
    amara = browse(cast.amara)
    assert rooms(amara) == ["Home", "Scans", "Log scan", "Portfolio", "Me"]
    party = Party.create(placement=Placement.get(), person=cast.amara, role="mentor")
    assert rooms(amara) == ["Home", "Scans", "Log scan", "Inbox", "More", "Portfolio", "Students", "Me"]
    party.delete_instance()
    assert rooms(amara) == ["Home", "Scans", "Log scan", "Portfolio", "Me"]


def test_who_signs_out_leaves_a_page_without_rooms(cast, browse):
    amara = browse(cast.amara)
    assert rooms(amara) == ["Home", "Scans", "Log scan", "Portfolio", "Me"]
    amara.post("/sign-out")
    assert '<nav class="tabs"' not in amara.get("/sign-in").text


def test_rooms_lie_under_the_path_that_the_application_is_served_at(cast, browse):
    amara = browse(cast.amara)
    for root in ("", "/portfolio", ""):
        bar = amara.http.get("/me", environ_overrides={"SCRIPT_NAME": root}).text
        assert re.findall(r'<li><a href="([^"]+)"', bar.split('<nav class="tabs"')[1].split("</nav>")[0]) == [
            f"{root}/",
            f"{root}/scans",
            f"{root}/scans/new",
            f"{root}/portfolio",
            f"{root}/me",
        ]
