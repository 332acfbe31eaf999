"""What kind of file some bytes are, by what they begin and end with. A name says nothing: anybody can write one."""

from collections.abc import Sequence
from dataclasses import dataclass

ENDS = 1024  # bytes of the beginning and of the end that are looked at


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken."""

    media_type: str  # as which it is served
    name: str  # as which people know it
    suffix: str  # of the names of such files
    begins: bytes  # the bytes that every such file begins with
    # what its last `ENDS` bytes hold when it is whole; empty: phones append to such files what they like
    ends: bytes = b""


PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
KINDS = {
    one.media_type: one
    for one in (
        Kind(PDF, "PDF", ".pdf", b"%PDF-", b"%%EOF"),
        Kind(PNG, "PNG", ".png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"),
        Kind(JPEG, "JPEG", ".jpg", b"\xff\xd8\xff"),
    )
}


def kind_of(beginning: bytes, end: bytes) -> str | None:
    """The media type of a file that begins and ends so; None when it is of no kind in `KINDS`, or cut off."""
    found = (one for one in KINDS.values() if beginning.startswith(one.begins) and one.ends in end[-ENDS:])
    return next((one.media_type for one in found), None)


def named(kinds: Sequence[str]) -> str:
    """These kinds in words: "PDF, PNG or JPEG"."""
    *first, last = (KINDS[kind].name for kind in kinds)
    return f"{', '.join(first)} or {last}" if first else last
