"""Reads the house and says where it leans: who imports whom, who writes, how big a file is, what a template holds.

Each reader takes the root of a tree and yields one line a fault: where it is, what is wrong, and how to put it right.
`docs/` tells the reasons; tests/test_house.py runs the readers on this tree, and on small wrong ones to see them bite.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Arrows only run down. A top-level module that is not named here is a fault: say what it may import.
MAY_IMPORT = {
    "rules": {"rules"},
    "config": set(),
    "permissions": {"config"},
    "startup_checks": {"config", "clock", "workflows"},
    "tables": {"tables", "rules"},
    "models": {"tables"},
    "visibility": {"models", "rules", "statements"},
    "statements": {"models", "clock"},
    "clock": set(),
    "database": {"models"},
    "migrations": {"migrations"},
    "workflows": {"workflows", "clock", "visibility", "models", "statements", "rules"},
    "demo": {"demo", "clock", "workflows", "models", "statements", "rules"},
    "blueprints": {"blueprints", "clock", "workflows", "visibility", "models", "statements", "rules"},
    "commands": {"commands", "clock", "demo", "config", "database", "workflows", "models", "statements", "rules"},
    "serve": {"config"},
    "asgi": {"app", "serve", "wsgi_adapter", "blueprints"},
    "wsgi_adapter": {"blueprints"},
    "app": {
        "commands",
        "config",
        "database",
        "permissions",
        "startup_checks",
        "blueprints",
        "workflows",
        "models",
        "statements",
        "rules",
    },
}
NOT_THE_PRODUCT = {"tests", "scripts", "bench"}
PURE = {"rules"}  # ... and these know no web, database or mail either
WORLD = {
    "flask",
    "peewee",
    "playhouse",
    "wtforms",
    "flask_wtf",
    "flask_login",
    "htmx_flask",
    "huey",
    "werkzeug",
    "jinja2",
}
ONLY_HERE = {
    "tables": ("models", "tables"),
    "htmx_flask": ("blueprints.hypermedia",),
    "huey": ("commands.worker",),
    "flask_login": ("blueprints.access", "blueprints.accounts"),
    "csv": ("workflows.spreadsheets", "workflows.people", "workflows.portfolio.earlier_file"),
    "xlsxwriter": ("workflows.spreadsheets",),
}
NAMELESS = {"utils", "util", "common", "helpers", "helper", "core", "misc"}
LINES = {"app.py": 150, "tables": 250}  # of a file, or of each file of a folder
MOST_LINES = 400
WRITES = {"create", "insert", "insert_many", "update", "replace", "delete", "get_or_create", "bulk_create"}
WRITES_ANYWHERE = {"save", "delete_instance", "execute_sql", "atomic", "delete_by_id", "set_by_id"}
WHOLE = {"macros", "mail"}  # folders of templates/ whose files are neither pages nor pieces
# `|safe` and Markup switch escaping off. A place that truly needs it is named here with the reason.
REVIEWED_SAFE: dict[str, str] = {}


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, its path from the root, its tree, and what it imports (name, line)."""

    name: str
    path: str
    tree: ast.Module
    imports: tuple[tuple[str, int], ...]

    @property
    def top(self) -> str:
        return self.name.split(".")[0]


