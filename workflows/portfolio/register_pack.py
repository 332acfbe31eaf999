"""What a student puts together for a register (R16): its checklist, the files that they add, and the pack of all of it.

A file that is added is private to the student: nobody else opens it. Its own name is not kept, since nobody has looked
at it and it may name a patient; it is called as its item is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import clock
from models import Edition, Enrolment, Evidence, File, Person, db
from rules.editions import PURPOSES
from rules.file_kinds import JPEG, KINDS, PDF, PNG
from rules.file_names import plain
from rules.professional_register import AWARD, PORTFOLIO, UPLOAD, Register, RegisterItem
from workflows import files
from workflows.course import programmes
from workflows.history import history, records
from workflows.refusals import Invalid, NotFound, Refused, or_not_found
from workflows.scans import ownership

TAKEN = (PDF, PNG, JPEG)
MOST_OF_ITEM = 5  # files
DONE, NEEDED, NOT_YET, ELSEWHERE = "done", "needed", "not yet", "elsewhere"


@dataclass(frozen=True)
class PackFile:
    """A file of the pack, named as it is called there; of an item of the checklist."""

    name: str
    item: RegisterItem
    file: File
    at: datetime
    about: str
    evidence: int | None = None  # id of what was added; None: an edition


@dataclass(frozen=True)
class Entry:
    """An item of the checklist, how it stands (DONE, NEEDED, NOT_YET, ELSEWHERE), and its files."""

    item: RegisterItem
    state: str
    files: Sequence[PackFile]

    @property
    def takes_more(self) -> bool:
        return self.item.origin == UPLOAD and len(self.files) < MOST_OF_ITEM


@dataclass(frozen=True)
class Checklist:
    """What the register asks of this student."""

    enrolment: Enrolment
    register: Register
    entries: Sequence[Entry]

    @property
    def files(self) -> list[PackFile]:
        return [file for entry in self.entries for file in entry.files]

    def count(self, state: str) -> int:
        return sum(entry.state == state for entry in self.entries)


def checklist(person: Person) -> Checklist:
    """The checklist of the student's own enrolment: the one that is open, else the latest.
    Raises NotFound: they have none, or its programme names no register.
    """
    enrolment = ownership.latest_enrolment(person.id)
    register = programmes.get(enrolment.cohort.programme).register
    if not register.items:
        raise NotFound()
    editions = Edition.select(Edition, File).join(File).where(Edition.enrolment == enrolment, Edition.void_at.is_null())
    edition = editions.order_by(Edition.number.desc()).first()
    added = list(
        Evidence.select(Evidence, File).join(File).where(Evidence.enrolment == enrolment).order_by(Evidence.id)
    )
    entries = [_entry(item, edition, [one for one in added if one.item == item.key]) for item in register.items]
    return Checklist(enrolment, register, entries)


def add(item: str, content: BinaryIO, *, by: Person, shows_nobody: bool) -> Evidence:
    """Add a file of the student's to an item of the checklist. The same one twice is added once.
    `shows_nobody`: they say that no patient can be recognised in it; nothing looks into a file by itself.
    Raises NotFound: no such item, or none that takes files. Invalid: of no kind that is taken, too many, or not said
    so. OSError: it cannot be stored.
    """
    enrolment, asked = ownership.latest_enrolment(by.id), upload_item(item, by)
    wrong = {} if shows_nobody else {"shows_nobody": ["Look through the file, then tick that it shows no patient."]}
    try:
        kind = files.check_kind(content, TAKEN)
    except Invalid as refused:
        raise Invalid({**refused.problems, **wrong}) from None
    if wrong:
        raise Invalid(wrong)
    written = files.write(content, kinds=(kind,))
    try:
        return _add(enrolment, asked, written, by)
    except Refused:
        files.discard(written.sha256)
        raise


def _add(enrolment: Enrolment, asked: RegisterItem, written: files.Written, by: Person) -> Evidence:
    with db.atomic():
        now = clock.now()
        theirs = Evidence.select(Evidence, File).join(File)
        added = list(theirs.where(Evidence.enrolment == enrolment, Evidence.item == asked.key))
        if same := next((one for one in added if one.file.sha256 == written.sha256), None):
            return same
        if len(added) >= MOST_OF_ITEM:
            raise Invalid({"file": [f"There are {MOST_OF_ITEM} files here already. Remove one first."]})
        file = files.store(written, at=now)
        name = f"{plain(asked.name)}{KINDS[file.kind].suffix}"
        values = {"enrolment": enrolment, "item": asked.key, "name": name, "file": file}
        made = records.create(Evidence, **values, by=by, made_at=now)
        named = {"item": asked.key, "sha256": file.sha256}
        history.record("add_evidence", f"evidence:{made.id}", by=by, at=now, enrolment=enrolment.id, **named)
        return made


def remove(evidence: int, *, by: Person) -> None:
    """Remove a file that the student has added, for good: its bytes too, unless they are in another place as well.
    Raises NotFound: it is none of theirs.
    """
    with db.atomic():
        found = own_evidence(evidence, by)
        records.write(Evidence.delete().where(Evidence.id == found.id))
        files.release(found.file)
        about = {"item": found.item, "sha256": found.file.sha256}
        thing, enrolment = f"evidence:{found.id}", found.enrolment_id
        history.record("remove_evidence", thing, by=by, at=clock.now(), enrolment=enrolment, **about)
    files.discard(found.file.sha256)


def upload_item(key: str, person: Person) -> RegisterItem:
    """The item with this key, to which this student adds files.
    Raises NotFound: there is none, or it takes no files.
    """
    item = programmes.get(ownership.latest_enrolment(person.id).cohort.programme).register.item(key)
    if item is None or item.origin != UPLOAD:
        raise NotFound()
    return item


def own_evidence(evidence: int, person: Person) -> Evidence:
    """What the student has added, with its file. Raises NotFound: it is none of theirs."""
    mine = Evidence.select(Evidence, File).join(File).switch(Evidence).join(Enrolment)
    return or_not_found(mine.where(Evidence.id == evidence, Enrolment.person == person).first())


def _entry(item: RegisterItem, edition: Edition | None, added: Sequence[Evidence]) -> Entry:
    if item.origin == PORTFOLIO and edition:
        name = f"{plain(item.name)} edition {edition.number}{KINDS[edition.file.kind].suffix}"
        about = f"Edition {edition.number}, {edition.code}: {PURPOSES[edition.purpose].lower()}"
        return Entry(item, DONE, [PackFile(name, item, edition.file, edition.made_at, about)])
    if item.origin == UPLOAD and added:
        return Entry(item, DONE, list(_named(item, added)))
    if item.origin == AWARD:
        return Entry(item, NOT_YET, [])  # no award is recorded yet, of anybody
    return Entry(item, NEEDED if item.origin in (PORTFOLIO, UPLOAD) else ELSEWHERE, [])


def _named(item: RegisterItem, added: Sequence[Evidence]) -> Iterator[PackFile]:
    """Files of one item; where there are several they have numbers."""
    for number, one in enumerate(added, 1):
        name = f"{plain(item.name)}{f' {number}' if len(added) > 1 else ''}{KINDS[one.file.kind].suffix}"
        yield PackFile(name, item, one.file, one.made_at, "Added by the student", one.id)
