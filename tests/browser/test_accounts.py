"""The front door and one's own page, as a browser shows them."""

import re

from playwright.sync_api import expect

from tests.browser.steps import axe_in_both_themes, sign_in

PAPER, NIGHT = "rgb(244, 246, 247)", "rgb(8, 12, 16)"


def test_typing_ones_way_in_and_out_again(phone):
    phone.goto("/scans")
    axe_in_both_themes(phone)
    phone.get_by_label("Email").fill("amara@demo.sonofolio.test")
    phone.get_by_label("Password").fill("not the password")
    phone.get_by_role("button", name="Sign in", exact=True).tap()
    expect(phone.get_by_role("alert")).to_be_focused()
    expect(phone.get_by_label("Email")).to_have_value("amara@demo.sonofolio.test")
    expect(phone.get_by_label("Password")).to_have_value("")
    axe_in_both_themes(phone)
    phone.get_by_label("Password").fill("sonofolio-demo")
    phone.get_by_role("button", name="Sign in", exact=True).tap()
    phone.wait_for_url(re.compile("[0-9]/scans$"))
    phone.goto("/me")
    axe_in_both_themes(phone)
    phone.get_by_role("button", name="Sign out", exact=True).tap()
    expect(phone.get_by_text("You are signed out.")).to_be_visible()


def test_a_theme_shows_as_soon_as_it_is_chosen_and_is_kept(phone):
    sign_in(phone, "Mei Chen", "/me")
    ground = phone.locator("html")
    expect(ground).to_have_css("background-color", NIGHT)
    with phone.expect_response("**/me/theme") as answer:
        phone.get_by_label("Light", exact=True).check()
    expect(ground).to_have_css("background-color", PAPER)
    assert answer.value.status == 204
    phone.goto("/me")
    expect(ground).to_have_css("background-color", PAPER)
    with phone.expect_response("**/me/theme"):
        phone.get_by_label("As the device").check()
    expect(ground).to_have_css("background-color", NIGHT)


def test_what_is_wrong_with_a_new_password_is_in_view(desktop):
    sign_in(desktop, "Ian Novak", "/me")
    desktop.get_by_text("Change your password").click()
    desktop.get_by_label("Current password").fill("sonofolio-demo")
    desktop.get_by_label("New password").fill("ian novak 2026")
    desktop.get_by_role("button", name="Change password").click()
    expect(desktop.get_by_role("alert")).to_be_focused()
    expect(desktop.get_by_label("New password")).to_be_visible()
    axe_in_both_themes(desktop)


def test_the_front_door_works_by_keyboard_alone(desktop):
    desktop.goto("/sign-in")
    desktop.get_by_label("Email").focus()
    desktop.keyboard.type("grace@demo.sonofolio.test")
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("button", name="E-mail me a link", exact=True)).to_be_focused()
    desktop.keyboard.press("Tab")
    desktop.keyboard.type("sonofolio-demo")
    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Space")
    expect(desktop.get_by_label("This is a shared computer")).to_be_checked()
    desktop.keyboard.press("Enter")
    desktop.wait_for_url(lambda address: "/sign-in" not in address)
    cookie = next(cookie for cookie in desktop.context.cookies() if cookie["name"] == "sonofolio")
    assert cookie["expires"] == -1, "a shared computer keeps the cookie no longer than the browser is open"
