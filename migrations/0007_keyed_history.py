"""With which key an entry of history was signed, and when a director had the weekly mail about the record."""

from peewee import SqliteDatabase


def up(migrator, db):
    instant = "INTEGER" if isinstance(db, SqliteDatabase) else "BIGINT"
    db.execute_sql('ALTER TABLE "history" ADD COLUMN "key_id" TEXT')
    db.execute_sql(f'ALTER TABLE "person" ADD COLUMN "record_mailed_at" {instant}')
