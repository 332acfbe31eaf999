"""A scan's page: for whom, with which story, and what they may do."""

from __future__ import annotations

from datetime import timedelta

import pytest

import clock
from models import Move, Notice, Scan, db
from rules import states
from rules.vocabulary import NotSeen, Pair
from tests.cast import happened, logged
from tests.client import queries_of
from tests.scans.steps import abnormal, text_of
from workflows.course import programmes
from workflows.reviews import reopening, reviews
from workflows.scans import scan_entry, scans, transitions


def longer_ago(scan, *verbs: str) -> None:
    """As if it had been done an hour before."""
    an_hour_ago = clock.now() - timedelta(hours=1)
    happened(scan, an_hour_ago, *verbs)
    Scan.update(approved_at=an_hour_ago).where(Scan.id == scan.id, Scan.approved_at.is_null(False)).execute()


def page_of(browse, person, scan, **query) -> str:
    answer = browse(person).get(f"/scans/{scan.id}", query_string=query)
    assert answer.status_code == 200
    return text_of(answer)


def test_who_may_see_a_scan_sees_it_and_nobody_else(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    for person in (cast.amara, cast.ravi, cast.priya, cast.dana, cast.ian, cast.esther):
        assert "14 mm" in page_of(browse, person, scan)
    for person, status in ((cast.tom, 404), (cast.mei, 404), (cast.grace, 404), (cast.helen, 403)):
        assert browse(person).get(f"/scans/{scan.id}").status_code == status


def test_a_draft_is_its_students_alone(browse, cast):
    scan = logged(cast.amara, cast.ravi, later=True)
    assert "Unaided draft" in page_of(browse, cast.amara, scan)
    for person in (cast.ravi, cast.dana, cast.ian, cast.esther):
        assert browse(person).get(f"/scans/{scan.id}").status_code == 404


def test_every_tap_is_there_in_words(browse, cast):
    scan = logged(
        cast.amara,
        cast.ravi,
        protocol="full",
        indication="weakness after trauma",
        outcome="abnormal, explains symptoms",
        limitations=("pain",),
        modifiers=("dynamic",),
        normal=("all",),
        age_band="50 to 59",
        sex="female",
        machine="Esaote MyLab X8",
        transducer="hockey stick",
    )
    page = page_of(browse, cast.ravi, scan)
    words = (
        *(
            "Supraspinatus: full-thickness tear",
            "The rest normal: long head of biceps, subscapularis",
            "Full",
            "Weakness after trauma",
        ),
        *("Abnormal, explains symptoms", "Pain", "Dynamic", "50 to 59, female", "Esaote MyLab X8", "Hockey stick"),
        *("Amara Okafor", "Case 0001", "Croydon MSK clinic", "Unaided with mentor"),
    )
    for word in words:
        assert word in page


def test_all_normal_says_which_structures_it_stands_for(browse, cast):
    focused = {"protocol": "focused", "indication": "pain, cuff tear?", "findings": (), "normal": ("all",)}
    page = page_of(browse, cast.ravi, logged(cast.amara, cast.ravi, **focused))
    assert "All normal: subscapularis, supraspinatus, infraspinatus and teres minor" in page
    muscle = logged(cast.amara, cast.ravi, region="muscle", findings=(), normal=("all",))
    assert "All normal: no structures listed" in page_of(browse, cast.amara, muscle)
    both = {"side": "both", "findings": (Pair("ssp", "tendinosis", "left"),), "normal": ("left | all", "right | all")}
    sided = focused | both | {"not_seen": (NotSeen("ssc", "pain", "right"),)}
    page = page_of(browse, cast.ravi, logged(cast.amara, cast.ravi, **sided))
    assert "The rest normal (left): subscapularis, infraspinatus and teres minor" in page
    assert "All normal (right): supraspinatus, infraspinatus and teres minor" in page


def test_own_words_are_marked_and_missing_ones_too(browse, cast):
    own = browse(cast.ravi).get(f"/scans/{logged(cast.amara, cast.ravi).id}").text
    assert "<mark>" in own and "own words missing" not in own
    bare = browse(cast.ravi).get(f"/scans/{logged(cast.amara, cast.ravi, report='').id}").text
    assert "<mark>" not in bare and "own words missing" in bare


def test_the_story_is_told_in_words(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Add the long axis.")
    entry = scan_entry.entry_of(Scan.get_by_id(scan.id))
    scans.correct(scan.id, entry, by=cast.amara, version=1)
    reviews.approve(scan.id, by=cast.ravi, version=2, comment="Good now.")
    longer_ago(scan, "approve")
    reopening.reopen(scan.id, by=cast.ravi, why="Wrong side, I think.")
    page = page_of(browse, cast.amara, scan)
    told = ["Logged and sent to the mentor", "Returned", "Add the long axis.", "Corrected and sent (version 2)"]
    told += ["Approved", "Good now.", "Reopened", "Wrong side, I think."]
    places = [page.rindex(words) for words in told]
    assert places == sorted(places)


def test_an_approval_that_can_be_undone_is_not_told_to_the_student(browse, cast):
    scan = logged(cast.amara, cast.ravi, support="aided")
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="Well done.")
    before = page_of(browse, cast.amara, scan)
    assert "Well done." not in before and "Audit" not in before.replace("Audited:", "") and "counted" not in before
    assert "Well done." in page_of(browse, cast.ravi, scan)
    longer_ago(scan, "approve")
    after = page_of(browse, cast.amara, scan)
    assert "Well done." in after and "Audited and approved" in after and "Aided counted" in after


def test_a_student_who_edits_while_an_approval_can_be_undone_is_not_told_of_it_either(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    amara = browse(cast.amara)

    def answers():
        return [
            amara.get(f"/scans/{scan.id}/edit"),
            amara.post(f"/scans/{scan.id}", abnormal(cast, version=1, report="Mine.")),
        ]

    for answer in answers():
        assert answer.status_code == 409
        assert "is deciding on this scan" in text_of(answer) and "This scan is approved" not in text_of(answer)
    longer_ago(scan, "approve")
    assert all("This scan is approved" in text_of(answer) for answer in answers())


def test_an_approval_that_was_undone_was_never_told(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="Too quick.")
    reviews.undo(scan.id, by=cast.ravi, version=1)
    longer_ago(scan, "approve", "undo")
    page = page_of(browse, cast.amara, scan)
    assert "Too quick." not in page and "undone" not in page
    assert "Approval undone" in page_of(browse, cast.ravi, scan)


def test_what_came_back_is_seen_by_a_post_and_not_by_a_get(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Add the long axis.")
    amara = browse(cast.amara)
    page = amara.get(f"/scans/{scan.id}").text
    unseen = Notice.select().where(Notice.kind == "scan_returned", Notice.read_at.is_null())
    assert unseen.count() == 1
    assert (
        f'hx-post="/scans/{scan.id}/seen" hx-trigger="load"' in page
        and "Got it" in page
        and "Add the long axis." in page
    )
    assert amara.post(f"/scans/{scan.id}/seen", htmx=True).status_code == 200
    assert unseen.count() == 0
    assert "/seen" not in amara.get(f"/scans/{scan.id}").text


def test_an_approval_that_can_be_undone_is_not_marked_as_seen(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="Fine.")
    amara = browse(cast.amara)
    amara.post(f"/scans/{scan.id}/seen")
    assert Notice.get(Notice.kind == "scan_commented").read_at is None
    longer_ago(scan, "approve")
    amara.post(f"/scans/{scan.id}/seen")
    assert Notice.get(Notice.kind == "scan_commented").read_at is not None


@pytest.mark.parametrize(
    ("state", "there", "not_there"),
    [
        ("draft", ("Edit", "Send to mentor", "Withdraw"), ("Hand over", "Bring it back")),
        ("with_mentor", ("Edit", "Withdraw", "Hand over"), ("Send to mentor",)),
        ("returned", ("Edit", "Send to mentor", "Withdraw"), ("Hand over",)),
        ("counted", (), ("Edit", "Send to mentor", "Withdraw", "Hand over", "Reopen")),
        ("withdrawn", ("Bring it back",), ("Edit", "Send to mentor", "Hand over")),
    ],
)
def test_the_student_is_offered_what_the_state_allows(browse, cast, state, there, not_there):
    scan = logged(cast.amara, cast.ravi, later=state == "draft")
    if state == "returned":
        reviews.send_back(scan.id, by=cast.ravi, version=1, why="Look again.")
    if state == "counted":
        reviews.approve(scan.id, by=cast.ravi, version=1)
        longer_ago(scan, "approve")
    if state == "withdrawn":
        scans.withdraw(scan.id, by=cast.amara, version=1)
    page = page_of(browse, cast.amara, scan).partition("Its story")[0]
    for label in there:
        assert label in page
    for label in not_there:
        assert label not in page.replace("Withdrawn", "")


def test_the_mentor_is_led_to_the_review_and_to_reopening(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    waiting = browse(cast.ravi).get(f"/scans/{scan.id}").text
    assert f'href="/scans/{scan.id}/review"' in waiting and f'action="/scans/{scan.id}/mentor"' in waiting
    assert "/review" not in browse(cast.dana).get(f"/scans/{scan.id}").text
    reviews.approve(scan.id, by=cast.ravi, version=1)
    assert f'action="/scans/{scan.id}/reopening"' in browse(cast.ravi).get(f"/scans/{scan.id}").text


def test_a_withdrawal_is_undone(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    amara = browse(cast.amara)
    answer = amara.post(f"/scans/{scan.id}/withdrawal", {"version": 1})
    page = amara.get(answer.location)
    assert "Withdrawn." in text_of(page) and "Undo" in page.text
    undo = f"/scans/{scan.id}/withdrawal/undo?version=1"
    assert undo in page.text
    for _ in range(2):
        assert amara.post(undo).status_code == 303
    assert Scan.get_by_id(scan.id).state == states.DRAFT


def test_a_draft_that_lacks_nothing_is_sent(browse, cast):
    scan = logged(cast.amara, cast.ravi, later=True)
    amara = browse(cast.amara)
    for _ in range(2):  # a second tap changes nothing
        answer = amara.post(f"/scans/{scan.id}/sending", {"version": 1})
    assert "Sent. It is with Ravi Patel." in text_of(amara.get(answer.location))
    assert Move.select().where(Move.scan == scan, Move.verb == "send").count() == 1


def test_a_draft_that_lacks_something_says_what_and_is_not_sent(browse, cast):
    scan = logged(cast.amara, cast.ravi, side="")
    assert "Not sent yet. Missing: side." in page_of(browse, cast.amara, scan)
    answer = browse(cast.amara).post(f"/scans/{scan.id}/sending", {"version": 1}, json=True)
    assert answer.status_code == 422
    assert Scan.get_by_id(scan.id).state == states.DRAFT


def test_the_marks_in_the_address_say_nothing_to_others(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    assert "Saved." in page_of(browse, cast.amara, scan, saved=1)
    assert "Saved." not in page_of(browse, cast.ravi, scan, saved=1)


def test_the_page_asks_the_database_four_times_however_long_its_story(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    for turn in range(1, 6):
        for client in (amara, ravi):
            with queries_of(db) as seen:
                client.get(f"/scans/{scan.id}")
            assert len(seen) <= 4, seen
        to, step = (cast.priya if turn % 2 else cast.ravi).id, transitions.last_step(scan.id)
        reviews.hand_over(scan.id, by=cast.amara, to=to, step=step)


def test_the_page_says_nothing_that_is_not_escaped(browse, cast):
    scan = logged(cast.amara, cast.ravi, report="<script>alert(1)</script> <b hx-get='/me'>tear</b>")
    page = browse(cast.ravi).get(f"/scans/{scan.id}").text
    assert "<script>alert" not in page and "<b hx-get" not in page


def test_undo_is_as_long_as_the_programme_says(cast):
    programme = programmes.get("msk-pgcert")
    seconds = programme.undo_seconds + programme.undo_grace_seconds
    assert programmes.longest_undo() >= timedelta(seconds=seconds)
