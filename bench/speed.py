"""How quick the app is in the hand, and what Lighthouse says of it: the last part of docs/performance.md.

    .venv/bin/python -m bench.speed    (or: make speed)

A real Chromium with a slowed processor and a slowed network, against the real server with the demo course. Lighthouse
is run where npm can fetch it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import report
from scripts import chromium
from scripts.demo_server import ROOT, demo_server

TARGET = ROOT / "docs/performance.md"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
SLOW_4G = {"latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8, "offline": False}
ROUNDS = 7
LIGHTHOUSE = "lighthouse@13"
TRIES = 3  # when it says that its own recording failed
PAGES = (("/sign-in", ""), ("/", "Amara Okafor"), ("/scans/new", "Amara Okafor"), ("/inbox", "Ravi Patel"))
PAGES += (("/cohort", "Dana Director"),)
KINDS = ("performance", "accessibility", "best-practices", "seo")

# Milliseconds from the start of a navigation to its first and largest paint and to a form that takes taps; and from the
# last tap of the page before to that start.
PAINTS = """() => new Promise((resolve) => {
  const largest = new PerformanceObserver(() => {});
  largest.observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => {
    const paints = largest.takeRecords();
    const first = performance.getEntriesByName("first-contentful-paint")[0];
    const seen = window.sawLargest ?? paints.at(-1)?.startTime ?? first?.startTime;
    const sinceTap = performance.timeOrigin - Number(sessionStorage.tappedAt);
    resolve({ first: first?.startTime, largest: seen, ready: window.readyAt, sinceTap });
  }, 400);
})"""
# Runs before the page: notes the largest paint, when the log form is ready, and how long each tap took to be answered.
WATCH = """
new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.sawLargest = one.startTime)))
  .observe({ type: "largest-contentful-paint", buffered: true });
addEventListener("click", () => (sessionStorage.tappedAt = performance.timeOrigin + performance.now()), true);
window.tapped = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.tapped.push(one.duration)))
  .observe({ type: "event", durationThreshold: 16, buffered: true });
