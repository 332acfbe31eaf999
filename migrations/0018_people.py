"""People come, prove who they are, and leave: addresses, passkeys, invitations, confirmations, absences, days of parts.

An approval is held until the course has confirmed who gave it. Whoever mentors or assesses already was confirmed before
confirmations began. The recount that follows a migration fills the new columns of the tallies.
"""

import time

from migrations.schema import rebuild, run

NEW = """
CREATE TABLE "address" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "email" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    "proved_at" {instant},
    FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE,
    CHECK (email = lower(email))
);

CREATE INDEX "address_person_id" ON "address" ("person_id");

CREATE UNIQUE INDEX "address_person_id_email" ON "address" ("person_id", "email");

CREATE UNIQUE INDEX address_proved ON address (email) WHERE proved_at IS NOT NULL;

CREATE TABLE "passkey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "public_key" TEXT NOT NULL,
    "sign_count" INTEGER NOT NULL,
    "transports" TEXT NOT NULL,
    "backed_up" {truth} NOT NULL,
    "name" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    "used_at" {instant},
    "removed_at" {instant},
    FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE
);

CREATE INDEX "passkey_person_id" ON "passkey" ("person_id");

CREATE TABLE "spent_challenge" (
    "hash" TEXT NOT NULL PRIMARY KEY,
    "until_at" {instant} NOT NULL
);

CREATE INDEX "spent_challenge_until_at" ON "spent_challenge" ("until_at");

CREATE TABLE "absence" (
    "id" {key} NOT NULL PRIMARY KEY,
    "enrolment_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "from_on" DATE,
    "until_on" DATE,
    "due_on" DATE,
    "by_id" INTEGER NOT NULL,
    "made_at" {instant} NOT NULL,
    "voided_at" {instant},
    FOREIGN KEY ("enrolment_id") REFERENCES "enrolment" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    CHECK (kind IN ('interruption', 'extension')),
    CHECK ((kind = 'interruption') = (from_on IS NOT NULL)),
    CHECK ((kind = 'extension') = (due_on IS NOT NULL)),
    CHECK (until_on IS NULL OR from_on IS NOT NULL AND until_on >= from_on)
);

CREATE INDEX "absence_enrolment_id" ON "absence" ("enrolment_id");

CREATE TABLE "confirmation" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER NOT NULL,
    "programme" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "from_on" DATE,
    "until_on" DATE,
    "basis" TEXT NOT NULL,
    "by_id" INTEGER,
    "made_at" {instant} NOT NULL,
    "ended_at" {instant},
    "ended_by_id" INTEGER,
    "why" TEXT NOT NULL,
    FOREIGN KEY ("person_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("ended_by_id") REFERENCES "person" ("id"),
    CHECK (kind IN ('mentor', 'external_assessor')),
    CHECK (by_id <> person_id),
    CHECK (until_on IS NULL OR from_on IS NULL OR until_on >= from_on),
    CHECK (ended_by_id IS NULL OR ended_at IS NOT NULL)
);

CREATE INDEX "confirmation_person_id" ON "confirmation" ("person_id");

CREATE TABLE "invitation" (
    "id" {key} NOT NULL PRIMARY KEY,
    "token_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "placement_id" INTEGER,
    "programme" TEXT,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "by_id" INTEGER NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    "expires_at" {instant} NOT NULL,
    "accepted_at" {instant},
    "accepted_by_id" INTEGER,
    "same_browser" {truth} NOT NULL,
    "withdrawn_at" {instant},
    FOREIGN KEY ("placement_id") REFERENCES "placement" ("id"),
    FOREIGN KEY ("by_id") REFERENCES "person" ("id"),
    FOREIGN KEY ("accepted_by_id") REFERENCES "person" ("id"),
    CHECK ((placement_id IS NULL) <> (programme IS NULL)),
    CHECK ((accepted_at IS NULL) = (accepted_by_id IS NULL)),
    CHECK (accepted_at IS NULL OR withdrawn_at IS NULL)
);

CREATE UNIQUE INDEX "invitation_token_hash" ON "invitation" ("token_hash");

CREATE INDEX "invitation_placement_id" ON "invitation" ("placement_id");

CREATE INDEX "invitation_by_id" ON "invitation" ("by_id");

CREATE INDEX "invitation_accepted_by_id" ON "invitation" ("accepted_by_id");

CREATE TABLE "letter" (
    "id" {key} NOT NULL PRIMARY KEY,
    "person_id" INTEGER,
    "kind" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "made_at" {instant} NOT NULL,
    "next_at" {instant},
    "tries" INTEGER NOT NULL,
    "sent_at" {instant},
    "reason" TEXT NOT NULL,
    FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE,
    CHECK (sent_at IS NULL OR next_at IS NULL AND body = ''),
    CHECK (tries >= 0)
);

CREATE INDEX "letter_person_id" ON "letter" ("person_id");

CREATE INDEX letter_due ON letter (next_at) WHERE next_at IS NOT NULL;
"""

