"""A scan's states and the only moves between them: one table, from which docs/states.md draws its diagram."""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.roles import ASSESSORS, DIRECTOR, MANAGERS, MENTOR, STUDENT

DRAFT, WITH_MENTOR, RETURNED = "draft", "with_mentor", "returned"
HELD, COUNTED, WITHDRAWN = "held", "counted", "withdrawn"
STATES = (DRAFT, WITH_MENTOR, RETURNED, HELD, COUNTED, WITHDRAWN)
APPROVED = (HELD, COUNTED)  # held: it counts once the course has confirmed who approved it
SENDING = ("log", "correct", "send", "same_patient")  # by which a scan comes to its mentor from the student
LINK = "link"  # says that another scan is of the same patient
REPLY = "reply"  # the student's line to the mentor
HIDE = "hide"  # blanks the text, which may have named a patient (R8)
HIDERS = (MENTOR, *sorted(ASSESSORS), DIRECTOR)  # whoever reads a scan of somebody else's
RELEASE, HOLD = "release", "hold"  # by themselves, when the course confirms or ends the confirmation of who approved
CHANGES_NOTHING = (LINK, REPLY, RELEASE, HOLD)  # of what the scan says or waits for: so they overtake nothing
OF_MENTOR = ("send_back", "reopen", "decline_to_reopen", "approve")  # with which a mentor says something to the student
ANSWERS = ("reopen", "decline_to_reopen")  # of a mentor, which the student's request does not overtake
NAMES = {state: state.replace("_", " ") for state in STATES}
RECORDED = "recorded"


def name_of(state: str, *, apart: bool = False) -> str:
    """The state as people read it: what is approved and counts apart is recorded, never counted (R4).
    `apart`: it counts apart from the portfolio's scans (`Programme.counts_apart`).
    """
    return RECORDED if apart and state == COUNTED else NAMES[state]


class NoSuchMove(Exception):
    """The table has no such move from this state."""


@dataclass(frozen=True)
class Move:
    """A verb that takes a scan from one state to another, and the roles that may say it."""

    verb: str
    before: str | None
    after: str
    who: tuple[str, ...]


TABLE = (
    *(Move("log", None, state, (STUDENT,)) for state in (DRAFT, WITH_MENTOR)),
    Move("correct", DRAFT, DRAFT, (STUDENT,)),
    Move("correct", DRAFT, WITH_MENTOR, (STUDENT,)),
    Move("correct", WITH_MENTOR, WITH_MENTOR, (STUDENT,)),
    Move("correct", RETURNED, RETURNED, (STUDENT,)),
    Move("correct", RETURNED, WITH_MENTOR, (STUDENT,)),
    *(Move("send", state, WITH_MENTOR, (STUDENT,)) for state in (DRAFT, RETURNED)),
    *(Move("approve", WITH_MENTOR, state, (MENTOR,)) for state in APPROVED),
    *(Move("undo", state, WITH_MENTOR, (MENTOR,)) for state in (*APPROVED, WITH_MENTOR)),
    *(Move("reopen", state, WITH_MENTOR, (MENTOR,)) for state in APPROVED),
    *(Move("ask_to_reopen", state, state, (STUDENT,)) for state in APPROVED),
    *(Move("decline_to_reopen", state, state, (MENTOR,)) for state in APPROVED),
    Move(RELEASE, HELD, COUNTED, MANAGERS),
    Move(HOLD, COUNTED, HELD, MANAGERS),
    Move("send_back", WITH_MENTOR, RETURNED, (MENTOR,)),
    *(Move("hand_over", state, WITH_MENTOR, (STUDENT, MENTOR, DIRECTOR)) for state in (WITH_MENTOR, HELD)),
    *(Move("withdraw", state, WITHDRAWN, (STUDENT,)) for state in (DRAFT, WITH_MENTOR, RETURNED)),
    Move("restore", WITHDRAWN, DRAFT, (STUDENT,)),
    Move("same_patient", DRAFT, WITHDRAWN, (STUDENT,)),
    Move("same_patient", DRAFT, WITH_MENTOR, (STUDENT,)),
    *(Move(LINK, state, state, (STUDENT,)) for state in (DRAFT, WITH_MENTOR, RETURNED, *APPROVED)),
    *(Move(REPLY, state, state, (STUDENT,)) for state in (WITH_MENTOR, RETURNED, *APPROVED)),
    *(Move(HIDE, state, RETURNED, HIDERS) for state in (WITH_MENTOR, RETURNED, *APPROVED)),
    *(Move(HIDE, state, state, HIDERS) for state in APPROVED),  # of a student whose enrolment has ended
    *(Move(HIDE, state, state, (STUDENT,)) for state in (DRAFT, WITHDRAWN)),
)