new MutationObserver(() => {
  if (!window.readyAt && document.querySelector("#scan-form[data-ready=yes]")) window.readyAt = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
"""


@dataclass
class Hand:
    """A phone in the hand: one browser profile, slowed as one says."""

    context: BrowserContext
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.session = self.context.new_cdp_session(self.page)

    def slow(self, processor: int = 1, network: dict | None = None) -> None:
        """So many times slower a processor; a network as it is described."""
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": processor})
        self.session.send("Network.enable")
        if network:
            self.session.send("Network.emulateNetworkConditions", network)

    def sign_in(self, name: str) -> None:
        """As one of the demo people; returns when the phone has what it needs."""
        self.page.goto("/sign-in")
        self.page.get_by_role("button", name=re.compile(re.escape(name))).first.click()
        self.page.wait_for_selector("html[data-ready=yes]")

    def until_taken(self) -> None:
        """The log form takes taps. Asked in few words: the driver's own way to wait puts a script of its own into the
        page, which on a slowed processor takes longer than the page does.
        """
        asked = {"expression": "Boolean(window.readyAt)", "returnByValue": True}
        deadline = time.monotonic() + 30
        while not self.session.send("Runtime.evaluate", asked)["result"].get("value"):
            if time.monotonic() > deadline:
                raise TimeoutError("The log form takes no taps.")
            time.sleep(0.05)

    def paints(self) -> dict[str, float]:
        return self.page.evaluate(PAINTS)


# Each but the last is handed a new browser profile; milliseconds.


def opened_offline(hand: Hand) -> tuple[float, float]:
    """From the tap on *Log scan*, without a network, to the form's first paint and to when it takes taps; a processor 6
    times slower.
    """
    hand.sign_in("Amara Okafor")
    hand.context.set_offline(True)
    hand.page.goto("/offline")
    hand.slow(processor=6)
    hand.page.get_by_role("link", name="Log scan").last.tap()
    hand.until_taken()
    took = hand.paints()
    return took["sinceTap"] + took["first"], took["sinceTap"] + took["ready"]


def longest_tap(hand: Hand) -> tuple[float]:
    """The longest that a tap of a scan waited for its next paint; a processor 6 times slower, no network."""
    hand.sign_in("Amara Okafor")
    hand.page.goto("/scans/new")
    hand.page.wait_for_selector("#scan-form[data-ready=yes]")
    hand.context.set_offline(True)
    hand.slow(processor=6)
    hand.page.locator("input[name=support]").last.tap()
    hand.page.locator("input[name=region][value=shoulder]").tap()
    hand.page.wait_for_selector("#findings[data-region=shoulder]")
    hand.page.locator("input[name=side]").first.tap()
    for number in (1, 2):
        hand.page.locator("#first-findings input").nth(number).tap()
    hand.page.wait_for_selector("#scan-form[data-kept=yes]")
    return (max(hand.page.evaluate("() => window.tapped"), default=16),)


def largest_first(hand: Hand) -> tuple[float]:
    """The largest paint of the first visit: nothing is kept yet; slow 4G, a processor 4 times slower."""
    hand.slow(processor=4, network=SLOW_4G)
    hand.page.goto("/sign-in")
    return (hand.paints()["largest"],)


def largest_again(hand: Hand) -> tuple[float]:
    """The largest paint of a student's home on a later visit; slow 4G, a processor 4 times slower."""
    hand.sign_in("Amara Okafor")
    hand.page.goto("about:blank")
    hand.slow(processor=4, network=SLOW_4G)
    hand.page.goto("/")
    return (hand.paints()["largest"],)


def started_cold(browser: Browser, url: str) -> float:
    """From opening the app in a browser that was just started, without a network, to a form that takes taps."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"executable_path": chromium.find(), "args": list(chromium.FLAGS), "base_url": url, **PHONE}
        hand = Hand(browser.browser_type.launch_persistent_context(folder, **options))
        hand.sign_in("Amara Okafor")
        hand.context.close()
        hand = Hand(browser.browser_type.launch_persistent_context(folder, **options))
        hand.context.set_offline(True)
        hand.page.goto("/")
        hand.page.wait_for_selector("#scan-form[data-ready=yes]")
        took = hand.paints()["ready"]
        hand.context.close()
    return took


# --- Lighthouse ------------------------------------------------------------------------------------------------


def scores(browser: Browser, url: str) -> tuple[list[list[str]], list[str]]:
    """Rows of page and scores, and each fault that cost points; nothing where npm cannot fetch Lighthouse."""
    npx = shutil.which("npx")
    if npx is None:
        return [], ["npm is not here."]
    rows, faults = [], []
    for path, person in PAGES:
        found = _lighthouse(npx, url + path, _cookie(browser, url, person) if person else "")
        if found is None:
            return [], ["Lighthouse could not be fetched or run here."]
        of = found["categories"]
        rows.append(
            [path, *(f"{of[kind]['score'] * 100:.0f}" if of[kind]["score"] is not None else "-" for kind in KINDS)]
        )
        for kind in KINDS:
            for part in of[kind]["auditRefs"]:
                audit = found["audits"][part["id"]]
                if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                    faults.append(f"{path}, {kind}: {audit['title']} ({audit.get('displayValue', '')})")
    return rows, faults


def _lighthouse(npx: str, address: str, cookie: str) -> dict | None:
    flags = "--headless=new " + " ".join(chromium.FLAGS)
    env = {**os.environ, "CHROME_PATH": chromium.find() or "", "PUPPETEER_SKIP_DOWNLOAD": "1"}
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.json"  # printed, it would be cut off at 64 kB
        words = [npx, "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={said}"]
        words.append(f"--chrome-flags={flags}")
        if cookie:
            words.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
        for _ in range(TRIES):
            subprocess.run(words, capture_output=True, env=env, check=False, timeout=300)
            found = json.loads(said.read_text(encoding="utf-8")) if said.exists() else None
            if not (found and found.get("runtimeError")):  # "Something went wrong with recording the trace. Run again."
                break
        return found


def _cookie(browser: Browser, url: str, person: str) -> str:
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name=re.compile(re.escape(person))).first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    said = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    return said


# --- The page --------------------------------------------------------------------------------------------------

SEEN = "*Log a scan* opens without a network, from the tap until it is seen (processor 6 x slower)"
TAKES_TAPS = "the same until it takes taps"
COLD = "opening the app without a network, in a browser just started, to a form that takes taps"
LONGEST = "the longest that a tap waits for its answer (processor 6 x slower)"
FIRST_VISIT = "largest paint, first visit (slow 4G, processor 4 x slower)"
LATER_VISIT = "largest paint, a later visit (slow 4G, processor 4 x slower)"
AT_MOST = {SEEN: 300, TAKES_TAPS: 300, COLD: 1000, LONGEST: 200, FIRST_VISIT: 1500, LATER_VISIT: 800}


def in_new_profile(browser: Browser, url: str, measure: Callable[[Hand], tuple[float, ...]]) -> tuple[float, ...]:
    hand = Hand(browser.new_context(base_url=url, **PHONE))
    took = measure(hand)
    hand.context.close()
    return took


def measured(browser: Browser, url: str) -> list[list[str]]:
    """The rows of the table."""
    took: list[tuple[float, ...]] = []
    for measure in (opened_offline, longest_tap, largest_first, largest_again):
        rounds = [in_new_profile(browser, url, measure) for _ in range(ROUNDS)]
        took += zip(*rounds, strict=True)
    took.insert(2, tuple(started_cold(browser, url) for _ in range(ROUNDS)))
    return [_row(what, most, times) for (what, most), times in zip(AT_MOST.items(), took, strict=True)]


def _row(what: str, most: int, took: Iterable[float]) -> list[str]:
    took = sorted(took)
    middle = statistics.median(took)
    return [
        what,
        f"{most} ms",
        f"{middle:.0f} ms",
        f"{took[0]:.0f} to {took[-1]:.0f}",
        "met" if middle <= most else "NOT met",
    ]


def section(rows: list[list[str]], found: list[list[str]], faults: list[str]) -> str:
    """This part of the page."""
    table = report.rows(("in the hand", "at most", "median", f"of {ROUNDS}", ""), rows)
    said = report.rows(("Lighthouse, mobile", *KINDS), found) if found else ""
    points = "\n".join(f"- {fault}" for fault in faults)
    return f"{report.IN_THE_HAND}\n`make speed` measured this.\n\n{table}\n\n{said}\n\n{points}\n".replace(
        "\n\n\n", "\n\n"
    )


def main() -> None:
    """Measure, print, and put it at the end of docs/performance.md."""
    with tempfile.TemporaryDirectory() as folder, demo_server(Path(folder)) as server, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        rows = measured(browser, server.url)
        print(section(rows, [], []), flush=True)  # Lighthouse takes its time
        found, faults = scores(browser, server.url)
        browser.close()
    text = section(rows, found, faults)
    print(text)
    before = TARGET.read_text(encoding="utf-8").partition(report.IN_THE_HAND)[0]
    TARGET.write_text(before + text, encoding="utf-8")


if __name__ == "__main__":
    main()
