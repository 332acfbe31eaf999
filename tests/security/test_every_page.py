"""Every page that somebody can come to: it reads well, all its links lead somewhere, and opening it changes nothing."""

import pytest

from tests.client import knows
from tests.pages import faults
from tests.security.walk import walk
from tests.tree import Page

pytestmark = pytest.mark.both_in_full  # test_query_counts.py opens every page on each

WALKERS = [
    "nobody",
    "amara",
    "tom",
    "limb",
    "ravi",
    "priya",
    "grace",
    "helen",
    "ian",
    "esther",
    "dana",
    "adam",
    "elsewhere",
    "partless",
    "closed",
]


@pytest.mark.parametrize("who", WALKERS)
def test_every_page_reads_well_and_opening_it_changes_nothing(world, who):
    wrong, before, known = [], world.snapshot(), knows(world.app)
    for path, answer, page in walk(world, who):
        if answer.status_code not in (200, 302, 303):
            wrong.append(f"{path} is linked for {who}, who is answered {answer.status_code}")
        wrong += [f"{path}: {fault}" for fault in faults(page, known, at=path)] if page else []
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert world.snapshot() == before


@pytest.mark.parametrize("who", ["amara", "ravi", "dana", "nobody"])
@pytest.mark.parametrize("path", ["/no/such/page", "/scans/not-a-uuid", "/cohorts/1/counters", "/inbox", "/scans/new"])
def test_a_refusal_is_a_page_that_reads_well(world, who, path):
    answer = world.ask(who, "GET", path)
    if answer.status_code >= 400:
        assert faults(Page(answer.text), knows(world.app), at=path) == []
