"""A scan's states and the only moves between them: one table, from which docs/states.md draws its diagram."""

from __future__ import annotations

from dataclasses import dataclass

DRAFT, WITH_MENTOR, RETURNED, COUNTED, WITHDRAWN = "draft", "with_mentor", "returned", "counted", "withdrawn"
STATES = (DRAFT, WITH_MENTOR, RETURNED, COUNTED, WITHDRAWN)
NAMES = {state: state.replace("_", " ") for state in STATES}


class NoSuchMove(Exception):
    """The table has no such move from this state."""


@dataclass(frozen=True)
class Move:
    """A verb that takes a scan from one state to another, and who may say it ('student' or 'mentor')."""

    verb: str
    before: str | None
    after: str
    who: tuple[str, ...]


TABLE = (
    Move("log", None, DRAFT, ("student",)),
    Move("log", None, WITH_MENTOR, ("student",)),
    Move("correct", DRAFT, DRAFT, ("student",)),
    Move("correct", DRAFT, WITH_MENTOR, ("student",)),
    Move("correct", WITH_MENTOR, WITH_MENTOR, ("student",)),
    Move("correct", RETURNED, RETURNED, ("student",)),
    Move("correct", RETURNED, WITH_MENTOR, ("student",)),
    Move("send", DRAFT, WITH_MENTOR, ("student",)),
    Move("send", RETURNED, WITH_MENTOR, ("student",)),
    Move("approve", WITH_MENTOR, COUNTED, ("mentor",)),
    Move("undo", COUNTED, WITH_MENTOR, ("mentor",)),
    Move("reopen", COUNTED, WITH_MENTOR, ("mentor",)),
    Move("send_back", WITH_MENTOR, RETURNED, ("mentor",)),
    Move("hand_over", WITH_MENTOR, WITH_MENTOR, ("student", "mentor")),
    Move("withdraw", DRAFT, WITHDRAWN, ("student",)),
    Move("withdraw", WITH_MENTOR, WITHDRAWN, ("student",)),
    Move("withdraw", RETURNED, WITHDRAWN, ("student",)),
    Move("restore", WITHDRAWN, DRAFT, ("student",)),
)


def move(verb: str, before: str | None, after: str | None = None) -> Move:
    """The move of this verb from `before` (and to `after`, where the verb has more than one end).

    Raises:
        NoSuchMove: when the table has none.
    """
    for row in TABLE:
        if row.verb == verb and row.before == before and after in (None, row.after):
            return row
    raise NoSuchMove(f"{verb}: not from {before}" + (f" to {after}" if after else ""))


def allowed(state: str, who: str) -> tuple[str, ...]:
    """The verbs that `who` ('student' or 'mentor') may say to a scan in this state, each once."""
    return tuple(dict.fromkeys(row.verb for row in TABLE if row.before == state and who in row.who))


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for row in TABLE:
        before = row.before or "[*]"
        lines.append(f"    {before} --> {row.after}: {row.verb} ({' or '.join(row.who)})")
    return "\n".join(lines) + "\n"
