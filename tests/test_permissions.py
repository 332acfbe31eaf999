"""What is kept (database, keys, mails) may be read by the account that runs Sonofolio, and by nobody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import config
import permissions
from scripts.demo_server import environment

# Everything that is written while the database is open, then a file as some other command would write one.
WORK = """
import app, pathlib, sys
made = app.create_app()
settings = made.config["SONOFOLIO"]
run = made.test_cli_runner().invoke
assert run(args=["migrate"]).exit_code == 0
with made.extensions["database"].connection_context():
    assert run(args=["create-director", "--name", "Dana Reid", "--email", "d.reid@example.ac.uk"]).exit_code == 0
    assert run(args=["make-link", "d.reid@example.ac.uk", "--mail"]).exit_code == 0
    (settings.instance / "backup.sqlite3").write_text("a copy")
    (settings.instance / "backups").mkdir(exist_ok=True)
    for path in [settings.instance, *settings.instance.rglob("*"), *pathlib.Path(sys.argv[1]).rglob("*")]:
        print(f"{path.stat().st_mode & 0o777:03o}", path)
"""


def work(folder: Path, umask: int, **settings: str) -> dict[str, str]:
    """Do all of it with this umask; path -> its mode while the database was open."""
    env = environment(folder / "instance", 8000, f"sqlite:///{folder}/apart/course.sqlite3") | settings
    command = [sys.executable, "-c", WORK, str(folder / "apart")]
    ran = subprocess.run(command, cwd=config.ROOT, env=env, capture_output=True, text=True, check=False, umask=umask)
    assert ran.returncode == 0, ran.stderr
    return {path: mode for mode, _, path in (line.partition(" ") for line in ran.stdout.splitlines())}


@pytest.mark.slow
@pytest.mark.parametrize("umask", [0o022, 0o000], ids=["022", "000"])
def test_what_is_kept_is_its_owners_alone_whatever_the_umask(tmp_path, umask):
    found = work(tmp_path, umask)
    names = {Path(path).name for path in found}
    kept = {"instance", "secret_key", "outbox", "course.sqlite3", "course.sqlite3-wal", "course.sqlite3-shm"}
    assert kept <= names and any(name.endswith(".eml") for name in names)
    for path, mode in found.items():
        assert mode == ("700" if Path(path).is_dir() else "600"), path
    assert (tmp_path / "apart").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_what_was_open_to_others_is_shut_at_the_next_start(tmp_path):
    before = work(tmp_path, 0o022)
    for path in map(Path, before):
        if path.exists():
            path.chmod(0o777 if path.is_dir() else 0o644)
    for path, mode in work(tmp_path, 0o022).items():
        assert mode == ("700" if Path(path).is_dir() else "600"), path


def test_what_cannot_be_shut_stops_with_one_line_that_names_it(tmp_path, monkeypatch):
    secret = tmp_path / "secret_key"
    secret.touch(mode=0o600)
    secret.chmod(0o644)

    def another_owners(path, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", another_owners)
    with pytest.raises(SystemExit) as stop:
        permissions.keep_private(tmp_path, "postgresql://name@host/base")
    assert str(secret) in str(stop.value) and "\n" not in str(stop.value)


def test_a_folder_that_holds_other_things_is_not_taken(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)  # as /tmp is
    for folder in (shared, config.ROOT, config.ROOT.parent, Path("/")):
        before = folder.stat().st_mode
        with pytest.raises(config.SettingError, match="SONOFOLIO_INSTANCE: takes a folder of its own"):
            permissions.keep_private(folder, "")
        assert folder.stat().st_mode == before


def test_a_link_out_of_the_folder_leaves_what_it_points_to_alone(tmp_path):
    elsewhere, instance = tmp_path / "elsewhere", tmp_path / "instance"
    elsewhere.mkdir(mode=0o755)
    elsewhere.chmod(0o755)
    instance.mkdir()
    (instance / "link").symlink_to(elsewhere)
    permissions.keep_private(instance, "")
    assert elsewhere.stat().st_mode & 0o777 == 0o755
