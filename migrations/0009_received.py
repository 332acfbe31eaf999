"""By what a correction that is sent again is recognised; unknown of those before."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "move" ADD COLUMN "received" TEXT')
