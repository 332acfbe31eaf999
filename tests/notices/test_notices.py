"""Who is told of what: in the transaction of the action, unread until it was read, and nobody of what was undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from peewee import IntegrityError

import clock
from models import Notice, Party
from tests.cast import happened, logged
from tests.client import queries_of
from workflows.accounts import accounts
from workflows.notices import notices, push_delivery
from workflows.reviews import reviews
from workflows.scans import scans, transitions

pytestmark = pytest.mark.both


def told(scan, *kinds):
    """Id of who has the last notice of these kinds about the scan; None when nobody has."""
    about = (Notice.subject == f"scan:{scan.id}") & Notice.kind.in_(kinds)
    return Notice.select(Notice.recipient).where(about).order_by(Notice.id.desc()).tuples().scalar()


def unread(person) -> int:
    return accounts.visitor(accounts.start(person)).unread


def past_the_undo(scan):
    """As if it had been approved an hour before."""
    happened(scan, clock.now() - timedelta(hours=1), "approve")


def test_a_mentor_is_told_of_a_scan_that_is_sent_and_the_student_is_not(cast):
    scan = logged(cast.amara, cast.ravi)
    assert told(scan, "scan_sent") == cast.ravi.id
    draft = logged(cast.amara, cast.ravi, later=True, side="left")
    assert told(draft, "scan_sent") is None
    scans.send(draft.id, by=cast.amara, version=1)
    assert told(draft, "scan_sent") == cast.ravi.id


def test_what_came_back_is_told_to_the_student(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    assert told(scan, "scan_returned") == cast.amara.id
    assert (unread(cast.amara), unread(cast.ravi), unread(cast.tom)) == (1, 0, 0)


def test_an_approval_is_unread_only_once_it_cannot_be_undone(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1, comment="Clear images.")
    assert unread(cast.amara) == 0
    past_the_undo(scan)
    assert unread(cast.amara) == 1


def test_an_approval_that_was_undone_is_told_to_nobody(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    reviews.undo(scan.id, by=cast.ravi, version=1)
    assert told(scan, "scan_approved", "scan_commented") is None
    past_the_undo(scan)
    assert unread(cast.amara) == 0


def test_a_mentor_is_told_that_a_colleague_handed_them_a_scan_and_not_that_they_took_it(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.hand_over(scan.id, by=cast.ravi, to=cast.priya.id)
    assert (unread(cast.priya), unread(cast.ravi)) == (1, 0)
    reviews.hand_over(scan.id, by=cast.ravi, to=cast.ravi.id, step=transitions.last_step(scan.id))
    assert unread(cast.ravi) == 0


def test_the_database_tells_nobody_what_they_did_themselves(cast):
    scan = logged(cast.amara, cast.ravi)
    with pytest.raises(IntegrityError):
        Notice.update(recipient=cast.amara.id).where(Notice.subject == f"scan:{scan.id}").execute()


def test_seeing_the_scan_and_seeing_the_news_are_one(cast):
    one, other = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, side="left")
    for scan in (one, other):
        reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    notices.mark_read([f"scan:{one.id}"], by=cast.tom)
    assert unread(cast.amara) == 2
    notices.mark_read([f"scan:{one.id}"], by=cast.amara)
    assert unread(cast.amara) == 1
    notices.mark_all_read(by=cast.amara, until=clock.now())
    assert unread(cast.amara) == 0


def test_what_came_after_the_page_was_made_stays_unread(cast):
    scan = logged(cast.amara, cast.ravi)
    made = clock.now()
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    notices.mark_all_read(by=cast.amara, until=made)
    assert unread(cast.amara) == 1


# --- The page and the bell -------------------------------------------------------------------------------------


def test_the_bell_of_every_page_says_how_much_is_unread(browse, cast):
    amara = browse(cast.amara)
    assert "unread" not in amara.get("/").text
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    for path in ("/", "/scans", "/me", "/news"):
        assert "What is new: 1 unread" in amara.get(path).text
    assert "What is new: 1 unread" in amara.get("/news/bell", htmx=True).text


def test_the_news_are_listed_latest_first_and_each_leads_to_its_scan(browse, cast):
    one, other = (
        logged(cast.amara, cast.ravi),
        logged(cast.amara, cast.ravi, region="knee", findings=(), normal=("all",)),
    )
    reviews.send_back(one.id, by=cast.ravi, version=1, why="Which axis?")
    reviews.approve(other.id, by=cast.ravi, version=1, comment="Clear images.")
    past_the_undo(other)
    happened(other, clock.now() - timedelta(hours=2), "approve")
    page = browse(cast.amara).get("/news").text
    assert page.index("Right shoulder returned") < page.index("Right knee approved, with a comment")
    assert f'href="/scans/{one.id}"' in page and "Ravi Patel: Which axis?" in page
    assert "Today" in page


def test_opening_the_page_changes_nothing_and_its_form_marks_all_as_read(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    amara = browse(cast.amara)
    page = amara.get("/news")
    assert unread(cast.amara) == 1
    assert 'hx-post="/news/seen" hx-trigger="load"' in page.text and "Mark all as read" in page.text
    until = page.text.split('name="until" value="')[1].split('"')[0]
    answer = amara.post("/news/seen", {"until": until}, htmx=True)
    assert answer.status_code == 200 and "unread" not in answer.text
    assert unread(cast.amara) == 0
    assert "Mark all as read" not in amara.get("/news").text


def test_without_javascript_the_button_leads_back_to_the_page(browse, cast):
    assert browse(cast.amara).post("/news/seen", {"until": "1"}).location == "/news"
    assert browse(cast.amara).post("/news/seen", {"until": "soon"}).status_code == 400


def test_a_handed_over_scan_leads_its_new_mentor_to_the_review(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.hand_over(scan.id, by=cast.ravi, to=cast.priya.id)
    priya = browse(cast.priya)
    assert f'href="/scans/{scan.id}/review"' in priya.get("/news").text
    assert f'hx-post="/scans/{scan.id}/seen"' in priya.get(f"/scans/{scan.id}/review").text
    assert priya.post(f"/scans/{scan.id}/seen", htmx=True).status_code == 200
    assert unread(cast.priya) == 0
    assert "/seen" not in priya.get(f"/scans/{scan.id}/review").text


def test_who_has_left_the_placement_reads_no_more_of_it(browse, cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.hand_over(scan.id, by=cast.ravi, to=cast.priya.id)
    Party.update(ended_on=clock.now().date()).where(Party.person == cast.priya).execute()
    assert scan.id not in browse(cast.priya).get("/news").text


def test_an_empty_page_says_what_will_be_there(browse, cast):
    for person in (cast.amara, cast.ravi, cast.dana):
        assert "Nothing is new." in browse(person).get("/news").text


def test_the_number_costs_no_question_of_its_own(browse, cast, database):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    amara = browse(cast.amara)
    with queries_of(database) as seen:
        amara.get("/news")
    assert len(seen) == 2, seen


def test_telling_costs_logging_and_approving_one_insert_each(cast, database):
    def inserted(seen) -> list[str]:
        return [sql.split()[2].strip('"') for sql in seen if sql.startswith("INSERT")]

    with queries_of(database) as seen:
        scan = logged(cast.amara, cast.ravi)
    assert sorted(inserted(seen)) == ["history", "move", "notice", "scan", "tally"]
    with queries_of(database) as seen:
        reviews.approve(scan.id, by=cast.ravi, version=1)
    assert inserted(seen).count("notice") == 1
    whose = [sql for sql in seen if sql.startswith('SELECT "t1"."person_id" FROM "enrolment"')]
    assert whose == [], "whose scan it is, and so who is told, is read with it"


@pytest.mark.parametrize("days", [1, 59])
def test_old_news_stay_for_two_months(browse, cast, days):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which side?")
    then = clock.now() - timedelta(days=days)
    happened(scan, then, "send_back")
    page = browse(cast.amara).get("/news").text
    assert "Right shoulder returned" in page and ("Yesterday" in page) == (days == 1)


@pytest.mark.sqlite
def test_what_is_unread_is_counted_from_the_index_of_what_is_unread_alone(database):
    sql = accounts._VISITOR.format(mark="?", day="'2026-09-01'")
    plan = database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", (1, "", 1, 1)).fetchall()
    assert "SEARCH n USING COVERING INDEX notice_unread (recipient_id=? AND deliver_at<?)" in [row[-1] for row in plan]


@pytest.mark.sqlite
def test_what_is_due_is_looked_for_among_the_browsers_and_in_no_long_table(database):
    plan = database.execute_sql(f"EXPLAIN QUERY PLAN {push_delivery._DUE}", (1, 1, 1, 1)).fetchall()
    steps = [row[-1] for row in plan]
    assert [step for step in steps if step.startswith("SCAN")] == ["SCAN s"], steps
    assert any("COVERING INDEX notice_recent" in step for step in steps)
