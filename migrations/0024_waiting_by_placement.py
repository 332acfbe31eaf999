"""The index of what waits of a student has its placement too, so that what was left behind is read from it alone."""

from migrations.schema import run

INDEX = """
DROP INDEX scan_waiting_of;

CREATE INDEX scan_waiting_of ON scan (enrolment_id, mentor_id, placement_id, sent_at) WHERE state = 'with_mentor';
"""


def up(migrator, db):
    run(db, INDEX)
