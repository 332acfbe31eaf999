"""Somebody covers for a mentor who is away: "Ravi away 3 to 17 August, Joy covers".

A cover is a part of its own, for one part of the mentor who is away, with a first and a last day. One form makes,
changes and calls off those of all the mentor's placements at a site. Meanwhile no new scan goes to who is away; what
they have they may judge still. What waits is handed over and back by `part_changeovers`.
"""

from datetime import date, datetime
from typing import Any

import clock
from models import Cohort, Enrolment, Party, Person, Placement, Site, db
from rules import dates, phrases, roles
from rules.parts import DAY, LONGEST_COVER, Days
from statements import TODAY, Prepared
from visibility import placements_run_by
from workflows.history import history, records
from workflows.notices import notices
from workflows.people import part_changeovers
from workflows.people.parts import days_of
from workflows.refusals import Conflict, Invalid, or_not_found

Problems = dict[str, list[str]]
Covered = Party.alias("covered")
OF_ONE_SITE = "Choose somebody who mentors at this site."
TOO_LONG = "A cover lasts a year at most. Whoever is away for longer is succeeded."


def cover(party: int, *, person: int | None, from_on: date | None, last_day: date | None, by: Person) -> list[Party]:
    """Have somebody cover for a mentor on these days, in all of their placements at the site that they may cover: those
    that have begun, whose student they are not. The same once more changes nothing.
    `party`: one part of the mentor; its placement has to be among them.
    Raises NotFound: no mentor's part that `by` may have covered: their own, or of a programme that they run. Invalid:
    field -> sentences.
    """
    with db.atomic():
        own, now = coverable(party, by), clock.now()
        theirs = _own_parts(by).where(Party.person == own.person_id, Placement.site == own.placement.site_id)
        theirs = list(theirs.order_by(Party.id))
        if from_on and last_day:
            known = _same(theirs, person, Days(from_on, last_day + DAY))
            if own.id in {one.cover_for_id for one in known}:
                return known
        wrong = _wrong_days(own, from_on, last_day)
        someone = may_cover(own).get(person or 0)
        if someone is None:
            wrong["person"] = [OF_ONE_SITE]
        if wrong or from_on is None or last_day is None or someone is None:
            raise Invalid(wrong)
        away = Days(from_on, last_day + DAY)
        covered = [(one, away.within(days_of(one))) for one in theirs]
        covered = [
            pair for pair in covered if not pair[1].is_empty and pair[0].placement.enrolment.person_id != someone.id
        ]
        if own.id not in {one.id for one, _ in covered}:
            raise Invalid({"person": [f"{someone.name} is the student here, and cannot judge their own scans."]})
        for one, days in covered:
            if wrong := _taken(one, days, someone):
                raise Invalid(wrong)
        made = []
        for one, days in covered:
            values = {"placement": one.placement_id, "person": someone, "role": roles.MENTOR, "cover_for": one}
            row = records.create(Party, **values, from_on=days.first, ended_on=days.ended_on, arranged_by_id=by.id)
            _record("cover", row, one, by, now)
            made.append(row)
        for reader in (someone.id, own.person_id):
            notices.notify("cover_arranged", f"party:{made[0].id}", to=reader, by=by.id, at=now)
        part_changeovers.begin([one.id for one in made], now)
        return [Party.get_by_id(one.id) for one in made]


def change(cover: int, *, last_day: date | None, by: Person) -> list[Party]:
    """Give a cover, with its like at the site, another last day; without one the mentor is back: it ends today, or
    never begins. The same once more changes nothing.
    Raises NotFound: no cover that `by` may change. Conflict: it has ended already. Invalid: field -> sentences.
    """
    with db.atomic():
        first, today, now = changeable(cover, by), clock.today(), clock.now()
        if first.ended_on <= max(today, first.from_on):
            if last_day in (None, first.ended_on - DAY):
                return []
            raise Conflict("This cover has ended already. Arrange a new one.")
        like = [one for one in _covers(by) if _is_like(one, first)]
        ended_on = today if last_day is None else last_day + DAY
        if last_day is not None and (not dates.can_be(last_day) or ended_on < today or ended_on <= first.from_on):
            raise Invalid({"last_day": ["Write today, or a later day on which the cover lasts still."]})
        if last_day is not None and ended_on - first.from_on > LONGEST_COVER:
            raise Invalid({"last_day": [TOO_LONG]})
        changed = []
        for one in like:
            days = Days(one.from_on, ended_on).within(days_of(one.cover_for))
            if wrong := _taken(one.cover_for, days, one.person, but=one.id):
                raise Invalid({"last_day": next(iter(wrong.values()))})
            until = max(one.from_on, days.ended_on or ended_on)
            if until != one.ended_on:
                values = {"ended_on": until, "arranged_by_id": by.id}
                records.write(Party.update(**values).where(Party.id == one.id))
                one.ended_on = until
                _record("change_cover", one, one.cover_for, by, now)
                changed.append(one)
        _notify_of_change(first, changed, by, now)
        part_changeovers.begin([one.id for one in changed], now)
        part_changeovers.close([one.id for one in changed], now)
        return changed


