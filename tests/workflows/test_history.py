"""The record of who did what: whatever is changed in it afterwards is found, and the first bad row is named."""

from __future__ import annotations

import random

import pytest

from models import History, db
from tests.cast import logged
from tests.faults.ground import rounds
from workflows import reviews, verification


@pytest.fixture
def chain(cast):
    for _ in range(4):
        reviews.approve(logged(cast.amara, cast.ravi, support="aided").id, by=cast.ravi, version=1)
        logged(cast.mei, cast.grace)
    return verification.verify()


def test_an_untouched_record_is_sound(chain):
    assert (chain.sound, chain.rows) == (True, 12)
    assert chain.head == History.select(History.hash).order_by(History.seq.desc()).scalar()


@pytest.mark.faults
def test_random_changes_made_straight_in_the_database_are_found(chain):
    chance = random.Random(7)
    columns = ("at", "actor_id", "verb", "object", "enrolment_id", "payload", "previous", "student_previous", "hash")
    last = chain.rows
    for _ in range(rounds(150, 10_000)):
        seq = chance.randint(1, last)
        with db.atomic() as change:
            what = chance.choice(("edit", "remove", "swap"))
            if what == "edit":
                column = chance.choice(columns)
                value = {"at": 5, "actor_id": 3, "enrolment_id": 2}.get(column, "other" * 3)
                run(f"UPDATE history SET {column} = ? WHERE seq = ?", value, seq)
                bad = seq
            elif what == "remove" and seq < last:
                run("DELETE FROM history WHERE seq = ?", seq)
                bad = seq + 1
            else:
                other = seq % last + 1
                run("UPDATE history SET seq = -1 WHERE seq = ?", seq)
                run("UPDATE history SET seq = ? WHERE seq = ?", seq, other)
                run("UPDATE history SET seq = ? WHERE seq = -1", other)
                bad = min(seq, other)
            changed = db.execute_sql("SELECT count(*) FROM history").fetchone()[0]
            verdict = verification.verify()
            assert changed and (verdict.bad_seq == bad or _same(verdict, chain)), (what, seq, verdict)
            change.rollback()


def run(sql, *values):
    """A statement past every workflow, with its values where the question marks are."""
    db.execute_sql(sql.replace("?", db.obj.param), values)


def _same(verdict, chain):
    """The random edit happened to write what was there already."""
    return verdict.sound and verdict.head == chain.head


def test_a_tail_that_was_cut_off_leaves_another_head(chain):
    run("DELETE FROM history WHERE seq = ?", chain.rows)
    assert verification.verify().head != chain.head


def test_the_record_says_what_was_approved_by_its_digest(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    last = History.select().order_by(History.seq.desc()).get()
    assert (last.verb, last.object) == ("approve", f"scan:{scan.id}")
    assert scan.digest in last.payload


def test_no_personal_words_are_in_the_record(cast):
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Please measure the retraction.")
    for row in History.select():
        assert "retraction" not in row.payload
        assert "Amara" not in row.payload
        assert "@" not in row.payload
