"""By what a correction that is sent again is recognised; unknown of those before."""

from migrations.schema import run


def up(migrator, db):
    run(db, 'ALTER TABLE "move" ADD COLUMN "received" TEXT')
