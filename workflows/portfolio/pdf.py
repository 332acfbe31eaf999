"""The portfolio as one PDF: PDF/UA-1 and PDF/A-3a, with the open data inside. Typeset by typst from templates/pdf/.

Typst runs in a process of its own, so that its memory is never the worker's and a fault in it ends nothing else. It
gets no environment, no network and no file but the templates: what people wrote comes to it as data, never as markup.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # the child needs none of it
    from rules.logbook import Logbook

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates/pdf"
COMMAND = [sys.executable, "-m", "workflows.portfolio.pdf"]  # the child: `main`
STANDARDS: list[Any] = ["ua-1", "a-3a"]
SECONDS, MEMORY = 120, 3 * 2**30  # of processor time and of address space, at most
PLACES = 12  # at which a letter that could not be printed is said to stand


class PdfError(Exception):
    """The PDF could not be made; its text is a sentence that says why."""


@dataclass(frozen=True)
class EditionFacts:
    """What an edition says of itself."""

    number: int
    purpose: str  # the word that is shown
    code: str
    made_at: datetime
    verify_url: str
    declared_on: date | None  # when the student declared; None when they have not, and then `not_declared` is printed
    declaration: str
    not_declared: str


@dataclass(frozen=True)
class Rendered:
    """The file, how many pages it has, and which letters could not be printed, a line each with where they stand."""

    content: bytes
    pages: int
    missing: list[str]


def render(logbook: Logbook, edition: EditionFacts, templates: Path = TEMPLATES) -> Rendered:
    """The PDF of a logbook. The same logbook and facts give the same bytes.
    Raises PdfError when it took too long, needed too much memory, or typst refused.
    """
    book, missing = content(logbook, edition)
    made = _child(order(logbook, edition, book, templates))
    return Rendered(made, pages_of(made), missing)


def pages_of(made: bytes) -> int:
    """How many pages a PDF of typst has."""
    return max(map(int, re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", made)))


def order(logbook: Logbook, edition: EditionFacts, book: dict[str, Any], templates: Path = TEMPLATES) -> bytes:
    """What the child reads: where the templates are, the time in the file, and what is printed and attached."""
    inputs = {"book": json.dumps(book, ensure_ascii=False), "attachment": logbook.model_dump_json()}
    asked = {"templates": str(templates), "timestamp": int(edition.made_at.timestamp()), "inputs": inputs}
    return json.dumps(asked).encode()


def content(logbook: Logbook, edition: EditionFacts) -> tuple[dict[str, Any], list[str]]:
    """What the templates print, every text and day as it is shown, and the letters that could not be printed."""
    from rules.portfolio_pages import sector_svg, views

    zone = ZoneInfo(logbook.course.timezone)
    entered, worked_out = _Shown(zone), _Shown(zone)
    book = entered.shown({**logbook.model_dump(), "edition": asdict(edition)}, ())
    book["edition"]["verify_url"] = edition.verify_url  # whole, to be copied
    book["views"] = worked_out.shown(views(logbook), ())
    for scan, more in zip(book["scans"], book["views"].pop("scans"), strict=True):
        scan.update(more)
    book["pictures"] = {"sector": sector_svg(logbook.counts), "qr": _qr(edition.verify_url)}
    book["views"]["letters"] = [entered.row(letter, places) for letter, places in entered.missing.items()]
    return book, [": ".join(row) for row in book["views"]["letters"]]


class _Shown:
    """Turns data into what is printed, and keeps which letters no font has, and where."""

    def __init__(self, zone: ZoneInfo):
        self.zone = zone
        self.missing: dict[str, dict[str, None]] = {}

    def shown(self, value: Any, path: tuple[str, ...]) -> Any:
        match value:
            case str():
                return self._text(value, path)
            case datetime():
                at = value if value.tzinfo else value.replace(tzinfo=UTC)
                at = at.astimezone(self.zone)
                return f"{at.day} {at:%b %Y}, {at:%H:%M}"
            case date():
                return f"{value.day} {value:%b %Y}"
            case dict():
                where = (f"case {value['case_number']}",) if "case_number" in value else path
                items = [(key, (*where, key.replace("_", " ")), one) for key, one in value.items()]
                return {self._text(key, path): self.shown(one, place) for key, place, one in items}
            case list() | tuple():
                return [self.shown(one, path) for one in value]
        return value

    def _text(self, text: str, path: tuple[str, ...]) -> str:
        from rules import glyphs

        if text.isascii() and text.isprintable() and len(text) < glyphs.WIDTH:
            return text
        for letter in glyphs.lacking(text):
            self.missing.setdefault(letter, {})[", ".join(path)] = None
        return glyphs.printable(text)

    @staticmethod
    def row(letter: str, places: dict[str, None]) -> list[str]:
        """The letter's number, its name, and where it stands."""
        from rules import glyphs

        where = list(places)
        more = f"; and {len(where) - PLACES} more" if len(where) > PLACES else ""
        return [glyphs.code(letter), glyphs.name(letter), glyphs.printable("; ".join(where[:PLACES]) + more)]


def _qr(url: str) -> str:
    """A QR code as SVG."""
    import segno

    drawing = BytesIO()
    segno.make(url, error="m", micro=False).save(drawing, kind="svg", border=4, xmldecl=False, light="#fff")
    return drawing.getvalue().decode()


def _child(asked: bytes) -> bytes:
    """What a process of its own makes of it: `main` below."""
    try:
        done = subprocess.run(COMMAND, input=asked, capture_output=True, cwd=ROOT, env={}, timeout=3 * SECONDS)
    except subprocess.TimeoutExpired as fault:
        raise PdfError("The PDF took too long to make and was stopped.") from fault
    except OSError as fault:
        raise PdfError(f"The PDF could not be begun: {fault.strerror}.") from fault
    if done.returncode < 0:
        raise PdfError("The PDF needed more time or memory than it may have, and was stopped.")
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise PdfError(f"The PDF could not be made: {lines[-1] if lines else 'nothing came back'}.")
    return done.stdout


def main() -> None:
    """Read JSON from standard input, write the PDF to standard output."""
    import resource

    import typst

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    asked = json.load(sys.stdin.buffer)
    try:
        made = compiled(Path(asked["templates"]), asked["inputs"], asked["timestamp"])
    except typst.TypstError as fault:
        sys.exit(" ".join(fault.message.split()))
    sys.stdout.buffer.write(made)


def compiled(templates: Path, inputs: dict[str, str], timestamp: int, format: Literal["pdf", "png"] = "pdf") -> Any:
    """What typst makes of portfolio.typ: the bytes of a PDF, or a picture a page."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(TEMPLATES / "fonts")])
    compiler = typst.Compiler(
        templates / "portfolio.typ",
        root=templates,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    return compiler.compile(format=format, pdf_standards=STANDARDS, timestamp=timestamp)


if __name__ == "__main__":
    main()
