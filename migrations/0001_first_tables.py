"""The first tables. A frozen copy: later steps change the schema, not this file."""

from migrations.schema import run

TABLES = """
CREATE TABLE "attempt" (
    "id" {key} NOT NULL PRIMARY KEY,
    "key" TEXT NOT NULL,
    "tried_at" {instant} NOT NULL
);

CREATE INDEX "attempt_key_tried_at" ON "attempt" ("key", "tried_at");

CREATE TABLE "person" (
    "id" {key} NOT NULL PRIMARY KEY,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password" TEXT,
    "theme" TEXT NOT NULL,
    "disabled_at" {instant},
    "made_at" {instant} NOT NULL,
    CHECK (email = lower(email)),
    CHECK (theme IN ('system', 'dark', 'light'))
);

CREATE UNIQUE INDEX "person_email" ON "person" ("email");

CREATE TABLE "cohort" (
    "id" {key} NOT NULL PRIMARY KEY,
    "programme" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "starts_on" DATE NOT NULL,
    "due_on" DATE NOT NULL,
    CHECK (due_on > starts_on)
);

CREATE UNIQUE INDEX "cohort_programme_name" ON "cohort" ("programme", "name");

CREATE TABLE "enrolment" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "cohort_id" INTEGER NOT NULL,
    "enrolled_on" DATE NOT NULL,
    "remit" TEXT,
    "ended_on" DATE,
    "ended_as" TEXT,
    FOREIGN KEY ("person_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("cohort_id") REFERENCES "cohort" ("id"),
    CHECK ((ended_on IS NULL) = (ended_as IS NULL)),
    CHECK (ended_as IS NULL OR ended_as IN ('graduated', 'left'))
);

CREATE INDEX "enrolment_person_id" ON "enrolment" ("person_id");

CREATE INDEX "enrolment_cohort_id" ON "enrolment" ("cohort_id");

CREATE UNIQUE INDEX "enrolment_person_id_cohort_id" ON "enrolment" ("person_id", "cohort_id");

CREATE TABLE "site" (
    "id" {key} NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL
);

CREATE UNIQUE INDEX "site_name" ON "site" ("name");

CREATE TABLE "placement" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "site_id" INTEGER NOT NULL,
    "starts_on" DATE NOT NULL,
    "ends_on" DATE,
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("site_id") REFERENCES "site" ("id")
);

CREATE INDEX "placement_enrolment_id" ON "placement" ("enrolment_id");

CREATE INDEX "placement_site_id" ON "placement" ("site_id");

CREATE UNIQUE INDEX "placement_enrolment_id_site_id" ON "placement" ("enrolment_id", "site_id");

CREATE TABLE "scan" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "case_number" INTEGER NOT NULL,
    "placement_id" INTEGER,
    "mentor_id" INTEGER,
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "received_at" {instant} NOT NULL,
    "received_digest" TEXT NOT NULL,
    "first_answer" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "support" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "scanned_on" DATE NOT NULL,
    "indication" TEXT NOT NULL,
    "findings" TEXT NOT NULL,
    "normal" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "limitations" TEXT NOT NULL,
    "modifiers" TEXT NOT NULL,
    "report" TEXT NOT NULL,
    "composed" TEXT NOT NULL,
    "own_words" {truth} NOT NULL,
    "words_missing" {truth} NOT NULL,
    "headline" TEXT NOT NULL,
    "age_band" TEXT NOT NULL,
    "sex" TEXT NOT NULL,
    "machine" TEXT NOT NULL,
    "transducer" TEXT NOT NULL,
    "procedure" TEXT NOT NULL,
    "procedure_role" TEXT NOT NULL,
    "duplicate_of_id" TEXT,
    "sent_at" {instant},
    "counted_at" {instant},
    "counted_by_id" INTEGER,
    "counted_version" INTEGER,
    "audited_at" {instant},
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("placement_id") REFERENCES "placement" ("id"),
    FOREIGN KEY ("mentor_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("duplicate_of_id") REFERENCES "scan" ("id"),
    FOREIGN KEY ("counted_by_id") REFERENCES "person" ("id"),
    CHECK (state IN ('draft', 'with_mentor', 'returned', 'counted', 'withdrawn')),
    CHECK (support IN ('', 'aided', 'unaided')),
    CHECK (version >= 1),
    CHECK ((state = 'counted') = (counted_at IS NOT NULL)),
    CHECK ((counted_at IS NULL) = (counted_by_id IS NULL)),
    CHECK ((counted_at IS NULL) = (counted_version IS NULL)),
    CHECK (counted_version IS NULL OR counted_version = version),
    CHECK (state <> 'counted' OR support <> 'aided' OR audited_at IS NOT NULL),
    CHECK (audited_at IS NULL OR state = 'counted'),
    CHECK (state IN ('draft', 'withdrawn') OR
        (mentor_id IS NOT NULL AND placement_id IS NOT NULL AND sent_at IS NOT NULL
        AND support <> '' AND region <> '' AND side <> '')),
    CHECK ((procedure = '') = (procedure_role = '') OR state IN ('draft', 'withdrawn'))
);

CREATE INDEX "scan_enrolment_id" ON "scan" ("enrolment_id");

CREATE INDEX "scan_placement_id" ON "scan" ("placement_id");

CREATE INDEX "scan_mentor_id" ON "scan" ("mentor_id");

CREATE INDEX "scan_duplicate_of_id" ON "scan" ("duplicate_of_id");

CREATE INDEX "scan_counted_by_id" ON "scan" ("counted_by_id");

CREATE UNIQUE INDEX "scan_enrolment_id_case_number" ON "scan" ("enrolment_id", "case_number");

CREATE INDEX "scan_enrolment_id_scanned_on" ON "scan" ("enrolment_id", "scanned_on");

CREATE INDEX scan_counting ON scan (enrolment_id, state, support, region, procedure, scanned_on, sent_at, received_at);

CREATE INDEX scan_waiting ON scan (mentor_id, sent_at) WHERE state = 'with_mentor';

CREATE TABLE "audit" (
    "id" {key} NOT NULL PRIMARY KEY,
    "scan_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "by_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "image" TEXT NOT NULL,
    "report" TEXT NOT NULL,
    "agreement" TEXT NOT NULL,
    "seen" TEXT NOT NULL,
    "comment" TEXT NOT NULL,
    "voided_at" {instant},
    FOREIGN KEY ("scan_id") REFERENCES "scan" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK (image IN ('good', 'acceptable', 'poor')),
    CHECK (report IN ('good', 'acceptable', 'poor')),
    CHECK (agreement IN ('agree', 'minor', 'major')),
    CHECK (seen IN ('', 'machine', 'pacs', 'not_seen'))
);

CREATE INDEX "audit_scan_id" ON "audit" ("scan_id");

CREATE INDEX "audit_by_id" ON "audit" ("by_id");

CREATE UNIQUE INDEX audit_live ON audit (scan_id, version) WHERE voided_at IS NULL;

CREATE TABLE "history" (
    "seq" {key} NOT NULL PRIMARY KEY,
    "at" {instant} NOT NULL,
    "actor_id" INTEGER,
    "verb" TEXT NOT NULL,
    "object" TEXT NOT NULL,
    "enrolment_id" INTEGER,
    "payload" TEXT NOT NULL,
    "previous" TEXT NOT NULL,
    "student_previous" TEXT,
    "hash" TEXT NOT NULL,
    FOREIGN KEY ("actor_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    CHECK ((enrolment_id IS NULL) = (student_previous IS NULL))
);

CREATE INDEX "history_actor_id" ON "history" ("actor_id");

CREATE INDEX "history_enrolment_id" ON "history" ("enrolment_id");

CREATE UNIQUE INDEX "history_hash" ON "history" ("hash");

CREATE INDEX "history_enrolment_id_seq" ON "history" ("enrolment_id", "seq");

CREATE TABLE "link" (
    "token_hash" TEXT NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "expires_at" {instant} NOT NULL,
    "used_at" {instant},
    FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE
);

CREATE INDEX "link_person_id" ON "link" ("person_id");

CREATE TABLE "machine" (
    "id" {key} NOT NULL PRIMARY KEY,
    "site_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    FOREIGN KEY ("site_id") REFERENCES "site" ("id")
);

CREATE INDEX "machine_site_id" ON "machine" ("site_id");

CREATE UNIQUE INDEX "machine_site_id_name" ON "machine" ("site_id", "name");

CREATE TABLE "move" (
    "id" {key} NOT NULL PRIMARY KEY,
    "scan_id" TEXT NOT NULL,
    "at" {instant} NOT NULL,
    "by_id" INTEGER NOT NULL,
    "verb" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "why" TEXT NOT NULL,
    "seen_at" {instant},
    FOREIGN KEY ("scan_id") REFERENCES "scan" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK (after IN ('draft', 'with_mentor', 'returned', 'counted', 'withdrawn'))
);

CREATE INDEX "move_scan_id" ON "move" ("scan_id");

CREATE INDEX "move_by_id" ON "move" ("by_id");

CREATE INDEX "move_scan_id_at" ON "move" ("scan_id", "at");

CREATE TABLE "party" (
    "id" {key} NOT NULL PRIMARY KEY,
    "placement_id" INTEGER NOT NULL,
    "person_id" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "ended_on" DATE,
    FOREIGN KEY ("placement_id") REFERENCES "placement" ("id"),
    FOREIGN KEY ("person_id") REFERENCES "person" ("id"),
    CHECK (role IN ('mentor', 'external_assessor', 'clinical_manager'))
);

CREATE INDEX "party_placement_id" ON "party" ("placement_id");

CREATE INDEX "party_person_id" ON "party" ("person_id");

CREATE UNIQUE INDEX "party_placement_id_person_id_role" ON "party" ("placement_id", "person_id", "role");

CREATE TABLE "sign_in" (
    "token_hash" TEXT NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "expires_at" {instant} NOT NULL,
    "shared" {truth} NOT NULL,
    "device" TEXT NOT NULL,
    "ended_at" {instant},
    FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE
);

CREATE INDEX "sign_in_person_id" ON "sign_in" ("person_id");

CREATE TABLE "staff" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "programme" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE,
    CHECK (role IN ('director', 'internal_assessor'))
);

CREATE INDEX "staff_person_id" ON "staff" ("person_id");

CREATE UNIQUE INDEX "staff_person_id_programme_role" ON "staff" ("person_id", "programme", "role");
"""


def up(migrator, db):
    run(db, TABLES)