COLUMNS = """
ALTER TABLE "scan" RENAME COLUMN "counted_at" TO "approved_at";

ALTER TABLE "scan" RENAME COLUMN "counted_by_id" TO "approved_by_id";

ALTER TABLE "scan" RENAME COLUMN "counted_version" TO "approved_version";

DROP INDEX "scan_counted";

DROP INDEX "party_placement_id_person_id_role";

ALTER TABLE "sign_in" ADD COLUMN "means" TEXT NOT NULL DEFAULT 'password'
    CHECK (means IN ('password', 'passkey', 'link', 'demo'));

ALTER TABLE "sign_in" ADD COLUMN "proved_at" {instant};

ALTER TABLE "link" ADD COLUMN "purpose" TEXT NOT NULL DEFAULT 'welcome'
    CHECK (purpose IN ('welcome', 'reset', 'sign_in', 'prove'));

ALTER TABLE "link" ADD COLUMN "email" TEXT NOT NULL DEFAULT '';

ALTER TABLE "link" ADD COLUMN "code_hash" TEXT;

ALTER TABLE "link" ADD COLUMN "browser_hash" TEXT;

ALTER TABLE "link" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5);
"""

SQLITE = {
    "person": {
        '"email" TEXT NOT NULL': '"email" TEXT',
        '"record_mailed_at" INTEGER,': '"record_mailed_at" INTEGER, "handle" TEXT,',
    },
    "enrolment": {"('graduated', 'left')": "('graduated', 'left', 'failed')"},
    "staff": {"'internal_assessor')": "'internal_assessor', 'administrator')"},
    "party": {
        '"ended_on" DATE,': '"ended_on" DATE, "from_on" DATE, "cover_for_id" INTEGER,',
        'REFERENCES "person" ("id"),': """REFERENCES "person" ("id"),
    FOREIGN KEY ("cover_for_id") REFERENCES "party" ("id"),""",
        "'clinical_manager'))": """'clinical_manager')),
    CHECK (from_on IS NULL OR ended_on IS NULL OR ended_on >= from_on),
    CHECK (cover_for_id IS NULL OR from_on IS NOT NULL AND ended_on IS NOT NULL)""",
    },
    "scan": {
        "'returned', 'counted'": "'returned', 'held', 'counted'",
        "(reopen_asked_at IS NULL OR state = 'counted')": "(reopen_asked_at IS NULL OR state IN ('held', 'counted'))",
        """(state = 'counted') = ("approved_at" IS""": "(state IN ('held', 'counted')) = (approved_at IS",
        '("approved_at" IS NULL) = ("approved_by_id" IS NULL)': "(approved_at IS NULL) = (approved_by_id IS NULL)",
        '("approved_at" IS NULL) = ("approved_version" IS NULL)': "(approved_at IS NULL) = (approved_version IS NULL)",
        '"approved_version" IS NULL OR "approved_version" =': "approved_version IS NULL OR approved_version =",
        "state <> 'counted' OR support": "approved_at IS NULL OR support",
        "audited_at IS NULL OR state = 'counted'": "audited_at IS NULL OR approved_at IS NOT NULL",
    },
    "move": {"'returned', 'counted'": "'returned', 'held', 'counted'"},
    "tally": {
        '"judged_at" INTEGER,': """"judged_at" INTEGER,
    "aided_held" INTEGER NOT NULL DEFAULT 0, "unaided_held" INTEGER NOT NULL DEFAULT 0,""",
        " aided_counted": " aided_held >= 0 AND aided_counted",
        " unaided_counted": " unaided_held >= 0 AND unaided_counted",
    },
}
POSTGRESQL = """
ALTER TABLE "person" ALTER COLUMN "email" DROP NOT NULL, ADD COLUMN "handle" TEXT;

ALTER TABLE "enrolment" DROP CONSTRAINT enrolment_ended_as_check,
    ADD CHECK (ended_as IS NULL OR ended_as IN ('graduated', 'left', 'failed'));

ALTER TABLE "staff" DROP CONSTRAINT staff_role_check,
    ADD CHECK (role IN ('director', 'internal_assessor', 'administrator'));

ALTER TABLE "party" ADD COLUMN "from_on" DATE, ADD COLUMN "cover_for_id" INTEGER REFERENCES "party" ("id"),
    ADD CHECK (from_on IS NULL OR ended_on IS NULL OR ended_on >= from_on),
    ADD CHECK (cover_for_id IS NULL OR from_on IS NOT NULL AND ended_on IS NOT NULL);

ALTER TABLE "scan" DROP CONSTRAINT scan_state_check, DROP CONSTRAINT scan_check, DROP CONSTRAINT scan_check4,
    DROP CONSTRAINT scan_check5, DROP CONSTRAINT scan_check8,
    ADD CHECK (state IN ('draft', 'with_mentor', 'returned', 'held', 'counted', 'withdrawn')),
    ADD CHECK ((state IN ('held', 'counted')) = (approved_at IS NOT NULL)),
    ADD CHECK (approved_at IS NULL OR support <> 'aided' OR audited_at IS NOT NULL),
    ADD CHECK (audited_at IS NULL OR approved_at IS NOT NULL),
    ADD CHECK (reopen_asked_at IS NULL OR state IN ('held', 'counted'));

ALTER TABLE "move" DROP CONSTRAINT move_after_check,
    ADD CHECK (after IN ('draft', 'with_mentor', 'returned', 'held', 'counted', 'withdrawn'));

ALTER TABLE "tally" DROP CONSTRAINT tally_check,
    ADD COLUMN "aided_held" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "unaided_held" INTEGER NOT NULL DEFAULT 0,
    ADD CHECK (aided_draft >= 0 AND aided_with_mentor >= 0 AND aided_returned >= 0 AND aided_held >= 0
        AND aided_counted >= 0 AND unaided_draft >= 0 AND unaided_with_mentor >= 0 AND unaided_returned >= 0
        AND unaided_held >= 0 AND unaided_counted >= 0);
"""

INDEXES = """
CREATE UNIQUE INDEX "person_handle" ON "person" ("handle");

CREATE INDEX "party_cover_for_id" ON "party" ("cover_for_id");

CREATE UNIQUE INDEX party_open ON party (placement_id, person_id, role) WHERE ended_on IS NULL;

CREATE INDEX scan_approved ON scan (approved_by_id, approved_at) WHERE approved_at IS NOT NULL;
"""

ROWS = """
INSERT INTO address (person_id, email, made_at, proved_at) SELECT id, email, made_at, made_at FROM person;

INSERT INTO confirmation (person_id, programme, kind, basis, made_at, why)
    SELECT DISTINCT party.person_id, cohort.programme, party.role, 'before', MADE_AT, '' FROM party
    JOIN placement ON placement.id = party.placement_id JOIN enrolment ON enrolment.id = placement.enrolment_id
    JOIN cohort ON cohort.id = enrolment.cohort_id WHERE party.role IN ('mentor', 'external_assessor');
"""


def up(migrator, db):
    run(db, NEW + COLUMNS)
    rebuild(db, SQLITE, postgresql=POSTGRESQL)
    run(db, INDEXES + ROWS.replace("MADE_AT", str(time.time_ns() // 1000)))
