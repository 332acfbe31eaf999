"""Until when what is whose is kept: read from somebody's enrolments and judgements, announced before it happens.

Nothing of a portfolio is deleted here: what is past its time is listed to the directors, who decide (`erasure`). Only
records of ended sign-ins go by themselves, as the programme says (docs/decisions/0047-retention.md).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import clock
from models import Audit, Cohort, Edition, Enrolment, Notice, Person, Scan, SignIn, Staff, db
from rules import calendar, retention, roles
from rules.phrases import day, days
from rules.programme import Programme
from statements import AT_ONCE
from visibility import APPROVED
from workflows.course import absences, programmes
from workflows.history import history, records
from workflows.notices import notices

SHOWN_DAYS = notices.KEPT.days
ERASED = "erased.invalid"  # the domain of who was erased: no mail goes there (RFC 2606), and nobody can be given one
NOT_ERASED = Person.email.is_null() | ~Person.email.endswith(f"@{ERASED}")
NOTICE_WINDOW = timedelta(days=30)  # after its day, within which directors are notified of what is past its time


def is_erased(email: str) -> bool:
    """Whether this is the address of somebody who was erased."""
    return email.endswith(f"@{ERASED}")


@dataclass(frozen=True)
class Period:
    """An enrolment for which something is kept of somebody: their own, or one whose scans they judged."""

    person: int
    enrolment: int
    own: bool
    cohort: str
    ended_on: date | None
    programme: Programme
    reading: retention.Due
    portfolio: retention.Due


@dataclass(frozen=True)
class Line:
    """A line of "What we keep, and until when"."""

    what: str
    until: str
    why: str


def periods(people: Collection[int], now: datetime) -> dict[int, list[Period]]:
    """For which enrolments something is kept of each of these people, their own first, then the latest. One query."""
    enrolled = Enrolment.select(Enrolment.person, Enrolment.id).where(Enrolment.person.in_(people))
    counted = Scan.select(Scan.approved_by, Scan.enrolment).where(APPROVED, Scan.approved_by.in_(people))
    audited = Audit.select(Audit.by, Scan.enrolment).join(Scan).where(Audit.by.in_(people))
    pairs = (enrolled | counted | audited).alias("pairs")
    pairs = pairs.select_from(pairs.c.person_id.alias("who"), pairs.c.id.alias("enrolment"))
    rows = (
        Enrolment.select(pairs.c.who, Enrolment.person, *_TERMS)
        .join(Cohort)
        .join_from(Enrolment, pairs, on=(pairs.c.enrolment == Enrolment.id))
        .order_by((Enrolment.person == pairs.c.who).desc(), Enrolment.enrolled_on.desc())
    )
    found: dict[int, list[Period]] = {person: [] for person in people}
    for who, owner, *terms in rows.tuples():
        found[who].append(_period(who, who == owner, now, *terms))
    return found


_TERMS = (
    *(Enrolment.id, Cohort.name, Cohort.programme, Cohort.starts_on, Cohort.due_on),
    *(Enrolment.ended_on, Enrolment.ended_as, absences.text_of(Enrolment.id)),
)


def _period(
    person: int, own: bool, now: datetime, number: int, cohort: str, key: str, starts_on: date, due_on: date,
    ended_on: date | None, ended_as: str | None, absent: str | None,
) -> Period:  # fmt: skip
    programme = programmes.get(key)
    today = programme.today(now)
    facts = retention.Facts(calendar.due_on(starts_on, due_on, absences.read(absent), today), ended_on, ended_as)
    reading, portfolio = retention.due(facts, programme.retention, today)
    return Period(person, number, own, cohort, ended_on, programme, reading, portfolio)


def reading_until(enrolment: Enrolment, now: datetime) -> date:
    """Until when at least somebody reads and exports this portfolio of theirs; it has its cohort."""
    cohort, ended = enrolment.cohort, (enrolment.ended_on, enrolment.ended_as)
    # Before the end the day is a promise for whoever ends with the cohort.
    days = (cohort.starts_on, cohort.due_on, *ended, None)
    return _period(enrolment.person_id, True, now, enrolment.id, cohort.name, cohort.programme, *days).reading.on


def ended_periods(now: datetime, keys: Collection[str]) -> list[Period]:
    """The ended enrolments on these programmes of people who study no more and have not been erased. One query."""
    studying = Enrolment.select(Enrolment.person).where(Enrolment.ended_on.is_null())
    rows = Enrolment.select(Enrolment.person, *_TERMS).join(Cohort).join_from(Enrolment, Person)
    theirs = Cohort.programme.in_(keys) & Enrolment.person.not_in(studying) & NOT_ERASED
    return [_period(person, True, now, *terms) for person, *terms in rows.where(theirs).tuples()]


def summary(found: Sequence[Period], programme: Programme) -> list[Line]:
    """What we keep of somebody with these periods, who lives by this programme's numbers: what, until when and why."""
    lines = [line for one in found if one.own for line in _own(one)]
    if judged := [one for one in found if not one.own]:
        last = max(one.portfolio.on for one in judged)
        open_ones = not all(one.ended_on for one in judged)
        until = f"until {day(last)} at least" + (", if those students end with their cohorts" if open_ones else "")
        why = "They are a part of your students' assessed work, with your name as who judged it."
        lines.append(Line("Your audits, approvals and comments", until, why))
    rule = programme.retention
    return [
        *lines,
        Line("Your account: name, e-mail address, parts", "until you are erased", "With it you sign in and are named."),
        Line("Notices", f"{SHOWN_DAYS} days after you read them", "So long they are listed. Then they are deleted."),
        Line(
            "Sign-ins: device and times",
            f"{days(rule.sign_ins_days)} after each has ended",
            "With them a misused account can be looked into. Then they are deleted.",
        ),
    ]


