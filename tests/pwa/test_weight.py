"""What a phone has to fetch: little on the first visit, next to nothing on a change of page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.client import Client

ASSETS = Path(__file__).resolve().parents[2] / "static"
FIRST_VISIT, PAGE_CHANGE = 60_000, 15_000  # octets over the wire, pictures apart
BEFORE_TAPS = 8_000  # characters of our own modules that the log form runs before it takes taps
PICTURES = (".png", ".webp", ".svg", ".ico")
ASSET = re.compile(r'(?:src|href)="(/static/[^"#]+)')


def weight(client: Client, path: str) -> int:
    """Octets of the answer's body as a browser asks for it."""
    with client.http.get(path, headers={"Accept-Encoding": "br, gzip"}) as answer:
        assert answer.status_code == 200, path
        return len(answer.data)


def shell_of(client: Client, *parts: str) -> set[str]:
    """What the worker fetches: the parts of its release."""
    text = client.http.get("/service-worker.js").text
    release = json.loads(re.search(r"serve\((\{.*?\})\);", text, re.DOTALL)[1])
    return {address for part in parts for address in release[part]}


def pictures_apart(addresses: set[str]) -> set[str]:
    return {address for address in addresses if not address.partition("?")[0].endswith(PICTURES)}


def test_the_first_visit_is_at_most_60_kb(browse):
    nobody = browse(None)
    page = nobody.http.get("/sign-in").text
    wanted = pictures_apart({*ASSET.findall(page), *shell_of(nobody, "shell")})
    assert any("htmx" in address for address in wanted) and any("outbox" in address for address in wanted)
    total = sum(weight(nobody, address) for address in {"/sign-in", "/service-worker.js", "/offline", *wanted})
    assert total <= FIRST_VISIT, total


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("amara", "/"),
        ("amara", "/scans"),
        ("amara", "/me"),
        ("amara", "/offline"),
        ("ravi", "/inbox"),
        ("dana", "/cohort"),
    ],
)
def test_a_change_of_page_is_at_most_15_kb(browse, cast, who, path):
    person = browse(getattr(cast, who))
    page = person.http.get(path).text
    kept = shell_of(person, "shell")
    new = pictures_apart(set(ASSET.findall(page)) - kept)
    total = sum(weight(person, address) for address in {path, *new})
    assert total <= PAGE_CHANGE, total


def test_the_log_form_is_at_most_15_kb_on_a_phone_that_logs(browse, cast):
    amara = browse(cast.amara)
    page = amara.http.get("/scans/new").text
    new = pictures_apart(set(ASSET.findall(page)) - shell_of(amara, "shell", "form"))
    assert sum(weight(amara, address) for address in {"/scans/new", *new}) <= PAGE_CHANGE


def test_every_module_lies_at_its_release_and_imports_from_there(browse):
    nobody = browse(None)
    kept = shell_of(nobody, "shell", "form")
    (release,) = {address.split("/")[2] for address in kept}
    assert re.fullmatch(r"[0-9a-f]{12}", release)
    for address in kept:
        with nobody.http.get(address) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
            for imported in re.findall(r'\b(?:from |import\(|import )"([^"\s]+\.js)"', answer.text):
                assert imported.startswith("./"), (address, imported)
                assert urljoin(address, imported) in kept, f"{address} needs {imported}, which no phone keeps"


def test_the_log_form_takes_taps_before_what_it_needs_later_is_loaded(browse, cast):
    amara = browse(cast.amara)
    left, found = re.findall(r'<script type="module" src="([^"]+)"', amara.http.get("/scans/new").text), {}
    while left:
        address = left.pop()
        if address not in found:
            with amara.http.get(address) as answer:
                found[address] = answer.text
            left += [
                urljoin(address, name) for name in re.findall(r'^import .*"(\./[^"]+)"', answer.text, re.MULTILINE)
            ]
    names = {address.rpartition("/")[2] for address in found}
    assert names == {"app.js", "scan-form.js"}, "they import nothing"
    own = sum(len(text) for address, text in found.items())
    assert own < BEFORE_TAPS, own


def test_any_changed_file_is_another_release(app, tmp_path):
    from blueprints.assets import Assets

    (tmp_path / "low.js").write_text("export const one = 1;")
    (tmp_path / "high.js").write_text('import { one } from "./low.js";')
    own = Assets(tmp_path)
    before = own._release(1)
    (tmp_path / "low.js").write_text("export const one = 2;")
    assert own._release(1) == before, "nobody has looked again yet"
    assert own._release(2) != before


@pytest.mark.parametrize("address", ["/static/app.js", "/static/app.js?v=0123456789ab", "/static/0123456789ab/app.js"])
def test_a_page_of_another_release_gets_todays_file_and_keeps_it_nowhere(browse, address):
    nobody = browse(None)
    (today,) = {one for one in shell_of(nobody, "shell") if one.endswith("/app.js")}
    with nobody.http.get(today) as now, nobody.http.get(address) as answer:
        assert answer.status_code == 200 and answer.data == now.data
        assert "immutable" not in answer.headers["Cache-Control"] and "max-age=0" in answer.headers["Cache-Control"]


def test_a_module_is_served_without_its_comments_and_otherwise_as_it_was_written(browse):
    nobody, modules = browse(None), [*ASSETS.glob("*.js"), *ASSETS.glob("worker/*.js")]
    assert len(modules) > 20
    for module in modules:
        lines = module.read_text().splitlines()
        comments = [number for number, line in enumerate(lines) if line.lstrip().startswith("//")]
        inside = [number for number in comments if "\n".join(lines[:number]).replace(r"\`", "").count("`") % 2]
        assert not inside, f"{module.name}, line {inside}: in the midst of a text it would be taken for a comment"
        with nobody.http.get(f"/static/{module.relative_to(ASSETS)}") as answer:
            served = answer.text.splitlines()
        assert served == [line for number, line in enumerate(lines) if number not in comments], module.name


def test_no_file_outside_the_folder_is_served(browse):
    nobody = browse(None)
    for path in (
        "/static/../app.py",
        "/static/..%2fstatic/../scripts/x.js",
        "/static//etc/passwd.js",
        "/static/none.js",
    ):
        assert nobody.http.get(path).status_code == 404, path
