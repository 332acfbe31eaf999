"""Everything about one person, for themselves: what docs/own-data.md describes. No token, and nobody else's words."""

from collections import Counter
from datetime import datetime
from typing import Any

from peewee import JOIN

from models import (
    Absence,
    Address,
    Audit,
    Cohort,
    Contact,
    Enrolment,
    Hiding,
    Invitation,
    Letter,
    Move,
    Notice,
    Party,
    Passkey,
    Person,
    Placement,
    Scan,
    SignIn,
    Site,
    Staff,
    Subscription,
    Wish,
)
from rules import parts, quiet
from rules.notice_text import KINDS

FORMAT = "sonofolio-own-data-1"


def own_data(person_id: int, now: datetime) -> dict[str, Any]:
    """The person's account, ways in, parts, sign-ins, notices, letters, judgements and wishes. Times are UTC, days the
    programme's own. A student's scans are in the portfolio's own data, and are not repeated here.
    """
    return {
        "format": FORMAT,
        "made_at": _utc(now),
        "account": _account(person_id),
        "enrolments": _enrolments(person_id),
        "absences": _absences(person_id),
        "placement_parts": _placement_parts(person_id),
        "programme_parts": _theirs(Staff.id, person_id, "programme", "role"),
        "invitations_made": _invitations(Invitation.by == person_id),
        "invitations_accepted": _invitations(Invitation.accepted_by == person_id),
        "addresses": _theirs(Address.id, person_id, "email", "made_at", "proved_at"),
        "passkeys": _passkeys(person_id),
        "letters": _theirs(Letter.id, person_id, "kind", "address", "made_at", "sent_at"),
        "sign_ins": _sign_ins(person_id),
        "notices": _notices(person_id, now),
        "judgements": _judgements(person_id),
        "conversations": _conversations(person_id),
        "hidden_texts": _rows(
            Hiding.select(Hiding.scan, Hiding.at, Hiding.fields).where(Hiding.by == person_id).order_by(Hiding.at)
        ),
        "erasure_wishes": _theirs(Wish.id, person_id, "asked_at", "withdrawn_at", "done_at"),
    }


def _account(person_id: int) -> dict[str, Any]:
    person = Person.get_by_id(person_id)
    return {
        "name": person.name,
        "email": person.email,
        "made_at": _utc(person.made_at),
        "has_password": person.password is not None,
        "theme": person.theme,
        "by_mail": person.by_mail,
        "quiet_from": quiet.words(person.quiet_from),
        "quiet_until": quiet.words(person.quiet_until),
        "last_daily_mail_at": _utc(person.mailed_at),
        "last_weekly_mail_at": _utc(person.record_mailed_at),
    }


def _invitations(whose: Any) -> list[dict[str, Any]]:
    """Invitations without whom they went to: that is somebody else's."""
    names = ("role", "made_at", "expires_at", "accepted_at", "withdrawn_at")
    columns = [getattr(Invitation, name) for name in names]
    return _rows(Invitation.select(*columns).where(whose).order_by(Invitation.made_at))


def _passkeys(person: int) -> list[dict[str, Any]]:
    columns = (Passkey.name, Passkey.made_at, Passkey.used_at, Passkey.removed_at, Passkey.backed_up.alias("synced"))
    return _rows(Passkey.select(*columns).where(Passkey.person == person).order_by(Passkey.made_at))


def _sign_ins(person: int) -> list[dict[str, Any]]:
    names = ("device", "made_at", "expires_at", "ended_at", "shared", "means")
    rows = SignIn.select(*(getattr(SignIn, name) for name in names), Subscription.made_at.alias("push_since"))
    theirs = rows.join(Subscription, JOIN.LEFT_OUTER).where(SignIn.person == person)
    return _rows(theirs.order_by(SignIn.made_at))


