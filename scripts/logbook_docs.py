"""Write docs/logbook.md from the models: `python -m scripts.logbook_docs`. A test holds them equal."""

# ruff: noqa: E501 - lines of Markdown

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from rules import logbook
from rules.scan_fields import CONTENT, FIELDS
from workflows.portfolio.logbook_tables import TABLES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "logbook.md"
BEGINS = """# A logbook as open data

Everything that is one student's, as files that any program reads. Written from `rules/logbook.py` and
`workflows/portfolio/logbook_tables.py` by `python -m scripts.logbook_docs`.

| where | who | what |
| --- | --- | --- |
| `/portfolio.json`, `/portfolio.csv.zip`, `/portfolio.xlsx` | the student, also after the course | everything: drafts and withdrawn scans too (`complete` is true) |
| `/students/<id>/portfolio.json`, `.csv.zip`, `.xlsx` | the director and the student's assessors | what was sent to a mentor (`complete` is false) |
| inside each edition's PDF, as an attachment | who holds the PDF | what was sent to a mentor, as JSON |
| `/schemas/logbook-1.json` | anybody | the JSON Schema (draft 2020-12) of the JSON |
| `flask --app app export-portfolio EMAIL FILE` | who runs the installation | everything, by the ending of FILE: `.json`, `.zip` or `.xlsx` |

**Ids are stable.** A scan's is the UUID that its phone made; the others are the number of the row in its table. The same
thing has the same id in every export.

**Days** are ISO days of the programme's time zone (`course.timezone`). **Instants** are ISO, in UTC.

**One moment.** A file is read in one transaction: counts and scans belong together. The same data, read at the same
instant, gives the same bytes.

**What is not there.** Whatever identifies a patient: it is refused before it is kept. E-mail addresses. What a student
writes when asking a mentor to reopen a scan, their editions, links and files are in their own files alone. What is in an
uploaded file, or in an edition's PDF, is downloaded where it is shown.

**The digest** of a scan can be worked out again by anybody: SHA-256 of `entered` as JSON with sorted keys, without spaces,
in UTF-8 with no letter escaped that need not be. In Python:
`hashlib.sha256(json.dumps(entered, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()`.
`record.root` is the Merkle tree hash of RFC 9162 over the digests of the scans whose state is `counted`, in the order of
their case numbers; a leaf is a digest as it is written, 64 hex digits.

**Versions.** The format is `sonofolio-logbook-1`. A field may be added to it; none is removed or changes its meaning
without a new number.

## The JSON file
"""
TABLES_BEGIN = """
## The tables

`portfolio.csv.zip` has a CSV file for each, and README.txt with what follows; `portfolio.xlsx` has a sheet for each, and
one, the last, with what follows. Columns have the names of the JSON's fields. A column that ends in `_id` says to which row
of another table a row belongs. Truth values are `yes` and `no`; several texts in one cell are parted by semicolons; a null
is an empty cell. Where a spreadsheet program could run a text as a formula, an apostrophe stands before it
(`rules/cells.py` takes it away again). A cell of a workbook holds 32,767 characters; a longer text is cut there, with a
word where. What a scan says in the vocabulary's own ids (`entered`), and what another course's file says beside its scans
(`about`), are in the JSON alone.
"""
KINDS = {"str": "text", "int": "number", "bool": "true or false", "date": "day", "datetime": "instant"}


def page() -> str:
    """The page's whole text."""
    return BEGINS + "".join(_model(one) for one in _models(logbook.Logbook)) + _entered() + _tables()


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and those within it, each once, in the order of the fields."""
    found = [model]
    for field in model.model_fields.values():
        for inner in re.findall(r"logbook\.(\w+)", str(field.annotation)):
            found += [one for one in _models(getattr(logbook, inner)) if one not in found]
    return found


def _model(model: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {_kind(field.annotation)} | {field.description} |" for name, field in model.model_fields.items()
    ]
    about = "" if model.__doc__ in (None, logbook.Part.__doc__) else " ".join((model.__doc__ or "").split()) + "\n\n"
    return f"\n### {model.__name__}\n\n{about}| field | is | what it means |\n| --- | --- | --- |\n" + _lines(rows)


def _kind(annotation: Any) -> str:
    kind = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    kind = kind.replace("rules.logbook.", "").replace("datetime.", "").replace("typing.", "")
    many = re.fullmatch(r"list\[(\w+)\]( \| None)?", kind)
    one, null = re.fullmatch(r"(\w+)( \| None)?", kind), " or null" if kind.endswith("| None") else ""
    if kind.startswith("Literal"):
        return "text"
    if kind.startswith("dict"):
        return "an object"
    if many:
        return f"a list of {KINDS[many[1]] + 's' if many[1] in KINDS else many[1]}{null}"
    return f"{KINDS.get(one[1], one[1]) if one else kind}{null}"


def _entered() -> str:
    """What `entered` holds: the fields of a scan as they were entered."""
    shapes = {
        "findings": "[structure, finding], and the side as a third where it has its own",
        "normal": 'ids of structures, or "all"; "left | ..." where it has a side of its own',
        "not_seen": "[structure, limitation, side]; left out of a scan that has none",
        "measured": "[[structure, finding, side], measure, value, unit]; left out of a scan that has none",
    }
    rows = [
        f"| `{field.name}` | {field.label}{f': {shapes[field.name]}' if field.name in shapes else ''} |"
        for field in FIELDS
        if field.name in CONTENT
    ]
    return "\n### What `entered` holds\n\n| key | what it is |\n| --- | --- |\n" + _lines(rows)


def _tables() -> str:
    found = TABLES_BEGIN
    for table in TABLES.values():
        rows = [f"| `{name}` | {meaning} |" for name, meaning in table.columns.items()]
        found += f"\n### {table.name}\n\n{table.about}\n\n| column | what it means |\n| --- | --- |\n" + _lines(rows)
    return found


def _lines(rows: list[str]) -> str:
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
