"""Passkeys in a real browser, with a device of the browser's own: made on one's own page, and used to come in."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import axe, axe_in_both_themes, sign_in, virtual_authenticator


@pytest.fixture
def server(running):
    """Passkeys need a name: the same server, as localhost."""
    return running.url.replace("127.0.0.1", "localhost")


def add_one(phone) -> None:
    sign_in(phone, "Grace Adeyemi", "/me")
    phone.get_by_role("button", name="Add a passkey").tap()
    expect(phone.get_by_text("Your passkey is added")).to_be_visible()


def change(passkey) -> None:
    """Unfold what can be changed of this one."""
    passkey.get_by_text("Change", exact=True).tap()
    expect(passkey.locator("details")).to_have_attribute("open", "")


def leave(phone) -> None:
    phone.goto("/me")
    phone.get_by_role("button", name="Sign out", exact=True).tap()


def test_a_passkey_is_added_named_and_removed(phone):
    virtual_authenticator(phone)
    add_one(phone)
    axe_in_both_themes(phone)
    ways, name = phone.locator("#ways-in"), "My own phone"
    before = ways.get_by_text("Change", exact=True).count()
    change(ways.locator("li").first)  # the latest
    ways.get_by_label("Name").first.fill(name)
    ways.get_by_role("button", name="Keep this name").first.tap()
    renamed = ways.locator("li", has_text=name).first
    expect(renamed).to_be_visible()
    change(renamed)
    axe_in_both_themes(phone)
    renamed.get_by_role("button", name=f"Remove {name}").tap()
    expect(phone.get_by_text("The passkey is removed.")).to_be_visible()
    expect(ways.get_by_text("Change", exact=True)).to_have_count(before - 1)


def test_the_field_for_the_address_offers_the_passkey_and_one_is_in(phone):
    virtual_authenticator(phone)
    add_one(phone)
    leave(phone)
    phone.wait_for_url(re.compile("/inbox$"))  # the browser's device has answered for her
    phone.goto("/me")
    expect(phone.get_by_text("by passkey")).to_be_visible()


def test_the_button_signs_in_and_leads_to_where_one_wanted(phone):
    devtools, device = virtual_authenticator(phone)
    add_one(phone)
    devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": device, "enabled": False})
    leave(phone)
    expect(phone.get_by_text("You are signed out.")).to_be_visible()
    phone.goto("/students")
    axe(phone)
    devtools.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": device, "enabled": True})
    phone.get_by_role("button", name="Sign in with a passkey").tap()
    phone.wait_for_url(re.compile("[0-9]/students$"))


def test_a_browser_that_does_not_know_webauthn_as_json_gets_a_file_for_it(phone):
    for name in ("parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"):
        phone.add_init_script(f"delete PublicKeyCredential.{name}")
    virtual_authenticator(phone)
    with phone.expect_response("**/vendor/simplewebauthn.js"):
        add_one(phone)
    leave(phone)
    phone.wait_for_url(re.compile("/inbox$"))


def test_where_no_passkey_was_chosen_the_page_says_so(phone):
    devtools, device = virtual_authenticator(phone)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    phone.goto("/sign-in")
    phone.get_by_role("button", name="Sign in with a passkey").tap()
    expect(phone.get_by_text("That was not finished.")).to_be_visible()
    expect(phone.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_under_an_ip_address_there_are_none_and_the_page_says_where(phone, running, watch_of):
    watch_of(phone).forgive("asked another host: http://127.0.0.1")
    phone.goto(f"{running.url}/sign-in")
    expect(phone.get_by_text("Passkeys need a name in the address: open http://localhost:")).to_be_visible()
    expect(phone.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