def _notify_of_change(first: Party, changed: list[Party], by: Person, now: datetime) -> None:
    if not changed:
        return
    called_off = all(one.ended_on <= one.from_on and one.begun_at is None for one in changed)
    ends_now = any(one.begun_at and one.ended_on <= clock.today() for one in changed)
    if ends_now:
        return  # that it has ended is told as what waited is handed back
    for reader in (first.person_id, first.cover_for.person_id):
        kind = "cover_called_off" if called_off else "cover_changed"
        notices.notify(kind, f"party:{first.id}", to=reader, by=by.id, at=now)


def _wrong_days(own: Party, from_on: date | None, last_day: date | None) -> Problems:
    wrong: Problems = {}
    held = days_of(own)
    if from_on is None or not dates.can_be(from_on):
        wrong["from_on"] = ["Write the first day away."]
    elif from_on < held.first:
        wrong["from_on"] = [f"This part begins on {phrases.day(held.first)}: write that day or a later one."]
    elif held.last is not None and from_on > held.last:
        wrong["from_on"] = [f"The last day of this part is {phrases.day(held.last)}: write that day or an earlier one."]
    if last_day is None or not dates.can_be(last_day):
        wrong["last_day"] = ["Write the last day away."]
    elif from_on and last_day < from_on:
        wrong["last_day"] = ["The last day is the first day, or a later one."]
    elif last_day < clock.today():
        wrong["last_day"] = ["These days are over. Write today or a later day."]
    elif from_on and last_day - from_on >= LONGEST_COVER:
        wrong["last_day"] = [TOO_LONG]
    return wrong


def _taken(own: Party, days: Days, someone: Person, but: int = 0) -> Problems:
    """Why somebody cannot cover for this part on these days: others do, or one of the two is away or covers then."""
    if days.is_empty:
        return {}
    there = _with_covered().where(Party.placement == own.placement_id, Party.id != but)
    for other in there:
        held = Days(other.from_on, other.ended_on)
        if not held.overlap(days):
            continue
        away, covers = other.cover_for.person, other.person
        if away.id == own.person_id:
            return {"from_on": [f"{covers.name} covers for {away.name} {held.words} already. Change that one."]}
        if away.id == someone.id:
            return {"person": [f"{someone.name} is away {held.words}, and {covers.name} covers. Choose somebody else."]}
        if covers.id == own.person_id:
            return {"from_on": [f"{covers.name} covers for {away.name} {held.words}. End that cover first."]}
    return {}


def _same(theirs: list[Party], person: int | None, days: Days) -> list[Party]:
    """The covers that say this already."""
    found = []
    for one in theirs:
        wanted = days.within(days_of(one))
        same = {"cover_for": one, "person": person, "from_on": wanted.first, "ended_on": wanted.ended_on}
        if not wanted.is_empty and (known := Party.get_or_none(**same)):
            found.append(known)
    return found


def may_cover(own: Party) -> dict[int, Person]:
    """Who may cover for this part, by id: whoever mentors or mentored at its site on the same programme, but them."""
    at_site = (
        Party.select(Party.person)
        .join(Placement)
        .join(Enrolment)
        .join(Cohort)
        .where(Placement.site == own.placement.site_id, Party.role == roles.MENTOR)
        .where(Cohort.programme == own.placement.enrolment.cohort.programme)
    )
    found = Person.select().where(Person.id.in_(at_site), Person.id != own.person_id, Person.disabled_at.is_null())
    return {one.id: one for one in found.order_by(Person.name, Person.id)}


