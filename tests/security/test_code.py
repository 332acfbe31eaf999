"""What no line of the product does: run text as code, start a program, unpack what it does not know, use randomness
that can be foreseen, or make HTML out of text. Read from the source, so that it goes for lines that no test comes to.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("blueprints", "commands", "migrations", "rules", "tables", "workflows")
# What a line may not name, and why: a function, a module, or an attribute of a module.
FORBIDDEN = {
    "runs text as code": "eval exec compile __import__ flask.render_template_string from_string",
    "starts a program": "subprocess os.system os.popen os.execv os.spawnv pty multiprocessing",
    "unpacks objects": "pickle marshal shelve dill yaml xml lxml xmlrpc plistlib",
    "touches memory": "ctypes cffi",
    "is random and can be foreseen": "random",
    "is a weak hash": "hashlib.md5 hashlib.sha1 hashlib.new",
    "opens addresses": "urllib.request http.client ftplib telnetlib",
}
REVIEWED = {
    "blueprints/time_limit.py": "touches memory",  # it ends the thread of a request that computes for too long
    "commands/backup.py": "starts a program",  # itself, to make a backup beside the worker
    "workflows/backup/postgresql.py": "starts a program",  # pg_dump and pg_restore, with words of ours and settings
    "workflows/portfolio/pdf.py": "starts a program",  # itself, to print: what people wrote goes in as data
    "serve.py": "touches memory, starts a program",  # it starts the server and ends with it, with words of ours alone
}
WHY = {word: why for why, words in FORBIDDEN.items() for word in words.split()}
# Written as HTML by the browser: an answer of our own server, which has escaped it. Nothing that was typed or kept.
REVIEWED_HTML = {
    "static/scan-changes.js": 1,  # the findings of a region, as the server drew them
    "static/approval-cards.js": 2,  # a card, as the server drew it
}
AS_HTML = re.compile(r"\.(?:innerHTML|outerHTML|srcdoc)\b|insertAdjacentHTML|createContextualFragment|document\.write")
AS_CODE = re.compile(r"\beval\(|\bnew Function\b|set(?:Timeout|Interval)\(\s*[\"'`]|javascript:")
OTHER_WINDOWS = re.compile(r"\b(?:window|parent|top|opener)\.postMessage|addEventListener\(\"message\"")
# A worker and its pages are of one origin: the browser lets nobody else speak to either.
REVIEWED_MESSAGES = {"static/service-worker.js": 1, "static/push.js": 1, "static/store.js": 1}


def sources() -> Iterator[tuple[str, str]]:
    files = [*ROOT.glob("*.py"), *(file for folder in PRODUCT for file in (ROOT / folder).rglob("*.py"))]
    return ((file.relative_to(ROOT).as_posix(), file.read_text()) for file in files)


def modules() -> Iterator[tuple[str, str]]:
    files = [file for file in (ROOT / "static").rglob("*.js") if "vendor" not in file.parts]
    return ((file.relative_to(ROOT).as_posix(), file.read_text()) for file in files)


def named(text: str) -> Iterator[tuple[str, int]]:
    """Every module, function and `module.attribute` that a source names, with its line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield (
                node.attr if node.attr == "from_string" else f"{getattr(node.value, 'id', '')}.{node.attr}",
                node.lineno,
            )


def faults(text: str, reviewed: str = "") -> list[str]:
    found = []
    for name, line in named(text):
        for word, why in WHY.items():
            if (name == word or name.startswith(f"{word}.")) and why not in reviewed:
                found.append(f"line {line}: {name} {why}")
    return found


def test_no_line_of_the_product_is_of_the_dangerous_kind():
    found = [f"{name}, {fault}" for name, text in sources() for fault in faults(text, REVIEWED.get(name, ""))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "eval('1')",
        "import pickle",
        "from subprocess import run",
        "import os\nos.system('x')",
        "import hashlib\nhashlib.md5(b'')",
        "from random import choice",
        "from xml.etree import ElementTree",
        "env.from_string(text)",
        "from flask import render_template_string",
        "from urllib.request import urlopen",
    ],
)
def test_such_a_line_would_be_seen(line):
    assert faults(line)


def counted(look: re.Pattern) -> dict[str, int]:
    found = {name: len(look.findall(re.sub(r"(?m)^\s*(?://|\*|/\*).*$", "", text))) for name, text in modules()}
    return {name: number for name, number in found.items() if number}


def test_no_text_becomes_html_or_code_in_the_browser():
    assert counted(AS_HTML) == REVIEWED_HTML, "write it as textContent, or say here why it is the server's own HTML"
    assert counted(AS_CODE) == {}


def test_no_page_listens_to_another_window():
    assert counted(OTHER_WINDOWS) == REVIEWED_MESSAGES
    assert AS_HTML.search("a.innerHTML = b") and AS_CODE.search('setTimeout("x()")')
    assert OTHER_WINDOWS.search('window.addEventListener("message", run)')
