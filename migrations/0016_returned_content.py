"""The step that sends a scan back holds what the scan said then, so that what was changed since can be shown."""

from migrations.schema import run


def up(migrator, db):
    run(db, 'ALTER TABLE "move" ADD COLUMN "content" TEXT')
