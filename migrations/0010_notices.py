"""Notices in a table of their own; a step of a scan's story says no more who is told of it.

What is unread, or was told or read within the last 60 days, is carried over: nothing older is shown anywhere.
"""

import time

from migrations.schema import rebuild, run

DAYS = 60
MAKE = """
CREATE TABLE "notice" (
    "id" {key} NOT NULL PRIMARY KEY,
    "recipient_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "by_id" INTEGER,
    "at" {instant} NOT NULL,
    "deliver_at" {instant} NOT NULL,
    "read_at" {instant},
    "listed" {truth} NOT NULL,
    FOREIGN KEY ("recipient_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK (recipient_id <> by_id),
    CHECK (deliver_at >= at)
);

INSERT INTO "notice" ("recipient_id", "kind", "subject", "by_id", "at", "deliver_at", "read_at", "listed")
SELECT "told_id",
    CASE "verb" WHEN 'send_back' THEN 'scan_returned' WHEN 'reopen' THEN 'scan_reopened'
        WHEN 'hand_over' THEN 'scan_handed_over'
        WHEN 'approve' THEN CASE "why" WHEN '' THEN 'scan_approved' ELSE 'scan_commented' END ELSE 'scan_sent' END,
    'scan:' || "scan_id", "by_id", "at", "told_at", "seen_at",
    "verb" IN ('send_back', 'approve', 'reopen', 'hand_over')
FROM "move"
WHERE "told_id" IS NOT NULL AND ("told_at" > {since} OR "seen_at" > {since}
    OR "seen_at" IS NULL AND "verb" IN ('send_back', 'approve', 'reopen', 'hand_over'))
ORDER BY "id";

CREATE INDEX notice_unread ON notice (recipient_id, deliver_at, read_at, listed) WHERE read_at IS NULL AND listed;

CREATE INDEX notice_recent ON notice (recipient_id, deliver_at);

CREATE INDEX notice_subject ON notice (recipient_id, subject);

DROP INDEX move_unread;

DROP INDEX move_told;

ALTER TABLE "subscription" RENAME COLUMN "told_until" TO "delivered_until";
"""
GONE = (
    '    "seen_at" INTEGER, "told_id" INTEGER REFERENCES "person" ("id") CHECK (told_id <> by_id),'
    ' "told_at" INTEGER CHECK ((told_id IS NULL) = (told_at IS NULL)),'
)


def up(migrator, db):
    run(db, MAKE.replace("{since}", str(int((time.time() - DAYS * 86400) * 1_000_000))))
    rebuild(
        db,
        {"move": {GONE: "   "}},
        postgresql='ALTER TABLE "move" DROP COLUMN "seen_at", DROP COLUMN "told_at", DROP COLUMN "told_id"',
    )
