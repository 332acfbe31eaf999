"""The director's room in a real browser: five seconds to see who is at risk and why, and numbers that keep up."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.finger import log_normal
from tests.browser.steps import axe, axe_in_both_themes, sign_in

SIZES = {"phone": PHONE, "desktop": DESKTOP}


def number(page, label: str) -> int:
    """One of the counters."""
    text = page.locator(".counter").filter(has_text=label).locator("b").inner_text()
    return int(text.replace(",", ""))


def names(page) -> list[str]:
    return page.locator("table.full th.name a").all_inner_texts()


@pytest.mark.parametrize("size", SIZES)
def test_five_seconds_say_who_is_at_risk_and_why(open_page, size):
    page = open_page(**SIZES[size])
    sign_in(page, "Dana Director", "/cohort?show=at-risk")
    expected = {
        row.locator(".name a").inner_text(): row.locator(".reasons .link").all_inner_texts()
        for row in page.locator("table.full tbody tr").all()
    }
    assert len(expected) >= 2 and all(expected.values())
    page.goto("/cohort")
    assert number(page, "at risk") == len(expected)
    panel = page.get_by_role("region", name="Who is in the way")
    bar = page.get_by_role("navigation", name="Rooms").bounding_box()
    bottom = bar["y"] if size == "phone" else SIZES[size]["viewport"]["height"]
    for name, reasons in expected.items():
        for words in (name, *reasons):
            box = panel.get_by_text(words, exact=True).first.bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= bottom, f"{name}, {reasons}: not on the first screen"
    axe_in_both_themes(page)


@pytest.mark.parametrize("address", ["/cohort?show=audit-debt&region=hip-groin&sort=-aided", "/cohort?q=nobody"])
@pytest.mark.parametrize("size", SIZES)
def test_no_accessibility_fault_where_something_is_chosen_and_folded_open(open_page, size, address):
    page = open_page(**SIZES[size])
    sign_in(page, "Dana Director", address)
    closed = page.locator("main details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    axe_in_both_themes(page)


NAME = "Aleksandra Wolfeschlegelsteinhausenbergerdorffvoralternwarengewissenhaft"


@pytest.mark.parametrize("address", ["/cohort", "/students"])
def test_a_long_name_makes_no_window_scroll_sideways(open_page, address):
    page = open_page(**DESKTOP)
    sign_in(page, "Dana Director", address)
    names = page.locator(":is(.name, .at-risk li, .heat tbody th) > a")
    names.evaluate_all("(names, long) => names.forEach((one, at) => { if (at % 2) one.textContent = long })", NAME)
    for width in (320, 390, 640, 900, 1024, 1180, 1250, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        out = page.locator("main table.rows, .at-risk a, .counter b").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().right"
            " > one.closest('.card').getBoundingClientRect().right).map(one => one.className || one.textContent)"
        )
        assert wide <= 0 and out == [], f"{width}: {wide} px too wide; out of its card: {out}"


def test_anothers_approval_moves_the_counters_and_nothing_else(open_page, open_phone):
    amara, ravi, dana = open_phone(), open_phone(), open_page(color_scheme="light", **DESKTOP)
    for page, name in ((amara, "Amara Okafor"), (ravi, "Ravi Patel"), (dana, "Dana Director")):
        sign_in(page, name)
    scan, _ = log_normal(amara, region="Ankle")
    dana.clock.install()
    dana.goto("/cohort?sort=name")
    counted, waiting = number(dana, "scans counted"), number(dana, "awaiting mentor")
    dana.evaluate("window.same = true; window.scrollTo(0, 300)")
    search = dana.get_by_role("searchbox", name="Find a student by name")
    search.focus()
    dana.keyboard.type("am")
    expect(dana).to_have_url(re.compile("q=am"))
    rows, where = names(dana), dana.evaluate("scrollY")
    assert 0 < len(rows) < 24
    dana.keyboard.type(" ok", delay=0)  # on its way while the counters come

    ravi.goto("/inbox")
    ravi.locator(f"#scan-{scan}").get_by_role("button", name="Approve").tap()
    expect(ravi.locator(f"#scan-{scan}").get_by_role("button", name="Undo")).to_be_visible()
    dana.clock.fast_forward(21_000)
    expect(dana.locator(".counter").filter(has_text="scans counted").locator("b")).to_have_text(f"{counted + 1:,}")
    assert number(dana, "awaiting mentor") == waiting - 1
    expect(search).to_be_focused()
    expect(search).to_have_value("am ok")
    assert dana.evaluate("window.same") and dana.evaluate("scrollY") == where


def test_an_old_list_says_so_quietly_and_is_shown_anew_where_one_was(open_page, open_phone):
    amara, dana = open_phone(), open_page(color_scheme="dark", **DESKTOP)
    sign_in(amara, "Amara Okafor")
    sign_in(dana, "Dana Director")
    dana.clock.install()
    dana.goto("/cohort?q=a&sort=-aided")
    before = dana.locator("#students").bounding_box()
    line = dana.locator(".beneath [role=status]")
    expect(line).to_have_text("")
    log_normal(amara, region="Knee")
    dana.clock.fast_forward(21_000)
    expect(line).to_contain_text("The cohort has changed.")
    assert dana.locator("#students").bounding_box() == before  # nothing below has moved
    axe(dana)
    # A filter renews the list; pace and mentors are as old as they were, so the line stays until all of it is shown.
    dana.get_by_role("searchbox", name="Find a student by name").fill("am")
    expect(dana).to_have_url(re.compile("q=am"))
    with dana.expect_response(re.compile("/counters")):
        dana.clock.fast_forward(21_000)
    expect(line.get_by_role("link")).to_have_attribute("href", re.compile("q=am"))
    line.get_by_role("link", name="Show it").click()
    expect(line).to_have_text("")
    expect(dana).to_have_url(re.compile(r"q=am&sort=-aided"))


def test_nothing_is_asked_while_nobody_looks_and_at_once_when_somebody_does(open_page):
    dana = open_page(**DESKTOP)
    sign_in(dana, "Dana Director")
    dana.clock.install()
    dana.goto("/cohort")
    asked = []
    dana.on("request", lambda request: asked.append(request.url) if "/counters" in request.url else None)
    dana.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    for _ in range(3):
        dana.clock.fast_forward(21_000)
    dana.evaluate("fetch('/healthz').then(() => {})")  # a turn of the page's own
    assert asked == []
    dana.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    with dana.expect_response(re.compile("/counters")) as answer:
        dana.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert answer.value.status == 304


def test_the_list_follows_what_is_typed_and_ticked_and_the_way_back_leads_back(open_page):
    dana = open_page(**DESKTOP)
    sign_in(dana, "Dana Director", "/cohort")
    everybody = names(dana)
    dana.evaluate("window.same = true")
    search = dana.get_by_role("searchbox", name="Find a student by name")
    search.press_sequentially("chen")
    expect(dana.locator("table.full tbody tr")).to_have_count(1)
    assert names(dana) == ["Mei Chen"] and dana.evaluate("window.same")
    expect(search).to_be_focused()
    expect(search).to_have_value("chen")
    search.fill("")
    expect(dana.locator("table.full tbody tr")).to_have_count(len(everybody))

    dana.get_by_text("More filters, order").click()
    mentor = dana.get_by_label("Mentor", exact=True)
    dana.get_by_role("checkbox", name="Audit debt").check(force=True)
    expect(dana).to_have_url(re.compile("show=audit-debt"))
    expect(mentor).to_be_visible()  # the fold stays as it was left
    mentor.select_option(label="Ravi Patel (5)")
    expect(dana).to_have_url(re.compile(r"mentor=\d+"))
    dana.get_by_role("link", name="Aided, audited").click()
    expect(dana.locator("th[aria-sort=ascending]")).to_have_text("Aided, audited")
    address, rows = dana.url, names(dana)
    dana.goto("/students")
    dana.goto(address)
    assert names(dana) == rows
    dana.go_back()
    dana.go_back()
    expect(dana.get_by_role("checkbox", name="Audit debt")).to_be_checked()
    dana.go_back()
    expect(dana).not_to_have_url(re.compile("sort=aided"))
    expect(dana.locator("th[aria-sort]")).to_have_count(0)
    expect(dana.get_by_role("heading", level=1)).to_contain_text("Cohort")  # the page came back, not its list alone
    expect(dana.get_by_role("checkbox", name="Audit debt")).to_be_checked()


def test_what_is_typed_while_an_answer_is_on_its_way_stays(open_page):
    dana = open_page(**DESKTOP)
    sign_in(dana, "Dana Director", "/cohort?q=ch")
    found = len(names(dana))
    dana.goto("/cohort")
    assert 1 < found < len(names(dana))
    search = dana.get_by_role("searchbox", name="Find a student by name")

    def type_on(route) -> None:
        search.evaluate("field => { field.value = 'chen' }")  # and not yet asked for
        route.continue_()

    dana.route(re.compile("q=ch"), type_on)
    search.press_sequentially("ch")
    expect(dana.locator("table.full tbody tr")).to_have_count(found)
    expect(search).to_have_value("chen")


@pytest.mark.parametrize("size", SIZES)
def test_a_cell_deep_in_the_case_mix_says_whose_and_where_it_is(open_page, size):
    page = open_page(**SIZES[size])
    sign_in(page, "Dana Director", "/cohort")
    cell = page.locator(".heat tbody tr").nth(15).locator("td").nth(4)
    cell.evaluate("cell => cell.scrollIntoView({block: 'center', inline: 'center'})")
    there = cell.evaluate(
        """(cell) => {
          const [head, name] = [cell.closest("table").tHead.rows[0].cells[cell.cellIndex], cell.parentNode.cells[0]];
          const box = cell.getBoundingClientRect();
          const seen = (one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect();
            const on = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            return one === on || one.contains(on);
          };
          return [cell, head, name].map(seen).concat(
            head.getBoundingClientRect().bottom <= box.top, name.getBoundingClientRect().right <= box.left);
        }"""
    )
    assert there == [True] * 5
    page.locator(".heat tbody th a").nth(23).focus()
    link = page.locator(".heat tbody th a").nth(5)
    link.evaluate("link => link.focus()")  # upwards, to under the head
    assert link.evaluate(
        """(link) => {
          const head = link.closest("table").tHead.rows[0].cells[0].getBoundingClientRect();
          return link.getBoundingClientRect().top >= head.bottom;
        }"""
    )
    axe_in_both_themes(page)


def test_a_director_goes_from_a_student_back_to_the_row_they_came_from(open_page):
    dana = open_page(java_script_enabled=False, **PHONE)
    sign_in(dana, "Dana Director", "/cohort?show=at-risk&sort=-aided")
    found = names(dana)
    dana.locator("table.full th.name a").last.click()
    expect(dana.get_by_role("heading", level=1)).to_have_text(found[-1])
    dana.get_by_role("link", name="Back to the list").click()
    expect(dana).to_have_url(re.compile(r"show=at-risk&sort=-aided#student-\d+$"))
    assert names(dana) == found
    expect(dana.locator("table.full tbody tr:target")).to_be_in_viewport()


def test_enter_asks_once_and_leaving_the_field_asks_nothing(open_page):
    dana = open_page(**DESKTOP)
    sign_in(dana, "Dana Director", "/cohort")
    dana.clock.install()
    asked = []
    dana.on("request", lambda request: asked.append(request.url) if "/cohort?" in request.url else None)
    search = dana.get_by_role("searchbox", name="Find a student by name")
    search.press_sequentially("chen")
    search.press("Enter")
    expect(dana.locator("table.full tbody tr")).to_have_count(1)
    search.press("Tab")
    dana.clock.run_for(1000)  # what typing would have asked for by now
    dana.get_by_role("checkbox", name="At risk").focus()
    dana.evaluate("fetch('/healthz').then(() => {})")  # a turn of the page's own
    assert len(asked) == 1 and "q=chen" in asked[0]
    dana.get_by_role("checkbox", name="At risk").check(force=True)
    expect(dana).to_have_url(re.compile("q=chen.*show=at-risk"))
    assert len(asked) == 2


def test_without_javascript_the_button_shows_what_was_chosen(open_page):
    dana = open_page(java_script_enabled=False, **DESKTOP)
    sign_in(dana, "Dana Director", "/cohort")
    rows = dana.locator("table.full tbody tr")
    everybody = rows.count()
    dana.get_by_role("checkbox", name="At risk").check(force=True)
    dana.get_by_role("button", name="Show").click()
    expect(dana).to_have_url(re.compile("show=at-risk"))
    expect(rows).to_have_count(number(dana, "at risk"))
    dana.get_by_role("link", name="Clear filters").first.click()
    expect(rows).to_have_count(everybody)
