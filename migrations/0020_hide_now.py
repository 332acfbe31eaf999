"""That the text of a scan was hidden, or its student asks for it; files whose bytes were erased for that."""

from migrations.schema import run

STEPS = """
ALTER TABLE "file" ADD COLUMN "erased_at" {instant};

CREATE TABLE "hiding" (
    "id" {key} NOT NULL PRIMARY KEY,
    "scan_id" TEXT NOT NULL,
    "asked_at" {instant},
    "at" {instant},
    "by_id" INTEGER,
    "version" INTEGER,
    "fields" TEXT NOT NULL,
    "cleared_at" {instant},
    FOREIGN KEY ("scan_id") REFERENCES "scan" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK ((at IS NULL) = (by_id IS NULL)),
    CHECK ((at IS NULL) = (version IS NULL)),
    CHECK (at IS NOT NULL OR asked_at IS NOT NULL)
);

CREATE INDEX "hiding_scan_id" ON "hiding" ("scan_id");

CREATE UNIQUE INDEX hiding_asked ON hiding (scan_id) WHERE at IS NULL;

CREATE INDEX hiding_uncleared ON hiding (at) WHERE at IS NOT NULL AND cleared_at IS NULL;
"""


def up(migrator, db):
    run(db, STEPS)