def coverable(party: int, by: Person) -> Party:
    """The mentor's part, with person, placement and site, if this person may have it covered. Raises NotFound."""
    return or_not_found(_own_parts(by).where(Party.id == party).first())


def parts_of_mentor(person: Person) -> list[Party]:
    """The mentor's parts at each of their sites that may be covered: of each site the one that began first."""
    found: dict[int, Party] = {}
    for one in sorted(_own_parts(person).where(Party.person == person), key=lambda one: (days_of(one).first, one.id)):
        found.setdefault(one.placement.site_id, one)
    return list(found.values())


def changeable(cover: int, by: Person) -> Party:
    """The cover, with whom it is by and for, if this person may change it. Raises NotFound."""
    return or_not_found(_covers(by).where(Party.id == cover).first())


def to_come(by: Person, *, own: bool = False) -> list[Party]:
    """The covers of today and of the days to come that this person may change; with `own` theirs alone."""
    today = clock.today()
    rows = _covers(by).where(Party.ended_on > today, Party.ended_on > Party.from_on)
    if own:
        rows = rows.where(Covered.person == by)
    return list(rows.order_by(Party.from_on, Party.id))


def by(person: int, today: date) -> list[Party]:
    """The covers of today and of the days to come that this person has for others, the first one first."""
    mine = _with_covered().where(Party.person == person, Party.ended_on > today, Party.ended_on > Party.from_on)
    return list(mine.order_by(Party.from_on, Party.id))


def about(person: int) -> list[Party]:
    """The covers of today for this person or by them."""
    return _ABOUT(person)


def _is_like(one: Party, first: Party) -> bool:
    """Whether a cover is of the same mentors, site and time as the first."""
    people = (one.person_id, one.cover_for.person_id) == (first.person_id, first.cover_for.person_id)
    at_site = one.cover_for.placement.site_id == first.cover_for.placement.site_id
    return people and at_site and Days(one.from_on, one.ended_on).overlap(Days(first.from_on, first.ended_on))


def _own_parts(by: Person) -> Any:  # a query
    """The parts of mentors, not ended, of students who study still, that this person may have covered."""
    run = placements_run_by(by.id).select(Placement.id)
    rows = Party.select(Party, Person, Placement, Site, Enrolment, Cohort).join(Person).join_from(Party, Placement)
    rows = rows.join(Site).join_from(Placement, Enrolment).join(Cohort)
    lasts = Party.ended_on.is_null() | (Party.ended_on > clock.today())
    is_own = (Party.role == roles.MENTOR) & Party.cover_for.is_null() & lasts & Enrolment.ended_on.is_null()
    return rows.where(is_own, (Party.person == by) | Party.placement.in_(run))


def _with_covered() -> Any:  # a query
    away, student = Person.alias("away"), Person.alias("student")
    return (
        Party.select(Party, Person, Covered, away, Placement, Enrolment, student, Site)
        .join(Person)
        .join_from(Party, Covered, on=(Party.cover_for == Covered.id), attr="cover_for")
        .join_from(Covered, away, on=(Covered.person == away.id), attr="person")
        .join_from(Covered, Placement, on=(Covered.placement == Placement.id), attr="placement")
        .join_from(Placement, Enrolment)
        .join_from(Enrolment, student, on=(Enrolment.person == student.id), attr="person")
        .join_from(Placement, Site)
    )


def _covers(by: Person) -> Any:  # a query
    """The covers that this person may change: of their own parts, or of programmes that they run."""
    run = placements_run_by(by.id).select(Placement.id)
    return _with_covered().where((Covered.person == by) | Party.placement.in_(run))


def _record(verb: str, row: Party, own: Party, by: Person, now: datetime) -> None:
    placement = own.placement
    days = {"from_on": str(row.from_on), "ended_on": str(row.ended_on)}
    about = {"person": row.person_id, "away": own.person_id, "party": row.id, **days}
    history.record(verb, f"placement:{placement.id}", by=by, at=now, enrolment=placement.enrolment_id, **about)


_ABOUT = Prepared(  # every inbox asks
    lambda person: (
        _with_covered()
        .where(
            (Party.from_on <= TODAY) & (Party.ended_on > TODAY), (Party.person == person) | (Covered.person == person)
        )
        .order_by(Party.id)
    )
)
