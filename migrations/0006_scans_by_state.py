"""What is still open of a student is found without reading all that they have ever logged."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "scan_enrolment_id_state" ON "scan" ("enrolment_id", "state")')
