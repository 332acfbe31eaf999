"""Each person's seal: the key of what their own phone keeps of theirs."""

import secrets


def up(migrator, db):
    db.execute_sql('ALTER TABLE "person" ADD COLUMN "seal" TEXT')
    mark = db.param
    for (person,) in db.execute_sql("SELECT id FROM person").fetchall():
        db.execute_sql(f"UPDATE person SET seal = {mark} WHERE id = {mark}", (secrets.token_hex(32), person))  # noqa: S608
