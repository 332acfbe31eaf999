"""A field is added to a scan by a row, a column and a migration: nothing else is touched, and it is everywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = "    report: str = field("
ROWS = """
    pressure: str = field("Probe pressure", words=lambda p: ("light", "firm"), hint="As felt.")
    artefacts: tuple[str, ...] = field(
        "Artefacts", "words", sent="artefact", words=lambda p: {"aniso": "Anisotropy", "shadow": "Shadowing"}
    )
    remark: str = field("Remark", "text", limit=300)
    position: str = field("Position", part="what", words=lambda p: ("sitting", "lying"))
    cover: str = field("Probe cover", part="carried", words=lambda p: ("gel", "sheath"), dropdown=True)
"""
CHECKED = "reopen_asked_at IS NULL OR {_APPROVED}"
COLUMN = f'    reopen_asked_at = InstantField(null=True, constraints=[Check(f"{CHECKED}")])\n'  # the last one
TEXT = '= TextField(default="", constraints=[SQL("DEFAULT \'\'")])'
COLUMNS = f"""
    pressure {TEXT}
    artefacts = ListField(default=list, constraints=[SQL("DEFAULT '[]'")])
    remark {TEXT}
    position {TEXT}
    cover {TEXT}
"""
MIGRATION = '''"""What else a student may say of how it was scanned."""

from migrations.schema import run

STEPS = """
ALTER TABLE "scan" ADD COLUMN "pressure" TEXT NOT NULL DEFAULT '';

ALTER TABLE "scan" ADD COLUMN "artefacts" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "scan" ADD COLUMN "remark" TEXT NOT NULL DEFAULT '';

ALTER TABLE "scan" ADD COLUMN "position" TEXT NOT NULL DEFAULT '';

ALTER TABLE "scan" ADD COLUMN "cover" TEXT NOT NULL DEFAULT '';
"""


def up(migrator, db):
    run(db, STEPS)
'''
# What is the same in each state is tried in one, and of the migrations whether they make what the models say.
RUN = ("tests/scans/with_new_fields.py", "tests/scans/test_every_field.py", "tests/test_migrations.py")
BUT = "draft or returned or notices or rebuilds or reference or power"


@pytest.mark.slow
def test_a_field_is_added_by_a_row_a_column_and_a_migration(tmp_path):
    house = tmp_path / "house"
    shutil.copytree(ROOT, house, ignore=shutil.ignore_patterns(".*", "instance", "bench"))
    insert(house / "rules" / "scan_fields.py", ROW, ROWS.lstrip("\n") + ROW)
    insert(house / "tables" / "scans.py", COLUMN, COLUMN + COLUMNS.lstrip("\n"))
    (house / "migrations" / "9000_new_fields.py").write_text(MIGRATION)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--database", "sqlite"]
    done = subprocess.run(
        [*command, *RUN, "-k", f"not ({BUT})"], cwd=house, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def insert(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} has no single {old!r}"
    file.write_text(text.replace(old, new))
