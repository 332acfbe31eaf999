"""What history says of each record, while `verification` compares: in a temporary file, so that any size fits."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Self

AT_ONCE = 20_000  # rows that are written together


class EnteredRecords:
    """What history says of each record last, and who approved each scan last: in a temporary file, for as long as the
    block lasts.
    """

    def __enter__(self) -> Self:
        self.file = sqlite3.connect("", isolation_level=None)  # a file without a name: it goes with the connection
        for sql in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA cache_size = -200000",
            "CREATE TABLE entered (name TEXT PRIMARY KEY, digest TEXT, seq INTEGER, key_id TEXT) WITHOUT ROWID",
            "CREATE TABLE approved (scan TEXT PRIMARY KEY, actor INTEGER, at INTEGER) WITHOUT ROWID",
            "CREATE TABLE counted (scan TEXT, actor INTEGER, at INTEGER, placement INTEGER)",
            "BEGIN",
        ):
            self.file.execute(sql)
        self.digests: list[tuple] = []
        self.approvals: list[tuple] = []
        self.counted: list[tuple] = []
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def take(self, digests: Mapping[str, str | None], seq: int, key_id: str | None) -> None:
        """Keep the digests of an entry, made with this key."""
        self.digests.extend((name, digest, seq, key_id) for name, digest in digests.items())
        if len(self.digests) > AT_ONCE:
            self.flush()

    def approve(self, scan: str, actor: int | None, at: int) -> None:
        """Keep who approved a scan, and when."""
        self.approvals.append((scan, actor, at))
        if len(self.approvals) > AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered: a later entry's word takes the place of an earlier one's."""
        self.file.executemany("INSERT OR REPLACE INTO entered VALUES (?, ?, ?, ?)", self.digests)
        self.file.executemany("INSERT OR REPLACE INTO approved VALUES (?, ?, ?)", self.approvals)
        self.file.executemany("INSERT INTO counted VALUES (?, ?, ?, ?)", self.counted)
        for written in (self.digests, self.approvals, self.counted):
            written.clear()

    def pop(self, name: str) -> tuple[str | None, int, str] | None:
        """The digest that was entered last of a record, in which entry, with which key; None when there is none."""
        found = self.file.execute("SELECT digest, seq, key_id FROM entered WHERE name = ?", (name,)).fetchone()
        if found:
            self.file.execute("DELETE FROM entered WHERE name = ?", (name,))
        return found

    def left(self) -> Iterator[tuple[str, int]]:
        """The records that were entered and not asked for, but for those that were deleted by an action."""
        return self.file.execute("SELECT name, seq FROM entered WHERE digest IS NOT NULL ORDER BY name")

    def count(self, scan: str, actor: int, at: int, placement: int) -> None:
        """Keep a counted scan: who counted it, when, in which placement."""
        self.counted.append((scan, actor, at, placement))
        if len(self.counted) > AT_ONCE:
            self.flush()

    def unapproved(self) -> Iterator[tuple]:
        """The counted scans whose last approval in history is not the one that stands on them."""
        self.flush()
        return self.file.execute(
            "SELECT c.scan, c.actor FROM counted c LEFT JOIN approved a ON a.scan = c.scan"
            " WHERE a.actor IS NOT c.actor OR a.at IS NOT c.at ORDER BY c.scan"
        )

    def judges(self) -> Iterator[tuple[str, int, int]]:
        """Of each placement, who counted scans in it: a scan, the person, the placement."""
        return self.file.execute("SELECT MIN(scan), actor, placement FROM counted GROUP BY actor, placement")
