"""What a message says of what is new: a first name at most, since a lock screen is read by everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BY_A_MENTOR = {"send_back": "returned", "approve": "approved", "reopen": "reopened"}
SENT = ("log", "send", "correct")
MOST_SHOWN = 160  # characters of a notification that every system shows whole


@dataclass(frozen=True)
class Item:
    """One thing to tell: which scan, what was done to it ("send_back", "hand_over", "log", ...) and by whom."""

    scan: str
    verb: str
    by: str  # the full name
    comment: bool = False  # in words too, which nobody reads on a lock screen

    @property
    def waits(self) -> bool:
        """It came to the person's inbox; else it came back to them."""
        return self.verb not in BY_A_MENTOR


@dataclass(frozen=True)
class Message:
    """A sentence, and the path that a tap opens."""

    title: str
    path: str


def message(items: Sequence[Item], waiting: int) -> Message:
    """One message for all of them.

    Args:
        items: what is new, at least one.
        waiting: how many scans wait in the person's inbox, these among them.
    """
    if len(items) == 1:
        return _one(items[0])
    if all(item.waits for item in items):
        return Message(f"{waiting} scans wait for you", "/inbox")
    if any(item.waits for item in items):
        return Message(f"{len(items)} things are new for you", "/news")
    verbs = {BY_A_MENTOR[item.verb] for item in items}
    return Message(f"{len(items)} scans {'were ' + verbs.pop() if len(verbs) == 1 else 'came back'}", "/news")


def _one(item: Item) -> Message:
    name = item.by.split()[0]
    if item.waits:
        did = "has handed you a scan" if item.verb == "hand_over" else "has sent you a scan"
        return Message(f"{name} {did}", f"/scans/{item.scan}/review")
    comment = ", with a comment" if item.comment and item.verb == "approve" else ""
    return Message(f"{name} has {BY_A_MENTOR[item.verb]} a scan{comment}", f"/scans/{item.scan}")


def in_full(facts: Sequence[str]) -> str:
    """Everything that a scan says, on one line; empty when that is more than a notification shows."""
    line = " · ".join(filter(None, facts))
    return line if len(line) <= MOST_SHOWN else ""