@cache
def modules(root: Path) -> list[Module]:
    """Every Python file of the project under `root`, each parsed once in a run; what begins with a dot is left out."""
    folders = [entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    files = sorted([*root.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))])
    names = {_name(file.relative_to(root)): file for file in files}
    found = []
    for name, file in names.items():
        tree = ast.parse(file.read_text(), str(file))
        imports = tuple(_imports(tree, name, file.name == "__init__.py", names))
        found.append(Module(name, file.relative_to(root).as_posix(), tree, imports))
    return found


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, name: str, package: bool, known) -> Iterator[tuple[str, int]]:
    """What a file imports, inside functions too; `from a import b` is `a.b` where that is a module, else `a`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: len(name.split(".")) - node.level + package] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{source}.{alias.name}"
                yield (full if full in known else source), node.lineno


def arrows(root: Path) -> Iterator[str]:
    """Imports that run up, or sideways into another feature."""
    found = modules(root)
    ours = {module.top for module in found}
    for module in found:
        yield from _not_here(module)
        if module.top in NOT_THE_PRODUCT:
            continue
        if module.top not in MAY_IMPORT:
            yield f"{module.path}: nobody said what `{module.top}` may import; add it to MAY_IMPORT in tests/house.py"
            continue
        for name, line in module.imports:
            where, top = f"{module.path}:{line}", name.split(".")[0]
            if top in ours and top not in MAY_IMPORT[module.top]:
                yield f"{where}: {module.top} may not import {name}; arrows run down only, see MAY_IMPORT"
            if module.top in PURE and top in WORLD:
                yield f"{where}: {module.top} is pure and may not import {name}; take what it needs as an argument"
            if _another_feature(root, module.name, name):
                yield f"{where}: a feature may not import another; meet by url_for or through workflows, not {name}"


def _not_here(module: Module) -> Iterator[str]:
    """Imports that only a few modules may make; tests may, except of the tables."""
    for name, line in module.imports:
        top = name.split(".")[0]
        asked = top in ONLY_HERE and (top == "tables" or module.top not in NOT_THE_PRODUCT)
        if asked and not module.name.startswith(ONLY_HERE[top]):
            yield f"{module.path}:{line}: only {' and '.join(ONLY_HERE[top])} may import {name}; ask it there"


def _another_feature(root: Path, importer: str, imported: str) -> bool:
    """Whether `imported` lies in a folder of blueprints/ that `importer` is not part of."""
    theirs = imported.split(".")
    if theirs[0] != "blueprints" or len(theirs) < 2 or not (root / "blueprints" / theirs[1]).is_dir():
        return False
    mine = importer.split(".")
    return mine[0] == "blueprints" and mine[1:2] != theirs[1:2]


def circles(root: Path) -> Iterator[str]:
    """Modules that import each other, however long the way round."""
    found = {module.name: module for module in modules(root)}
    graph = {name: {to for to, _ in module.imports if to in found and to != name} for name, module in found.items()}
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> Iterator[str]:
        if name in way:
            yield f"{' > '.join([*way[way.index(name) :], name])}: a circle; move what both need below both"
        elif name not in done:
            for further in sorted(graph[name]):
                yield from walk(further, (*way, name))
            done.add(name)

    for name in sorted(graph):
        yield from walk(name, ())


def writers(root: Path) -> Iterator[str]:
    """Writes to the database from where pages are made. Only workflows (and migrations and the demo course) write."""
    for module in modules(root):
        if module.top not in ("app", "blueprints", "config"):
            continue
        tables = {
            alias.asname or alias.name
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom) and node.module == "models"
            for alias in node.names
        }
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                verb, on = node.func.attr, node.func.value
                of_table = (isinstance(on, ast.Name) and on.id in tables) or (
                    isinstance(on, ast.Attribute) and isinstance(on.value, ast.Name) and on.value.id == "models"
                )
                if verb in WRITES_ANYWHERE or (verb in WRITES and of_table):
                    yield (
                        f"{module.path}:{node.lineno}: `.{verb}(` writes; say it as a verb in workflows/ and call that"
                    )


def sizes(root: Path) -> Iterator[str]:
    """Files too long to read at one sitting, and files named for nothing."""
    for module in modules(root):
        most = LINES.get(module.path) or LINES.get(module.top, MOST_LINES)
        count = len((root / module.path).read_text().splitlines())
        if count > most:
            yield f"{module.path}: {count} lines, at most {most}; split it by the job"
        if NAMELESS & set(module.name.split(".")):
            yield f"{module.path}: a name that says nothing; name the job"


def templates(root: Path) -> Iterator[str]:
    """What the content policy would refuse, what escapes nothing, and names that do not say page or piece."""
    for file in sorted((root / "templates").rglob("*.html")):
        where, text = file.relative_to(root).as_posix(), file.read_text()
        if not re.fullmatch(r"_?[a-z][a-z0-9_]*\.html", file.name):
            yield f"{where}: name it `page.html` or `_piece.html`, in small letters"
        extends = re.search(r"{%-?\s*extends\b", text)
        if file.name.startswith("_") and extends:
            yield f"{where}: a piece extends no layout; drop the underscore or the extends"
        if not (file.name.startswith(("_", "layout")) or extends or file.parent.name in WHOLE):
            yield f"{where}: a page extends the layout; a piece is named _{file.name}"
        if re.search(r"\|\s*safe\b|autoescape\s+false", text) and where not in REVIEWED_SAFE:
            yield f"{where}: switches escaping off; pass a macro's output, or name it in REVIEWED_SAFE with the reason"
        yield from (f"{where}: {fault}" for fault in _refused(text))
    for module in modules(root):
        if module.top in MAY_IMPORT and module.path not in REVIEWED_SAFE:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markup":
                    yield f"{module.path}:{node.lineno}: Markup switches escaping off; write it as a template macro"


def _refused(text: str) -> Iterator[str]:
    """Inline style and script in the HTML of a template, Jinja's own words set aside."""
    plain = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
    for tag in re.findall(r"<[a-zA-Z][^>]*>", plain):
        if re.match(r"<style\b", tag):
            yield "a <style>; write it in static/app.css"
        if re.match(r"<script\b", tag) and not re.search(r"\ssrc=", tag):
            yield "an inline <script>; write it in a file under static/"
        if re.search(r"\sstyle\s*=", tag):
            yield f"style= in {tag[:60]}; use a class"
        if handler := re.search(r"\s(?:hx-)?on[a-z:-]*\s*=", tag):
            yield f"{handler.group().strip()} in {tag[:60]}; listen for it in a file under static/"
        if re.search(r"=\s*[\"']?\s*javascript:", tag):
            yield f"javascript: in {tag[:60]}; use a button and a listener"
        if re.search(r"\s(?:src|href|action)=[\"']?(?:https?:)?//", tag) and re.match(
            r"<(?:script|link|img|form)", tag
        ):
            yield f"another host in {tag[:60]}; everything is served by us"
