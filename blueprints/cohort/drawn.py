"""What a cohort's page has many of, as it is drawn: a student's row in the list and theirs in the case mix, a mentor's
row, and the filters with all that can be chosen.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from markupsafe import Markup

from blueprints.cohort import mix
from blueprints.cohort.roster import Facet, Roster
from blueprints.kept import Kept
from blueprints.standing import Standing
from workflows.loads import MentorLoad

_row = Kept("cohort/_row.html", most=2048)
_mix = Kept("cohort/_mix_row.html", most=2048)
_mentor = Kept("cohort/_mentor.html", most=1024)
_choice = Kept("cohort/_choice.html", most=64)


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
    return _mix(shows, one=one, cells=mix.cells, back=back)


def mentor(one: MentorLoad, cohort: int) -> Markup:
    """A mentor's row; their name leads to their students in this cohort (its id)."""
    return _mentor((one, cohort), one=one, cohort=cohort)


def choice(
    label: str, name: str, names: dict[Any, str], chosen: str | int | None, any: str, counts: Counter[Facet]
) -> Markup:
    """A filter: each of `names` with how many students it would show, and `any` for all of them; `label` and `any` are
    the same for one `name`.
    """
    options = tuple([(value, said, counts[name, value]) for value, said in names.items()])
    return _choice((name, options, chosen), label=label, name=name, options=options, chosen=chosen, any=any)
