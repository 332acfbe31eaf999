"""The one push message that says all that is new for somebody; its words are those of `rules.notice_text`."""

from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from models import INSTANT, UNREAD, Cohort, Enrolment, Move, Notice, Person, Scan
from rules import notice_text
from rules.notice_text import KINDS, Item
from rules.phrases import capital, listed
from rules.programme import Programme
from rules.scan_fields import CONTENT
from statements import run
from visibility import scans_waiting_for
from workflows.course import programmes
from workflows.scans.scan_notices import subject_of

_UNREAD = f"SELECT COUNT(*) FROM notice WHERE recipient_id = ? AND deliver_at <= ? AND {UNREAD}"  # noqa: S608

# What `_facts` says of a scan, and its day and report, which are looked at apart. One that says more needs its page.
AT_A_GLANCE = (
    *("support", "region", "side", "findings", "normal", "outcome", "indication", "protocol", "transducer", "machine"),
    *("limitations", "modifiers", "age_band", "sex", "scanned_on", "report"),
)


def last_due(person: int, since: datetime, now: datetime) -> datetime:
    """When the last of their notices between the two instants was due; `since` where there is none."""
    return Notice.select(fn.MAX(Notice.deliver_at)).where(*_between(person, since, now)).scalar() or since


def message(person: int, since: datetime, now: datetime) -> dict[str, Any] | None:
    """What a browser shows of all that is new since then; None when they have read it, or it waits for them no more.
    Returns title, body, the path to open, `tag` (a later one with it takes its place), `badge` (how much is open in
    all), `person` (whose it is), `urgency`; and `scan` (id, version, step) when the message shows the whole of it, so
    that it can be approved from there.
    """
    waiting = [scan for (scan,) in scans_waiting_for(person).select(Scan.id).tuples()]
    items = _items(person, since, now, set(map(subject_of, waiting)))
    if not items:
        return None
    unread = run(_UNREAD, person, INSTANT.db_value(now)).fetchone()[0]
    text, (first, *others) = notice_text.message(items, len(waiting)), items
    in_inbox = any(item.kind.inbox for item in items)
    found: dict[str, Any] = {
        "person": person,
        "title": text.title,
        "body": "",
        "open": text.path,
        "tag": "waits" if in_inbox else "news" if others else first.subject.replace(":", " "),
        "badge": len(waiting) + unread,
        "urgency": "low" if all(item.kind.urgency == "low" for item in items) else "normal",
        "review": in_inbox and not others,
    }
    if found["review"]:
        found |= _at_a_glance(first.subject.removeprefix("scan:"), now)
        if not found["body"] and len(waiting) > 1:
            found["body"] = f"{len(waiting)} scans wait for you"
    return found


def _between(person: int, since: datetime, now: datetime) -> tuple:
    return Notice.recipient == person, Notice.deliver_at > since, Notice.deliver_at <= now


def _items(person: int, since: datetime, now: datetime, waiting: set[str]) -> list[Item]:
    """The last notice about each subject that is still news, the oldest first: unread, or for what is in an inbox,
    among the `waiting`.
    """
    rows = (
        Notice.select(Notice.kind, Notice.subject, Notice.read_at, Person.name)
        .join(Person, JOIN.LEFT_OUTER, on=(Person.id == Notice.by))
        .where(*_between(person, since, now))
        .order_by(Notice.deliver_at)
        .tuples()
    )
    latest = {
        subject: Item(kind, subject, by or "")
        for key, subject, read_at, by in rows
        if (kind := KINDS.get(key)) and (subject in waiting if kind.inbox else read_at is None)
    }
    return list(latest.values())


def _at_a_glance(scan_id: str, now: datetime) -> dict[str, Any]:
    """All that is in the scan, and how it was seen, if it needs no page to read it: an unaided one, scanned today,
    without a word of the student's own, never returned and nothing asked about. An aided one is judged by its audit.
    """
    scan = Scan.select(Scan, Enrolment, Cohort).join(Enrolment).join(Cohort).where(Scan.id == scan_id).get()
    programme = programmes.get(scan.enrolment.cohort.programme)
    step, returned = (
        Move.select(fn.MAX(Move.id), fn.SUM((Move.verb == "send_back").cast("INTEGER")))
        .where(Move.scan == scan)
        .tuples()
        .get()
    )
    further = any(getattr(scan, name) for name in CONTENT if name not in AT_A_GLANCE)
    by_side = any(len(pair) > 2 for pair in scan.findings) or any("|" in one for one in scan.normal)
    reads = scan.own_words or scan.words_missing or scan.warned or scan.meant or returned or further or by_side
    if reads or scan.support == "aided" or scan.scanned_on != programme.today(now):
        return {}
    body = notice_text.in_full(_facts(programme, scan))
    seen = {"id": scan.id, "version": scan.version, "step": step}
    return {"body": body, "scan": seen} if body else {}


def _facts(programme: Programme, scan: Scan) -> list[str]:
    """Everything that was tapped, in words."""
    region = programme.vocabulary.regions.get(scan.region)
    name_of = region.name_of if region else str
    findings = [f"{name_of(structure)}: {finding}" for structure, finding in scan.findings]
    rest = "all other structures normal" if scan.findings else "all structures normal"
    normal = rest if "all" in scan.normal else f"normal: {listed(list(map(name_of, scan.normal)))}"
    return [
        programme.support(scan.support).name,
        f"{region.name if region else capital(scan.region)} {scan.side}",
        *findings,
        normal if scan.normal else "",
        *(scan.outcome, scan.indication, scan.protocol, scan.transducer, scan.machine),
        *scan.limitations,
        *scan.modifiers,
        *(scan.age_band, scan.sex),
    ]
