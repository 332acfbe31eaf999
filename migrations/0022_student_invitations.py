"""A student is invited into a cohort and to a site; a student has drafts sent to the mentor who joins."""

from migrations.schema import rebuild, run

SQLITE = {
    "invitation": {
        '"programme" TEXT,': '"programme" TEXT, "cohort_id" INTEGER, "site_id" INTEGER,',
        '"same_browser" INTEGER NOT NULL,': """"same_browser" INTEGER NOT NULL,
    "sends_drafts" INTEGER NOT NULL DEFAULT FALSE,""",
        'REFERENCES "placement" ("id"),': """REFERENCES "placement" ("id"),
    FOREIGN KEY ("cohort_id") REFERENCES "cohort" ("id"), FOREIGN KEY ("site_id") REFERENCES "site" ("id"),""",
        "OR withdrawn_at IS NULL)": """OR withdrawn_at IS NULL),
    CHECK ((role = 'student') = (cohort_id IS NOT NULL)), CHECK (site_id IS NULL OR cohort_id IS NOT NULL)""",
    },
}
POSTGRESQL = """
ALTER TABLE "invitation" ADD COLUMN "cohort_id" INTEGER REFERENCES "cohort" ("id"),
    ADD COLUMN "site_id" INTEGER REFERENCES "site" ("id"),
    ADD COLUMN "sends_drafts" BOOLEAN NOT NULL DEFAULT FALSE,
    ADD CHECK ((role = 'student') = (cohort_id IS NOT NULL)), ADD CHECK (site_id IS NULL OR cohort_id IS NOT NULL);
"""
INDEXES = """
CREATE INDEX "invitation_cohort_id" ON "invitation" ("cohort_id");

CREATE INDEX "invitation_site_id" ON "invitation" ("site_id");
"""


def up(migrator, db):
    rebuild(db, SQLITE, postgresql=POSTGRESQL)
    run(db, INDEXES)
