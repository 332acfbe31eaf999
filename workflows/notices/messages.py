"""What somebody is yet to be told, as the one message that says it all. See `rules.notice_text` for its words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import fn

from models import UNREAD, Cohort, Enrolment, InstantField, Move, Person, Scan
from rules import notice_text
from rules.phrases import capital, listed
from rules.programme import Programme
from rules.scan_fields import CONTENT
from statements import run
from visibility import scans_waiting_for
from workflows.course import programmes
from workflows.notices.notices import BY_A_MENTOR

_instant = InstantField()
_UNREAD = f"SELECT COUNT(*) FROM move WHERE told_id = ? AND told_at <= ? AND {UNREAD}"  # noqa: S608 (our own words)

# What `_facts` says of a scan, and its day and report, which are looked at apart. One that says more needs its page.
AT_A_GLANCE = (
    *("support", "region", "side", "findings", "normal", "outcome", "indication", "protocol", "transducer", "machine"),
    *("limitations", "modifiers", "age_band", "sex", "scanned_on", "report"),
)


def until(person: int, since: datetime, now: datetime) -> datetime:
    """When the last thing happened that they are told between the two instants; `since` when nothing did."""
    return Move.select(fn.MAX(Move.told_at)).where(*_between(person, since, now)).scalar() or since


def message(person: int, since: datetime, now: datetime) -> dict[str, Any] | None:
    """What a browser shows of all that is new since then; None when they have seen it, or it waits for them no more.

    Returns:
        title, body, the path to open, `tag` (a later one with it takes its place), `badge` (how much is open in all),
        `person` (whose it is), `urgency`; and `scan` (id, version, step) when the message shows the whole of it, so
        that it can be approved from there.
    """
    items = _items(person, since, now)
    if not items:
        return None
    waiting = scans_waiting_for(person).count()
    unread = run(_UNREAD, person, _instant.db_value(now)).fetchone()[0]
    said, (first, *others) = notice_text.message(items, waiting), items
    found: dict[str, Any] = {
        "person": person,
        "title": said.title,
        "body": "",
        "open": said.path,
        "tag": "waits" if any(item.waits for item in items) else f"scan {first.scan}" if not others else "news",
        "badge": waiting + unread,
        "urgency": "low" if all(item.verb == "approve" for item in items) else "normal",
        "review": first.waits and not others,
    }
    if found["review"]:
        found |= _at_a_glance(first, now)
        if not found["body"] and waiting > 1:
            found["body"] = f"{waiting} scans wait for you"
    return found


def _between(person: int, since: datetime, now: datetime) -> tuple:
    return Move.told == person, Move.told_at > since, Move.told_at <= now


def _items(person: int, since: datetime, now: datetime) -> list[notice_text.Item]:
    """The last thing of each scan that is still news, oldest first."""
    waits = Move.scan.in_(scans_waiting_for(person).select(Scan.id)) & Move.verb.not_in(BY_A_MENTOR)
    unseen = Move.seen_at.is_null() & Move.verb.in_(BY_A_MENTOR)
    rows = (
        Move.select(Move.scan, Move.verb, Person.name, Move.why != "")
        .join(Person, on=(Person.id == Move.by))
        .where(*_between(person, since, now), waits | unseen)
        .order_by(Move.told_at)
        .tuples()
    )
    latest = {scan: notice_text.Item(scan, verb, by, bool(said)) for scan, verb, by, said in rows}
    return list(latest.values())


def _at_a_glance(item: notice_text.Item, now: datetime) -> dict[str, Any]:
    """All that is in the scan, and how it was seen, if it needs no page to read it: an unaided one, scanned today,
    without a word of the student's own, never returned and nothing asked about. An aided one is judged by its audit.
    """
    scan = Scan.select(Scan, Enrolment, Cohort).join(Enrolment).join(Cohort).where(Scan.id == item.scan).get()
    programme = programmes.get(scan.enrolment.cohort.programme)
    step, returned = (
        Move.select(fn.MAX(Move.id), fn.SUM((Move.verb == "send_back").cast("INTEGER")))
        .where(Move.scan == scan)
        .tuples()
        .get()
    )
    further = any(getattr(scan, name) for name in CONTENT if name not in AT_A_GLANCE)
    reads = scan.own_words or scan.words_missing or scan.warned or returned or further
    if reads or scan.support == "aided" or scan.scanned_on != programme.today(now):
        return {}
    body = notice_text.in_full(_facts(programme, scan))
    seen = {"id": scan.id, "version": scan.version, "step": step}
    return {"body": body, "scan": seen} if body else {}


def _facts(programme: Programme, scan: Scan) -> list[str]:
    """Everything that was tapped, in words."""
    region = programme.vocabulary.regions.get(scan.region)
    names = {key: one.name for key, one in region.structures.items()} if region else {}
    findings = [f"{names.get(structure, structure)}: {finding}" for structure, finding in scan.findings]
    rest = "all other structures normal" if scan.findings else "all structures normal"
    normal = rest if "all" in scan.normal else f"normal: {listed([names.get(one, one) for one in scan.normal])}"
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
