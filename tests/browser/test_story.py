"""Log, approve, undo, audit, count: the whole loop on phones, in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.finger import Finger, log_abnormal, log_normal
from tests.browser.steps import axe, axe_in_both_themes, counted, press_sign_in, sign_in

NOTHING_TO_UNDO = """async () => {
  const asks = async () => (await (await fetch("/inbox/recent")).text()).includes("undo-bar");
  while (await asks()) await new Promise((again) => setTimeout(again, 250));
}"""


def cohort_counted(page) -> int:
    page.goto("/cohort")
    return int(re.search(r"([\d,]+)\s*scans counted", page.locator("main").inner_text()).group(1).replace(",", ""))


def waiting(page) -> int:
    return int(re.search(r"\d+", page.get_by_role("heading", level=1).inner_text()).group())


def test_a_scan_goes_from_the_bedside_to_the_counters(open_phone):
    amara, ravi, dana = (open_phone(service_worker=True) for _ in range(3))
    for page, name in ((amara, "Amara Okafor"), (ravi, "Ravi Patel"), (dana, "Dana Director")):
        press_sign_in(page, name)
    from_the_bedside_to_the_counters(amara, ravi, dana, axe_in_both_themes)


@pytest.mark.postgresql
def test_the_same_on_postgresql(open_phone):
    amara, ravi, dana = (open_phone() for _ in range(3))
    for page, name in ((amara, "Amara Okafor"), (ravi, "Ravi Patel"), (dana, "Dana Director")):
        sign_in(page, name)
    from_the_bedside_to_the_counters(amara, ravi, dana, look_at=lambda page: None)


def from_the_bedside_to_the_counters(amara: Page, ravi: Page, dana: Page, look_at: Callable[[Page], None]) -> None:
    """The story of two scans; `look_at` is called with each screen as it is shown first."""
    before, cohort_before = counted(amara), cohort_counted(dana)

    normal, _ = log_normal(amara, side="Left")
    expect(amara.get_by_text("It is with Ravi Patel")).to_be_visible()
    look_at(amara)

    # One tap, and it can be undone. (One bar undoes all that was approved moments ago, as in a test before.)
    ravi.goto("/inbox")
    ravi.evaluate(NOTHING_TO_UNDO)
    total = waiting(ravi)
    card = ravi.locator(f"#scan-{normal}")
    look_at(ravi)
    card.get_by_role("button", name="Approve").tap()
    undo = card.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(ravi.get_by_role("heading", level=1)).to_contain_text(str(total - 1))
    look_at(ravi)
    undo.tap()
    expect(card.get_by_role("button", name="Approve")).to_be_visible()
    expect(ravi.get_by_role("heading", level=1)).to_contain_text(str(total))
    assert counted(amara) == before
    card.get_by_role("button", name="Approve").tap()
    expect(card.get_by_role("button", name="Undo")).to_be_visible()
    assert counted(amara) == before + 1

    # An aided scan is audited.
    abnormal, _ = log_abnormal(amara)
    ravi.goto("/inbox")
    card = ravi.locator(f"#scan-{abnormal}")
    expect(card.get_by_role("button", name="Agree & approve")).to_be_visible()
    card.get_by_role("link", name="Review").tap()
    finger = Finger(ravi)
    finger.choose("Minor difference")
    finger.choose("Good", "Image quality")
    finger.choose("Acceptable", "Report quality")
    ravi.get_by_label(re.compile("Feedback")).fill("Say how large the effusion is.")
    look_at(ravi)
    finger.press("Audit & approve")
    ravi.wait_for_url(re.compile("/inbox"))
    assert counted(amara) == before + 2
    assert cohort_counted(dana) == cohort_before + 2
    look_at(dana)

    ravi.goto(f"/scans/{abnormal}")
    expect(ravi.get_by_text("Minor difference").first).to_be_visible()


def test_a_returned_scan_comes_back_first_and_goes_again(open_phone):
    amara, ravi = open_phone(), open_phone()
    sign_in(amara, "Amara Okafor")
    sign_in(ravi, "Ravi Patel")
    scan, _ = log_abnormal(amara, support="Unaided")
    ravi.goto(f"/scans/{scan}/review")
    ravi.get_by_role("button", name="Return").first.tap()
    why = ravi.get_by_label(re.compile("Why", re.I)).first
    expect(why).to_be_visible()
    why.fill("Add the long-axis view, please.")
    ravi.get_by_role("button", name="Return").first.tap()
    ravi.wait_for_url(re.compile("/inbox"))

    amara.goto("/")
    came_back = amara.get_by_role("link", name=re.compile("returned")).first
    expect(came_back).to_be_visible()
    axe_in_both_themes(amara)
    amara.goto(f"/scans/{scan}")
    expect(amara.get_by_text("Add the long-axis view, please.").first).to_be_visible()
    amara.get_by_role("link", name="Edit").first.tap()
    report = amara.get_by_label("Report", exact=True)
    report.fill(report.input_value() + " Long-axis view added: 12 mm effusion.")
    axe_in_both_themes(amara)
    amara.get_by_role("button", name="Save scan").last.tap()
    expect(amara.get_by_text("It is with Ravi Patel")).to_be_visible()
    ravi.goto("/inbox")
    expect(ravi.locator(f"#scan-{scan}")).to_contain_text("Long-axis view added")


def test_a_normal_scan_takes_six_taps_from_home_and_nothing_typed(phone):
    sign_in(phone, "Amara Okafor")
    _, taps = log_normal(phone, region="Foot")
    assert taps <= 6


def test_an_abnormal_scan_with_two_findings_takes_at_most_twelve(phone):
    sign_in(phone, "Amara Okafor")
    _, taps = log_abnormal(phone)
    assert taps <= 12


def test_the_same_again_takes_three_taps_and_copies_no_words(phone):
    sign_in(phone, "Amara Okafor", "/")
    finger = Finger(phone)
    finger.press(re.compile("Same again"))
    assert not phone.get_by_role("radio", name="Aided", exact=True).is_checked()
    assert not phone.get_by_role("radio", name="Unaided", exact=True).is_checked()
    finger.choose("Unaided", "Support")
    finger.press("Save scan")
    phone.wait_for_url(re.compile(r"/scans/[0-9a-f-]{36}"))
    expect(phone.get_by_text("It is with Ravi Patel")).to_be_visible()
    assert finger.taps <= 3


def test_the_report_writes_itself_while_one_taps_and_keeps_what_was_typed(phone):
    sign_in(phone, "Amara Okafor", "/scans/new")
    finger = Finger(phone)
    finger.choose("Unaided", "Support")
    finger.choose("Shoulder", "Region")
    finger.choose("Right", "Side")
    report = phone.get_by_label("Report", exact=True)
    expect(report).to_have_value(re.compile("right shoulder"))
    finger.tap(phone.locator("#first-findings input[name=finding]").first.locator("xpath=ancestor::label"))
    expect(report).to_have_value(re.compile("Conclusion"))
    report.fill(report.input_value() + " The tear measures 14 mm.")
    finger.choose("Left", "Side")
    expect(report).to_have_value(re.compile("left shoulder.*The tear measures 14 mm", re.S))


def test_nothing_moves_under_the_thumb_when_a_region_is_tapped(phone):
    sign_in(phone, "Amara Okafor", "/scans/new")
    side = phone.get_by_role("radio", name="Left", exact=True).locator("xpath=ancestor::label")
    before = side.bounding_box()
    assert before["y"] + before["height"] <= 844, "support, region and side are on the first screen"
    Finger(phone).choose("Hip and groin", "Region")
    expect(phone.locator("#first-findings")).to_be_visible()
    assert side.bounding_box() == before


def test_what_identifies_a_patient_is_refused_beside_the_field_and_kept_there(phone):
    sign_in(phone, "Amara Okafor", "/scans/new")
    finger = Finger(phone)
    finger.choose("Unaided", "Support")
    finger.choose("Knee", "Region")
    finger.choose("Right", "Side")
    phone.get_by_label("Report", exact=True).fill("Effusion. NHS number 943 476 5919.")
    finger.press("Save scan")
    expect(phone.get_by_role("alert")).to_be_focused()
    expect(phone.get_by_label("Report", exact=True)).to_have_value(re.compile("943 476 5919"))
    axe(phone)


def test_a_second_tap_approves_once(open_phone):
    amara, ravi = open_phone(), open_phone()
    sign_in(amara, "Amara Okafor")
    sign_in(ravi, "Ravi Patel")
    before = counted(amara)
    scan, _ = log_normal(amara, region="Wrist")
    ravi.goto("/inbox")
    ravi.locator(f"#scan-{scan}").get_by_role("button", name="Approve").dblclick()
    expect(ravi.locator(f"#scan-{scan}").get_by_role("button", name="Undo")).to_be_visible()
    assert counted(amara) == before + 1


def test_the_mentor_is_told_when_the_student_changed_the_scan_meanwhile(open_phone):
    amara, ravi = open_phone(), open_phone()
    sign_in(amara, "Amara Okafor")
    sign_in(ravi, "Ravi Patel")
    scan, _ = log_normal(amara, region="Hip and groin")
    ravi.goto("/inbox")
    amara.goto(f"/scans/{scan}/edit")
    report = amara.get_by_label("Report", exact=True)
    report.fill(report.input_value() + " Small joint effusion after all.")
    amara.get_by_role("button", name="Save scan").last.tap()
    amara.wait_for_url(re.compile(rf"/scans/{scan}(\?|$)"))
    card = ravi.locator(f"#scan-{scan}")
    card.get_by_role("button", name="Approve").tap()
    expect(card).to_contain_text("Small joint effusion after all")
    expect(card.get_by_role("button", name="Approve")).to_be_visible()
