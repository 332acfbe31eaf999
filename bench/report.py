"""What was measured, in words and tables: docs/performance.md is written from here, whole, with every run."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cysqlite

from bench import floor
from bench.crowd import CLIENTS, Crowd
from bench.measure import NAMES, Times, percentile

# How often the floor's median a request may take, at every size.
TIMES_THE_FLOOR = {"log": 3, "approve": 4, "home": 4, "inbox": 15, "cohort": 12, "cohort of 1,000": 12}
FLAT = 1.5  # how much longer the largest size may take than the smallest
CROWD_PART = 1 / 3  # of the floor's requests
MEGABYTES = 250  # of all processes, after the crowd
IN_THE_HAND = "## In the hand"  # what follows is written by bench/speed.py


@dataclass
class Measured:
    """One size of database: seconds of every request by side, what the crowds got, the product's memory after it."""

    scans: int
    filled: dict[str, float]
    octets: int
    times: dict[str, Times] = field(default_factory=dict)
    crowds: dict[str, Crowd] = field(default_factory=dict)
    megabytes: float | None = None

    def median(self, name: str, side: str = "product") -> float:
        """Of a request, in seconds."""
        return statistics.median(self.times[side][name])


def machine(folder: Path) -> list[str]:
    """The machine in a few words: nothing that names it."""
    with cysqlite.connect(":memory:") as connection:
        (version,) = connection.execute("SELECT sqlite_version()").fetchone()
    return [
        f"{os.cpu_count()} cores ({_processor()}), {_memory()} GiB memory, {_disk(folder)}",
        f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}, SQLite {version}",
        "one load generator on the same machine, so a request and its client share the cores",
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _disk(folder: Path) -> str:
    """What one durable write costs there: that is what a commit waits for."""
    import time

    probe, took = folder / "probe", []
    with probe.open("wb") as file:
        for _ in range(200):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    probe.unlink()
    return f"a disk on which a synced write of 4 kB takes {statistics.median(took) * 1000:.2f} ms"


# --- Tables ----------------------------------------------------------------------------------------------------


