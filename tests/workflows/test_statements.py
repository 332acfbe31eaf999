"""What logging and approving ask of the database: no more statements than are named here, in this order."""

from __future__ import annotations

from itertools import pairwise

from tests.cast import entry_for, logged
from tests.client import queries_of
from workflows.reviews import reviews
from workflows.scans import scans, transitions

NUMBER = "6b1f8a52-8f0e-4a43-9d0c-2f4a6f3a1c11"
# A move, the notice of it, the history's two heads and its row, the student's tally with their cohort.
RECORDED = ["INSERT move", "INSERT notice", "SELECT history", "INSERT history", "SELECT tally", "UPDATE tally"]


def said(statements: list[str]) -> list[str]:
    """ "INSERT move", "SELECT scan": what each is about."""
    found = []
    for statement in statements:
        verb, *words = statement.replace('"', "").split()
        after = {"SELECT": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}[verb]
        thing = "history" if "history" in words else "tally" if "tally" in words else ""
        tables = [table for before, table in pairwise([verb, *words]) if before == after and table != "absence"]
        found.append(f"{verb} {thing or tables[0]}")  # a student's absences are asked for within the statement
    return found


def test_a_scan_is_logged_in_few_statements_once_it_has_been_read(cast, database):
    logged(cast.amara, cast.ravi)
    with queries_of(database) as asked:
        scans.log(NUMBER, entry_for(cast.ravi, side="left"), by=cast.amara, received={}, another=True)
    before = [
        "SELECT scan",
        "SELECT enrolment",
        "SELECT person",
    ]  # asked again within the transaction; the last: placements, who mentors there
    read = [*before, "SELECT scan"]  # the last: a twin, the case number
    assert said(asked) == [*before, *read, "INSERT scan", *RECORDED]


def test_a_scan_is_approved_in_few(cast, database):
    first, second = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, side="left")
    reviews.approve(first.id, by=cast.ravi, version=1)
    step = transitions.last_step(second.id)
    with queries_of(database) as asked:
        reviews.approve(second.id, by=cast.ravi, version=1, step=step)
    read = ["SELECT enrolment", "SELECT party", "SELECT move"]  # the first: the scan, and whose it is
    read += ["SELECT confirmation"]  # whether it counts, or is held
    assert said(asked) == [*read, "UPDATE scan", *RECORDED, "UPDATE counted_day", "UPDATE answered"]


def test_case_numbers_go_up_by_one_whatever_is_asked_about(cast):
    again = {"by": cast.amara, "received": {}}
    numbers = [logged(cast.amara, cast.ravi).case_number]  # another patient: nothing is asked
    numbers.append(scans.log(NUMBER, entry_for(cast.ravi), **again).scan.case_number)  # a likely twin
    scans.withdraw(NUMBER, by=cast.amara, version=1)
    numbers.append(logged(cast.amara, cast.ravi, support="", region="", side="", findings=(), later=True).case_number)
    assert numbers == [1, 2, 3]
    assert logged(cast.tom, cast.ravi).case_number == 1
