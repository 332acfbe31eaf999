"""Editions of a portfolio: what they are for, how far one is, and what is true of one that was made (R7)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

ASKED, MAKING, MADE, FAILED = "asked", "making", "made", "failed"
STATES = (ASKED, MAKING, MADE, FAILED)
# What an edition is for -> how it is called. None says that the portfolio is complete: the edition's numbers say that.
WORKING, SUBMISSION = "working", "submission"
PURPOSES = {
    "working": "Working copy",
    "submission": "For assessment",
    "employer": "For an employer",
    "register": "For a register or regulator",
}
NOT_DECLARED = "The student has not signed the declaration for this edition."
UNKNOWN_FAULT = "It could not be made: a fault of ours, which is in the log."
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_LENGTH = 10  # 50 bits
_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code() -> str:
    """A code that nobody can guess, such as "7KQ2M-9XA4D"."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return shown_code(letters)


def shown_code(letters: str) -> str:
    """Ten letters in two groups, for people."""
    return f"{letters[: CODE_LENGTH // 2]}-{letters[CODE_LENGTH // 2 :]}"


def code_of(text: str) -> str | None:
    """The code that somebody typed: spaces, dashes and small letters do not matter, and I, L, O are read as 1, 1, 0.
    None when it is none.
    """
    letters = "".join(one for one in text[:100].upper() if one not in " -\u2010\u2011\u2012\u2013\t\r\n").translate(
        _MEANT
    )
    return shown_code(letters) if len(letters) == CODE_LENGTH and set(letters) <= set(LETTERS) else None


@dataclass(frozen=True)
class EditionStatus:
    """What is true of a made edition now."""

    void_at: datetime | None = None  # since when it is void; None when it is not
    superseded_by: int | None = None  # the number of the latest made edition after it; None when it is the latest
    reopened: int = 0  # how many of its counted scans count no more
    changed: int = 0  # how many of its counted scans count again, but say something else

    @property
    def word(self) -> str:
        """ "void", "superseded", "changed" or "current"."""
        if self.void_at:
            return "void"
        if self.superseded_by:
            return "superseded"
        return "changed" if self.reopened or self.changed else "current"


def unprinted(missing: Sequence[str]) -> str:
    """What a made edition could not print, in one sentence; empty when it printed everything.
    `missing`: the letters that its fonts lack, as the edition names them.
    """
    if not missing:
        return ""
    return (
        f"Letters that could not be printed are named in it: {', '.join(missing[:10])}{' ...' if missing[10:] else ''}"
    )
