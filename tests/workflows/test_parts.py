"""Parts have days: they begin, end, are covered and come back, and what waits goes to whoever may judge it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

import clock
from models import Enrolment, Move, Notice, Party, Person, Placement, Scan
from tests.cast import days_ago, logged
from visibility import mentors_of_placement
from workflows.people import covers, part_changeovers, parts
from workflows.refusals import Conflict, Invalid, NotFound, Refused
from workflows.reviews import reviews, successors
from workflows.scans import scans, transitions

KNEE = {"region": "knee", "findings": (), "normal": ("all",), "report": ""}
DAY = timedelta(days=1)


@pytest.fixture
def today(monkeypatch):
    """Sets the day: `today(3)` is three days after the cast was gathered, at noon."""
    start = clock.today()

    def set_to(days: int) -> date:
        at = datetime.combine(start + days * DAY, time(12), UTC)
        monkeypatch.setattr(clock, "now", lambda: at)
        return start + days * DAY

    set_to(0)
    return set_to


def placement_of(student: Person) -> Placement:
    return Placement.get(Placement.enrolment == Enrolment.get(Enrolment.person == student))


def part_of(person: Person, student: Person) -> Party:
    return Party.get(Party.person == person, Party.placement == placement_of(student), Party.cover_for.is_null())


def mentors(student: Person) -> list[str]:
    ids = [one for (one,) in mentors_of_placement(placement_of(student).id).tuples()]
    return sorted(name for (name,) in Person.select(Person.name).where(Person.id.in_(ids)).tuples())


def away(cast, today, *, first: int = 3, last: int = 17, covered_by: str = "priya", by: str = "ravi") -> list[Party]:
    start = today(0)
    return covers.cover(
        part_of(cast.ravi, cast.amara).id,
        person=getattr(cast, covered_by).id,
        from_on=start + first * DAY,
        last_day=start + last * DAY,
        by=getattr(cast, by),
    )


def with_whom(scan: Scan) -> str:
    return Scan.get_by_id(scan.id).mentor.name


def told(person: Person, kind: str) -> int:
    return Notice.select().where(Notice.recipient == person, Notice.kind == kind).count()


def only_with_ravi(cast) -> None:
    """Priya never mentored Amara and Tom, but another student at the same site."""
    Party.delete().where(Party.person == cast.priya, Party.placement == placement_of(cast.amara)).execute()


# --- Covers ---------------------------------------------------------------------------------------------------------


def test_one_form_covers_for_all_of_a_mentors_students_at_the_site(cast, today):
    made = away(cast, today)
    assert {one.placement_id for one in made} == {placement_of(cast.amara).id, placement_of(cast.tom).id}
    assert {(one.person_id, one.role) for one in made} == {(cast.priya.id, "mentor")}
    assert away(cast, today) == made  # pressed twice


def test_what_waits_goes_to_the_cover_on_the_first_day_and_back_after_the_last(cast, today):
    only_with_ravi(cast)
    scan, judged = logged(cast.amara, cast.ravi), logged(cast.tom, cast.ravi)
    away(cast, today)
    today(2)
    assert part_changeovers.hand_over_due() == 0 and with_whom(scan) == "Ravi Patel"
    assert mentors(cast.amara) == ["Ravi Patel"]
    today(3)
    assert part_changeovers.hand_over_due() == 2
    assert part_changeovers.hand_over_due() == 0  # another worker, or the same a minute later
    assert with_whom(scan) == "Priya Nair" and mentors(cast.amara) == ["Priya Nair", "Ravi Patel"]
    move = Move.get(Move.scan == scan, Move.verb == "hand_over")
    assert move.by_id == cast.ravi.id
    assert move.why == f"Ravi Patel is away until {(days_ago(0) + 14 * DAY).strftime('%-d %B %Y')}. To Priya Nair."
    reviews.approve(judged.id, by=cast.priya, version=1)
    today(17)
    assert part_changeovers.hand_over_due() == 0 and with_whom(scan) == "Priya Nair"
    today(18)
    assert part_changeovers.hand_over_due() == 2
    assert with_whom(scan) == "Ravi Patel" and with_whom(judged) == "Priya Nair"
    assert (
        Move.select().where(Move.scan == scan).order_by(Move.id.desc()).first().why
        == "Ravi Patel is back. To Ravi Patel."
    )
    assert mentors(cast.amara) == ["Ravi Patel"]
    with pytest.raises(NotFound):
        reviews.send_back(scan.id, by=cast.priya, version=1, why="Which side?")


def test_both_mentors_are_told_and_each_student_once(cast, today):
    away(cast, today)
    assert told(cast.priya, "cover_arranged") == 1 and told(cast.ravi, "cover_arranged") == 0  # he arranged it
    today(3)
    part_changeovers.hand_over_due()
    today(18)
    part_changeovers.hand_over_due()
    for person in (cast.ravi, cast.priya):
        assert (told(person, "cover_begun"), told(person, "cover_ended")) == (1, 1)
    for student in (cast.amara, cast.tom):
        assert told(student, "cover_begun_of_student") == 1
    assert told(cast.mei, "cover_begun_of_student") == 0


def test_a_cover_that_begins_today_begins_at_once_and_an_early_return_ends_it_at_once(cast, today):
    only_with_ravi(cast)
    scan = logged(cast.amara, cast.ravi)
    made = away(cast, today, first=0)
    assert with_whom(scan) == "Priya Nair"
    assert len(covers.change(made[0].id, last_day=None, by=cast.ravi)) == 2
    assert with_whom(scan) == "Ravi Patel" and mentors(cast.amara) == ["Ravi Patel"]
    assert covers.change(made[0].id, last_day=None, by=cast.ravi) == []  # pressed twice


def test_a_cover_that_is_called_off_before_it_begins_never_does(cast, today):
    made = away(cast, today)
    covers.change(made[0].id, last_day=None, by=cast.ravi)
    for day in (3, 17, 18):
        today(day)
        assert part_changeovers.hand_over_due() == 0
    assert told(cast.priya, "cover_called_off") == 1 and told(cast.priya, "cover_begun") == 0
    today(0)
    assert len(away(cast, today)) == 2  # and may be arranged anew


def test_the_days_of_a_cover_are_moved(cast, today):
    only_with_ravi(cast)
    scan, made = logged(cast.amara, cast.ravi), away(cast, today, first=0)
    covers.change(made[0].id, last_day=today(0) + 20 * DAY, by=cast.dana)
    today(18)
    assert part_changeovers.hand_over_due() == 0 and with_whom(scan) == "Priya Nair"
    covers.change(made[0].id, last_day=today(18), by=cast.ravi)
    today(19)
    assert part_changeovers.hand_over_due() == 2 and with_whom(scan) == "Ravi Patel"
    with pytest.raises(Conflict, match="ended already"):
        covers.change(made[0].id, last_day=today(19) + DAY, by=cast.ravi)


def test_a_worker_that_was_away_for_all_of_a_cover_hands_over_nothing(cast, today):
    scan = logged(cast.amara, cast.ravi)
    away(cast, today)
    today(30)
    assert part_changeovers.hand_over_due() == 0 and with_whom(scan) == "Ravi Patel"


def test_who_mentors_there_too_keeps_what_was_sent_to_them(cast, today):
    handed, own = logged(cast.amara, cast.ravi), logged(cast.amara, cast.priya, **KNEE)
    away(cast, today, first=0)
    new = logged(cast.amara, cast.priya, region="hip", findings=(), normal=("all",), report="")
    assert {with_whom(one) for one in (handed, own, new)} == {"Priya Nair"}
    today(18)
    part_changeovers.hand_over_due()
    assert [with_whom(one) for one in (handed, own, new)] == ["Ravi Patel", "Priya Nair", "Priya Nair"]


def test_a_mentor_on_leave_judges_what_is_theirs_and_not_what_the_cover_has(cast, today):
    only_with_ravi(cast)
    kept, handed = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, **KNEE)
    reviews.approve(kept.id, by=cast.ravi, version=1)
    away(cast, today, first=0)
    with pytest.raises(Conflict, match="This scan is with Priya Nair"):
        reviews.approve(handed.id, by=cast.ravi, version=1)
    reviews.undo(kept.id, by=cast.ravi, version=1)
    reviews.approve(kept.id, by=cast.ravi, version=1, step=transitions.last_step(kept.id))
    assert Scan.get_by_id(kept.id).state == "counted"


@pytest.mark.parametrize(
    ("days", "field", "says"),
    [
        ((-80, 3), "from_on", "This part begins on"),
        ((3, 2), "last_day", "The last day is the first day"),
        ((-9, -2), "last_day", "These days are over"),
        ((0, 400), "last_day", "a year at most"),
        ((-9_000, 3), "from_on", "This part begins on"),
    ],
)
def test_days_that_cannot_be_are_refused_with_a_sentence(cast, today, days, field, says):
    with pytest.raises(Invalid) as refused:
        away(cast, today, first=days[0], last=days[1])
    assert says in refused.value.problems[field][0]
    assert not Party.select().where(Party.cover_for.is_null(False)).exists()


def test_covers_do_not_overlap(cast, today):
    away(cast, today)
    with pytest.raises(Invalid, match="Priya Nair covers for Ravi Patel from .* already"):
        away(cast, today, first=17, last=20)
    assert len(away(cast, today, first=18, last=20)) == 2  # the day after is free


def test_nobody_covers_while_they_are_away_themselves(cast, today):
    away(cast, today)
    priyas = part_of(cast.priya, cast.amara)
    with pytest.raises(Invalid, match="Ravi Patel is away"):
        covers.cover(priyas.id, person=cast.ravi.id, from_on=today(0), last_day=today(0) + 5 * DAY, by=cast.priya)


def test_a_student_never_covers_for_their_own_mentor(cast, today):
    meis = placement_of(cast.mei)
    Party.create(placement=meis, person=cast.amara, role="mentor")  # Amara mentors Mei at Brighton
    Placement.create(enrolment=Enrolment.get(Enrolment.person == cast.amara), site=cast.brighton, starts_on=days_ago(9))
    ambers = Placement.get(Placement.site == cast.brighton, Placement.id != meis.id)
    Party.create(placement=ambers, person=cast.grace, role="mentor")
    graces = part_of(cast.grace, cast.mei)
    made = covers.cover(graces.id, person=cast.amara.id, from_on=today(0), last_day=today(5), by=cast.dana)
    assert [one.placement_id for one in made] == [meis.id]  # not where she learns
    today(0)
    own = Party.get(Party.placement == ambers, Party.person == cast.grace)
    with pytest.raises(Invalid, match="cannot judge their own scans"):
        covers.cover(own.id, person=cast.amara.id, from_on=today(8), last_day=today(9), by=cast.dana)


def test_only_the_mentor_and_who_runs_the_course_arrange_a_cover(cast, today):
    for name in ("priya", "amara", "helen", "ian", "grace", "esther"):
        with pytest.raises(NotFound):
            away(cast, today, by=name)
    made = away(cast, today, by="dana")
    for name in ("priya", "amara", "grace"):
        with pytest.raises(NotFound):
            covers.change(made[0].id, last_day=None, by=getattr(cast, name))


# --- Beginning and ending -------------------------------------------------------------------------------------------


def test_a_part_begins_on_its_day_and_not_before(cast, today):
    where, start = placement_of(cast.amara), today(0)
    part = parts.begin(where.id, person=cast.grace.id, role="mentor", from_on=start + 3 * DAY, by=cast.dana)
    assert "Grace Adeyemi" not in mentors(cast.amara)
    today(3)
    assert "Grace Adeyemi" in mentors(cast.amara)
    again = parts.begin(where.id, person=cast.grace.id, role="mentor", from_on=start + 3 * DAY, by=cast.dana)
    assert again == part and told(cast.grace, "part_begun") == 1 and told(cast.amara, "mentors_changed") == 1


def test_whoever_comes_back_has_a_new_part(cast, today):
    part = part_of(cast.ravi, cast.amara)
    start = today(0)
    parts.end(part.id, last_day=start + 2 * DAY, by=cast.dana)
    today(3)
    assert mentors(cast.amara) == ["Priya Nair"]
    again = parts.begin(part.placement_id, person=cast.ravi.id, role="mentor", from_on=today(5), by=cast.dana)
    assert again.id != part.id and mentors(cast.amara) == ["Priya Nair", "Ravi Patel"]
    assert Party.get_by_id(part.id).ended_on == start + 3 * DAY


@pytest.mark.parametrize(
    ("person", "role", "days", "field", "says"),
    [
        ("grace", "mentor", -71, "from_on", "The placement begins on"),
        ("amara", "mentor", 0, "person", "not the student"),
        ("grace", "director", 0, "role", "Choose one of these"),
        ("ravi", "mentor", 0, "person", "is mentor here from"),
        ("grace", "mentor", 40_000, "from_on", "Write the first day"),
    ],
)
def test_a_part_that_cannot_begin_is_refused_with_a_sentence(cast, today, person, role, days, field, says):
    someone, where, day = getattr(cast, person), placement_of(cast.amara), today(0) + timedelta(days=days)
    with pytest.raises(Invalid) as refused:
        parts.begin(where.id, person=someone.id, role=role, from_on=day, by=cast.dana)
    assert says in refused.value.problems[field][0]


def test_what_waits_goes_to_the_successor_when_the_part_has_ended(cast, today):
    scan = logged(cast.amara, cast.ravi)
    part, start = part_of(cast.ravi, cast.amara), today(0)
    parts.end(part.id, last_day=start + 2 * DAY, by=cast.dana, successor=cast.priya.id)
    assert with_whom(scan) == "Ravi Patel"
    today(3)
    assert part_changeovers.hand_over_due() == 1 and part_changeovers.hand_over_due() == 0
    assert with_whom(scan) == "Priya Nair"
    move = Move.get(Move.scan == scan, Move.verb == "hand_over")
    assert (move.by_id, move.why) == (cast.dana.id, "Follows Ravi Patel. To Priya Nair.")


def test_without_a_successor_it_stays_where_who_may_hand_it_over_sees_it(cast, today):
    logged(cast.amara, cast.ravi)
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=today(0) - DAY, by=cast.dana)
    part_changeovers.hand_over_due()
    assert [(one.name, one.number) for one in successors.left_behind(cast.dana.id)] == [("Ravi Patel", 1)]


def test_a_part_ends_no_earlier_than_what_was_approved_in_it(cast, today):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    with pytest.raises(Invalid, match="Ravi Patel approved a scan here on"):
        parts.end(part_of(cast.ravi, cast.amara).id, last_day=today(0) - DAY, by=cast.dana)
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=today(0), by=cast.dana)


def test_the_successor_has_to_mentor_there_by_then(cast, today):
    for successor in (cast.grace, cast.ravi):
        with pytest.raises(Invalid, match="begin their part first"):
            parts.end(part_of(cast.ravi, cast.amara).id, last_day=today(0), by=cast.dana, successor=successor.id)


def test_the_last_day_is_moved_while_it_is_to_come_and_not_after(cast, today):
    part, start = part_of(cast.ravi, cast.amara), today(0)
    parts.end(part.id, last_day=start + 2 * DAY, by=cast.dana)
    parts.end(part.id, last_day=start + 5 * DAY, by=cast.dana)
    today(5)
    assert "Ravi Patel" in mentors(cast.amara)
    today(6)
    with pytest.raises(Conflict, match="The last day of this part was"):
        parts.end(part.id, last_day=start + 9 * DAY, by=cast.dana)
    assert parts.end(part.id, last_day=start + 5 * DAY, by=cast.dana).id == part.id  # pressed twice


def test_nobody_leaves_while_scans_wait_and_nobody_succeeds(cast, today):
    waiting = [logged(cast.amara, cast.ravi), logged(cast.tom, cast.ravi)]
    part = part_of(cast.ravi, cast.amara)
    with pytest.raises(Invalid, match="2 scans wait for Ravi Patel: choose who succeeds"):
        parts.leave(part.id, last_day=today(0) - DAY, by=cast.dana)
    assert Party.get_by_id(part.id).ended_on is None
    assert len(parts.leave(part.id, last_day=today(0) - DAY, by=cast.dana, successor=cast.priya.id)) == 2
    assert {with_whom(scan) for scan in waiting} == {"Priya Nair"}
    assert mentors(cast.tom) == ["Priya Nair"]


def test_nobody_leaves_while_scans_wait_for_who_covers(cast, today):
    only_with_ravi(cast)
    scan = logged(cast.amara, cast.ravi)
    away(cast, today, first=0)
    assert with_whom(scan) == "Priya Nair"
    with pytest.raises(Invalid, match="1 scan waits"):
        parts.leave(part_of(cast.ravi, cast.amara).id, last_day=today(0) - DAY, by=cast.dana)


def test_a_cover_ends_with_the_part_that_it_is_for(cast, today):
    only_with_ravi(cast)
    scan, made = logged(cast.amara, cast.ravi), away(cast, today, first=0)
    grace = parts.begin(
        placement_of(cast.amara).id, person=cast.grace.id, role="mentor", from_on=today(0), by=cast.dana
    )
    assert grace.id
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=today(0), by=cast.dana, successor=cast.grace.id)
    assert Party.get_by_id(made[0].id).ended_on == today(0) + DAY and with_whom(scan) == "Priya Nair"
    today(1)
    part_changeovers.hand_over_due()
    assert with_whom(scan) == "Grace Adeyemi" and mentors(cast.amara) == ["Grace Adeyemi"]
    with pytest.raises(Refused, match="This is a cover"):
        parts.end(made[0].id, last_day=today(0), by=cast.dana)


def test_a_backdated_ending_takes_effect_at_once(cast, today):
    scan = logged(cast.amara, cast.ravi)
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=today(0) - 3 * DAY, by=cast.dana, successor=cast.priya.id)
    assert with_whom(scan) == "Priya Nair" and mentors(cast.amara) == ["Priya Nair"]


def test_a_scan_logged_before_its_mentor_left_arrives_as_a_draft_that_asks_for_another(cast, today):
    last = today(0)
    parts.end(part_of(cast.ravi, cast.amara).id, last_day=last, by=cast.dana, successor=cast.priya.id)
    today(4)
    scan = logged(cast.amara, cast.ravi, scanned_on=last)
    assert (scan.state, scan.mentor_id) == ("draft", cast.ravi.id)
    with pytest.raises(Invalid):
        scans.send(scan.id, by=cast.amara, version=1)


def test_a_scan_for_a_mentor_who_is_away_arrives_as_a_draft_that_asks_for_another(cast, today):
    away(cast, today, first=0)
    scan = logged(cast.amara, cast.ravi)
    assert scan.state == "draft"
    today(18)
    assert scans.send(scan.id, by=cast.amara, version=1).state == "with_mentor"
