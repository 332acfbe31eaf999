"""A verdict in words, for somebody who has never heard of us: what was found, what was checked, what it means, and what
it does not mean. No sentence says more than was checked.
"""

from dataclasses import dataclass
from datetime import datetime

from models import Edition
from rules import phrases
from rules.editions import PURPOSES, EditionStatus
from rules.programme import Programme
from workflows.course import programmes
from workflows.portfolio import verification as found
from workflows.portfolio.verification import Verdict

NOT_PROVED = (
    "It does not prove that whoever shows it to you is this person, and it says nothing of how well they scan: numbers"
    " of scans do not equal competence. Ask for identification as you always do."
)
AGAIN = "Ask whoever gave it to you for the file as it was downloaded, and choose that."
BY_FILE = (
    "The SHA-256 of your file, a number that no two different files share, was compared with the one that was kept when"
    " the edition was made: every byte is as it was. The file itself stayed with you."
)
BY_CODE = (
    "The code was looked up among the editions that were made. No file and no paper was checked: a copy of the code may"
    " stand on another document. Choose the file below, or compare what stands here with what you were given."
)
HEADINGS = {
    found.OTHER_CODE: "The file is genuine, but this code is not its own",
    found.CHANGED: "This is not the file that was made",
    found.CUT: "This file is cut off",
    found.UNKNOWN_CODE: "There is no edition with this code",
    found.UNKNOWN_FILE: "We do not know this file",
}


@dataclass(frozen=True)
class Words:
    """A verdict as a page shows it.

    Attributes:
        tone: "good", "warn" or "bad".
        state: what is true of the edition now, a sentence each; of a genuine one alone.
        facts: (term, value) of the edition, or of the one that has the code.
        checked: what was, of a genuine one; empty for any other.
    """

    heading: str
    tone: str
    state: list[str]
    facts: list[tuple[str, str]]
    checked: str
    means: str


def words_of(verdict: Verdict) -> Words:
    edition = verdict.edition
    programme = programmes.get(edition.enrolment.cohort.programme) if edition else None
    genuine = verdict.kind in (found.GENUINE, found.OTHER_CODE)
    heading, tone = HEADINGS.get(verdict.kind, ""), "bad"
    if edition and verdict.status and verdict.kind == found.GENUINE:
        heading, tone = _genuine(verdict, programme)
    elif verdict.kind == found.OTHER_CODE:
        tone = "bad" if verdict.status and verdict.status.void_at else "warn"
    return Words(
        heading,
        tone,
        state_of(verdict.status, programme) if genuine and verdict.status and programme else [],
        facts_of(edition, programme, named=verdict.by_file) if edition and programme else [],
        BY_FILE if verdict.by_file else BY_CODE if genuine else "",
        _means(verdict, programme),
    )


def _genuine(verdict: Verdict, programme: Programme) -> tuple[str, str]:
    heading = "This file is genuine" if verdict.by_file else "This code is genuine"
    if verdict.status.void_at:
        return f"{heading}, but void since {_day(programme, verdict.status.void_at)}", "bad"
    if verdict.status.word == "current":
        return heading, "good"
    return f"{heading}, but {'not the latest' if verdict.status.superseded_by else 'changed since'}", "warn"


def state_of(status: EditionStatus, programme: Programme) -> list[str]:
    """What is true of an edition now."""
    if status.void_at:
        return [f"It was made void on {_day(programme, status.void_at)}. Do not rely on it; ask for a later one."]
    lines = []
    if status.superseded_by:
        lines.append(f"Edition {status.superseded_by} has followed it. Ask for that one to see what counts now.")
    if status.reopened:
        one = status.reopened == 1
        lines.append(
            f"{phrases.scans(status.reopened)} of it {'was' if one else 'were'} reopened since and"
            f" {'does' if one else 'do'} not count now."
        )
    if status.changed:
        one = status.changed == 1
        lines.append(
            f"{phrases.scans(status.changed)} of it {'says' if one else 'say'} something else by now and"
            f" {'counts' if one else 'count'} again."
        )
    return lines or ["It is the latest edition, and every scan that counted in it still counts as it stands there."]


def facts_of(edition: Edition, programme: Programme, *, named: bool) -> list[tuple[str, str]]:
    """What is told of an edition; `named`: the student's name, not the initials alone."""
    person = edition.enrolment.person
    declared = "Signed by the student" if edition.declared_at else "Not signed by the student"
    return [
        ("Student", person.name if named else f"{person.initials} (initials; the name is told to who has the file)"),
        ("Programme", f"{programme.name}, {programme.institution}"),
        ("Made on", _day(programme, edition.made_at)),
        ("Scans that counted then", f"{edition.counted} of {programme.total}"),
        ("Edition", f"{edition.number}: {PURPOSES[edition.purpose].lower()}"),
        ("Declaration", declared),
        ("Code", edition.code),
    ]


def _day(programme: Programme, at: datetime) -> str:
    return phrases.day(programme.local(at).date())


def _means(verdict: Verdict, programme: Programme | None) -> str:
    edition, kind = verdict.edition, verdict.kind
    if kind == found.UNKNOWN_CODE:
        return "Look at the code again: it has no letter I, L, O or U. If it is right, the document was not made here."
    if kind == found.CUT:
        return f"A part of it is missing, as when a download was interrupted. Its contents cannot be relied on. {AGAIN}"
    if kind == found.UNKNOWN_FILE:
        what = "It is not the file that has this code, and none" if edition else "It is none"
        return f"{what} of the editions that were made here, or it was saved anew by another program. {AGAIN}"
    if kind == found.CHANGED:
        return (
            f"It carries the code {edition.code}, but something in it was changed after it was made, if only by a"
            f" program that saved it anew. Its contents cannot be relied on. {AGAIN}"
        )
    made = (
        f"Sonofolio, the scan portfolio of {programme.short_name}, made it on {_day(programme, edition.made_at)} from"
        " what the student had logged and mentors had approved until then."
    )
    if kind == found.OTHER_CODE:
        made += (
            f" Its own code is {edition.code}. The one that you were given belongs to something else, or to nothing."
        )
    return made