def _notices(person: int, now: datetime) -> list[dict[str, Any]]:
    rows = Notice.select(Notice.kind, Notice.subject, Notice.deliver_at, Notice.read_at)
    delivered = rows.where(Notice.recipient == person, Notice.deliver_at <= now).order_by(Notice.deliver_at)
    return [
        {
            "kind": kind,
            "title": KINDS[kind].title() if kind in KINDS else "",
            "subject": subject,
            "at": _utc(at),
            "read_at": _utc(read_at),
        }
        for kind, subject, at, read_at in delivered.tuples()
    ]


def _conversations(person: int) -> list[dict[str, Any]]:
    """The days alone: the notes are somebody else's words."""
    theirs = Enrolment.select(Enrolment.id).where(Enrolment.person == person)
    about = Contact.enrolment.in_(theirs) | (Contact.person == person)
    return _rows(Contact.select(Contact.spoken_on).where(about).order_by(Contact.spoken_on))


def _enrolments(person: int) -> list[dict[str, Any]]:
    rows = Enrolment.select(
        Cohort.programme, Cohort.name.alias("cohort"), Enrolment.enrolled_on, Enrolment.remit, Enrolment.ended_on,
        Enrolment.ended_as,
    )  # fmt: skip
    return _rows(rows.join(Cohort).where(Enrolment.person == person).order_by(Enrolment.enrolled_on))


def _absences(person: int) -> list[dict[str, Any]]:
    """When their study was interrupted, and to when it was extended; what was taken back, too."""
    rows = Absence.select(
        Cohort.name.alias("cohort"), Absence.kind, Absence.from_on, Absence.until_on, Absence.due_on, Absence.made_at,
        Absence.voided_at,
    )  # fmt: skip
    return _rows(rows.join(Enrolment).join(Cohort).where(Enrolment.person == person).order_by(Absence.id))


def _placement_parts(person: int) -> list[dict[str, Any]]:
    """Their parts in placements, without whose: that student is somebody else."""
    rows = Party.select(Cohort.programme, Site.name, Party.role, Placement.starts_on, Party.from_on, Party.ended_on)
    joined = rows.select_extend(Party.cover_for).join(Placement).join(Site).join_from(Placement, Enrolment).join(Cohort)
    found = []
    found_rows = joined.where(Party.person == person).order_by(Party.id).tuples()
    for programme, site, role, begins, from_on, ended_on, covers in found_rows:
        held = parts.of(from_on, ended_on, begins)
        if not held.is_empty:  # else it was called off before its first day
            part = {"programme": programme, "site": site, "role": role, "is_cover": covers is not None}
            found.append({**part, "starts_on": _plain(held.first), "ended_on": _plain(held.last)})
    return found


def _judgements(person: int) -> dict[str, Any]:
    """What they did to others' scans as a mentor: how often, and their own marks and words."""
    others = ~Scan.enrolment.in_(Enrolment.select(Enrolment.id).where(Enrolment.person == person))
    moves = Move.select(Move.verb, Move.scan, Move.at, Move.why).join(Scan).where(Move.by == person, others)
    found = moves.order_by(Move.at).tuples()
    audits = Audit.select(
        Audit.scan, Audit.made_at, Audit.image, Audit.report, Audit.agreement, Audit.seen, Audit.made, Audit.comment,
        Audit.voided_at,
    )  # fmt: skip
    return {
        "counts": dict(Counter(verb for verb, *_ in found)),
        "audits": _rows(audits.where(Audit.by == person).order_by(Audit.made_at)),
        "words": [{"scan": scan, "verb": verb, "at": _utc(at), "words": why} for verb, scan, at, why in found if why],
    }


def _theirs(order: Any, person: int, *names: str) -> list[dict[str, Any]]:
    """These columns of the person's own rows in a table, in the order of one of its columns."""
    model = order.model
    columns = [getattr(model, name) for name in names]
    return _rows(model.select(*columns).where(model.person == person).order_by(order))


def _rows(query: Any) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in query.dicts()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _utc(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _utc(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
