"""What is still open of a student is found without reading all that they have ever logged."""

from migrations.schema import run


def up(migrator, db):
    run(db, 'CREATE INDEX "scan_enrolment_id_state" ON "scan" ("enrolment_id", "state")')
