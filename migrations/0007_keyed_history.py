"""With which key an entry of history was signed, and when a director had the weekly mail about the record."""

from migrations.schema import run


def up(migrator, db):
    run(db, 'ALTER TABLE "history" ADD COLUMN "key_id" TEXT')
    run(db, 'ALTER TABLE "person" ADD COLUMN "record_mailed_at" {instant}')
