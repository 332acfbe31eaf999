"""Tries that no longer count are found by their time, however many there are."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "attempt_tried_at" ON "attempt" ("tried_at")')
