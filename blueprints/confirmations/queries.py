"""Who waits to be confirmed, and what is known of them: of the programmes on which somebody decides."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from peewee import JOIN, ModelSelect, fn

from models import Cohort, Confirmation, Enrolment, Invitation, Party, Person, Placement, Scan, Site
from rules import confirmations as rules
from rules import roles
from rules.folding import fold
from statements import parts_of
from visibility import APPROVED, PARTS_NOW, programmes_of_staff

WAITS, REFUSED, BEFORE, CONFIRMED = "waits", "refused", "before", "confirmed"


class Invited(NamedTuple):
    """An invitation that was accepted: by whom it was made, when, and whether in the same browser."""

    by: str
    made_at: datetime
    accepted_at: datetime
    same_browser: bool


@dataclass
class Part:
    """One person as a mentor or assessor of one programme.

    Attributes:
        sites: names of the sites at which they have that part now.
        held, counted: how many approvals of theirs are held, and how many count.
        invitations: by which they came, the last one first.
        live, past: confirmations that stand, and those that were ended or refused, the last one first.
    """

    person: Person
    programme: str
    kind: str
    sites: list[str] = field(default_factory=list)
    held: int = 0
    counted: int = 0
    invitations: list[Invited] = field(default_factory=list)
    live: list[Confirmation] = field(default_factory=list)
    past: list[Confirmation] = field(default_factory=list)

    @property
    def role(self) -> str:
        return rules.KINDS[self.kind]

    @property
    def state(self) -> str:
        """WAITS, REFUSED (or ended), BEFORE confirmations began, or CONFIRMED."""
        if not self.live:
            return REFUSED if self.past else WAITS
        return BEFORE if all(one.basis == "before" for one in self.live) else CONFIRMED

    @property
    def since(self) -> datetime:
        """Since when they wait: since they accepted, or since they are here."""
        return min((one.accepted_at for one in self.invitations), default=self.person.made_at)


def parts(by: int, person: int | None = None) -> list[Part]:
    """Every mentor and assessor of the programmes on which `by` decides, who waits longest first; or of one person, as
    all that they are. Five queries.
    """
    theirs = programmes_of_staff(by, *roles.MANAGERS)
    found = _gathered(theirs, person)
    _add_confirmations(found, theirs)
    _add_invitations(found, theirs)
    _add_approvals(found, theirs)
    for part in found.values():
        part.sites.sort(key=fold)
    # Who has no part now and nothing held needs no decision.
    shown = [one for one in found.values() if one.sites or one.held or person is not None]
    return sorted(shown, key=lambda one: (one.since, fold(one.person.name), one.kind))


def _gathered(theirs: ModelSelect, person: int | None) -> dict[tuple[int, str, str], Part]:
    rows = Party.select(Party.person, Cohort.programme, Party.role, Site.name, PARTS_NOW).join(Placement).join(Site)
    rows = rows.join_from(Placement, Enrolment).join(Cohort)
    rows = rows.where(Cohort.programme.in_(theirs), Party.role.in_(list(rules.KINDS)))
    listed = list((rows if person is None else rows.where(Party.person == person)).tuples())
    people: dict[int, Person] = {}
    for some in parts_of({one for one, *_ in listed}):
        people |= {one.id: one for one in Person.select().where(Person.id.in_(some))}
    found: dict[tuple[int, str, str], Part] = {}
    for number, programme, kind, site, now in listed:
        part = found.setdefault((number, programme, kind), Part(people[number], programme, kind))
        if now and site not in part.sites:
            part.sites.append(site)
    return found


def _add_confirmations(found: dict[tuple[int, str, str], Part], theirs: ModelSelect) -> None:
    by = Person.alias()
    rows = Confirmation.select(Confirmation, by.id, by.name)
    rows = rows.join(by, JOIN.LEFT_OUTER, on=(Confirmation.by == by.id), attr="by")
    for one in rows.where(Confirmation.programme.in_(theirs)).order_by(Confirmation.id.desc()):
        if part := found.get((one.person_id, one.programme, one.kind)):
            (part.live if one.ended_at is None else part.past).append(one)


def _add_invitations(found: dict[tuple[int, str, str], Part], theirs: ModelSelect) -> None:
    columns = (Person.name, Invitation.made_at, Invitation.accepted_at, Invitation.same_browser)
    rows = Invitation.select(Invitation.accepted_by, Cohort.programme, Invitation.role, *columns)
    rows = rows.join(Person, on=(Invitation.by == Person.id)).join_from(Invitation, Placement).join(Enrolment)
    rows = rows.join(Cohort).where(Invitation.accepted_by.is_null(False), Cohort.programme.in_(theirs))
    for number, programme, kind, *facts in rows.order_by(Invitation.accepted_at.desc()).tuples():
        if part := found.get((number, programme, kind)):
            part.invitations.append(Invited(*facts))


def _add_approvals(found: dict[tuple[int, str, str], Part], theirs: ModelSelect) -> None:
    columns = (Scan.approved_by, Cohort.programme, Scan.state)
    rows = Scan.select(*columns, fn.COUNT(Scan.id)).join(Enrolment).join(Cohort)
    rows = rows.where(APPROVED, Cohort.programme.in_(theirs)).group_by(*columns)
    for some in parts_of({part.person.id for part in found.values() if part.state != CONFIRMED}):
        for number, programme, state, counted in rows.where(Scan.approved_by.in_(some)).tuples():
            if part := found.get((number, programme, roles.MENTOR)):
                setattr(part, state, counted)
