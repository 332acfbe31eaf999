"""When a scan was saved on the phone, by its own clock, and in which version of the form; unknown of those before."""

from migrations.schema import run

STEPS = """
ALTER TABLE "scan" ADD COLUMN "entered_at" {instant};

ALTER TABLE "scan" ADD COLUMN "form_version" INTEGER;
"""


def up(migrator, db):
    run(db, STEPS)
