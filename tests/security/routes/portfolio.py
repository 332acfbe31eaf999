"""A student's portfolio and its editions, and those of a cohort."""

from __future__ import annotations

from tests.security.rows import NOBODYS, STUDENTS, Row, only

DIRECTORS = "dana elsewhere"
READERS = f"{STUDENTS} {DIRECTORS} ian esther"
OPENED = {
    "amara": "200: amara dana ian esther",
    "tom": "200: tom dana ian",
    "mei": "200: mei dana ian",
    "limb": "200: limb elsewhere",
    **NOBODYS,
}
# Which editions they are is asked for after the question mark: tests/portfolio/test_making.py.
OF_A_COHORT = Row(DIRECTORS, {"cohort": "", "other cohort": "", **NOBODYS})

ROUTES = {
    "GET /portfolio": only(STUDENTS),
    "GET /students/<int:enrolment_id>/portfolio": Row(READERS, OPENED),
    "GET /students/<int:enrolment_id>/portfolio/editions": Row(READERS, OPENED),
    "POST /portfolio/editions": only(STUDENTS, 303, sends=lambda world, thing: {"purpose": "working"}),
    "GET /editions/<int:edition_id>.pdf": Row(
        READERS,
        {"edition of amara": "200: amara dana ian esther", "edition of mei": "200: mei dana ian", **NOBODYS},
    ),
    "POST /editions/<int:edition_id>/void": Row(
        f"{STUDENTS} {DIRECTORS}",
        {"edition of amara": "303: amara dana", "edition of mei": "303: mei dana", **NOBODYS},
        lambda world, edition: {"why": "The wrong scope of practice was recorded."},
    ),
    "POST /cohorts/<int:cohort_id>/editions": Row(
        DIRECTORS, {"cohort": "303: dana", "other cohort": "303: elsewhere", **NOBODYS}
    ),
    "GET /cohorts/<int:cohort_id>/editions/progress": OF_A_COHORT,
    "GET /cohorts/<int:cohort_id>/editions/progress/list": OF_A_COHORT,
}
FIELDS = {
    "POST /portfolio/editions": "purpose declared",
    "POST /editions/<int:edition_id>/void": "why named_nobody",
    "POST /cohorts/<int:cohort_id>/editions": "",
}
