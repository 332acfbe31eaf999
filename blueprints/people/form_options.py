"""What can be chosen when somebody is brought in: cohorts, sites that are known, students by their address."""

from collections.abc import Collection

from models import Cohort, Enrolment, Person, Site
from rules import roles
from rules.folding import fold
from visibility import programmes_of_staff

MOST = 300  # that a field suggests; others are typed


def cohorts(viewer: int) -> list[Cohort]:
    """The cohorts of the programmes that somebody manages, the newest first."""
    mine = Cohort.programme.in_(programmes_of_staff(viewer, *roles.MANAGERS))
    return list(Cohort.select().where(mine).order_by(Cohort.starts_on.desc(), Cohort.name))


def known(viewer: int, fields: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """What these fields suggest: (what is written, in words). At most two queries."""
    found: dict[str, list[tuple[str, str]]] = {}
    if "site" in fields:
        names = sorted((name for (name,) in Site.select(Site.name).tuples()), key=fold)
        found["site"] = [(name, "") for name in names[:MOST]]
    if "student_email" in fields:
        mine = Cohort.programme.in_(programmes_of_staff(viewer, *roles.MANAGERS))
        rows = Enrolment.select(Person.email, Person.name, Cohort.name).join(Person).switch(Enrolment).join(Cohort)
        rows = rows.where(mine, Enrolment.ended_on.is_null(), Person.email.is_null(False)).limit(MOST)
        named = sorted(rows.tuples(), key=lambda row: fold(row[1]))
        found["student_email"] = [(email, f"{name}, {cohort}") for email, name, cohort in named]
    return found
