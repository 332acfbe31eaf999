"""Record what the log form of today really sends: `python -m tests.faults.bodies.record`, once for each form version.

A browser taps; what leaves it is kept in `v<FORM_VERSION>/`, with a place for what differs from one course to the next
({student}, {mentor}, {site}, {today}, {yesterday}). A version that was released is never recorded again: phones may
hold its bodies for half a year.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.parse
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

import clock
from blueprints.scans.forms import FORM_VERSION
from scripts import chromium
from scripts.demo_server import serve
from tests.databases import Sqlite
from tests.faults.ground import prepare

HERE = Path(__file__).parent
TEAR, BURSITIS = "ssp: full-thickness tear", "sasd: bursitis"
KNEE = {"mentor": 1, "support": "unaided", "region": "knee", "side": "right", "normal": "all"}
SHOULDER = {"mentor": 1, "support": "unaided", "region": "shoulder", "side": "right"}
MORE = {"protocol": 1, "outcome": 1, "limitation": 1, "modifier": 1, "age_band": 1, "sex": 0}
# name -> what is tapped and typed, in that order: a value, or which of them. `later` presses *Finish later*,
# `like` begins with *Same again* of the scan before.
TAPPED: dict[str, dict] = {
    "normal-knee": KNEE,
    "same-again": {"like": True, "support": "aided", "side": "left"},
    "two-findings": {**SHOULDER, "finding": [TEAR, BURSITIS]},
    "own-words": {**SHOULDER, "support": "aided", "finding": [TEAR], "report": "14 mm tear at the footprint."},
    "awkward-words": {
        **SHOULDER,
        "finding": [TEAR],
        "report": 'Tear ≈ 14 × 6 mm, 30° flexion;\n"café" & <b>50 %</b> + µ',
    },
    "everything": {**SHOULDER, **MORE, "finding": [TEAR, BURSITIS], "machine": 1, "transducer": 1},
    "both-sides": {**SHOULDER, "side": "both", "finding": [f"left | {TEAR}", f"right | {BURSITIS}"]},
    "all-normal-on-one-side": {**KNEE, "side": "both", "normal": "left | all"},
    "guided-procedure": {**SHOULDER, "normal": "all", "procedure": 1, "procedure_role": 0},
    "yesterday": {**SHOULDER, "side": "left", "finding": [BURSITIS], "scanned_on": "{yesterday}"},
    "finish-later": {"region": "knee", "later": "yes"},
}


def record(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        own = Path(place, "database")
        own.mkdir()
        ground = prepare(Path(place), Sqlite(own).emptied(own))
        phone = ground.phone(ground.cast.amara)
        with serve(ground.env) as server:
            browser = chromium.launch(playwright)
            name, _, value = phone.cookie.partition("=")
            for what, taps in TAPPED.items():
                context = browser.new_context(base_url=server.url, service_workers="block")  # with no draft of before
                context.add_cookies([{"name": name, "value": value, "url": server.url}])
                pairs = sent(context.new_page(), taps)
                context.close()
                lines = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in anywhere(pairs, ground))
                (folder / f"{what}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
                print(what, len(pairs))
            browser.close()


def sent(page, taps: dict) -> list[tuple[str, str]]:
    """Tap and press; the pairs of the body that leaves the browser."""
    page.goto("/scans/new")
    if taps.get("like"):
        page.goto("/scans")
        page.locator("a[href^='/scans/']:not([href$=new])").first.click()
        page.goto(f"/scans/new?like={page.url.split('/')[-1].split('?')[0]}")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for name, value in taps.items():
        for one in value if isinstance(value, list) else [value]:
            if name not in ("later", "like"):
                tap(page, name, one)
    page.wait_for_load_state("networkidle")
    button = "button[name=later]" if "later" in taps else ".submit .button:not(.ghost)"
    with page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/scans")) as caught:
        page.locator(button).click()
    page.wait_for_load_state("networkidle")
    return urllib.parse.parse_qsl(caught.value.post_data, keep_blank_values=True)


def tap(page, name: str, value: str | int) -> None:
    """Choose this value of a field, or the one at this place; type into what is typed into."""
    value = (clock.now().date() - timedelta(days=1)).isoformat() if value == "{yesterday}" else value
    field = page.locator(f"#scan-form [name={name}]").first
    field.wait_for(state="attached")
    kind = field.evaluate("one => one.type")
    if kind.startswith("select"):
        field.select_option(index=value) if isinstance(value, int) else field.select_option(value)
    elif kind in ("radio", "checkbox"):
        which = "" if isinstance(value, int) else f"[value={json.dumps(value)}]"
        found = page.locator(f"#scan-form input[name={name}]{which}")
        found.nth(value if isinstance(value, int) else 0).evaluate("one => one.click()")
    else:
        page.wait_for_load_state("networkidle")
        field.fill(value)
    if name == "region":
        page.locator("#findings input[name=finding]").first.wait_for(state="attached")


def anywhere(pairs: list[tuple[str, str]], ground) -> list[tuple[str, str]]:
    """The pairs, with a place for what is of this course and this moment."""
    today = clock.now().date()
    cast, days = ground.cast, {today.isoformat(): "{today}", (today - timedelta(days=1)).isoformat(): "{yesterday}"}
    places = {
        "kept_for": {str(cast.amara.id): "{student}"},
        "mentor": {str(cast.ravi.id): "{mentor}"},
        "site": {str(cast.croydon.id): "{site}"},
        "scanned_on": days,
    }
    of_the_phone = ("csrf_token", "entered_at", "form")
    kept = [(name, value) for name, value in pairs if name not in of_the_phone]
    return [(name, places.get(name, {}).get(value, value)) for name, value in kept]


if __name__ == "__main__":
    folder = HERE / f"v{FORM_VERSION}"
    if any(folder.glob("*.json")):
        sys.exit(f"{folder} is recorded already; a new form has a new FORM_VERSION.")
    folder.mkdir(exist_ok=True)
    record(folder)
