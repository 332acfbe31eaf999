"""The bench measures what it says: its databases are sound, and the floor's pages are as long as the product's."""

from __future__ import annotations

import pytest

import database
from bench import fill, measure
from workflows import keys, recount, verification

SCANS = 500


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("bench") / "filled.sqlite3"
    fill.fill(path, SCANS, large=False)
    return path


def test_a_filled_database_is_as_if_everybody_had_logged_one_by_one(filled):
    opened = database.open_database(f"sqlite:///{filled}")
    with opened.connection_context():
        assert opened.execute_sql("SELECT COUNT(*) FROM scan").fetchone() == (SCANS,)
        keys.use(fill.SECRET)
        verdict = verification.verify()
        assert verdict.sound and verdict.rows > 2 * SCANS, verdict
        assert [line for cohort in recount.cohorts() for line in recount.check(cohort)] == []
        assert opened.execute_sql("PRAGMA foreign_key_check").fetchall() == []
        assert opened.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
    opened.close_all()


def test_the_floor_answers_as_the_product_does_with_pages_as_long(filled, tmp_path):
    bench = measure.Bench(tmp_path, filled)
    try:
        with bench.inside() as (product, floor):
            for name, send in bench.round(0):
                ours, bare = send(product), send(floor)
                assert ours.status == bare.status
                if name != "log":  # a redirect's body is read by nobody
                    assert len(bare.text) == pytest.approx(len(ours.text), rel=0.1), name
    finally:
        bench.close()
