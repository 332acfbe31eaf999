"""Editions of a portfolio, share links, earlier logbooks, evidence, wishes to be erased, and the files of these."""

from migrations.schema import run

STEPS = """
CREATE TABLE "file" (
    "id" {key} NOT NULL PRIMARY KEY,
    "sha256" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    CHECK (bytes > 0),
    CHECK (length(sha256) = 64)
);

CREATE UNIQUE INDEX "file_sha256" ON "file" ("sha256");

CREATE TABLE "edition" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "purpose" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "asked_at" {instant} NOT NULL,
    "asked_by_id" INTEGER NOT NULL,
    "declared_at" {instant},
    "began_at" {instant},
    "tries" INTEGER NOT NULL,
    "made_at" {instant},
    "file_id" INTEGER,
    "pages" INTEGER,
    "counted" INTEGER,
    "head" TEXT NOT NULL,
    "root" TEXT NOT NULL,
    "scans" TEXT NOT NULL,
    "why" TEXT NOT NULL,
    "void_at" {instant},
    "void_by_id" INTEGER,
    "void_why" TEXT NOT NULL,
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("asked_by_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("file_id") REFERENCES "file" ("id"),
    FOREIGN KEY ("void_by_id") REFERENCES "person" ("id"),
    CHECK (state IN ('asked', 'making', 'made', 'failed')),
    CHECK (purpose IN ('working', 'submission', 'employer', 'register')),
    CHECK ((state = 'made') = (made_at IS NOT NULL)),
    CHECK ((made_at IS NULL) = (file_id IS NULL)),
    CHECK ((void_at IS NULL) = (void_by_id IS NULL)),
    CHECK (void_at IS NULL OR made_at IS NOT NULL)
);

CREATE UNIQUE INDEX "edition_code" ON "edition" ("code");

CREATE INDEX "edition_file_id" ON "edition" ("file_id");

CREATE UNIQUE INDEX "edition_enrolment_id_number" ON "edition" ("enrolment_id", "number");

CREATE INDEX edition_open ON edition (asked_at) WHERE state IN ('asked', 'making');

CREATE TABLE "share" (
    "token_hash" TEXT NOT NULL PRIMARY KEY,
    "edition_id" INTEGER NOT NULL,
    "label" TEXT NOT NULL,
    "by_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "expires_at" {instant} NOT NULL,
    "revoked_at" {instant},
    "opened" INTEGER NOT NULL,
    "opened_at" {instant},
    FOREIGN KEY ("edition_id") REFERENCES "edition" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK (expires_at > made_at),
    CHECK (opened >= 0),
    CHECK ((opened = 0) = (opened_at IS NULL))
);

CREATE INDEX "share_edition_id" ON "share" ("edition_id");

CREATE TABLE "earlier_batch" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "about" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "by_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "undone_at" {instant},
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK (rows > 0)
);

CREATE INDEX "earlier_batch_enrolment_id" ON "earlier_batch" ("enrolment_id");

CREATE TABLE "earlier" (
    "id" {key} NOT NULL PRIMARY KEY,
    "batch_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "scanned_on" DATE,
    "region" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "supervision" TEXT NOT NULL,
    "finding" TEXT NOT NULL,
    "report" TEXT NOT NULL,
    "other" TEXT NOT NULL,
    FOREIGN KEY ("batch_id") REFERENCES "earlier_batch" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "earlier_batch_id_number" ON "earlier" ("batch_id", "number");

CREATE TABLE "evidence" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "item" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "file_id" INTEGER NOT NULL,
    "by_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "removed_at" {instant},
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("file_id") REFERENCES "file" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id")
);

CREATE INDEX "evidence_enrolment_id" ON "evidence" ("enrolment_id");

CREATE INDEX "evidence_file_id" ON "evidence" ("file_id");

CREATE TABLE "wish" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "asked_at" {instant} NOT NULL,
    "done_at" {instant},
    "withdrawn_at" {instant},
    FOREIGN KEY ("person_id") REFERENCES "person" ("id"),
    CHECK (done_at IS NULL OR withdrawn_at IS NULL)
);

CREATE INDEX "wish_person_id" ON "wish" ("person_id");

CREATE UNIQUE INDEX wish_open ON wish (person_id) WHERE done_at IS NULL AND withdrawn_at IS NULL;
"""


def up(migrator, db):
    run(db, STEPS)
