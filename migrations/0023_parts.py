"""Parts that end with a successor; who arranged a cover; and when what waited was handed over for them."""

from migrations.schema import run

COLUMNS = """
ALTER TABLE "party" ADD COLUMN "successor_id" INTEGER REFERENCES "person" ("id");

ALTER TABLE "party" ADD COLUMN "arranged_by_id" INTEGER REFERENCES "person" ("id");

ALTER TABLE "party" ADD COLUMN "begun_at" {instant};

ALTER TABLE "party" ADD COLUMN "closed_at" {instant};
"""


def up(migrator, db):
    run(db, COLUMNS)
