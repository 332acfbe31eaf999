"""The card that says how to install Sonofolio: the right steps for each browser, once, and never in vain."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import axe, axe_in_both_themes, sign_in

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {WEBKIT}"
SAFARI = f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1"
IN_APP = f"{IPHONE} Mobile/15E148 Instagram 380.0.0"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.5 Safari/605.1.15"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}

# The browser offers its own prompt; no headless one does. `outcome` is what the person says to it.
OFFER = """
(outcome) => {
  const offered = new Event("beforeinstallprompt", { cancelable: true });
  offered.prompt = () => { document.documentElement.dataset.prompted = "yes"; };
  offered.userChoice = Promise.resolve({ outcome });
  window.dispatchEvent(offered);
}
"""
# Counts how often the browser was asked to keep what is stored.
COUNT_ASKED = """
navigator.storage.persisted = async () => false;
navigator.storage.persist = async () => {
  document.documentElement.dataset.asked = Number(document.documentElement.dataset.asked || 0) + 1;
  return true;
};
"""


def card_of(page):
    return page.locator("#install")


@pytest.mark.parametrize("person", ["Amara Okafor", "Ravi Patel"])
def test_on_an_iphone_it_names_the_steps_of_the_share_menu(open_phone, person):
    page = open_phone(user_agent=SAFARI)
    sign_in(page, person, "/")
    steps = card_of(page).get_by_role("listitem")
    expect(steps).to_have_text([re.compile("Share"), re.compile("Add to Home Screen"), re.compile("Add")])
    expect(card_of(page).get_by_role("button", name="Install")).to_be_hidden()
    axe_in_both_themes(page)


def test_inside_another_app_on_an_iphone_it_leads_to_safari(open_phone):
    page = open_phone(user_agent=IN_APP)
    sign_in(page, "Amara Okafor", "/")
    expect(card_of(page)).to_contain_text("Open this page in Safari", use_inner_text=True)
    expect(card_of(page).get_by_role("listitem").first).to_be_hidden()
    axe(page)


def test_on_an_iphone_what_is_not_sent_yet_goes_first(open_phone):
    page = open_phone(user_agent=SAFARI, service_worker=True)
    sign_in(page, "Amara Okafor", "/")
    expect(card_of(page).get_by_role("listitem").first).to_be_visible()
    expect(page.locator("html[data-ready=yes]")).to_be_attached()  # from now on nobody but this test writes the number
    page.evaluate("document.documentElement.dataset.unsent = 3")
    expect(card_of(page)).to_contain_text("Send what waits first. 3 things", use_inner_text=True)
    expect(card_of(page).get_by_role("listitem").first).to_be_hidden()
    axe(page)
    page.evaluate("document.documentElement.dataset.unsent = 0")
    expect(card_of(page).get_by_role("listitem").first).to_be_visible()


@pytest.mark.parametrize("person", ["Amara Okafor", "Ravi Patel"])
def test_on_android_one_button_brings_up_the_browsers_own_prompt(open_phone, person):
    page = open_phone(user_agent=ANDROID)
    page.add_init_script(COUNT_ASKED)
    sign_in(page, person, "/")
    expect(card_of(page)).to_be_hidden()
    page.evaluate(OFFER, "accepted")
    install = card_of(page).get_by_role("button", name="Install")
    expect(install).to_be_visible()
    axe_in_both_themes(page)
    assert page.evaluate("document.documentElement.dataset.asked") is None, "not before the person has said yes"
    install.tap()
    expect(page.locator("html")).to_have_attribute("data-prompted", "yes")
    expect(card_of(page)).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("data-asked", "1")


def test_no_to_the_browsers_prompt_is_no(open_phone):
    page = open_phone(user_agent=ANDROID)
    page.add_init_script(COUNT_ASKED)
    sign_in(page, "Amara Okafor", "/")
    page.evaluate(OFFER, "dismissed")
    card_of(page).get_by_role("button", name="Install").tap()
    expect(card_of(page)).to_be_hidden()
    page.reload()
    page.evaluate(OFFER, "accepted")
    expect(page.locator("#main")).to_be_visible()
    expect(card_of(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.dataset.asked") is None


def test_on_a_desktop_it_is_the_browsers_prompt_or_the_dock(open_page):
    chrome = open_page(**DESKTOP)
    sign_in(chrome, "Ravi Patel", "/")
    expect(card_of(chrome)).to_be_hidden()
    chrome.evaluate(OFFER, "accepted")
    expect(card_of(chrome).get_by_role("button", name="Install")).to_be_visible()
    axe_in_both_themes(chrome)
    safari = open_page(user_agent=MAC, **DESKTOP)
    sign_in(safari, "Amara Okafor", "/")
    expect(card_of(safari)).to_contain_text("choose File, then Add to Dock", use_inner_text=True)
    axe_in_both_themes(safari)


def test_where_nothing_can_be_done_only_ones_own_page_says_so(open_page):
    page = open_page(user_agent=FIREFOX, **DESKTOP)
    sign_in(page, "Amara Okafor", "/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(card_of(page)).to_be_hidden()
    page.goto("/me")
    expect(card_of(page)).to_contain_text("This browser cannot install it. A bookmark does as well")
    axe(page)


def test_dismissed_once_it_stays_away_and_ones_own_page_still_has_it(open_phone):
    page = open_phone(user_agent=SAFARI)
    sign_in(page, "Amara Okafor", "/")
    card_of(page).get_by_role("button", name="Not now").tap()
    expect(card_of(page)).to_be_hidden()
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("#notice")).to_contain_text("You find this again on your own page, Me.")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(card_of(page)).to_be_hidden()
    assert page.evaluate("localStorage.getItem('sonofolio-install')") == "no", "nothing of a person"
    page.goto("/me")
    expect(card_of(page).get_by_role("listitem").first).to_be_visible()
    expect(card_of(page).get_by_role("button", name="Not now")).to_have_count(0)


def test_the_installed_app_does_not_ask(open_phone):
    page = open_phone(user_agent=SAFARI)
    page.add_init_script("Object.defineProperty(navigator, 'standalone', { value: true })")
    sign_in(page, "Amara Okafor", "/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(card_of(page)).to_be_hidden()
    page.goto("/me")
    expect(card_of(page)).to_contain_text("It is installed here")


def test_without_javascript_there_is_no_card(open_phone):
    page = open_phone(user_agent=SAFARI, java_script_enabled=False)
    page.goto("/sign-in")
    page.get_by_role("button", name=re.compile("Amara Okafor")).first.click()
    expect(card_of(page)).to_be_hidden()


@pytest.mark.parametrize(("kept", "words"), [("true", "has promised to keep"), ("false", "may throw away")])
def test_a_students_own_page_says_whether_this_device_may_throw_storage_away(open_phone, kept, words):
    amara, ravi = open_phone(), open_phone()
    for page, name in ((amara, "Amara Okafor"), (ravi, "Ravi Patel")):
        page.add_init_script(f"navigator.storage.persisted = async () => {kept}")
        page.add_init_script("navigator.storage.persist = () => { throw new Error('asked when a page opened') }")
        sign_in(page, name, "/me")
        expect(card_of(page)).to_be_visible()
    expect(card_of(amara)).to_contain_text(words)
    expect(card_of(ravi).locator("[data-kept]")).to_have_count(0)
    axe(amara)
