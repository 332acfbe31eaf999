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

from bench import floor, parts
from bench.crowd import CLIENTS, Crowd
from bench.measure import NAMES, Times, percentile

TIMES_THE_FLOOR = {"log": 2, "approve": 2, "inbox": 3, "home": 3}  # at most, over the server, by the medians
MILLISECONDS = {"log": 10, "approve": 10, "inbox": 10, "cohort": 15}  # at most, over the server, 95th percentile
FLAT, LARGE, PER_SECOND = 1.3, 5, 300
IN_THE_HAND = "## In the hand"  # what follows is written by bench/speed.py


@dataclass
class Measured:
    """One size of database: seconds of every request, product and floor, in process and over the server."""

    scans: int
    filled: dict[str, float]
    octets: int
    inside: dict[str, Times] = field(default_factory=dict)
    served: dict[str, Times] = field(default_factory=dict)
    crowds: dict[str, Crowd] = field(default_factory=dict)
    parts: dict[str, parts.Spent] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def median(self, name: str, side: str = "product") -> float:
        """Of a request over the server, in seconds."""
        return statistics.median(self.served[side][name])


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
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    drawn = [
        "| "
        + " | ".join(
            cell.ljust(w) if not n else cell.rjust(w) for n, (cell, w) in enumerate(zip(line, wide, strict=True))
        )
        + " |"
        for line in cells
    ]
    drawn.insert(1, "|" + "|".join("-" * (w + 2) if not n else "-" * (w + 1) + ":" for n, w in enumerate(wide)) + "|")
    return "\n".join(drawn)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def table(found: list[Measured]) -> str:
    """Every request at every size, in process and over the server."""
    said = []
    for title, way in (("Over the server", "served"), ("In process", "inside")):
        lines = []
        for one in found:
            times: dict[str, Times] = getattr(one, way)
            for name in NAMES:
                if name in times["product"]:
                    lines.append((name, f"{one.scans:,}", *_figures(times["product"][name], times["floor"][name])))
        heads = ("request", "scans", "median ms", "95th", "99th", "floor median", "95th", "99th", "times the floor")
        said += [f"{title}, one client\n", rows(heads, lines), ""]
    lines = [
        (name, f"{one.scans:,}", f"{of.per_second:.0f}", *map(_ms, _three(of.took)), len(of.errors))
        for one in found
        for name, of in one.crowds.items()
    ]
    said += [f"{one.scans:,}: {fault}\n" for one in found for of in one.crowds.values() for fault in of.errors[:3]]
    heads = ("16 mixed clients", "scans", "requests/s", "median ms", "95th", "99th", "errors")
    return "\n".join([*said, f"Over the server, {CLIENTS} mixed clients\n", rows(heads, lines)])


def _figures(product: list[float], bare: list[float]) -> tuple[str, ...]:
    parts_ = [_ms(value) for values in (product, bare) for value in _three(values)]
    return (*parts_, f"{statistics.median(product) / statistics.median(bare):.1f}")


def _three(values: list[float]) -> tuple[float, float, float]:
    if not values:  # nobody was answered; the faults say why
        return (math.nan,) * 3
    return statistics.median(values), percentile(values, 0.95), percentile(values, 0.99)


def parts_of(found: dict[str, parts.Spent], names: Iterable[str]) -> str:
    """Where the time of each request goes: each part with what it calls, and of its own."""
    names = [name for name in names if name in found]
    lines = [
        (part, *(f"{_ms(found[name][part][0])} ({_ms(found[name][part][1])})" for name in names))
        for part in (*parts.PARTS, parts.REST, parts.WHOLE)
        if any(found[name][part][0] for name in names)
    ]
    lines.append((parts.QUERIES, *(int(found[name][parts.QUERIES][0]) for name in names)))
    return rows(("ms with what it calls (of its own)", *names), lines)


# --- Aims ------------------------------------------------------------------------------------------------------


def aims(found: list[Measured]) -> str:
    """Each aim with what was measured, met or not."""
    lines: list[tuple[str, str, str, str]] = []

    def add(aim: str, limit: str, figure: str, met: bool) -> None:
        lines.append((aim, limit, figure, "met" if met else "NOT met"))

    for name, most in TIMES_THE_FLOOR.items():
        worst = max(one.median(name) / one.median(name, "floor") for one in found)
        add(f"{name}, over the server", f"at most {most} x the floor", f"{worst:.1f} x", worst <= most)
    for name, most in MILLISECONDS.items():
        worst = max(percentile(one.served["product"][name], 0.95) for one in found) * 1000
        add(f"{name}, 95th percentile, every size", f"at most {most} ms", f"{worst:.1f} ms", worst <= most)
    if len(found) > 1:
        grown = found[-1].median("cohort") / found[0].median("cohort")
        between = f"cohort of 24, {found[0].scans:,} to {found[-1].scans:,} scans"
        add(between, f"within {FLAT} x", f"{grown:.2f} x", grown <= FLAT)
    worst = max(one.median(NAMES[-1]) / one.median("cohort") for one in found)
    add("cohort of 1,000 beside one of 24", f"under {LARGE} x", f"{worst:.1f} x", worst < LARGE)
    least = min(one.crowds["product"].per_second for one in found)
    errors = sum(len(one.crowds["product"].errors) for one in found)
    many = f"{CLIENTS} mixed clients"
    add(
        many,
        f"at least {PER_SECOND} requests/s, no error",
        f"{least:.0f}/s, {errors} errors",
        least >= PER_SECOND and not errors,
    )
    return rows(("aim", "limit", "measured", ""), lines)


def text(found: list[Measured], described: list[str]) -> str:
    """docs/performance.md."""
    last = found[-1]
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
        parts=parts_of(last.parts, NAMES),
        scans=f"{last.scans:,}",
        filled=rows(("scans", "MB", *(f"{part}, s" for part in last.filled)), filled),
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
last received. The 16 clients do the same (but the cohort of 1,000) all at once. At 6,000 scans the 1,000 students of
the large cohort have only just begun. An inbox is opened again with one scan more, as during a mentor's day, and most
of its cards are as they were kept (decision 19); at the larger sizes mentors take turns, and what each opens for the
first time in that process is counted too, unless it is among the first 24 rounds, which are not.

{table}

## What the floor does
A bare Flask application: no ORM, no forms, no sign-in, no template engine, no compression. The same rows are read and
written through the same driver, each write in one IMMEDIATE transaction with one durable commit (WAL, synchronous
FULL), and each page is as long as the product's, by string formatting. Its connections plan a statement once, as the
product's do (decision 20). With the driver as it comes the floor is slower; in a run of its own at 6,000 scans the
ratios were then: log 1.7, approve 2.1, inbox 2.9, home 2.0.

{work}

## What the rest buys
Where a request's time goes, in process at {scans} scans: each part with what it calls, and in brackets of its own.
The floor has the SQLite lines and some of the last but one. The rest is who is asking and with which role (sign-in),
that the request comes from our own page (CSRF), what was entered and why not (form), the report that writes itself, a
proof of every deed (history), the director's numbers without counting (tallies), pages that are whole and escaped
(templates) and short on the wire (compression). The timing itself costs some hundredths of a millisecond.

{parts}

## The databases
250 scans a student with reports, audits, every step of their story and the chained history, as `flask verify-history`
and `flask check-tallies` prove; cohorts of 24 and one of 1,000. Made in:

{filled}
"""
