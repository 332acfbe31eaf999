"""When a scan was saved on the phone, by its own clock, and in which version of the form; unknown of those before."""

from peewee import SqliteDatabase

STEPS = """
ALTER TABLE "scan" ADD COLUMN "entered_at" {instant};

ALTER TABLE "scan" ADD COLUMN "form_version" INTEGER;
"""


def up(migrator, db):
    instant = "INTEGER" if isinstance(db, SqliteDatabase) else "BIGINT"
    for statement in STEPS.replace("{instant}", instant).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
