"""What the tests of the cohort do over and over: students, days gone by, the rows of a page."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import clock
from models import Cohort, Enrolment, Person
from tests.cast import logged
from workflows.reviews import reviews


def names(page: str) -> list[str]:
    """The students in the order of the rows."""
    rows = page[page.find('<table class="rows roster full">') : page.find('id="case-mix"')]
    return re.findall(r'class="name"><a [^>]*>([^<]+)<', rows)


def at_risk(page: str) -> list[tuple[str, str]]:
    """Who is named in the panel on top, and why."""
    panel = page[page.find('class="card at-risk') : page.find('id="students"')]
    rows = re.findall(r"<li><a [^>]*>([^<]+)</a> <span>(.*?)</span></li>", panel, re.DOTALL)
    return [(name, re.sub(r"<[^>]+>", "", why)) for name, why in rows]


def row_of(page: str, name: str) -> str:
    rows = re.findall(r'<tr id="student-\d+">.*?</tr>', page, re.DOTALL)
    return next(row for row in rows if f">{name}<" in row)


def counters(client, cohort, **options) -> dict[str, str]:
    """The numbers of the piece, by their label."""
    text = client.get(f"/cohorts/{cohort.id}/counters", htmx=True, **options).text
    return {
        label.strip(): value
        for value, label in re.findall(r"<b>([\d,]+)</b> <span>(?:<svg.*?</svg>)?(.*?)</span>", text)
    }


def more_students(cohort: Cohort, total: int) -> None:
    """So many that the cohort has `total`, all without a scan."""
    now = clock.now()
    for number in range(Enrolment.select().count(), total):
        person = Person.create(email=f"{number}@example.test", name=f"Student {number:03}", made_at=now)
        Enrolment.create(person=person, cohort=cohort, enrolled_on=cohort.starts_on)


def another_cohort(programme: str = "msk-pgcert", name: str = "September 2025") -> Cohort:
    today = clock.now().date()
    return Cohort.create(
        programme=programme, name=name, starts_on=today - timedelta(days=435), due_on=today - timedelta(days=165)
    )


@contextmanager
def days_earlier(days: int):
    """What is done meanwhile was done so many days ago, at the same time of the programme's day: 36 days before half
    past midnight is no other day because the clocks went back in between.
    """
    real, zone = clock.now, ZoneInfo("Europe/London")
    with patch.object(clock, "now", lambda: (real().astimezone(zone) - timedelta(days=days)).astimezone(UTC)):
        yield


def counted(student: Person, mentor: Person, times: int = 1, **changes: object) -> None:
    """Scans that the mentor has approved."""
    for _ in range(times):
        scan = logged(student, mentor, **changes)
        reviews.approve(scan.id, by=mentor, version=scan.version)
