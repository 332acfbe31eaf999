"""`make bench`: fill, measure, print the tables, write docs/performance.md."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import click

import database
from bench import fill, measure, memory, report
from bench.crowd import crowd

ROOT = Path(__file__).resolve().parent.parent
SIZES = "6000,600000,2500000"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sizes", default=SIZES, show_default=True, help="How many scans, each in a database of its own.")
@click.option("--rounds", default=300, show_default=True, help="How often each request is timed.")
@click.option("--seconds", default=10.0, show_default=True, help="How long 16 clients work at once.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Keep the databases there, and use those that are there."
)
@click.option("--no-write", is_flag=True, help="Leave docs/performance.md as it is.")
def bench(sizes: str, rounds: int, seconds: float, folder: Path | None, no_write: bool):
    """Time the product beside a bare Flask floor, both over the real server."""
    with _folder(folder) as place:
        machine, found = report.machine(place), []
        for number in map(int, sizes.split(",")):  # written after each: the last takes a quarter of an hour
            found.append(_measure(place, number, folder is not None, rounds, seconds))
            if not no_write:
                _write(report.text(found, machine))
    if not no_write:
        # In a process of its own: Linux counts the memory of a process as that of a child that it starts.
        subprocess.run([sys.executable, "-m", "bench.portfolio"], check=True)
    click.echo(report.aims(found))
    click.echo(report.table(found))


def _write(text: str) -> None:
    """Into docs/performance.md, whose last part is that of `make speed`."""
    page = ROOT / "docs/performance.md"
    _, mark, rest = (page.read_text(encoding="utf-8") if page.exists() else "").partition(report.IN_THE_HAND)
    page.write_text(f"{text}\n{mark}{rest}" if mark else text, encoding="utf-8")
    click.echo("Written: docs/performance.md")


@contextmanager
def _folder(folder: Path | None):
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    (ROOT / "instance").mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "instance") as place:
        yield Path(place)


def _filled(place: Path, number: int, keep: bool) -> tuple[Path, dict[str, float]]:
    """The database of this size, and how many seconds each part of making it took; one that was kept is used again."""
    path, times = place / f"{number}.sqlite3", place / f"{number}.json"
    if keep and times.exists() and path.exists():
        fill.courses(path)
        opened = database.open_database(f"sqlite:///{path}")
        if database.migrate(opened):  # the schema has grown since
            fill.add_up(path)
        opened.close_all()
        return path, json.loads(times.read_text())
    took = fill.fill(path, number)
    click.echo(", ".join(f"{part} {seconds:.1f} s" for part, seconds in took.items()))
    times.write_text(json.dumps(took))
    return path, took


def _measure(place: Path, number: int, keep: bool, rounds: int, seconds: float) -> report.Measured:
    path, took = _filled(place, number, keep)
    found = report.Measured(number, took, path.stat().st_size)
    bench = measure.Bench(place, path, move=not keep)
    try:
        with bench.serving() as servers:
            found.times = measure.rounds(bench, bench.over_http(servers), rounds, f"{number:,} scans")
            for name, server in servers.items():
                found.crowds[name] = crowd(bench, name, server.url, seconds)
                for fault in found.crowds[name].errors[:3]:
                    click.echo(fault, err=True)
                if name == "product":
                    found.megabytes = memory.megabytes(server.process, *bench.beside)
    finally:
        bench.close()
    return found


if __name__ == "__main__":
    bench()
