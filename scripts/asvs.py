"""The ASVS sheet, docs/asvs.toml: how each requirement of OWASP ASVS 5.0, level 1 and 2, is answered.

    .venv/bin/python -m scripts.asvs            # exit 1 when a requirement is missing or a named test does not exist
    .venv/bin/python -m scripts.asvs --write    # write docs/asvs.md, the sheet to read, too

A row has `id`, `level`, `asks` (what the requirement is about, in our words), `answer`, and

- "test": `test`, one or several as "tests/file.py::test_name", which fail when it is not so; `words` may say more;
- "sentence": `words` say what is so, or where it stands; it is no matter of a test, or the operator's;
- "not yet": `words` say what is missing and what is planned, and `test` what is there already;
- "not applicable": `words` say why.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHEET, PAGE = ROOT / "docs" / "asvs.toml", ROOT / "docs" / "asvs.md"
ANSWERS = ("test", "sentence", "not yet", "not applicable")
KEYS = {"id", "level", "asks", "answer", "test", "words"}
PLACE = re.compile(r"\b(?:docs|tests|rules|workflows|blueprints|static|programmes|scripts)/[\w./-]*\w")

Row = dict[str, Any]


def read(file: Path = SHEET) -> dict[str, Any]:
    """The sheet as plain data: `levels` (level -> its ids, as the standard has them), `chapters`, `requirement`."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def faults(sheet: dict[str, Any], root: Path = ROOT) -> list[str]:
    """What is wrong with the sheet, one line each; empty when all is well."""
    levels = {name: int(level) for level, names in sheet["levels"].items() for name in names.split()}
    rows = Counter(row.get("id", "") for row in sheet["requirement"])
    found = [f"{name}: is not in the sheet" for name in levels if name not in rows]
    found += [f"{name}: is there {number} times" for name, number in rows.items() if number > 1]
    return found + [f"{row.get('id')}: {fault}" for row in sheet["requirement"] for fault in _wrong(row, levels, root)]


def _wrong(row: Row, levels: dict[str, int], root: Path) -> list[str]:
    found = [f"has a key that nobody reads: {key}" for key in row.keys() - KEYS]
    if levels.get(row.get("id", "")) != row.get("level"):
        found.append(f"is not of level {row.get('level')} of the standard")
    if row.get("answer") not in ANSWERS:
        found.append(f"takes one of {', '.join(ANSWERS)} as its answer, not {row.get('answer')!r}")
    needs = ("asks", "test" if row.get("answer") == "test" else "words")
    found += [f"says nothing under {key}" for key in needs if not row.get(key)]
    found += [f"names {name}, and there is no such test" for name in tests_of(row) if not _exists(name, root)]
    places = PLACE.findall(row.get("words", ""))
    return found + [f"names {place}, and there is no such file" for place in places if not (root / place).exists()]


def tests_of(row: Row) -> list[str]:
    """The tests that a row names."""
    named = row.get("test", [])
    return [named] if isinstance(named, str) else named


def _exists(name: str, root: Path) -> bool:
    file, _, test = name.partition("::")
    return test.startswith("test_") and test in _tests_in(root / file)


@lru_cache(maxsize=512)
def _tests_in(file: Path) -> frozenset[str]:
    """The names of a file's tests, read without running it."""
    if not file.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef))


def counted(sheet: dict[str, Any]) -> str:
    """How many requirements are answered how, in one line."""
    rows, answers = sheet["requirement"], Counter(row["answer"] for row in sheet["requirement"])
    levels = Counter(row["level"] for row in rows)
    of = ", ".join(f"{answers[answer]} {words}" for answer, words in zip(ANSWERS, _COUNTS, strict=True))
    return f"{len(rows)} requirements ({levels[1]} of level 1, {levels[2]} of level 2): {of}."


_COUNTS = ("by tests", "by a sentence", "not yet", "not applicable")


def page(sheet: dict[str, Any]) -> str:
    """docs/asvs.md: the same as tables to read, a chapter each."""
    lines = [
        "# OWASP ASVS 5.0, level 2",
        "",
        "Written from [asvs.toml](asvs.toml) by `python -m scripts.asvs --write`; `make check` fails when a test that",
        "it names does not exist. Ids and levels are those of the OWASP Application Security Verification Standard",
        "5.0.0. What each asks is said in our own few words, so read the standard beside it. What is written down",
        "once, for several of them, stands in [security.md](security.md).",
        "",
        counted(sheet),
        "",
        "**test**: it fails when it is not so. **sentence**: what is so, or who sees to it. **not yet**: what lacks.",
        "",
    ]
    for number, name in sheet["chapters"].items():
        rows = [row for row in sheet["requirement"] if row["id"].startswith(f"V{number}.")]
        lines += [f"## V{number} {name}", "", "| id | level | asks | answer |", "| --- | --- | --- | --- |"]
        lines += [f"| {row['id']} | {row['level']} | {row['asks']} | {_answer(row)} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def _answer(row: Row) -> str:
    named = ", ".join(f"`{name.removeprefix('tests/')}`" for name in tests_of(row))
    words = row.get("words", "")
    kind = f"**{row['answer']}**"
    return f"{kind}: {'. '.join(filter(None, (words.rstrip('.'), named)))}" if words or named else kind


def main() -> int:
    """Check the sheet and the page made from it; with --write make the page anew."""
    wants = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wants.add_argument("--write", action="store_true", help="write docs/asvs.md")
    write, sheet = wants.parse_args().write, read()
    wrong = faults(sheet)
    if write and not wrong:
        PAGE.write_text(page(sheet), encoding="utf-8")
    elif not wrong and PAGE.read_text(encoding="utf-8") != page(sheet):
        wrong = ["docs/asvs.md is out of date. Write it with: python -m scripts.asvs --write"]
    print(*(f"docs/asvs.toml, {line}" if line.startswith("V") else line for line in wrong), sep="\n", file=sys.stderr)
    print(f"ASVS 5.0: {counted(sheet)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
