"""What the portfolio's room shows: whose it is, its editions, and what is missing from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, fn

from models import Cohort, Edition, Enrolment, File, InstantField, Person, Share
from rules import editions, phrases
from rules.editions import EditionStatus
from rules.programme import Programme
from rules.progress import Progress
from visibility import editions_visible_to
from workflows.portfolio import edition_status, shares
from workflows.refusals import NotFound

_instant = InstantField()


@dataclass(frozen=True)
class Item:
    """One line of what is in the portfolio. `done`: nothing of it is missing; None: it is no condition."""

    words: str
    done: bool | None
    missing: str = ""


@dataclass(frozen=True)
class Shown:
    """An edition with its file, its status (None until it is made) and its share links, the newest first."""

    edition: Edition
    status: EditionStatus | None
    shares: Sequence[Share]


def others_of(enrolment: Enrolment) -> list[Enrolment]:
    """The same person's other enrolments, with their cohorts: each has a portfolio of its own."""
    mine = Enrolment.select(Enrolment, Cohort).join(Cohort)
    return list(
        mine.where(Enrolment.person == enrolment.person_id, Enrolment.id != enrolment.id).order_by(Enrolment.id)
    )


def shown_editions(enrolment_id: int, now: datetime) -> list[Shown]:
    """Every edition of one portfolio, the newest first."""
    found = Edition.select(Edition, File).join(File, JOIN.LEFT_OUTER).where(Edition.enrolment == enrolment_id)
    rows = list(found.order_by(Edition.number.desc()))
    statuses = edition_status.statuses_of([row for row in rows if row.state == editions.MADE])
    links: dict[int, list[Share]] = defaultdict(list)
    of_these = Share.edition.in_([row.id for row in rows])
    for share in Share.select().where(of_these, shares.works(now)).order_by(Share.made_at.desc()):
        links[share.edition_id].append(share)
    return [Shown(row, statuses.get(row.id), links[row.id]) for row in rows]


def edition_file(edition_id: int, person: int) -> Edition:
    """A made edition with its file and enrolment. Raises NotFound where this person may not open it."""
    found = editions_visible_to(person).select(Edition, File, Enrolment).join(File).switch(Edition).join(Enrolment)
    if edition := found.where(Edition.id == edition_id).first():
        return edition
    raise NotFound()


def of_cohort(person: int, cohort_id: int, asked_at: int) -> list[Edition]:
    """The editions that were asked for at this instant (microseconds) for a cohort, by name of the student."""
    found = editions_visible_to(person).select(Edition, Enrolment, Person).join(Enrolment).join(Person)
    asked = (Enrolment.cohort == cohort_id) & (Edition.asked_at == _instant.python_value(asked_at))
    return list(found.where(asked).order_by(fn.LOWER(Person.name)))


def microseconds(at: datetime) -> int:
    """An instant as an address holds it."""
    return _instant.db_value(at) or 0


def contents(programme: Programme, progress: Progress, remit: list[str] | None) -> list[Item]:
    """What is in the portfolio and what is missing, in words: as much as is counted, and not more."""
    found = []
    for part in progress.parts:
        name = f"{part.total} {part.support.name.lower()} scans, each {part.support.counts_when}"
        missing = f"{part.counted} count" if part.missing else ""
        waiting = [f"{part.waiting} with the mentor"] if part.waiting else []
        waiting += [f"{part.to_correct} to correct"] if part.to_correct else []
        waiting += [f"{part.to_scan} to scan"] if part.to_scan else []
        words = f"{missing}; {phrases.listed(waiting)}" if missing and waiting else missing
        found.append(Item(name, not part.missing, words))
    gaps = [f"{area.name} {area.counted} of {area.target}" for area in progress.regions if area.missing]
    aimed = "Breadth, an aim and no condition" if not remit else "Breadth of the signed remit, an aim and no condition"
    found.append(Item(aimed, None if gaps else True, "; ".join(gaps)))
    if not remit:
        found.append(Item("Signed remit", None, "None is recorded, so every region is shown"))
    return found
