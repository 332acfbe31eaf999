"""Structures not seen, sizes of findings, and contradictions that are meant: empty in the scans of before."""

from migrations.schema import run

STEPS = """
ALTER TABLE "scan" ADD COLUMN "not_seen" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "scan" ADD COLUMN "measured" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "scan" ADD COLUMN "meant" TEXT NOT NULL DEFAULT '[]';
"""


def up(migrator, db):
    run(db, STEPS)