def move(verb: str, before: str | None, after: str | None = None) -> Move:
    """The move of this verb from `before` (and to `after`, where the verb has more than one end).
    Raises NoSuchMove when the table has none.
    """
    for row in TABLE:
        if row.verb == verb and row.before == before and after in (None, row.after):
            return row
    raise NoSuchMove(f"{verb}: not from {before}" + (f" to {after}" if after else ""))


def allowed(state: str, who: str) -> tuple[str, ...]:
    """The verbs that `who` (STUDENT or MENTOR) may say to a scan in this state, each once."""
    return tuple(dict.fromkeys(row.verb for row in TABLE if row.before == state and who in row.who))


def can(verb: str, state: str | None) -> bool:
    """Whether the table lets this verb be said to a scan in this state."""
    return any((row.verb, row.before) == (verb, state) for row in TABLE)


@dataclass(frozen=True)
class Step:
    """One step of a scan's story, as `models.Move` keeps it: `by` is a person's id, `received` a correction's alone."""

    id: int
    verb: str
    by: int
    version: int
    before: str | None
    after: str
    why: str = ""
    received: str | None = None


def since(
    story: Sequence[Step], verb: str, *, by: int, version: int | None, step: int | None, why: str | None = None
) -> list[Step] | None:
    """The steps of a scan's whole story that came after the one on which an action was made.

    An undo may name the step on which its approval was made: it was pressed before the approval's answer had come.

    Args:
        version, step: that the person saw; None where the form names none.
        why: the reason that the action carries, where it carries one.

    Returns None when the story has no such step, or not in that version.
    """
    if step is None:
        places = [_without_a_step(story, verb, by, version, why)]
    else:
        places = [place for place, one in enumerate(story) if one.id == step and version in (None, one.version)]
    if not places:
        return None
    later = [one for one in story[places[0] + 1 :] if one.verb not in CHANGES_NOTHING]
    if verb == "undo" and later and (later[0].verb, later[0].by) == ("approve", by):
        del later[0]
    return [one for one in later if one.verb != "ask_to_reopen"] if verb in ANSWERS else later


def _without_a_step(story: Sequence[Step], verb: str, by: int, version: int | None, why: str | None) -> int:
    """On which step (its place in the story) an action is taken to be made whose form names none.

    When the same action stands in the story already, this is that one, sent again. Else a mentor's action, and a
    hand-over, is taken as made on the first step from which it can be said since the scan was last sent, or came to
    that mentor by the one hand-over since; a student's on the last step.
    """
    made = version + 1 if version is not None and verb == "correct" else version
    for place, one in enumerate(story):
        if (one.verb, one.by) == (verb, by) and made in (None, one.version) and why in (None, one.why):
            return place - 1
    last = len(story) - 1
    if not any(row.verb == verb and MENTOR in row.who for row in TABLE):
        return last
    sent = [place for place, one in enumerate(story) if one.verb in SENDING and one.after == WITH_MENTOR]
    first = sent[-1] if sent else 0
    handed = [place for place in range(first, last + 1) if story[place].verb == "hand_over"]
    if len(handed) == 1 and verb != "hand_over":
        first = handed[0]
    return next((place for place in range(first, last + 1) if can(verb, story[place].after)), last)


def without_undone(steps: Sequence[Step]) -> list[Step]:
    """The same steps without approvals that were undone: nobody but the mentor is told of them (decision 8)."""
    kept: list[Step] = []
    for one in steps:
        if one.verb != "undo":
            kept.append(one)
        elif kept and kept[-1].verb == "approve":
            kept.pop()
    return kept


def done_by(steps: Sequence[Step], verb: str, *, by: int, why: str | None = None) -> Step | None:
    """The step by which this action was done already, if it came next and nothing has overtaken it; else None.

    A correction is done as long as its version stands: it carries words, so who sent them must hear that they arrived.
    `why`: the reason that the action carries, where it carries one.
    """
    if not steps:
        return None
    first, *later = steps
    same = (first.verb, first.by) == (verb, by) and why in (None, first.why)
    stands = not later or (verb == "correct" and later[-1].version == first.version)
    return first if same and stands else None


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for row in TABLE:
        before = row.before or "[*]"
        lines.append(f"    {before} --> {row.after}: {row.verb} ({' or '.join(row.who)})")
    return "\n".join(lines) + "\n"
