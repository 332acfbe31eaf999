"""F2: the power goes. Writes that were not synced may be kept, dropped or torn; nothing acknowledged is lost.

One run of the real workflows is recorded at the level of the file system: every write, truncation, deletion and sync,
in order. Each cut then rebuilds the files as a disk might have left them at that moment and opens them with the
product's own driver. The recording itself runs on apsw (another build of SQLite: only it lets Python be the file
system), with the same pragmas and statements; its write-ahead log needs exclusive mode there (no shared memory).
"""

from __future__ import annotations

import random
from pathlib import Path

import apsw
import pytest
from playhouse.apsw_ext import APSWDatabase
from playhouse.migrations import Runner

from database import MIGRATIONS, PRAGMAS, open_database
from models import db
from tests import cast as people
from tests.faults.ground import reckon, rounds
from workflows.reviews import reviews

pytestmark = pytest.mark.sqlite  # its files, cut by cut; PostgreSQL proves its own

SECTOR = 512  # bytes that a disk writes whole or not at all


class Recorder(apsw.VFS):
    """The real file system, with every change written down."""

    def __init__(self):
        self.journal: list[tuple] = []
        super().__init__("recorder", "")

    def xOpen(self, name, flags):  # noqa: N802 - SQLite's name
        return RecordedFile(self, name, flags)

    def xDelete(self, name, sync_directory):  # noqa: N802
        self.journal.append(("delete", Path(name).name))
        super().xDelete(name, sync_directory)


class RecordedFile(apsw.VFSFile):
    def __init__(self, recorder, name, flags):
        self.recorder = recorder
        self.name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "").name
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802
        self.recorder.journal.append(("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802
        self.recorder.journal.append(("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: N802
        self.recorder.journal.append(("sync", self.name))
        super().xSync(flags)


def record(tmp_path, **pragmas):
    """The journal of one run of logging and approving, and where in it each action was acknowledged."""
    recorder = Recorder()
    recording = APSWDatabase(
        str(tmp_path / "cut.sqlite3"),
        vfs="recorder",
        pragmas={"locking_mode": "exclusive", **PRAGMAS, "wal_autocheckpoint": 40, **pragmas},
        lock_type="IMMEDIATE",
    )
    usual = db.obj
    db.initialize(recording)
    try:
        recording.connect()
        recording.connection().convert_binding = lambda cursor, number, value: value.isoformat()  # days, as our driver
        recording.pragma("journal_mode", "wal")
        assert recording.pragma("journal_mode") == "wal"
        Runner(recording, str(MIGRATIONS)).up()
        cast = people.gather()
        start, acknowledged = len(recorder.journal), []
        for turn in range(25):
            scan = people.logged(cast.amara, cast.ravi, support="aided" if turn % 2 else "unaided")
            acknowledged.append((len(recorder.journal), scan.id, "with_mentor"))
            if turn % 3 == 0:
                reviews.approve(scan.id, by=cast.ravi, version=1)
                acknowledged.append((len(recorder.journal), scan.id, "counted"))
        recording.close()
    finally:
        db.initialize(usual)
        recorder.unregister()
    return recorder.journal, start, acknowledged


def after_the_cut(journal, moment, chance) -> dict[str, bytes]:
    """The files as a disk may have left them: all that was synced, and of the rest a part of its choosing."""
    files: dict[str, bytearray] = {}
    last_sync = {entry[1]: place for place, entry in enumerate(journal[:moment]) if entry[0] == "sync"}
    fate = chance.choice(("kept", "dropped", "torn", "mixed"))
    for place, (what, name, *rest) in enumerate(journal[:moment]):
        safe = place < last_sync.get(name, -1)
        mood = fate if fate != "mixed" else chance.choice(("kept", "dropped", "torn"))
        # Journaling file systems keep names in order: a removal is on the disk with the next sync of any file.
        safe = safe or (what == "delete" and place < max(last_sync.values()))
        if what == "sync" or (not safe and mood == "dropped"):
            continue
        content = files.setdefault(name, bytearray())
        if what == "delete":
            files.pop(name)
        elif what == "truncate":
            del content[rest[0] :]
        else:
            offset, data = rest
            if not safe and mood == "torn":
                data = data[: SECTOR * chance.randint(0, len(data) // SECTOR)]
            content.extend(b"\0" * (offset + len(data) - len(content)))
            content[offset : offset + len(data)] = data
    return {name: bytes(content) for name, content in files.items()}


def lost_in(cuts, journal, start, acknowledged, tmp_path) -> int:
    """How many of so many cuts lost something acknowledged; a corrupt file or a broken record fails at once."""
    chance, usual, lost = random.Random(2026), db.obj, 0
    for number in range(cuts):
        moment = chance.randint(start, len(journal))
        folder = tmp_path / f"cut-{number}"
        folder.mkdir()
        for name, content in after_the_cut(journal, moment, chance).items():
            (folder / name).write_bytes(content)
        opened = open_database(f"sqlite:///{folder / 'cut.sqlite3'}")
        try:
            with opened.connection_context():
                reckon(set())
                states = dict(db.execute_sql("SELECT id, state FROM scan").fetchall())
                expected = {scan_id: state for place, scan_id, state in acknowledged if place <= moment}
                lost += any(states.get(scan_id) not in (state, "counted") for scan_id, state in expected.items())
        finally:
            opened.close_all()
            db.initialize(usual)
    return lost


def test_a_power_cut_loses_nothing_that_was_acknowledged(database, tmp_path):
    assert lost_in(rounds(60, 1000), *record(tmp_path), tmp_path) == 0


def test_without_a_sync_at_each_commit_the_same_cuts_do_lose_scans(database, tmp_path):
    assert lost_in(40, *record(tmp_path, synchronous="NORMAL"), tmp_path) > 0
