"""The file of those who signed out while the database could not be written."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from workflows.accounts import signed_out

AT = datetime(2026, 11, 27, 3, 10, 36, 123456, tzinfo=UTC)
MARKS = [sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(signed_out.PLACES + 1)]


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(signed_out, "_opened", None)
    signed_out.open_file(tmp_path / "instance" / "signed-out")
    return tmp_path / "instance" / "signed-out"


def test_it_holds_what_was_added_and_never_grows(file):
    size = file.stat().st_size
    assert not signed_out.holds(MARKS[0])
    signed_out.add(MARKS[:2], AT)
    signed_out.add(MARKS[2:5], AT + timedelta(hours=1))
    assert all(map(signed_out.holds, MARKS[:5])) and not signed_out.holds(MARKS[5])
    signed_out.remove([MARKS[0], MARKS[3], MARKS[9]])
    assert signed_out.everything() == {MARKS[1]: AT, **dict.fromkeys((MARKS[2], MARKS[4]), AT + timedelta(hours=1))}
    assert file.stat().st_size == size == signed_out.SIZE
    assert file.stat().st_mode & 0o777 == 0o600


def test_when_it_is_full_that_is_said_and_what_it_holds_stays(file):
    signed_out.add(MARKS[: signed_out.PLACES], AT)
    with pytest.raises(signed_out.NoPlace):
        signed_out.add(MARKS[-1:], AT)
    assert len(signed_out.everything()) == signed_out.PLACES
    signed_out.remove(MARKS[:1])
    signed_out.add(MARKS[-1:], AT)
    assert signed_out.holds(MARKS[-1])


def test_another_process_sees_it_at_once_and_after_a_restart(file):
    signed_out.add(MARKS[:1], AT)
    asks = f"""
from pathlib import Path
from workflows.accounts import signed_out
signed_out.open_file(Path({str(file)!r}))
print(signed_out.holds({MARKS[0]!r}), flush=True)
input()
print(signed_out.holds({MARKS[1]!r}), flush=True)
"""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", asks]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "True\n"
        signed_out.add(MARKS[1:2], AT)
        assert other.communicate("\n", 60)[0] == "True\n"


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 60_000])
def test_a_file_that_somebody_spoilt_breaks_nothing(tmp_path, monkeypatch, content):
    monkeypatch.setattr(signed_out, "_opened", None)
    (tmp_path / "signed-out").write_bytes(content)
    signed_out.open_file(tmp_path / "signed-out")
    assert not signed_out.holds(MARKS[0])
    signed_out.remove(signed_out.everything())
    signed_out.add(MARKS[:1], AT)
    assert signed_out.everything() == {MARKS[0]: AT}
