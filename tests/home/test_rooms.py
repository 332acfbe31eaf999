"""Which rooms a person finds in the bar."""

from __future__ import annotations

import re

from models import Enrolment, Party, Placement
from workflows import clock


def rooms(client, path="/me"):
    bar = client.get(path).text.split('<nav class="tabs"')[1].split("</nav>")[0]
    return re.findall(r"<span>([^<]+)</span>", bar)


def test_each_part_in_the_course_has_its_rooms(cast, browse):
    assert rooms(browse(cast.amara)) == ["Home", "Scans", "Log scan", "Me"]
    assert rooms(browse(cast.ravi)) == ["Inbox", "Students", "Me"]
    assert rooms(browse(cast.dana)) == ["Cohort", "Students", "Me"]
    assert rooms(browse(cast.helen)) == ["Students", "Me"]


def test_a_person_with_several_parts_sees_each_room_once_and_five_tabs_at_most(cast, browse):
    placement = Placement.get()
    Party.create(placement=placement, person=cast.mei, role="mentor")
    assert rooms(browse(cast.mei)) == ["Home", "Scans", "Log scan", "Inbox", "More", "Students", "Me"]


def test_a_graduate_reads_and_logs_no_more(cast, browse):
    Enrolment.update(ended_on=clock.now().date(), ended_as="graduated").where(Enrolment.person == cast.amara).execute()
    assert rooms(browse(cast.amara)) == ["Home", "Scans", "Me"]
    assert browse(cast.amara).get("/scans/new").status_code == 403


def test_the_room_one_is_in_is_marked_and_logging_is_not_the_list(cast, browse):
    amara = browse(cast.amara)
    for path, name in (("/", "Home"), ("/scans", "Scans"), ("/scans/new", "Log scan"), ("/me", "Me")):
        marked = re.findall(r'aria-current="page">.*?<span>([^<]+)</span>', amara.get(path).text)
        assert marked == [name]
