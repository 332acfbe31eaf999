"""Links with which a student shows one edition to somebody without an account, such as an employer. 256 bits, stored as
a hash, shown once, for the programme's `share_days` at most, and taken back whenever the student likes.
"""

import secrets
from datetime import datetime, timedelta

from peewee import Expression

import clock
from models import Cohort, Edition, Enrolment, File, Person, Share, db
from rules.editions import MADE
from workflows.accounts import accounts
from workflows.course import programmes
from workflows.history import history, records
from workflows.notices import notices
from workflows.refusals import Conflict, NotFound, Refused, or_not_found
from workflows.scans import screening

MOST_LABEL = 80  # characters
MOST = 20  # links to one edition that work at the same time
GONE = "This link has run out, was taken back, or was never ours."
VOID = "The edition that this link opens was made void. Do not rely on a copy of it."


class Void(Refused):
    """The edition was made void since it was shared (410)."""

    def __init__(self) -> None:
        super().__init__(VOID)


def share(edition_id: int, *, by: Person, label: str, days: int | None, named_nobody: str = "") -> str:
    """Make a link to an edition of one's own, for one purpose. Returns its secret token, which is kept nowhere.

    Args:
        label: for whom or what, in the student's words.
        days: that it works.

    Raises NotFound: no edition of theirs. Conflict: it is not made yet, or void. Invalid: field -> sentences.
    """
    token, label = secrets.token_urlsafe(32), " ".join(label.split())
    with db.atomic():
        edition = own_edition(edition_id, by)
        if edition.state != MADE or edition.void_at:
            raise Conflict("Only an edition that was made and is not void can be shared.")
        now = clock.now()
        warned = _check(edition, label, days, named_nobody)
        mark, ends = accounts.hash_of(token), now + timedelta(days=days or 0)
        records.create(Share, token_hash=mark, edition=edition, label=label, by=by, made_at=now, expires_at=ends)
        extra = {"warned": warned} if warned else {}
        history.record("share", f"edition:{edition.id}", by=by, at=now, enrolment=edition.enrolment_id, **extra)
    return token


def works(now: datetime) -> Expression:
    """That a link opens something at this instant: it was not taken back and has not run out."""
    return Share.revoked_at.is_null() & (Share.expires_at > now)


def _check(edition: Edition, label: str, days: int | None, named_nobody: str) -> list[str]:
    most, wrong = share_days(edition), {}
    live = Share.select().where(Share.edition == edition, works(clock.now()))
    if not label:
        wrong["label"] = ["Write whom or what the link is for."]
    elif len(label) > MOST_LABEL:
        wrong["label"] = [f"At most {MOST_LABEL} characters; this has {len(label):,}."]
    elif live.count() >= MOST:
        wrong["label"] = [f"{MOST} links to this edition work already. Revoke one first."]
    if days is None or not 1 <= days <= most:
        wrong["days"] = [f"Write a number of days from 1 to {most}."]
    return screening.screen({"label": label[:MOST_LABEL]}, named_nobody, problems=wrong)


def share_days(edition: Edition) -> int:
    """How many days a link to this edition may work."""
    return programmes.get(edition.enrolment.cohort.programme).portfolio.share_days


def own_edition(edition_id: int, person: Person) -> Edition:
    """An edition of this person's own portfolio, with its enrolment and cohort. Raises NotFound: there is none."""
    found = Edition.select(Edition, Enrolment, Cohort).join(Enrolment).join(Cohort)
    return or_not_found(found.where(Edition.id == edition_id, Enrolment.person == person).first())


def revoke(token_hash: str, *, by: Person) -> Edition:
    """Take a link back; it opens nothing from now on. Once more changes nothing. Returns the edition.
    Raises NotFound: no link of this person's.
    """
    with db.atomic():
        link = or_not_found(Share.get_or_none(Share.token_hash == token_hash))
        edition, now = own_edition(link.edition_id, by), clock.now()
        if link.revoked_at is None:
            records.update(Share, {"revoked_at": now}, token_hash=token_hash)
            history.record("revoke_share", f"edition:{edition.id}", by=by, at=now, enrolment=edition.enrolment_id)
        return edition


def find(token: str) -> Share:
    """The link with this token, with its edition, file, enrolment, person and cohort. Nothing is counted.
    Raises NotFound: unknown, revoked or run out: one sentence for all. Void: its edition was made void.
    """
    now = clock.now()
    found = Share.select(Share, Edition, File, Enrolment, Person, Cohort).join(Edition).join(File)
    found = found.switch(Edition).join(Enrolment).join(Person).switch(Enrolment).join(Cohort)
    link = found.where(
        Share.token_hash == accounts.hash_of(token),
        works(now),
        Share.made_at <= now + clock.AHEAD,
    ).first()
    if link is None:
        raise NotFound(GONE)
    if link.edition.void_at:
        raise Void()
    return link


def open_link(token: str) -> Share:
    """As `find`, for somebody who opens it: it is counted, and the student is told of the first time.
    Raises NotFound, Void: as `find`.
    """
    with db.atomic():
        link, now = find(token), clock.now()
        edition, first = link.edition, not link.opened
        values = {"opened": link.opened + 1, "opened_at": now}
        records.update(Share, values, token_hash=link.token_hash)
        thing = f"edition:{edition.id}"
        history.record("open_share", thing, by=None, at=now, enrolment=edition.enrolment_id)
        if first:
            notices.notify("share_opened", thing, to=edition.enrolment.person_id, by=None, at=now)
        return link
