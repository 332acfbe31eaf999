"""The screen against patient-identifiable data in a real browser: the server's verdicts, and what people see of it."""

from __future__ import annotations

import random
import re
from pathlib import Path

from playwright.sync_api import expect

from rules import identifiers
from rules import identifiers_corpus as corpus
from tests.browser.finger import Finger, saved
from tests.browser.steps import axe_in_both_themes, sign_in

TABLE = Path(identifiers.__file__).with_suffix(".json").read_text("utf-8")
SCREEN = """
async ([table, texts]) => {
  const {screenWith, sentenceOf} = await import("/static/identifiers.js");
  const screen = screenWith(JSON.parse(table));
  return texts.map((text) => screen(text).map((hit) => ({...hit, sentence: sentenceOf(hit)})));
}
"""
PREPARE = """
  const { screenWith } = await import("/static/identifiers.js");
  window.screenAll = screenWith(JSON.parse(table));
"""
HOSTILE = ["0 ", "943 476 591", "a", "@", "dob 1", "07 ", "Mr A. ", "pt A", "1.2.", "born 1/1/", "mrn a 1/"]
ENOUGH = 9
PLACES = ["", "🦴 é ", "Tear of 14 mm.\r\n", "\tgrade 2/3; "]


def verdicts(page, texts: list[str]) -> list[list[dict]]:
    page.goto("/sign-in")
    return page.evaluate(SCREEN, [TABLE, texts])


def ours(text: str) -> list[dict]:
    return [{**vars(hit), "sentence": identifiers.sentence(hit)} for hit in identifiers.screen(text)]


def test_the_browser_finds_in_the_whole_corpus_what_the_server_finds(desktop):
    cases = [*corpus.read(), *corpus.read(corpus.HELD_BACK)]
    texts = [place + case.text for case in cases for place in PLACES]
    for text, found in zip(texts, verdicts(desktop, texts), strict=True):
        assert found == ours(text), repr(text)


def test_the_browser_agrees_on_pieces_of_the_corpus_in_any_order(desktop):
    chance = random.Random(8)
    pieces = [piece for case in corpus.read() for piece in re.split(r"(?<=[ .,:])", case.text)]
    odd = ["🦴", "\u200b", "ſ", "K", "İ", "\ud7ff", "(", "\n", "Ä", "٣", "\u00b2"]
    texts = ["".join(chance.choices(pieces + odd * 20, k=chance.randint(2, 12))) for _ in range(3000)]
    found = verdicts(desktop, texts)
    assert sum(map(bool, found)) > 500
    for text, hits in zip(texts, found, strict=True):
        assert hits == ours(text), repr(text)


def test_the_browser_is_as_quick_on_a_long_hostile_text(desktop):
    """Four times the text in about four times the time (four squared is 16): of the processor, so that a busy machine
    is no slower.
    """
    desktop.goto("/sign-in")
    desktop.evaluate(f"async (table) => {{ {PREPARE} }}", TABLE)
    devtools = desktop.context.new_cdp_session(desktop)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def milliseconds() -> float:
        metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"] * 1000

    def spent(unit: str, size: int) -> float:
        before = milliseconds()
        desktop.evaluate("([unit, size]) => { screenAll(unit.repeat(size).slice(0, size)); }", [unit, size])
        return milliseconds() - before

    ratios = {}
    for unit in HOSTILE:
        brief, lasting = (min(spent(unit, size) for _ in range(3)) for size in (25_000, 100_000))
        print(f"{unit!r}: {brief:.1f} ms, {lasting:.1f} ms")
        assert lasting > 0
        ratios[unit] = lasting / (2 + brief)
    assert max(ratios.values()) < ENOUGH, ratios


def write(page, words: str, region: str = "Elbow") -> None:
    """Fill the log form, with these words as the report, of a region that nobody else logs here: no likely twin."""
    page.goto("/scans/new")
    finger = Finger(page)
    finger.choose("Aided", "Support")
    finger.choose(region, "Region")
    finger.choose("Right", "Side")
    finger.choose("All normal")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Report", exact=True).fill(words)
    page.get_by_role("button", name="Save scan").last.click()


def test_a_refused_report_is_shown_with_its_place_and_without_a_fault(open_phone, running):
    phone = open_phone()
    sign_in(phone, "Tom Bright")
    write(phone, "No collection seen. NHS 943 476 5919. Skin and fat normal.")
    expect(phone.get_by_role("alert")).to_contain_text("This looks like an NHS number.")
    expect(phone.locator(".finds mark")).to_have_text("NHS 943 476 5919")
    expect(phone.get_by_label("Report", exact=True)).to_have_value(re.compile("943 476 5919"))
    expect(phone.get_by_role("button", name=re.compile("It names no patient"))).to_have_count(0)
    axe_in_both_themes(phone)
    assert "943 476 5919" not in running.log


def test_a_likely_find_takes_one_more_tap_and_its_mentor_is_told(open_phone, open_page, running):
    phone = open_phone()
    sign_in(phone, "Tom Bright")
    write(phone, "No collection seen. Mrs Kowalczyk tolerated it well.")
    go_on = phone.get_by_role("button", name="It names no patient: save it").first
    expect(phone.locator(".finds mark")).to_have_text("Mrs Kowalczyk")
    axe_in_both_themes(phone)
    go_on.tap()
    saved(phone)
    expect(phone.get_by_text("The screen asked about a possible name; you went on.")).to_be_visible()
    axe_in_both_themes(phone)
    path = re.search(r"/scans/[0-9a-f-]{36}", phone.url)[0]

    ravi = open_page(viewport={"width": 1280, "height": 800})
    sign_in(ravi, "Ravi Patel", f"{path}/review")
    expect(ravi.get_by_text("The screen asked about a possible name; the student went on.")).to_be_visible()
    ravi.get_by_label("Feedback to Tom").fill("Ask Mrs Kowalczyk to lie on her side.")
    ravi.get_by_role("button", name="Audit & approve").click()
    expect(ravi.locator(".finds mark")).to_have_text("Mrs Kowalczyk")
    axe_in_both_themes(ravi)
    ravi.get_by_role("button", name="Return", exact=True).click()
    ravi.get_by_label("Why do you return it?").fill("Write it without Mrs Kowalczyk.")
    ravi.get_by_role("button", name="Return", exact=True).click()
    expect(ravi.get_by_role("button", name="It names no patient: return it").first).to_be_visible()
    axe_in_both_themes(ravi)
    ravi.get_by_role("button", name="It names no patient: return it").first.click()
    ravi.wait_for_url(re.compile("/inbox"))
    phone.goto(path)
    expect(phone.get_by_text("Write it without Mrs Kowalczyk.").first).to_be_visible()
    assert "Kowalczyk" not in running.log
