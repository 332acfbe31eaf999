"""Whatever day it is, the demo course is under way, and the same day gives the same course."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from demo.days import cohort_days
from models import History, Person, Scan
from tests.demo.conftest import standing


def test_the_cohort_began_on_a_monday_in_mid_september_and_is_not_over():
    for number in range(800):
        today = date(2026, 1, 1) + timedelta(days=number)
        starts_on, due_on = cohort_days(today)
        assert starts_on.month == 9 and 14 <= starts_on.day <= 20 and starts_on.weekday() == 0
        assert starts_on + timedelta(weeks=8) <= today <= due_on - timedelta(weeks=8)


def told() -> tuple:
    actions = History.select(History.hash).where(History.verb != "baseline")  # which covers salts and seals too
    head = actions.order_by(History.seq.desc()).limit(1).scalar()
    scans = [(scan.id, scan.report, scan.state, scan.sent_at) for scan in Scan.select().order_by(Scan.id)]
    return head, scans, [(one.email, one.made_at) for one in Person.select().order_by(Person.id)]


def test_the_same_day_gives_the_same_course(plant):
    courses = []
    for hour in (1, 22):
        plant(datetime(2026, 11, 23, hour, tzinfo=UTC), "amara", "hannah", "samuel")
        courses.append(told())
    assert courses[0] == courses[1]


@pytest.mark.parametrize("day", [date(2026, 11, 9), date(2027, 9, 30)], ids=str)
def test_people_stand_where_they_are_said_to_stand_on_any_day_of_the_year(plant, day):
    now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    plant(now, "amara", "tom", "nathan")
    _, progress = standing(now)
    assert progress["amara"].status.key == "on pace" and progress["amara"].returned == 1
    assert progress["tom"].status.key == "behind"
    assert progress["nathan"].status.key == "complete"
