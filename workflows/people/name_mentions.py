"""Where somebody's name may stand in what people have typed: looked for before they are erased, since those texts stay.

A report or a mentor's comment is assessed work and part of what editions were made of, so no word in it is changed; a
director sees where the name stands and decides (docs/decisions/0047-retention.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from peewee import ModelSelect

from models import Audit, Contact, Edition, Enrolment, Move, Party, Person, Scan
from rules.folding import fold
from rules.scan_fields import TYPED
from visibility import APPROVED

_WORD = re.compile(r"[^\W_]+")
SHORT = 3  # letters of a part of a name that is looked for by itself, unless no part has so many


@dataclass(frozen=True)
class Mention:
    """A text that has a part of the name: what it is, and the scan that it belongs to, None for another text."""

    what: str
    scan_id: str | None = None
    case_number: int | None = None


def find(person: Person) -> list[Mention]:
    """The texts about this person's own scans and those of their placements, and the notes on these students, that have
    a part of their name as a word, each once. "Will" is found in "will" too: it is a list to look through.
    """
    parts = _WORD.findall(fold(person.name))
    words = [part for part in parts if len(part) >= SHORT] or parts
    named = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b") if words else None
    return list(dict.fromkeys(what for what, text in _texts(person.id) if named and named.search(fold(text))))


def _texts(person: int) -> Iterator[tuple[Mention, str]]:
    scans = _scans(person)
    typed = [getattr(Scan, one.name) for one in TYPED]
    for scan_id, number, *words in scans.select(Scan.id, Scan.case_number, *typed).tuples().iterator():
        yield Mention("Report", scan_id, number), " ".join(words)
    ids = scans.select(Scan.id)
    for model, text, what in ((Audit, Audit.comment, "Audit"), (Move, Move.why, "Comment")):
        typed_there = model.select(Scan.id, Scan.case_number, text).join(Scan).where(Scan.id.in_(ids), text != "")
        for scan_id, number, words in typed_there.tuples().iterator():
            yield Mention(what, scan_id, number), words
    enrolments = scans.select(Scan.enrolment)
    notes = Contact.select(Contact.note).where(Contact.enrolment.in_(enrolments), Contact.person != person)
    for (note,) in notes.tuples():
        yield Mention("Note on a conversation"), note
    for (why,) in Edition.select(Edition.void_why).where(Edition.enrolment.in_(enrolments)).tuples():
        yield Mention("Reason why an edition is void"), why


def _scans(person: int) -> ModelSelect:
    """Their own scans, those of placements in which they had a part, and those that they judged."""
    own = Enrolment.select(Enrolment.id).where(Enrolment.person == person)
    placements = Party.select(Party.placement).where(Party.person == person)
    judged = (APPROVED & (Scan.approved_by == person)) | Scan.id.in_(Audit.select(Audit.scan).where(Audit.by == person))
    return Scan.select().where(Scan.enrolment.in_(own) | Scan.placement.in_(placements) | judged)
