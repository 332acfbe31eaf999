"""What is true of a made edition now."""

import pytest

from models import Edition, db
from tests.cast import entry_for, logged
from tests.client import queries_of
from tests.portfolio import editions
from workflows.portfolio import edition_status
from workflows.reviews import reopening, reviews
from workflows.scans import scans

pytestmark = pytest.mark.both


def counted(cast, student, region, mentor):
    scan = logged(student, mentor, region=region, findings=(), normal=("all",), report="No abnormality seen.")
    reviews.approve(scan.id, by=mentor, version=1)
    return scan


def word_of(edition):
    return edition_status.status_of(Edition.get_by_id(edition.id)).word


def test_an_edition_is_current_until_a_scan_of_it_is_reopened_and_changed_when_it_counts_with_other_words(cast):
    first, _ = counted(cast, cast.amara, "shoulder", cast.ravi), counted(cast, cast.amara, "knee", cast.ravi)
    edition = editions.made(cast.amara)
    assert word_of(edition) == "current"
    counted(cast, cast.amara, "elbow", cast.ravi)
    assert word_of(edition) == "current", "a scan that counts later takes nothing from it"
    reopening.reopen(first.id, by=cast.ravi, why="Which side?")
    assert edition_status.status_of(edition).reopened == 1 and word_of(edition) == "changed"
    entry = entry_for(cast.ravi, findings=(), normal=("all",), report="No abnormality seen on the right.")
    scans.correct(first.id, entry, by=cast.amara, version=1)
    reviews.approve(first.id, by=cast.ravi, version=2)
    now = edition_status.status_of(edition)
    assert (now.word, now.reopened, now.changed) == ("changed", 0, 1)


def test_a_later_edition_supersedes_it_unless_that_is_void_and_void_goes_before_all(cast):
    first, second = editions.made(cast.amara), editions.made(cast.amara)
    assert edition_status.status_of(first).superseded_by == 2 and word_of(second) == "current"
    editions.void(second, cast.dana)
    assert (word_of(first), word_of(second)) == ("current", "void")
    editions.void(first, cast.dana)
    assert word_of(first) == "void"


def test_many_editions_are_asked_with_two_queries(cast):
    counted(cast, cast.amara, "shoulder", cast.ravi)
    made = [editions.made(person) for person in (cast.amara, cast.tom, cast.mei) for _ in range(3)]
    with queries_of(db) as asked:
        found = edition_status.statuses_of(made)
    assert len(asked) == 2 and [found[one.id].superseded_by for one in made] == [3, 3, None] * 3
    assert edition_status.statuses_of([]) == {}
