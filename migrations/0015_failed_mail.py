"""Mails that did not go are kept, for the director to see and to be sent again."""

from migrations.schema import run

MAKE = """
CREATE TABLE "failed_mail" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "since" {instant} NOT NULL,
    "asked_at" {instant},
    FOREIGN KEY ("person_id") REFERENCES "person" ("id")
);

CREATE UNIQUE INDEX "failed_mail_person_id_kind_address" ON "failed_mail" ("person_id", "kind", "address");
"""


def up(migrator, db):
    run(db, MAKE)
