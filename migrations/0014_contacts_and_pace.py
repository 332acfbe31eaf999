"""With whom a director spoke about a student; what came to count lately is tallied by kind, regions without surplus.

The recount that follows a migration fills the tallies.
"""

from migrations.schema import run

STEPS = """
CREATE TABLE "contact" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "person_id" INTEGER NOT NULL,
    "spoken_on" DATE NOT NULL,
    "note" TEXT NOT NULL,
    "by_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("person_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id")
);

CREATE INDEX "contact_enrolment_id" ON "contact" ("enrolment_id");

UPDATE tally SET recent = '{}';
"""


def up(migrator, db):
    run(db, STEPS)