def rows(heads: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A table in Markdown, its columns aligned; all but the first to the right."""
    cells = [[str(cell) for cell in line] for line in (heads, *lines)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    sides = ["<", *">" * len(widths[1:])]
    return "\n".join(
        "| " + " | ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths, strict=True)) + " |"
        for line in cells
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def table(found: list[Measured]) -> str:
    """Every request at every size, then the crowds."""
    lines = [
        (name, f"{one.scans:,}", *_figures(one.times["product"][name], one.times["floor"][name]))
        for one in found
        for name in NAMES
        if name in one.times["product"]
    ]
    heads = ("request", "scans", "median ms", "95th", "99th", "floor median", "95th", "99th", "times the floor")
    parts = ["One client\n", rows(heads, lines), ""]
    lines = [
        (name, f"{one.scans:,}", f"{of.per_second:.0f}", *map(_ms, _three(of.took)), len(of.errors))
        for one in found
        for name, of in one.crowds.items()
    ]
    parts += [f"{one.scans:,}: {fault}\n" for one in found for of in one.crowds.values() for fault in of.errors[:3]]
    heads = (f"{CLIENTS} mixed clients", "scans", "requests/s", "median ms", "95th", "99th", "errors")
    return "\n".join([*parts, f"{CLIENTS} mixed clients\n", rows(heads, lines)])


def _figures(product: list[float], floor_: list[float]) -> tuple[str, ...]:
    figures = (_ms(value) for values in (product, floor_) for value in _three(values))
    return (*figures, f"{statistics.median(product) / statistics.median(floor_):.1f}")


def _three(values: list[float]) -> tuple[float, float, float]:
    """The median, the 95th and the 99th of a hundred."""
    if not values:  # nobody was answered; the errors say why
        return (math.nan,) * 3
    return statistics.median(values), percentile(values, 0.95), percentile(values, 0.99)


# --- Aims ------------------------------------------------------------------------------------------------------


def aims(found: list[Measured]) -> str:
    """Each aim with what was measured, met or not."""
    lines: list[tuple[str, str, str, str]] = []

    def add(aim: str, limit: str, figure: str, met: bool) -> None:
        lines.append((aim, limit, figure, "met" if met else "NOT met"))

    for name, most in TIMES_THE_FLOOR.items():
        ratios = [one.median(name) / one.median(name, "floor") for one in found if name in one.times["product"]]
        if ratios:
            add(name, f"at most {most} x the floor", f"{max(ratios):.1f} x", max(ratios) <= most)
    if len(found) > 1:
        first, last = found[0], found[-1]
        grown = {name: last.median(name) / first.median(name) for name in NAMES[:-1]}  # at first the thousand have none
        worst = max(grown, key=grown.__getitem__)
        between = f"every request but the last, {first.scans:,} to {last.scans:,} scans"
        add(between, f"within {FLAT} x", f"{worst} {grown[worst]:.2f} x", grown[worst] <= FLAT)
    part = min(one.crowds["product"].per_second / (one.crowds["floor"].per_second or math.inf) for one in found)
    errors = sum(len(one.crowds["product"].errors) for one in found)
    add(
        f"{CLIENTS} mixed clients",
        "at least a third of the floor's requests, no error",
        f"{part:.0%}, {errors} errors",
        part >= CROWD_PART and not errors,
    )
    if sizes := [one.megabytes for one in found if one.megabytes is not None]:
        most_memory = max(sizes)
        limit = f"at most {MEGABYTES} MB"
        add("all processes of `make run`, after these", limit, f"{most_memory:.0f} MB", most_memory <= MEGABYTES)
    return rows(("aim, over the server", "limit", "measured", ""), lines)


def text(found: list[Measured], described: list[str]) -> str:
    """docs/performance.md."""
    filled = [
        (f"{one.scans:,}", f"{one.octets / 1e6:,.0f}", *(f"{seconds:.1f}" for seconds in one.filled.values()))
        for one in found
    ]
    work = "\n".join(f"- **{name}**: {does}." for name, does in floor.WORK.items())
    return PAGE.format(
        machine="\n".join(f"- {line}" for line in described),
        aims=aims(found),
        table=table(found),
        work=work,
        filled=rows(("scans", "MB", *(f"{part}, s" for part in found[-1].filled)), filled),
    )


PAGE = """# What it costs

`make bench` measured this and wrote this page. Figures depend on the machine; ratios less so.

## The machine
{machine}

## The aims
{aims}

## The figures
The product is served as `make run` serves it, in production mode; so is the floor. One client sends each request to
both in turn: a student logs a scan, the mentor opens the inbox and approves it, the student opens home, the directors
open their cohorts. Browsers ask for compressed pages, so this client does. Times are from the first byte sent to the
last received. The server keeps no finished page, row or piece, so an inbox that is opened costs what it costs the first
time, whoever opens it (decision 29). The 16 clients do the same (but the cohort of 1,000) all at once. At 6,000 scans
the 1,000 students of the large cohort have only just begun. Memory is that of both workers, what watches over them and
`flask work`; what several share is counted once (PSS).

{table}

## What the floor does
A bare Flask application: no ORM, no forms, no sign-in, no template engine, no compression. The same rows are read and
written through the same driver, each write in one IMMEDIATE transaction with one durable commit (WAL, synchronous
FULL), and each page is as long as the product's, by string formatting. Its connections plan a statement once, as the
product's do (decision 20). The rest is who is asking and with which role, that the request comes from our own page,
what was entered and why not, the report that writes itself, a proof of every action, the director's numbers without
counting, pages that are whole and escaped, and short on the wire.

{work}

## The databases
250 scans a student with reports, audits, every step of their story and the history of an earlier release, entered as
`flask migrate` enters it; `flask verify-history` and `flask check-tallies` find nothing wrong. Cohorts of 24 and one of
1,000. Made in:

{filled}
"""
