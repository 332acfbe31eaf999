"""`make bench`: fill, measure, print the table, write docs/performance.md."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import click

import database
from bench import crowd as crowds
from bench import fill, measure, parts, report

ROOT = Path(__file__).resolve().parent.parent
SIZES = "6000,600000,2500000"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sizes", default=SIZES, show_default=True, help="How many scans, each in a database of its own.")
@click.option("--rounds", default=300, show_default=True, help="How often each request is timed.")
@click.option("--seconds", default=10.0, show_default=True, help="How long 16 clients work at once.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the databases are made.  [default: a new one]")
@click.option("--keep", is_flag=True, help="Keep the databases in the folder, and use those that are there already.")
@click.option("--profile", "profiled", help="Only say where the time of this request goes: log, approve, inbox ...")
@click.option("--no-write", is_flag=True, help="Leave docs/performance.md as it is.")
def bench(sizes: str, rounds: int, seconds: float, folder: Path | None, keep: bool, profiled: str, no_write: bool):
    """Time the product beside a bare Flask floor, in this process and over the real server."""
    numbers = [int(size) for size in sizes.split(",")]
    with _folder(folder, keep) as place:
        if profiled:
            _profile(place, numbers[0], keep, profiled)
            return
        machine, found = report.machine(place), []
        for number in numbers:  # the page is written after each: the last takes a quarter of an hour
            found.append(_measure(place, number, keep, rounds, seconds))
            if not no_write:
                _write(report.text(found, machine))
    click.echo(report.table(found))


def _write(text: str) -> None:
    """Into docs/performance.md, whose last part is that of `make speed`."""
    page = ROOT / "docs/performance.md"
    _, mark, rest = (page.read_text(encoding="utf-8") if page.exists() else "").partition(report.IN_THE_HAND)
    page.write_text(f"{text}\n{mark}{rest}" if mark else text, encoding="utf-8")
    click.echo("Written: docs/performance.md")


@contextmanager
def _folder(folder: Path | None, keep: bool):
    if folder or keep:
        place = (folder or ROOT / "instance/bench").resolve()
        place.mkdir(parents=True, exist_ok=True)
        yield place
        return
    (ROOT / "instance").mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "instance") as place:
        yield Path(place)


def _filled(place: Path, number: int, keep: bool) -> tuple[Path, dict[str, float]]:
    """The database of this size, and how long it took to make it; one that was kept is used again."""
    path, told = place / f"{number}.sqlite3", place / f"{number}.json"
    if keep and told.exists() and path.exists():
        fill.courses(path)
        opened = database.open_database(f"sqlite:///{path}")
        if database.migrate(opened):  # the schema has grown since
            fill.add_up(path)
        opened.close_all()
        return path, json.loads(told.read_text())
    took = fill.fill(path, number)
    click.echo(", ".join(f"{part} {seconds:.1f} s" for part, seconds in took.items()))
    told.write_text(json.dumps(took))
    return path, took


def _measure(place: Path, number: int, keep: bool, rounds: int, seconds: float) -> report.Measured:
    path, took = _filled(place, number, keep)
    found = report.Measured(number, took, path.stat().st_size)
    bench = measure.Bench(place, path, move=not keep)
    try:
        with bench.inside() as sides:
            found.inside = measure.rounds(bench, sides, rounds, f"{number:,} scans, in process")
        found.parts = parts.parts_of(bench)
        found.sizes = bench.sizes
        with bench.serving() as urls:
            found.served = measure.rounds(bench, bench.wires(urls), rounds, f"{number:,} scans, over the server")
            for name, url in urls.items():
                found.crowds[name] = crowds.crowd(bench, name, url, seconds)
    finally:
        bench.close()
    return found


def _profile(place: Path, number: int, keep: bool, name: str) -> None:
    path, _ = _filled(place, number, keep)
    bench = measure.Bench(place, path, move=not keep)
    try:
        click.echo(report.parts_of(parts.parts_of(bench), [name]))
        for took, sql in parts.statements(bench)[name]:
            click.echo(f"{took * 1000:7.3f} ms  {' '.join(sql.split())[:150]}")
        click.echo(parts.profile(bench, name))
    finally:
        bench.close()


if __name__ == "__main__":
    bench()
