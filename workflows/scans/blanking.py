"""What is blanked where a scan's text is hidden: every place in the database that holds words of it, and the portfolio
editions that print it. Within the transaction of `hiding.hide`.
"""

from datetime import datetime
from typing import Any

from peewee import fn

from models import Audit, Edition, Evidence, File, Move, Notice, Person, Scan
from rules import editions, states
from workflows.history import history, records
from workflows.notices import letters, notices
from workflows.scans.scan_notices import student_of, subject_of

# What everybody reads in the place of the words: a failed audit, for one, must have some.
HIDDEN = "Hidden: it may have named a patient."
HEADLINE = "Text hidden"
VOID_WHY = "A text in it was hidden, as it may have named a patient."
TEXTS = ("report", "composed", "headline", "indication")  # of a scan's columns
BLANK: dict[str, Any] = {
    "report": "",
    "composed": "",
    "headline": HEADLINE,
    "indication": "",
    "own_words": False,
    "words_missing": False,
}
OURS = ("hand_over",)  # a step whose words are the product's own: "To Ravi Patel."


def texts_of(scan: Scan) -> dict[str, list[str]]:
    """Every text of a scan that is there to be blanked, by what it is."""
    moves = list(Move.select().where(Move.scan == scan, Move.verb.not_in(OURS)))
    comments = Audit.select(Audit.comment).where(Audit.scan == scan)
    found = {name: [getattr(scan, name)] for name in TEXTS}
    found["reasons and replies"] = [move.why for move in moves]
    found["what it said when it was returned"] = [str(move.content.get("report", "")) for move in moves if move.content]
    found["comments of audits"] = [comment for (comment,) in comments.tuples()]
    shown = {name: [text for text in texts if text and text not in (HIDDEN, HEADLINE)] for name, texts in found.items()}
    return {name: texts for name, texts in shown.items() if texts}


def blank_story(scan: Scan) -> None:
    """The words of its steps and audits; what it said when it was returned is deleted."""
    of = (Move.scan == scan) & Move.verb.not_in(OURS)
    records.write(Move.update(why=HIDDEN).where(of, Move.why != ""))
    records.write(Move.update(content=None).where(of, Move.content.is_null(False)))
    records.write(Audit.update(comment=HIDDEN).where(Audit.scan == scan, Audit.comment != ""))


def withdraw_mails(scan: Scan, texts: dict[str, list[str]], now: datetime) -> None:
    """Mails still to go that say any of these texts; notices that nobody has had yet; that its student asks for it."""
    over = (Notice.deliver_at > now) | (Notice.kind == "hiding_asked")
    Notice.delete().where(Notice.subject == subject_of(scan.id), over).execute()
    letters.delete_saying([text for found in texts.values() for text in found])


def void_editions(scan: Scan, *, by: Person, now: datetime) -> list[str]:
    """Make the editions void that were made since the scan was sent first, and begin those anew that are being made.
    Returns the hashes of their files: their bytes are to be erased once the transaction is over.
    """
    of = Edition.enrolment == scan.enrolment_id
    records.write(
        # Not `tries`: by its number the worker that makes it now finds that it has been begun anew.
        Edition.update(state=editions.ASKED, began_at=None).where(of, Edition.state == editions.MAKING)
    )
    shown = Move.select(fn.MIN(Move.id)).where(Move.scan == scan, Move.after.not_in((states.DRAFT, states.WITHDRAWN)))
    since = Move.select(Move.at).where(Move.id == shown).scalar()
    if since is None:  # it never left the student
        return []
    made = list(Edition.select(Edition, File).join(File).where(of, Edition.made_at >= since, File.erased_at.is_null()))
    for edition in made:
        if edition.void_at is None:
            values = {"void_at": now, "void_by": by.id, "void_why": VOID_WHY}
            records.update(Edition, values, id=edition.id)
            history.record("void_edition", f"edition:{edition.id}", by=by, at=now, enrolment=scan.enrolment_id)
            notices.notify("edition_void", f"edition:{edition.id}", to=student_of(scan), by=by.id, at=now)
        records.update(File, {"erased_at": now}, id=edition.file_id)
        records.write(Evidence.delete().where(Evidence.file == edition.file_id))  # a copy that the student added
    return [edition.file.sha256 for edition in made]
