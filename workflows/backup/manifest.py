"""What a backup says of itself: where history ends, how many rows there are, and the hash of each member."""

import re
from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import TABLES, File
from workflows.history import heads
from workflows.refusals import Refused

FORMAT = 1
NAME, HEADS = "manifest.json", heads.FILE
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}  # by the kind of database
_STORED = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_ROWS = Callable[[str], list[tuple]]  # runs a statement


class Unreadable(Refused):
    """This file cannot be restored; the sentence says why."""


class Member(BaseModel):
    """One member of the archive."""

    model_config = ConfigDict(frozen=True)

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """The first member of the archive, as JSON. A newer release may add to it; what it does not know is left out."""

    model_config = ConfigDict(frozen=True)

    format: int
    release: str  # the last numbered step of the schema
    database: str  # its kind
    made_at: datetime
    head: str  # where history ends: "57:9f3e...", empty when nothing was entered
    keys: tuple[str, ...]  # names of the keys that history is signed with
    tables: dict[str, int]  # how many rows
    members: dict[str, Member]
    missing: tuple[str, ...] = ()  # hashes of stored files that were missing or damaged before the backup was made

    @property
    def database_member(self) -> str:
        return DATABASE[self.database]

    @property
    def stored(self) -> list[str]:
        """The hashes of the stored files in it."""
        return [found[2] for name in self.members if (found := _STORED.fullmatch(name))]


def stored_name(sha256: str) -> str:
    """What the member with this stored file is called."""
    return f"files/{sha256[:2]}/{sha256}"


def facts(rows: _ROWS) -> dict:
    """What the manifest says of a database: `release`, `head`, `keys` and `tables`. `rows` runs a statement on it."""
    last = rows("SELECT seq, hash FROM history ORDER BY seq DESC LIMIT 1")
    return {
        "release": rows("SELECT MAX(name) FROM schema_migration")[0][0],
        "head": str(heads.Head(*last[0])) if last else "",
        "keys": [key for (key,) in rows("SELECT DISTINCT key_id FROM history WHERE key_id IS NOT NULL ORDER BY 1")],
        "tables": {table: count(rows, table) for table in sorted(model._meta.table_name for model in TABLES)},
    }


def count(rows: _ROWS, table: str) -> int:
    """How many rows a table has."""
    return rows(f'SELECT COUNT(*) FROM "{table}"')[0][0]  # noqa: S608 - a name of ours, or checked by `of_json`


def stored_files(rows: _ROWS) -> list[File]:
    """The stored files that the database's rows name, without those that were erased."""
    knows = rows("SELECT 1 FROM schema_migration WHERE name = '0020_hide_now'")
    sql = f'SELECT sha256, bytes FROM "file" {"WHERE erased_at IS NULL" if knows else ""} ORDER BY id'  # noqa: S608
    return [File(sha256=sha256, bytes=size) for sha256, size in rows(sql)]


def of_json(text: bytes) -> Manifest:
    """The manifest that is written so.
    Raises Unreadable: it is none, of a newer format, or names a member that no backup of ours has.
    """
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError:
        raise Unreadable("This is not a backup of Sonofolio: its manifest cannot be read.") from None
    if manifest.format > FORMAT:
        raise Unreadable("This backup was made by a newer release. Install that release, then restore it.")
    known = {NAME, HEADS, DATABASE.get(manifest.database)}
    odd = [name for name in manifest.members if name not in known and not _STORED.fullmatch(name)]
    odd += [name for name in manifest.tables if not re.fullmatch(r"[a-z_]+", name)]
    if odd or manifest.database not in DATABASE or manifest.database_member not in manifest.members:
        raise Unreadable("This is not a backup of Sonofolio: its manifest names what no backup has.")
    return manifest
