"""What a portfolio's PDF costs in the process that makes it, beside typst setting the same reports plain.

`python -m bench.portfolio` measures that alone and writes its part of docs/performance.md; `make bench` does it too.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import report
from tests.portfolio import logbooks
from workflows.portfolio import pdf

TARGET = pdf.ROOT / "docs/performance.md"
SIZES = (250, 2000)
ROUNDS = 5
SECONDS, MEGABYTES = 2.0, 400  # at most, for the first of `SIZES`
HEAD = "## The portfolio as a PDF"
PLAIN = """#set document(title: "Plain")
#set text(font: "DejaVu Sans", stretch: 87.5%, size: 9pt, lang: "en")
#for scan in json(bytes(sys.inputs.book)).scans [#scan.report #parbreak()]
"""


@dataclass(frozen=True)
class Cost:
    """Of one run: processor seconds of the child, its largest memory in MB, and the pages."""

    seconds: float
    megabytes: float
    pages: int


def cost(asked: bytes) -> Cost:
    """What the child needs for it."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        given.write(asked)
        given.seek(0)
        child = subprocess.Popen(pdf.COMMAND, stdin=given, stdout=made, cwd=pdf.ROOT, env={})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"the child ended with {child.returncode}")
        made.seek(0)
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, pdf.pages_of(made.read()))


def costs(scans: int, rounds: int = ROUNDS) -> tuple[list[Cost], list[Cost]]:
    """Of the portfolio and of the floor, in turn."""
    book, edition = logbooks.realistic(scans), logbooks.edition()
    content, _ = pdf.content(book, edition)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "portfolio.typ").write_text(PLAIN)
        asked = [pdf.order(book, edition, content, templates) for templates in (pdf.TEMPLATES, Path(folder))]
        pairs = [[cost(one) for one in asked] for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def text(sizes: tuple[int, ...] = SIZES, rounds: int = ROUNDS) -> str:
    """Measure, and say it."""
    found = {scans: costs(scans, rounds) for scans in sizes}
    lines = []
    for scans, (portfolio, floor) in found.items():
        for name, runs in (("portfolio", portfolio), ("floor", floor)):
            times = sorted(run.seconds for run in runs)
            spread = f"{times[0]:.2f} to {times[-1]:.2f}"
            most = max(run.megabytes for run in runs)
            lines.append((name, f"{scans:,}", runs[0].pages, f"{statistics.median(times):.2f}", spread, f"{most:.0f}"))
    first = found[sizes[0]][0]
    met = statistics.median(run.seconds for run in first) <= SECONDS and max(r.megabytes for r in first) <= MEGABYTES
    return f"""{HEAD}
Processor time and largest memory of the process that makes it, start of Python included. Reports have about 60 words,
the first 100 scans an audit. The floor is typst setting the same reports as plain paragraphs, in the same standards.
Aim: {sizes[0]} scans in at most {SECONDS:g} s and {MEGABYTES} MB: {"met" if met else "NOT met"}.

{report.rows(("", "scans", "pages", "median s", "all runs", "MB"), lines)}

"""


def write() -> None:
    """Into docs/performance.md, before the last part."""
    page = TARGET.read_text(encoding="utf-8")
    before, mark, rest = page.partition(report.IN_THE_HAND)
    TARGET.write_text(before.partition(HEAD)[0] + text() + mark + rest, encoding="utf-8")


if __name__ == "__main__":
    write()
