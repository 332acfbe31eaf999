"""Days have bounds at every entrance, and a page stands whatever days are in the database already."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from blueprints.cohort import pace_chart
from models import Cohort, Enrolment, Placement, Scan, db
from rules import dates
from tests.faults.ground import FULL
from tests.security.walk import walk
from workflows.people import people, people_import
from workflows.refusals import Invalid

FAR = {"long ago": date.min, "far ahead": date.max}


def around(day: date, days: int) -> date:
    """So many days later, or as near as there are days."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


@pytest.mark.slow
@pytest.mark.parametrize("of", ["long ago", "far ahead", "from the first day to the last"])
def test_every_page_stands_with_days_that_cannot_be_meant(world, undone, of):
    early, late = {"long ago": (date.min, around(date.min, 1)), "far ahead": (around(date.max, -1), date.max)}.get(
        of, (date.min, date.max)
    )
    Cohort.update(starts_on=early, due_on=late).execute()
    Enrolment.update(enrolled_on=early).execute()
    Placement.update(starts_on=early).execute()
    Scan.update(scanned_on=late).execute()
    for who in ("amara", "ravi", "dana", "helen"):
        for path, answer, _ in walk(world, who):
            assert answer.status_code < 500, (who, path)


def test_the_day_of_a_scan_has_bounds_beside_its_field(world):
    Enrolment.update(enrolled_on=date.min).execute()
    with world.undone():
        sends = {"support": "unaided", "region": "shoulder", "side": "right", "normal": "all", "scan_id": "6" * 32}
        for day in ("0001-01-01", "1999-12-31", "9999-12-31", "2100-01-01", "10000-01-01", "99999999999-01-01"):
            for path in ("/scans", f"/scans/{world.ids['amara.draft']}"):
                answer = world.ask("amara", "POST", path, {**sends, "version": 1, "scanned_on": day, "report": "kept"})
                assert answer.status_code == 422, (path, day)
                assert "scanned_on-error" in answer.text and "kept" in answer.text
        for at in ("0001-01-01T00:00+14:00", "9999-12-31T23:59:59-14:00", "1e9", "9" * 50):
            answer = world.ask("amara", "POST", "/scans", {**sends, "entered_at": at, "later": "1"})
            assert answer.status_code in (303, 409)


NUMBERS = ["-1", "0", "9" * 19, "9" * 100, "1e400", "9999-12-31", "0001-01-01", "2" * 190]


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_or_day_in_an_address_is_never_too_much(world, number):
    """In the short run each name is asked for on every third page, another one for each number."""
    asks = "cohort page site mentor region show sort q made like state support finish words back until month from to"
    count = NUMBERS.index(number)
    for who, paths in {
        "dana": ("/cohort", "/cohort.csv", "/cohort.xlsx", f"/cohorts/{world.ids['cohort']}/counters", "/students"),
        "amara": ("/scans", "/scans/new", "/scans.csv", "/news"),
        "ravi": ("/inbox", "/inbox/counters", f"/students/{world.ids['amara']}"),
    }.items():
        for path in paths:
            for name in asks.split():
                count += 1
                if FULL or count % 3 == 0:
                    assert world.ask(who, "GET", f"{path}?{name}={number}").status_code < 500, (path, name)
    for path in ("/students/{}", "/cohorts/{}/counters", "/scans/{}", "/scans/new/findings/{}"):
        for who in ("dana", "amara"):
            assert world.ask(who, "GET", path.format("9" * 5000)).status_code < 500, path


def test_an_import_names_each_day_that_cannot_be_meant(database):
    head = "email,name,role,cohort,starts_on,due_on,enrolled_on,site,placement_starts_on"
    row = "kim@x.ac.uk,Kim Lee,student,Spring,{starts_on},{due_on},{enrolled_on},Ward 3,{placement_starts_on}"
    good = {"starts_on": "2027-01-11", "due_on": "2027-09-30", "enrolled_on": "", "placement_starts_on": ""}
    assert people_import.import_people(f"{head}\n{row.format(**good)}".encode(), preview=True).problems == []
    for column in good:
        for day in ("9999-12-31", "0001-01-01", "31/12/1999", "2100-01-01"):
            outcome = people_import.import_people(f"{head}\n{row.format(**{**good, column: day})}".encode())
            assert f"Row 2, {column}: {dates.SENTENCE}" in map(str, outcome.problems), (column, day)


def test_no_verb_takes_a_day_that_cannot_be_meant(cast, database):
    for day in FAR.values():
        with pytest.raises(Invalid, match="from 2000 to 2099"):
            people.open_cohort("msk-pgcert", "Another", min(day, date(2027, 1, 1)), max(day, date(2027, 1, 2)))
        with pytest.raises(Invalid):
            people.enrol(cast.ravi, cast.cohort, day)
        with pytest.raises(Invalid, match="from 2000 to 2099"):
            people.place(Enrolment.get(), "Another site", day)
    assert db.in_transaction() is False


@pytest.mark.parametrize(("starts", "due"), [(date.min, date.max), (date.min, date.min + timedelta(1))])
def test_a_pace_is_drawn_of_any_days(starts, due):
    for today in (date.min, date(2027, 1, 1), date.max):
        drawn = pace_chart.pace_chart(((date(2027, 1, 1), 3),), starts, due, today, 250)
        assert len(drawn.days) <= 7 and len(drawn.rows) <= pace_chart.LINES + 2
