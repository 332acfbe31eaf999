"""A student's day under the thumb: where the buttons are, and how many taps things take; each story prints it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.finger import Finger, log_normal
from tests.browser.steps import axe, sign_in


def box(thing: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    found = thing.bounding_box()
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def meet(one: Locator, other: Locator) -> bool:
    a, b = box(one), box(other)
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("size", [(390, 844), (320, 568), (390, 600)], ids=str)
def test_log_scan_and_same_again_are_in_reach_and_never_under_the_bar(open_phone, size):
    phone = open_phone()
    phone.set_viewport_size({"width": size[0], "height": size[1]})
    sign_in(phone, "Amara Okafor", "/")
    bar, sign = phone.locator("nav.tabs"), phone.locator(".tabs .log .icon")
    log, again = phone.get_by_role("link", name="Log scan"), phone.get_by_role("link", name=re.compile("^Same again"))
    expect(log).to_have_count(1)
    for place in ("at the top", "scrolled to the end"):
        assert not meet(again, bar) and not meet(again, sign), place
        assert box(again)[3] <= size[1] and box(log)[1] > size[1] / 2 and box(log)[3] <= size[1], place
        print(f"{size} {place}: Log scan {box(log)}, Same again {box(again)}")
        phone.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    log_normal(phone, "Elbow", "Left")
    phone.goto(phone.url + ("" if "saved" in phone.url else "?saved=1"))
    again = phone.get_by_role("link", name=re.compile("^Same again"))
    expect(phone.get_by_role("link", name="Log scan")).to_have_count(1)
    assert not meet(again, bar) and not meet(again, phone.locator(".tabs .log .icon"))


# As many rows as there can be beside the counters, audit debt among them, and how many are held.
FOUR_ROWS = """() => {
  const glance = document.querySelector(".glance");
  while (glance.children.length < 4) glance.append(glance.lastElementChild.cloneNode(true));
  const held = Object.assign(document.createElement("small"), { textContent: "· 12 held" });
  document.querySelector(".hero .legend div:last-child dd").append(" ", held);
}"""


def test_home_is_one_screen(phone, open_page):
    for page in (phone, open_page(viewport={"width": 1280, "height": 800})):
        sign_in(page, "Amara Okafor", "/")
        again = page.get_by_role("link", name=re.compile("^Same again"))
        page.evaluate(FOUR_ROWS)
        first, why = page.locator(".came-back b").first, page.locator(".came-back .why").first
        for greeting, last, came, words in (  # at any hour, after any region, whatever came back
            (page.locator("h1").text_content(), again.text_content(), first.text_content(), why.text_content()),
            ("Good afternoon, Amara", "Same again: right wrist and hand", "Right wrist and hand reopened", "Why? " * 9),
            (
                "Good afternoon, Alexandrina",
                "Same again: right ankle and foot, both",
                first.text_content(),
                "Oh. " * 99,
            ),
        ):
            for place, text in ((page.locator("h1"), greeting), (again, last), (first, came), (why, words)):
                place.evaluate("(one, text) => { one.textContent = text }", text)
            height, screen = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
            print(f"home: {height} of {screen} px, {greeting}, {last}")
            assert height <= screen
        for name in ("Pace", "Scan next"):
            row = page.locator("summary", has_text=name).first
            row.click()
            expect(page.locator("details[open]", has=row).locator(".card").first).to_be_visible()
            row.click()


def test_an_evening_is_logged_patient_after_patient_in_five_taps_each(phone):
    sign_in(phone, "Mei Chen", "/scans")
    before = phone.locator(".scan-rows tr", has_text="Yesterday").count()  # she may have been in clinic
    phone.goto("/scans/new?batch=yes")
    expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
    day = phone.evaluate("new Date(Date.now() - 86400000).toISOString().slice(0, 10)")
    phone.get_by_label("Date").fill(day)
    for number, (region, side) in enumerate((("Elbow", "Left"), ("Knee", "Right"), ("Foot", "Left"))):
        finger = Finger(phone)
        finger.choose("Unaided", "Support")
        finger.choose(region, "Region")
        finger.choose(side, "Side")
        finger.choose("All normal")
        finger.press("Save, next patient")
        expect(phone.locator(".logged")).to_contain_text(f"{region} · {side.lower()} saved and sent")
        expect(phone.locator("#scan-form[data-ready=yes]")).to_be_attached()
        expect(phone.locator("#scan-form :checked[name=region], #scan-form :checked[name=side]")).to_have_count(0)
        expect(phone.locator("input[name=scanned_on]")).to_have_value(day)
        print(f"patient {number + 1} of an evening: {finger.taps} taps")
        assert finger.taps <= 5
        if not number:
            axe(phone)
    phone.get_by_role("link", name="Done").tap()
    phone.wait_for_url(lambda address: "/scans/new" not in address)  # else the next page meets this one on its way
    phone.goto("/scans")
    expect(phone.locator(".scan-rows tr", has_text="Yesterday")).to_have_count(before + 3)


def test_the_procedures_are_the_regions_and_ones_part_shows_with_one_only(phone):
    sign_in(phone, "Amara Okafor", "/scans/new")
    finger = Finger(phone)
    phone.get_by_text("More about this scan").tap()
    procedure, part = phone.get_by_label("Guided procedure"), phone.get_by_role("group", name="Your part in it")

    finger.choose("Wrist", "Region")
    expect(procedure.locator("option", has_text="Carpal tunnel injection")).to_be_attached()
    expect(procedure.locator("option", has_text="Knee joint injection")).to_have_count(0)
    expect(part).to_be_hidden()
    procedure.select_option(label="Carpal tunnel injection")
    expect(part).to_be_visible()
    finger.choose("Observed")
    finger.choose("Knee", "Region")
    expect(procedure).to_have_value("")
    expect(part).to_be_hidden()
    expect(procedure.locator("option", has_text="Knee joint injection")).to_be_attached()
    expect(procedure.locator("option", has_text="Carpal tunnel injection")).to_have_count(0)
    finger.choose("Wrist", "Region")
    expect(procedure).to_have_value("carpal tunnel injection")


def test_a_returned_scan_is_answered_from_its_page(open_phone, watch_of):
    amara, ravi = open_phone(), open_phone("light")
    watch_of(amara).forgive("net::ERR_|htmx:(sendError|afterRequest)")  # she loses the signal once
    sign_in(amara, "Amara Okafor")
    scan, _ = log_normal(amara, "Hip and groin", "Right")
    sign_in(ravi, "Ravi Patel", f"/scans/{scan}/review")
    ravi.get_by_role("button", name="Return").first.tap()
    ravi.get_by_label(re.compile("Why do you return it")).fill("Say how much fluid there is.")
    ravi.get_by_role("button", name="Return").last.tap()
    ravi.wait_for_url(re.compile("/inbox"))

    amara.goto(f"/scans/{scan}")
    request, edit = amara.locator(".back-again"), amara.get_by_role("link", name="Edit")
    expect(edit).to_have_count(1)
    assert box(request)[1] >= 0 and box(edit)[3] < box(amara.locator("nav.tabs"))[1]
    print(f"the request {box(request)}, Edit {box(edit)}")
    axe(amara)
    edit.tap()
    expect(amara.locator(".back-again")).to_be_in_viewport()
    report = amara.get_by_label("Report", exact=True)
    expect(report).to_be_in_viewport()
    assert box(amara.locator(".back-again"))[3] <= box(report)[1]
    axe(amara)
    amara.go_back()

    amara.get_by_label("Reply to Ravi Patel").fill("In the joint, or in the bursa?")
    amara.get_by_role("button", name="Send the reply").tap()
    expect(amara.locator(".timeline")).to_contain_text("In the joint, or in the bursa?")
    fold = amara.locator("#words")
    if fold.get_attribute("open") is None:
        fold.locator("summary").tap()
    words = fold.get_by_label("Report")
    said = words.input_value()
    amara.context.set_offline(True)
    words.fill(said + " No fluid in the joint recess.")
    fold.get_by_role("button", name="Save and send").tap()
    expect(amara.locator("#notice")).to_contain_text("did not reach Sonofolio")
    amara.context.set_offline(False)
    words.fill(said + " Seen as 943 476 5919.")
    fold.get_by_role("button", name="Save and send").tap()
    expect(amara.locator("#words .error")).to_be_visible()
    words.fill(said + " No fluid in the joint recess.")
    amara.locator("#words").get_by_role("button", name="Save and send").tap()
    expect(amara.get_by_role("heading", name=re.compile("It is with Ravi Patel"))).to_be_visible()
    ravi.goto(f"/scans/{scan}/review")
    expect(ravi.locator("main")).to_contain_text("In the joint, or in the bursa?")
