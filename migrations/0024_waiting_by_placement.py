"""What waits of a student is found by placement too, so that a list of what was left behind reads an index alone."""

from migrations.schema import run

INDEX = """
DROP INDEX scan_waiting_of;

CREATE INDEX scan_waiting_of ON scan (enrolment_id, mentor_id, placement_id, sent_at) WHERE state = 'with_mentor';
"""


def up(migrator, db):
    run(db, INDEX)
