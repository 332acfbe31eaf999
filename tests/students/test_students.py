"""Following a student: mentors, assessors, the director and the clinical manager, each as far as they may see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import clock
from models import Enrolment, Party, Placement, Scan, Staff
from tests.cast import logged
from tests.client import queries_of
from tests.cohort.steps import days_earlier
from tests.scans.steps import text_of
from workflows.course import programmes
from workflows.reviews import reviews
from workflows.scans import scans

pytestmark = pytest.mark.both_in_full

TEXTS = ("14 mm full-thickness tear of the anterior supraspinatus", "Full-thickness supraspinatus tear")
FOLLOWERS = ("ravi", "priya", "dana", "ian", "esther", "helen")


def number_of(student) -> int:
    return Enrolment.get(Enrolment.person == student).id


def names(page: str) -> list[str]:
    return re.findall(r'class="name"><a [^>]*>([^<]+)<', page)


# --- The list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ravi", ["Amara Okafor", "Tom Bright"]),
        ("grace", ["Mei Chen"]),
        ("helen", ["Amara Okafor", "Tom Bright"]),
        ("esther", ["Amara Okafor"]),
        ("ian", ["Mei Chen", "Amara Okafor", "Tom Bright"]),  # by site
        ("dana", ["Mei Chen", "Amara Okafor", "Tom Bright"]),
    ],
)
def test_everybody_sees_the_students_that_are_theirs(browse, cast, who, sees):
    assert names(browse(getattr(cast, who)).get("/students").text) == sees


def test_a_mentor_sees_how_many_wait_for_them_and_not_for_a_colleague(browse, cast):
    logged(cast.amara, cast.ravi)
    logged(cast.amara, cast.ravi, side="left")
    logged(cast.amara, cast.priya, side="both")
    page = browse(cast.ravi).get("/students").text
    assert 'data-label="waiting for you">2<' in page and "<b>2 scans</b> wait for you in the inbox" in page
    assert 'data-label="with mentor">3<' in page
    assert 'data-label="waiting for you">1<' in browse(cast.priya).get("/students").text


def test_a_mentor_who_has_left_the_placement_follows_nobody_any_more(browse, cast):
    client = browse(cast.ravi)
    Party.update(ended_on=cast.cohort.starts_on).where(Party.person == cast.ravi, Party.role == "mentor").execute()
    assert client.get("/students").status_code == 403
    Party.create(placement=Placement.get(Placement.enrolment == number_of(cast.mei)), person=cast.ravi, role="mentor")
    assert names(client.get("/students").text) == ["Mei Chen"]


def test_a_mentor_without_students_learns_what_will_be_here(browse, cast):
    Staff.update(programme="somebody-elses").where(Staff.person == cast.ian).execute()
    assert "No student is in your care yet." in browse(cast.ian).get("/students").text


def test_a_student_follows_nobody(browse, cast):
    client = browse(cast.amara)
    assert client.get("/students").status_code == 403
    assert client.get(f"/students/{number_of(cast.amara)}").status_code == 403


def test_the_list_asks_four_questions_however_many_scans(browse, cast, database):
    client = browse(cast.ravi)
    asked_for = []
    for _ in range(2):
        for student in (cast.amara, cast.tom):
            for _ in range(5):
                logged(student, cast.ravi)
        with queries_of(database) as asked:
            client.get("/students")
        asked_for.append(len(asked))
    assert asked_for[0] == asked_for[1] <= 5


# --- One student -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", FOLLOWERS)
def test_who_follows_a_student_sees_how_far_they_are(browse, cast, who):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    page = browse(getattr(cast, who)).get(f"/students/{number_of(cast.amara)}").text
    assert "1 of 250 counted: 0 of 100 aided and audited, 1 of 150 unaided; 0 with mentor." in page
    assert "Breadth" in page and "at risk starts at" in page


def test_every_reason_of_the_row_is_on_the_students_page(browse, cast):
    with days_earlier(25):
        logged(cast.amara, cast.ravi, support="aided")
    page = text_of(browse(cast.dana).get(f"/students/{number_of(cast.amara)}"))
    assert "Mentor 1 waits, 25 days, 1 audit overdue Student 63 behind, silent 25 days" in page


@pytest.mark.parametrize("who", ["grace", "esther"])
def test_a_strangers_student_is_not_there(browse, cast, who):
    client = browse(getattr(cast, who))
    assert client.get(f"/students/{number_of(cast.tom)}").status_code == 404
    assert client.get("/students/999999").status_code == 404
    assert client.get("/students/99999999999999999999999").status_code == 404


@pytest.mark.parametrize("who", ["ravi", "priya", "dana", "ian", "esther"])
def test_who_may_read_scans_finds_the_latest_with_a_way_to_each(browse, cast, who):
    scan = logged(cast.amara, cast.ravi)
    page = browse(getattr(cast, who)).get(f"/students/{number_of(cast.amara)}").text
    assert f'href="/scans/{scan.id}"' in page and TEXTS[1] in page


def test_the_clinical_manager_reads_counts_and_no_text_anywhere(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    helen = browse(cast.helen)
    pages = [helen.get("/students").text, helen.get(f"/students/{number_of(cast.amara)}").text]
    for text in (*TEXTS, f"/scans/{scan.id}", "Case 1"):
        assert not any(text in page for page in pages)
    assert "1 with mentor" in pages[1] and "You see how many scans there are." in pages[1]


def test_nobody_else_reads_a_draft(browse, cast):
    draft = logged(cast.amara, cast.ravi, later=True)
    for who in FOLLOWERS:
        page = browse(getattr(cast, who)).get(f"/students/{number_of(cast.amara)}").text
        assert draft.id not in page and TEXTS[1] not in page


def test_only_the_latest_twenty_are_listed(browse, cast):
    for _ in range(23):
        logged(cast.amara, cast.ravi)
    page = browse(cast.ravi).get(f"/students/{number_of(cast.amara)}").text
    cases = [int(case) for case in re.findall(r"Case (\d+) ·", page)]
    assert cases == list(range(23, 3, -1))


def test_the_day_of_the_scan_and_the_day_on_which_it_was_sent_are_told_apart(browse, cast):
    today = programmes.get("msk-pgcert").today(clock.now())
    earlier = logged(cast.amara, cast.ravi, scanned_on=today - timedelta(days=3))
    logged(cast.amara, cast.ravi, region="foot", findings=(), normal=("all",))
    page = " ".join(browse(cast.ravi).get(f"/students/{number_of(cast.amara)}").text.split())
    first, then = (f"{day.day} {day:%b}" for day in (earlier.scanned_on, today))
    assert f"Case 1 · scanned {first} · sent {then}" in page
    assert f"Case 2 · scanned {then}<" in page


def test_a_new_students_page_says_what_will_be_listed(browse, cast):
    assert "No scan has been sent yet." in browse(cast.ravi).get(f"/students/{number_of(cast.amara)}").text


def test_a_mentor_takes_over_what_waits_with_a_colleague(browse, cast):
    scan = logged(cast.amara, cast.priya)
    ravi = browse(cast.ravi)
    page = ravi.get(f"/students/{number_of(cast.amara)}").text
    assert "With another mentor" in page and "with Priya Nair" in page and "Take over" in page
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', form.group(2)))
    sent.pop("csrf_token")
    assert ravi.post(form.group(1), sent).status_code == 303
    assert Scan.get_by_id(scan.id).mentor_id == cast.ravi.id
    assert "Take over" not in ravi.get(f"/students/{number_of(cast.amara)}").text


def test_an_old_scan_with_a_colleague_can_be_taken_over_among_many_newer_ones(browse, cast):
    logged(cast.amara, cast.priya)
    for _ in range(22):
        logged(cast.amara, cast.ravi)
    page = browse(cast.ravi).get(f"/students/{number_of(cast.amara)}").text
    assert page.count("Take over<") == 1 and "Case 1 ·" in page


@pytest.mark.parametrize("who", ["dana", "ian", "esther", "helen"])
def test_only_a_mentor_of_the_placement_is_offered_to_take_over(browse, cast, who):
    logged(cast.amara, cast.priya)
    assert "Take over" not in browse(getattr(cast, who)).get(f"/students/{number_of(cast.amara)}").text


# --- What happened ---------------------------------------------------------------------------------------------


def happened(page: str) -> list[str]:
    """The story, as it is read."""
    story = page[page.index('id="story"') :] if 'id="story"' in page else ""
    return [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<li><p>(.*?)</p>", story)]


@pytest.mark.parametrize("who", ["ravi", "priya", "dana", "ian", "esther"])
def test_what_happened_is_told_the_latest_first_with_the_way_to_each_scan(browse, cast, who):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=scan.version, why="Name the side in the conclusion.")
    logged(cast.amara, cast.ravi, support="aided", side="left")
    page = browse(getattr(cast, who)).get(f"/students/{number_of(cast.amara)}").text
    assert happened(page) == [
        "Logged and sent to the mentor by Amara Okafor: case 2, shoulder left",
        "Returned by Ravi Patel: case 1, shoulder right",
        "Logged and sent to the mentor by Amara Okafor: case 1, shoulder right",
    ]
    assert "<blockquote>Name the side in the conclusion.</blockquote>" in page
    assert f'<a href="/scans/{scan.id}">case 1, shoulder right</a>' in page


def test_an_audit_is_told_as_one(browse, cast):
    scan = logged(cast.amara, cast.ravi, support="aided")
    reviews.approve(scan.id, by=cast.ravi, version=scan.version)
    page = browse(cast.dana).get(f"/students/{number_of(cast.amara)}").text
    assert happened(page)[0] == "Audited and approved by Ravi Patel: case 1, shoulder right"


def test_the_clinical_manager_reads_nothing_of_what_happened(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=scan.version, why="Name the side in the conclusion.")
    page = browse(cast.helen).get(f"/students/{number_of(cast.amara)}").text
    assert happened(page) == [] and "Name the side" not in page and "case 1" not in page


def test_a_mentor_elsewhere_reads_what_happened_in_their_own_placement_alone(browse, cast):
    logged(cast.amara, cast.ravi)
    theirs = Placement.create(enrolment=number_of(cast.amara), site=cast.brighton, starts_on=cast.cohort.starts_on)
    Party.create(placement=theirs, person=cast.grace, role="mentor")
    scan = logged(cast.amara, cast.grace, side="left")
    page = browse(cast.grace).get(f"/students/{number_of(cast.amara)}").text
    assert happened(page) == ["Logged and sent to the mentor by Amara Okafor: case 2, shoulder left"]
    assert scan.id in page


def test_nobody_else_reads_what_happened_to_a_draft_or_a_withdrawn_scan(browse, cast):
    logged(cast.amara, cast.ravi, later=True)
    scan = logged(cast.amara, cast.ravi, side="left")
    scans.withdraw(scan.id, by=cast.amara, version=scan.version)
    assert happened(browse(cast.dana).get(f"/students/{number_of(cast.amara)}").text) == []


def test_a_long_story_is_told_a_page_at_a_time(browse, cast):
    for _ in range(25):
        logged(cast.amara, cast.ravi)
    dana, address = browse(cast.dana), f"/students/{number_of(cast.amara)}"
    page = dana.get(address).text
    assert len(happened(page)) == 20 and f'href="{address}?page=2#story">Older<' in page
    page = dana.get(f"{address}?page=2").text
    assert [one.split("case ")[1].split(",")[0] for one in happened(page)] == ["5", "4", "3", "2", "1"]
    assert f'href="{address}#story">Newer<' in page and ">Older<" not in page
    assert "Nothing further back." in dana.get(f"{address}?page=9").text
    assert len(happened(dana.get(f"{address}?page=x").text)) == 20


def test_a_students_page_asks_seven_questions_however_many_scans(browse, cast, database):
    client, address = browse(cast.ravi), f"/students/{number_of(cast.amara)}"
    asked_for = []
    for _ in range(2):
        for _ in range(5):
            logged(cast.amara, cast.ravi)
            logged(cast.amara, cast.priya)
        with queries_of(database) as asked:
            client.get(address)
        asked_for.append(len(asked))
    assert asked_for[0] == asked_for[1] <= 7


# --- With whom, and where --------------------------------------------------------------------------------------


def placed(page: str) -> list[str]:
    """What the head of a student's page says of mentors and sites."""
    found = re.search(r'<div class="with">(.*?)</div>', page, re.DOTALL)
    said = [re.sub("<[^>]+>", "", one) for one in re.findall("<p>(.*?)</p>", found[1])] if found else []
    return [one.removesuffix(" · Invite") for one in said]  # what a director does about it


