"""Every kind of notice, and its words on the page, on a lock screen and in the daily mail.

A new kind is one row of `KINDS`, and one call of `workflows.notices.notices.notify` where it happens. On a lock screen
and in a mail stands a first name at most, since others read along.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.person_names import first_name
from rules.phrases import capital

MOST_SHOWN = 160  # characters of a notification that every system shows whole


@dataclass(frozen=True)
class Kind:
    """One kind of notice. `noun` and `done` are of several, and where its subject is named: "2 scans were returned",
    "Right shoulder returned".
    """

    sentence: str  # of one of them; `{by}` is the first name of who did it
    noun: str
    done: str
    path: str  # what it opens; `{id}` is that of its subject
    icon: str
    urgency: str = "normal"  # what a push service is told: "low" may wait until the phone is awake
    note: str = ""  # said after `sentence` and `done` of one of them
    inbox: bool = False  # its subject is a scan in its recipient's inbox, and it is sent only while that waits there
    listed: bool = True  # the bell counts it and "What is new" lists it; False for what the inbox shows anyway
    reminds: bool = False  # unread for a day, it is a reason for the daily mail

    def title(self, subject: str = "") -> str:
        """ "Right shoulder returned", or "Scan returned" where the subject has no name."""
        return f"{subject or capital(self.noun)} {self.done}{self.note}"


_SCAN, _REVIEW = "/scans/{id}", "/scans/{id}/review"
_PORTFOLIO, _WAYS = "/portfolio", "/me#ways-in"
KINDS = {
    "scan_sent": Kind("{by} has sent you a scan", "scan", "sent", _REVIEW, "inbox", inbox=True, listed=False),
    "scan_handed_over": Kind("{by} has handed you a scan", "scan", "handed to you", _REVIEW, "swap", inbox=True),
    "scan_returned": Kind("{by} has returned a scan", "scan", "returned", _SCAN, "undo", reminds=True),
    "scan_reopened": Kind("{by} has reopened a scan", "scan", "reopened", _SCAN, "edit", reminds=True),
    "reopen_asked": Kind(
        "{by} asks you to reopen a scan", "approved scan", "asked to be reopened", _REVIEW, "edit", reminds=True
    ),
    "scan_replied": Kind("{by} has replied to you", "judged scan", "replied to", _SCAN, "edit", reminds=True),
    "reopen_declined": Kind("{by} has not reopened a scan", "approved scan", "not reopened", _SCAN, "x", reminds=True),
    "scan_approved": Kind("{by} has approved a scan", "scan", "approved", _SCAN, "check", urgency="low"),
    "scan_commented": Kind(
        "{by} has approved a scan", "scan", "approved", _SCAN, "check", urgency="low", note=", with a comment"
    ),
    "scan_hidden": Kind(
        "{by} has hidden the text of a scan: write it anew",
        *("scan", "hidden: write it anew", _SCAN, "alert"),
        urgency="high",
        reminds=True,
    ),
    "scan_hidden_here": Kind(
        "{by} has hidden the text of a scan: it may have named a patient",
        *("scan", "hidden, as it may have named a patient", _SCAN, "alert"),
        urgency="high",
        reminds=True,
    ),
    "hiding_asked": Kind(
        "{by} asks you to hide a scan: it may name a patient",
        *("scan", "asked to be hidden", "/scans/{id}/hiding", "alert"),
        urgency="high",
        reminds=True,
    ),
    "invitation_accepted": Kind("{by} has accepted an invitation", "invitation", "accepted", "/invitations", "users"),
    "joining_refused": Kind(
        "Somebody joined under another person's address: their account is closed",
        *("account", "closed", "/invitations", "alert"),
        reminds=True,
    ),
    "part_begun": Kind("{by} has given you a part in a placement", "part", "begun", "/me", "flag"),
    "part_ended": Kind("Your part in a placement ends", "part", "ended", "/me", "flag"),
    "mentors_changed": Kind("Your mentors change", "part", "changed", "/", "users"),
    "cover_arranged": Kind("{by} has arranged a cover", "cover", "arranged", "/inbox", "swap"),
    "cover_changed": Kind("{by} has changed the days of a cover", "cover", "moved to other days", "/inbox", "swap"),
    "cover_called_off": Kind("{by} has called off a cover", "cover", "called off", "/inbox", "x"),
    "cover_begun": Kind("A cover begins today", "cover", "begun", "/inbox", "swap"),
    "cover_begun_of_student": Kind("Your mentor is away, and somebody covers", "cover", "begun", "/", "swap"),
    "cover_ended": Kind("A cover has ended", "cover", "ended", "/inbox", "swap"),
    "mentor_confirmed": Kind(
        "{by} has confirmed you: your approvals count", "confirmation", "given", "/inbox", "check", urgency="low"
    ),
    "mentor_ended": Kind("{by} has ended your confirmation", "confirmation", "ended", "/inbox", "alert", reminds=True),
    "mentor_refused": Kind(
        "{by} has not confirmed you: your approvals do not count",
        *("confirmation", "refused", "/inbox", "alert"),
        reminds=True,
    ),
    "scans_released": Kind(
        "{by} has confirmed your mentor: approvals that were held count now",
        *("mentor", "confirmed", "/scans?state=counted", "check"),
        urgency="low",
    ),
    "scans_held": Kind(
        "{by} has ended your mentor’s confirmation: approvals of theirs are held",
        *("mentor", "no longer confirmed", "/scans?state=held", "clock"),
        reminds=True,
    ),
    "scans_not_confirmed": Kind(
        "{by} has not confirmed your mentor: their approvals do not count",
        *("mentor", "not confirmed", "/scans?state=held", "alert"),
        reminds=True,
    ),
    "edition_made": Kind("Your portfolio is ready", "portfolio", "made", _PORTFOLIO, "book"),
    "share_opened": Kind("Your shared portfolio was opened", "shared portfolio", "opened", _PORTFOLIO, "share"),
    "edition_failed": Kind("Your portfolio could not be made", "portfolio", "not made", _PORTFOLIO, "alert"),
    "edition_void": Kind("{by} has made an edition of your portfolio void", "edition", "made void", _PORTFOLIO, "x"),
    **{
        f"reading_ends_{days}": Kind(
            "Take your portfolio with you: it is near the end of its time",
            *("portfolio", "near the end of its time", "/me", "clock"),
            note=f" ({days} days or less)",
            reminds=True,
        )
        for days in (60, 14)
    },
    # On a lock screen others read along, so it says nothing of how somebody's study goes.
    **{
        f"study_{key}": Kind("The days of your study have changed", "study", done, "/", "clock", reminds=True)
        for key, done in {
            "interrupted": "interrupted",
            "resumed": "given another day on which it goes on",
            "extended": "extended",
            "transferred": "moved to another cohort",
            "ended": "ended",
            "readmitted": "opened again",
        }.items()
    },
    "study_resumes": Kind(
        "Your study goes on soon", "study", "about to go on", "/", "clock", note=" (14 days or less)", reminds=True
    ),
    "past_its_time": Kind(
        "A portfolio is past the time for which it is kept: you decide",
        *("portfolio", "past the time for which it is kept", "/wishes", "clock"),
        urgency="low",
        reminds=True,
    ),
    "erasure_asked": Kind(
        "{by} asks to be erased", "erasure", "asked for", "/wishes", "clock", urgency="low", reminds=True
    ),
    "way_in_added": Kind("A passkey was added to your account", "passkey", "added to your account", _WAYS, "key"),
    "way_in_removed": Kind(
        "A passkey was removed from your account", "passkey", "removed from your account", _WAYS, "key"
    ),
    "address_changed": Kind(
        "The addresses of your account have changed", "address", "changed in your account", _WAYS, "key"
    ),
    "passkey_refused": Kind(
        "Sonofolio refused one of your passkeys", "passkey", "refused", _WAYS, "alert", urgency="high", reminds=True
    ),
}


@dataclass(frozen=True)
class Item:
    """One thing to tell: its kind, its subject ("scan:<id>") and the full name of who did it, empty for nobody."""

    kind: Kind
    subject: str
    by: str = ""

    @property
    def sentence(self) -> str:
        return self.kind.sentence.format(by=first_name(self.by) or "Somebody") + self.kind.note

    @property
    def path(self) -> str:
        return path_of(self.kind, self.subject)


@dataclass(frozen=True)
class Message:
    """A sentence, and the path that a tap opens."""

    title: str
    path: str


def path_of(kind: Kind, subject: str) -> str:
    """The page of this subject that a notice of this kind opens."""
    return kind.path.format(id=subject.partition(":")[2])


def message(items: Sequence[Item], waiting: int) -> Message:
    """One message for all of them.

    Args:
        items: what is new, at least one.
        waiting: how many scans wait in the person's inbox, these among them.
    """
    if len(items) == 1:
        return Message(items[0].sentence, items[0].path)
    if all(item.kind.inbox for item in items):
        return Message(f"{waiting} scans wait for you", "/inbox")
    kinds = [item.kind for item in items]
    counted = counts(kinds)
    if any(kind.inbox for kind in kinds) or len(counted) > 1 and not _are_scans(kinds):
        return Message(f"{len(items)} things are new for you", "/news")
    return Message(counted[0] if len(counted) == 1 else f"{len(items)} scans came back", "/news")


def heading(kinds: Sequence[Kind]) -> str:
    """How a mail's subject line counts unread notices: "2 scans have come back", "1 thing is new"."""
    number = len(kinds)
    if _are_scans(kinds):
        return f"{number} scan has come back" if number == 1 else f"{number} scans have come back"
    return f"{number} thing is new" if number == 1 else f"{number} things are new"


def _are_scans(kinds: Iterable[Kind]) -> bool:
    return all(kind.noun == "scan" for kind in kinds)


def counts(kinds: Iterable[Kind]) -> list[str]:
    """ "2 scans were returned", "1 scan was approved": one phrase for all that are counted alike."""
    numbers = Counter((kind.noun, kind.done) for kind in kinds)
    return [
        f"{number} {noun} was {done}" if number == 1 else f"{number} {noun}s were {done}"
        for (noun, done), number in numbers.items()
    ]


def in_full(facts: Sequence[str]) -> str:
    """Everything that a scan says, on one line; empty when that is more than a notification shows."""
    line = " · ".join(filter(None, facts))
    return line if len(line) <= MOST_SHOWN else ""
