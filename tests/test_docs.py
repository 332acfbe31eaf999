"""What README and docs name is there: files, links, commands with their options, words of make, settings, addresses.

Decisions that are ended say what was, and are not read. A name that is not ours is listed below with whose it is.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from config import ROOT

ENDINGS = "py|js|mjs|html|css|toml|typ|md|conf|svg|webp"
NUMBER, UUID = "7", "8f14e45f-ceea-467f-9a36-dedd4bea2543"
NOT_OURS = {
    "HTTPS_PROXY": "read by the library that sends push messages",
    "AWS_ENDPOINT": "read by obstore",
    "AWS_REGION": "read by obstore",
    "AWS_ACCESS_KEY_ID": "read by obstore",
    "AWS_SECRET_ACCESS_KEY": "read by obstore",
    "SQLITE_ENABLE_STAT4": "how SQLite is compiled",
}
# Parts of an address, a sample of a name, and a file beside the one that is spoken of.
NO_FILE = {"_piece.html", "./store.js", "welcome/", "mail/stop/", "outbox/", "backups/"}
MADE_AT_RUN_TIME = ("instance/",)
GONE = {"kept.py", "turns.py", "blueprints/signing.py"}  # named by the decisions that say so


def pages() -> list[Path]:
    """README and docs, without the decisions that are ended."""
    decisions = (ROOT / "docs/decisions").glob("*.md")
    holding = [
        one for one in decisions if not re.search(r"^(Ended|Replaced) by|ended with \[29\]", one.read_text(), re.M)
    ]
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(holding)]


PAGES = pages()


@pytest.fixture(scope="module")
def files() -> list[str]:
    """Every file of the project, by its path."""
    left_out = {"instance", "node_modules", "__pycache__"}
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [f"/{path.as_posix()}" for path in found if path.parts[0][0] != "." and not left_out & set(path.parts)]


def test_what_the_pages_name_is_there(files, house):
    faults = {page.name: _missing(page, files, house) for page in PAGES}
    assert {name: missing for name, missing in faults.items() if missing} == {}


def test_every_setting_that_a_page_names_is_read_somewhere(files):
    suffixes = (".py", ".js", "Makefile", ".toml")
    sources = [path for path in files if path.endswith(suffixes) and path != "/tests/test_docs.py"]
    words = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", "\n".join((ROOT / path[1:]).read_text() for path in sources)))
    for page in PAGES:
        named = re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b", " ".join(re.findall(r"`([^`\n]+)`", page.read_text())))
        assert set(named) <= words | set(NOT_OURS), page.name


def _missing(page: Path, files: list[str], app) -> list[str]:
    """What this page names and what is not there."""
    text = page.read_text(encoding="utf-8")
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^    (\S.*)", text, re.MULTILINE)]
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    modules = re.findall(r"python -m ([a-z_.]+)", text)
    return [
        *_missing_files("\n".join(code), files),
        *(link for link in links if not (page.parent / link).exists()),
        *_missing_commands(code, app.cli),
        *_missing_make(code),
        *(name for name in modules if name != "flask" and not _is_module(name)),
        *_missing_addresses(re.findall(r"`(/[\w/.<>:-]*)`", text), app),
    ]


def _missing_files(code: str, files: list[str]):
    """Paths, or ends of paths, of files and folders that are not there."""
    named = rf"(?<![\w./<>*-])((?:[\w.-]+/)+(?=$|[\s,])|[\w./-]+\.(?:{ENDINGS}))(?![\w.])"
    for name in re.findall(named, code, re.MULTILINE):
        if name in NO_FILE | GONE or name.startswith(MADE_AT_RUN_TIME):
            continue
        if not any(f"/{name}" in path if name.endswith("/") else path.endswith(f"/{name}") for path in files):
            yield name


def _missing_commands(code: list[str], group: click.Group):
    """Commands of ours, and their options, that are not there."""
    for words in code:
        for name, rest in re.findall(r"flask(?: --app app)? ([a-z][a-z-]*)([^`|;#]*)", words):
            command = group.commands.get(name)
            known = {one for option in command.params for one in option.opts} | {"--help"} if command else set()
            yield from [f"flask {name}"] if command is None else set(re.findall(r"--[a-z-]+", rest)) - known


def _missing_make(code: list[str]):
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    return [f"make {word}" for words in code for word in re.findall(r"^make ([a-z-]+)", words) if word not in known]


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


def _missing_addresses(paths: list[str], app):
    """Addresses, or beginnings of one, that no route of ours has; `<...>` stands for a number or an id."""
    adapter = app.url_map.bind("")
    for path in paths:
        whole = f"{path}<>" if path.endswith("/") else path
        if not any(_is_there(adapter, re.sub(r"<[^>]*>", value, whole)) for value in (NUMBER, UUID)):
            yield path


def _is_there(adapter, path: str) -> bool:
    try:
        adapter.match(path)
    except (MethodNotAllowed, RequestRedirect):
        return True
    except NotFound:
        return False
    return True