def test_a_students_page_says_who_the_mentors_are_and_where(browse, cast):
    dana = browse(cast.dana)
    assert placed(dana.get(f"/students/{number_of(cast.mei)}").text) == [
        "Mentor Grace Adeyemi · Brighton sports clinic"
    ]
    address = f"/students/{number_of(cast.amara)}"
    page = dana.get(address).text
    assert placed(page) == ["Mentors Priya Nair, Ravi Patel · Croydon MSK clinic"]
    assert page.index('class="with"') < page.index('class="columns"')
    Party.update(ended_on=clock.now().date()).where(Party.person == cast.priya).execute()
    Placement.create(enrolment=number_of(cast.amara), site=cast.brighton, starts_on=clock.now().date())
    assert placed(dana.get(address).text) == [
        "No mentor yet · Brighton sports clinic",
        "Mentor Ravi Patel · Croydon MSK clinic",
    ]


def test_a_placement_that_has_ended_is_told_no_more(browse, cast):
    today = clock.now().date()
    dana, address = browse(cast.dana), f"/students/{number_of(cast.amara)}"
    Placement.update(ends_on=today).where(Placement.enrolment == number_of(cast.amara)).execute()
    assert placed(dana.get(address).text) == ["Mentors Priya Nair, Ravi Patel · Croydon MSK clinic"]
    Placement.update(ends_on=today - timedelta(days=2)).where(Placement.enrolment == number_of(cast.amara)).execute()
    assert placed(dana.get(address).text) == ["Not placed at present"]
    for party in Party.select():
        party.delete_instance()
    Placement.delete().where(Placement.enrolment == number_of(cast.amara)).execute()
    assert placed(dana.get(address).text) == ["Not placed at present"]
    Enrolment.update(ended_on=today, ended_as="left").where(Enrolment.person == cast.amara).execute()
    assert placed(dana.get(address).text) == []
