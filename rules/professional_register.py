"""What a register asks of its applicants (R16), read from the programme's file: with where it is said, and marked where
nobody has said it.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from rules.data_file import Text, TextOrNone

PORTFOLIO, UPLOAD, AWARD, SELF = "portfolio", "upload", "award", "self"
Origin = Annotated[
    Literal["portfolio", "upload", "award", "self"],
    Field(alias="from", description="one of portfolio, upload, award, self"),
]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="small letters, digits and dashes")]
Address = Annotated[str, Field(pattern=r"^(https?://\S+)?$", description="an address that begins with http")]


@dataclass(frozen=True)
class RegisterItem:
    """One thing that an application needs."""

    key: Key
    name: Text
    what: Text
    origin: Origin  # the newest made edition, a file of the student's, the award, or what the student does elsewhere
    # the page on which the register says so; empty: it does not, so that the student is told to ask
    source: Address = ""


@dataclass(frozen=True)
class Register:
    """A register that a graduate may apply to; without items: the programme names none."""

    name: TextOrNone = ""
    route: TextOrNone = ""  # of several, the one for this award
    address: Address = ""  # where one applies
    items: Annotated[tuple[RegisterItem, ...], Field(description="a list of tables")] = ()

    def __post_init__(self) -> None:
        if self.items and not self.name:
            raise ValueError("name is missing: it takes text.")
        keys = [one.key for one in self.items]
        if len(set(keys)) < len(keys):
            raise ValueError(f"items take different keys, not {', '.join(keys)}.")

    def item(self, key: str) -> RegisterItem | None:
        """The item with this key."""
        return next((one for one in self.items if one.key == key), None)