def _own(one: Period) -> list[Line]:
    cohort = one.cohort
    if one.ended_on is None:
        until = f"while you are on the course, and until {day(one.portfolio.on)} at least if you end with your cohort"
    else:
        until = f"until {day(one.portfolio.on)} at least"
    why = one.portfolio.why
    lines = [Line(f"Your portfolio ({cohort}): scans, reports, audits, comments", until, why)]
    if one.ended_on:
        until = f"until {day(one.reading.on)} at least, and as long as anything is kept"
        lines.insert(0, Line("Signing in, reading and exporting", until, one.reading.why))
    years = one.programme.retention.editions_years
    why = "Whoever was given one may check it. They hold your name, also once you are erased; share links end then."
    return [*lines, Line("PDF editions of it", f"for {years} years after each was made", why)]


def remind() -> int:
    """Tell who has ended their course, 60 and 14 days before, until when reading is promised; and the directors, what
    is past its time since lately. Each once. Returns how many notices were written.
    """
    now, sent = clock.now(), 0
    latest = {one.person: one for one in sorted(ended_periods(now, programmes.keys()), key=lambda one: one.reading.on)}
    for one in latest.values():
        today, subject = one.programme.today(now), f"enrolment:{one.enrolment}"
        if number := retention.reminder(one.reading.on, today):
            sent += notify_once(f"reading_ends_{number}", subject, [one.person], now)
        if timedelta(0) <= today - one.reading.on < NOTICE_WINDOW:
            sent += notify_once("past_its_time", subject, directors_of([one.programme.key]), now)
    return sent


def notify_once(kind: str, subject: str, people: Sequence[int], now: datetime) -> int:
    """Notices for those of these people who have none of this kind about it yet, also where two workers do it at once:
    only one writes at a time.
    """
    sent = 0
    for person in people:
        about = (Notice.recipient == person) & (Notice.kind == kind) & (Notice.subject == subject)
        if Notice.select().where(about).exists():  # asked first: most days nothing is to be written
            continue
        with db.atomic():
            if not Notice.select().where(about).exists():
                notices.notify(kind, subject, to=person, by=None, at=now)
                sent += 1
    return sent


def directors_of(keys: Collection[str]) -> list[int]:
    """Ids of who directs one of these programmes and may sign in."""
    of = (Staff.role == roles.DIRECTOR) & Staff.programme.in_(list(keys)) & Person.disabled_at.is_null()
    return sorted({person for (person,) in Staff.select(Staff.person).join(Person).where(of).tuples()})


def delete_old_sign_ins() -> int:
    """Delete the records of sign-ins that ended so long ago as the programmes say, by the longest. Returns how many."""
    longest = max(programmes.get(key).retention.sign_ins_days for key in programmes.keys())  # noqa: SIM118
    before, gone = clock.now() - timedelta(days=longest), 0
    over = (SignIn.expires_at < before) | (SignIn.ended_at < before)
    while True:
        old = [mark for (mark,) in SignIn.select(SignIn.token_hash).where(over).limit(AT_ONCE).tuples()]
        if not old:
            return gone
        with db.atomic():  # a short transaction each: nobody waits long for their turn to write
            gone += records.write(SignIn.delete().where(SignIn.token_hash.in_(old)))
            history.record("delete_sign_ins", f"sign_ins:{len(old)}", by=None, at=clock.now())


def last_edition(person: int) -> date | None:
    """Until when a PDF edition is kept that holds this person's name; None where there is none. Two queries at most."""
    rows = (
        Edition.select(Edition.made_at, Cohort.programme)
        .join(Enrolment)
        .join(Cohort)
        .where(Enrolment.person == person, Edition.made_at.is_null(False))
        .tuples()
    )
    found = []
    for made_at, key in rows:
        programme = programmes.get(key)
        found.append(retention.edition_until(programme.today(made_at), programme.retention))
    return max(found, default=None)
