"""A student's place on the course, from enrolling to its end: one table, from which docs/study.md is drawn.

An interruption holds by its days (`rules.calendar`): between them the study is interrupted, without anybody's doing.
"""

from dataclasses import dataclass

ENROLLED, INTERRUPTED = "enrolled", "interrupted"
GRADUATED, LEFT, FAILED = "graduated", "left", "failed"
ENDED = (GRADUATED, LEFT, FAILED)
STATES = (ENROLLED, INTERRUPTED, *ENDED)
COMES_BACK = (LEFT, FAILED)  # as what an enrolment ended that can be opened again


@dataclass(frozen=True)
class Move:
    """A verb that takes a student from one state to another."""

    verb: str
    before: str | None
    after: str


TABLE = (
    Move("enrol", None, ENROLLED),
    Move("interrupt", ENROLLED, INTERRUPTED),
    Move("resume", INTERRUPTED, ENROLLED),
    *(Move(verb, state, state) for verb in ("extend", "transfer") for state in (ENROLLED, INTERRUPTED)),
    *(Move("withdraw", state, LEFT) for state in (ENROLLED, INTERRUPTED)),
    Move("graduate", ENROLLED, GRADUATED),
    *(Move("fail", state, FAILED) for state in (ENROLLED, INTERRUPTED)),
    *(Move("readmit", ended, ENROLLED) for ended in COMES_BACK),
)
ENDS = {"withdraw": LEFT, "graduate": GRADUATED, "fail": FAILED}  # verb -> as what it ends the enrolment


def state(ended_as: str | None, *, interrupted: bool) -> str:
    """The state of an enrolment that ended so (None: it has not), and whose study rests today or not."""
    return ended_as or (INTERRUPTED if interrupted else ENROLLED)


def can(verb: str, before: str) -> bool:
    """Whether the table lets this be done with a student in this state."""
    return any((move.verb, move.before) == (verb, before) for move in TABLE)


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {move.before or '[*]'} --> {move.after}: {move.verb}" for move in TABLE]
    return "\n".join([*lines, *(f"    {end} --> [*]" for end in (GRADUATED, LEFT, FAILED))]) + "\n"
