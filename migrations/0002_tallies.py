"""Tallies beside the scans, what the screen asked about, and indexes for what is read: none that is only written."""

from migrations.schema import run

STEPS = """
ALTER TABLE "scan" ADD COLUMN "warned" TEXT NOT NULL DEFAULT '[]';

DROP INDEX scan_counting;

DROP INDEX "scan_enrolment_id";

DROP INDEX "scan_mentor_id";

DROP INDEX "scan_duplicate_of_id";

DROP INDEX "scan_counted_by_id";

DROP INDEX "move_scan_id_at";

DROP INDEX "move_by_id";

DROP INDEX "history_actor_id";

DROP INDEX "history_enrolment_id";

CREATE INDEX scan_counted ON scan (counted_by_id, counted_at) WHERE state = 'counted';

CREATE INDEX scan_waiting_of ON scan (enrolment_id, mentor_id, sent_at) WHERE state = 'with_mentor';

CREATE TABLE "tally" (
    "enrolment_id" INTEGER NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "aided_draft" INTEGER NOT NULL,
    "aided_with_mentor" INTEGER NOT NULL,
    "aided_returned" INTEGER NOT NULL,
    "aided_counted" INTEGER NOT NULL,
    "unaided_draft" INTEGER NOT NULL,
    "unaided_with_mentor" INTEGER NOT NULL,
    "unaided_returned" INTEGER NOT NULL,
    "unaided_counted" INTEGER NOT NULL,
    "other_draft" INTEGER NOT NULL,
    "procedures" INTEGER NOT NULL,
    "regions" TEXT NOT NULL,
    "waiting" TEXT NOT NULL,
    "recent" TEXT NOT NULL,
    "last_logged_at" {instant},
    "judged_at" {instant},
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id") ON DELETE CASCADE,
    CHECK (aided_draft >= 0 AND aided_with_mentor >= 0 AND aided_returned >= 0 AND aided_counted >= 0
        AND unaided_draft >= 0 AND unaided_with_mentor >= 0 AND unaided_returned >= 0 AND unaided_counted >= 0),
    CHECK (other_draft >= 0 AND procedures >= 0)
);

CREATE TABLE "counted_day" (
    "cohort_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "number" INTEGER NOT NULL,
    PRIMARY KEY ("cohort_id", "day"),
    FOREIGN KEY ("cohort_id") REFERENCES "cohort" ("id") ON DELETE CASCADE,
    CHECK (number >= 0)
);

CREATE TABLE "answered" (
    "cohort_id" INTEGER NOT NULL,
    "mentor_id" INTEGER NOT NULL,
    "days" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    PRIMARY KEY ("cohort_id", "mentor_id", "days"),
    FOREIGN KEY ("cohort_id") REFERENCES "cohort" ("id") ON DELETE CASCADE,
    FOREIGN KEY ("mentor_id") REFERENCES "person" ("id"),
    CHECK (number >= 0)
);
"""


def up(migrator, db):
    run(db, STEPS)
