"""Tries that no longer count are found by their time, however many there are."""

from migrations.schema import run


def up(migrator, db):
    run(db, 'CREATE INDEX "attempt_tried_at" ON "attempt" ("tried_at")')
