"""Who is told of a move and from when, where browsers take what is pushed, and how each person wants to be told.

What a mentor said and the student has not seen yet is told with it, so that it is not lost; what is older stays.
"""

from migrations.schema import run

STEPS = """
ALTER TABLE "person" ADD COLUMN "by_mail" {truth} NOT NULL DEFAULT TRUE;

ALTER TABLE "person" ADD COLUMN "quiet_from" INTEGER NOT NULL DEFAULT 1260 CHECK (quiet_from BETWEEN 0 AND 1439);

ALTER TABLE "person" ADD COLUMN "quiet_until" INTEGER NOT NULL DEFAULT 420 CHECK (quiet_until BETWEEN 0 AND 1439);

ALTER TABLE "person" ADD COLUMN "mailed_at" {instant};

CREATE TABLE "subscription" (
    "id" {key} NOT NULL PRIMARY KEY,
    "sign_in_id" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "p256dh" TEXT NOT NULL,
    "auth" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    "told_until" {instant} NOT NULL,
    "next_at" {instant} NOT NULL,
    "tries" INTEGER NOT NULL,
    FOREIGN KEY ("sign_in_id") REFERENCES "sign_in" ("token_hash") ON DELETE CASCADE,
    CHECK (tries >= 0)
);

CREATE UNIQUE INDEX "subscription_sign_in_id" ON "subscription" ("sign_in_id");

CREATE UNIQUE INDEX "subscription_endpoint" ON "subscription" ("endpoint");

ALTER TABLE "move" ADD COLUMN "told_id" INTEGER REFERENCES "person" ("id") CHECK (told_id <> by_id);

ALTER TABLE "move" ADD COLUMN "told_at" {instant} CHECK ((told_id IS NULL) = (told_at IS NULL));

CREATE INDEX move_unread ON move (told_id, told_at, verb, seen_at)
    WHERE seen_at IS NULL AND verb IN ('send_back', 'approve', 'reopen', 'hand_over');

CREATE INDEX move_told ON move (told_id, told_at) WHERE told_id IS NOT NULL;

UPDATE "move" SET
    "told_id" = (SELECT e."person_id" FROM "scan" s JOIN "enrolment" e ON e."id" = s."enrolment_id"
        WHERE s."id" = "move"."scan_id"),
    "told_at" = "at"
WHERE "seen_at" IS NULL AND ("verb" IN ('send_back', 'reopen') OR "verb" = 'approve' AND "why" <> '');
"""


def up(migrator, db):
    run(db, STEPS)
