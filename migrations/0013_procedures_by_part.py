"""Of a student's guided procedures the tally holds how many there are of each part and state, no longer one number.

The recount that follows a migration fills it.
"""

from migrations.schema import rebuild, run

SQLITE = {
    '"procedures" INTEGER NOT NULL,': '"procedures" TEXT NOT NULL,',
    "CHECK (other_draft >= 0 AND procedures >= 0)": "CHECK (other_draft >= 0)",
}
POSTGRESQL = """
ALTER TABLE "tally" DROP COLUMN "procedures" CASCADE;

ALTER TABLE "tally" ADD COLUMN "procedures" TEXT NOT NULL DEFAULT '{}', ADD CHECK (other_draft >= 0);

ALTER TABLE "tally" ALTER COLUMN "procedures" DROP DEFAULT;
"""


def up(migrator, db):
    rebuild(db, {"tally": SQLITE}, postgresql=POSTGRESQL)
    run(db, "UPDATE tally SET procedures = '{}';\n")
