"""PDF editions past the time for which they are kept: listed to the directors, who delete them."""

from collections.abc import Collection
from datetime import datetime, timedelta

import clock
from models import Cohort, Edition, Enrolment, File, Person, Share, db
from rules import retention, roles
from visibility import programmes_of_staff
from workflows import files
from workflows.course import programmes
from workflows.history import history, records

_SHORTEST_YEAR = timedelta(days=365)


def seen_by(director: int) -> list[Edition]:
    """The editions past their time of the programmes that somebody directs, with their files, the oldest first."""
    directed = {key for (key,) in programmes_of_staff(director, roles.DIRECTOR).tuples()}
    return _past([key for key in programmes.keys() if key in directed], clock.now())  # noqa: SIM118


def _past(keys: Collection[str], now: datetime) -> list[Edition]:
    """One query for each programme."""
    found = []
    for programme in map(programmes.get, keys):
        rule, today = programme.retention, programme.today(now)
        rows = Edition.select(Edition, File).join(File).join_from(Edition, Enrolment).join(Cohort)
        old = (Cohort.programme == programme.key) & (Edition.made_at <= now - rule.editions_years * _SHORTEST_YEAR)
        made = rows.where(old).order_by(Edition.made_at)
        found += [one for one in made if retention.edition_until(programme.today(one.made_at), rule) <= today]
    return found


def delete(*, by: Person) -> int:
    """Delete the editions past their time that this director sees, with their share links and files; returns how many.
    Whoever verifies one of them afterwards is told that it is not known here.
    """
    with db.atomic():
        editions = seen_by(by.id)
        ids = [one.id for one in editions]
        if not ids:
            return 0
        records.write(Share.delete().where(Share.edition.in_(ids)))
        records.write(Edition.delete().where(Edition.id.in_(ids)))
        for one in editions:
            files.release(one.file)
        history.record("delete_editions", f"editions:{len(ids)}", by=by, at=clock.now())
    files.discard(*(one.file.sha256 for one in editions))
    return len(ids)
