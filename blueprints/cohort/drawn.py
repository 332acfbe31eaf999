"""The rows of a cohort as they are drawn: one student's row in the list, and theirs in the case mix."""

from __future__ import annotations

from markupsafe import Markup

from blueprints.cohort import mix
from blueprints.cohort.roster import Roster
from blueprints.kept import Kept
from blueprints.standing import Standing

_row = Kept("cohort/_row.html", most=2048)
_mix = Kept("cohort/_mix_row.html", most=2048)


def row(one: Standing, roster: Roster) -> Markup:
    """The student's row of the list."""
    due_on, back = roster.cohort.due_on, roster.asked.back
    student = one.enrolment
    how = (student.ended_as, student.ended_on)
    shows = (student.id, one.name, *how, one.today, id(one.progress), id(one.programme), due_on, back)
    return _row(shows, one=one, due_on=due_on, back=back)


def mix_row(one: Standing, roster: Roster) -> Markup:
    """The student's row of the case mix: the number of counted scans in each area."""
    back = roster.asked.back
    shows = (one.enrolment.id, one.name, id(one.progress), back)
    return _mix(shows, one=one, progress=one.progress, cells=mix.cells, back=back)
