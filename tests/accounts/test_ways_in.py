"""Ways in over HTTP: passkeys, mailed links and codes, addresses, one's sign-ins; and on what proof they change."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from models import Address, Letter, Passkey, Person, SignIn
from tests.accounts.authenticator import Authenticator, plain
from tests.accounts.conftest import NEW, is_in
from tests.cast import PASSWORD
from tests.client import Client
from workflows.accounts import accounts, mail_links
from workflows.notices import letters

HERE = {"origin": "http://localhost", "party": "localhost"}
WORK = "amara@nhs.example"


@pytest.fixture
def app(app, settings):
    """The application under an address with a name, as passkeys need one."""
    app.config["SONOFOLIO"] = replace(settings, base_url="http://localhost")
    return app


def read(kind: str) -> dict[str, str]:
    """The newest letter of this kind, as its recipient reads it."""
    letter = letters.take(Letter.select().where(Letter.kind == kind).order_by(Letter.id.desc()).get().id)
    return mail_links.answer(letter)[1] if kind == "asked_link" else letter.words


def made(browser: Client) -> Authenticator:
    """A passkey that is added on one's own page."""
    device = Authenticator(**HERE)
    options = browser.post("/me/passkeys/options", json=True).text
    answer = browser.post("/me/passkeys", {"credential": device.make(options)})
    assert (answer.status_code, answer.location) == (303, "/me#ways-in")
    return device


# --- Passkeys ----------------------------------------------------------------------------------------------------


def test_a_passkey_is_added_and_signs_in_where_one_wanted_to_go(app, browse, cast):
    browser = browse(cast.amara)
    device = made(browser)
    assert "Your passkey is added" in browser.get("/me").text
    other = Client(app)
    options = other.get("/sign-in/passkey").text
    sent = {"credential": device.use(options), "next": "/portfolio", "shared": "y"}
    answer = other.post("/sign-in/passkey", sent)
    assert (answer.status_code, answer.location) == (303, "/portfolio")
    page = other.get("/me").text
    assert "by passkey" in page
    assert "shared computer" in page


def test_a_passkey_that_opens_nothing_is_told_on_the_page_and_in_the_log(app, cast, caplog):
    browser = Client(app)
    answer = browser.post(
        "/sign-in/passkey", {"credential": Authenticator(**HERE).use(browser.get("/sign-in/passkey").text)}
    )
    assert answer.status_code == 422
    assert "This passkey opens nothing here." in answer.text
    assert "refused: passkey: because=unknown" in caplog.text


def test_another_browser_cannot_answer(app, browse, cast):
    device = made(browse(cast.amara))
    options = Client(app).get("/sign-in/passkey").text
    assert Client(app).post("/sign-in/passkey", {"credential": device.use(options)}).status_code == 422


def test_the_options_are_no_page_and_asking_for_them_writes_nothing(app, cast, browse):
    answer = Client(app).get("/sign-in/passkey")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-store")
    assert json.loads(answer.text)["rpId"] == "localhost"
    stale = browse(cast.amara)
    SignIn.update(made_at=0).execute()
    answer = stale.post("/me/passkeys/options", json=True)
    assert answer.status_code in (401, 403)


def test_under_an_address_without_a_name_there_are_none(app, settings, browse, cast):
    app.config["SONOFOLIO"] = replace(settings, base_url="http://127.0.0.1:8000")
    browser = Client(app)
    page = browser.get("/sign-in").text
    assert "open <b>http://localhost:8000</b>" in page
    assert "passkeys.js" not in page
    assert browser.get("/sign-in/passkey").status_code == 404
    assert "open <b>http://localhost:8000</b>" in browse(cast.amara).get("/me").text
    app.config["SONOFOLIO"] = replace(settings, base_url="http://127.0.0.1:8000", env="production")
    assert "localhost" not in Client(app).get("/sign-in").text


def test_development_takes_localhost_on_its_own_port_alone(app, settings):
    app.config["SONOFOLIO"] = replace(settings, base_url="http://127.0.0.1:8000")
    for base, status in (
        ("http://localhost:8000", 200),
        ("http://localhost:9000", 404),
        ("http://evil.test:8000", 404),
    ):
        answer = app.test_client().get("/sign-in/passkey", base_url=base)
        assert answer.status_code == status, base
    answer = app.test_client().get("/sign-in/passkey", base_url="http://localhost:8000")
    assert json.loads(answer.text)["rpId"] == "localhost"


# --- On a fresh proof --------------------------------------------------------------------------------------------


def test_ways_in_are_changed_on_a_fresh_proof_alone(browse, cast, later):
    browser = browse(cast.amara)
    device = made(browser)
    number = Passkey.get().id
    later(minutes=11)
    page = browser.get("/me").text
    assert "prove that it is you" in page
    assert "Add a passkey" not in page
    assert browser.post("/me/passkeys/options", json=True).status_code == 403
    for path, form in (
        ("/me/passkeys", {"credential": "{}"}),
        ("/me/passkeys/removal", {"passkey": number}),
        ("/me/addresses", {"email": WORK}),
        ("/me/addresses/first", {"email": WORK}),
        ("/me/addresses/removal", {"email": cast.amara.email}),
    ):
        assert browser.post(path, form).location == "/me#ways-in", path
    assert (Passkey.get().removed_at, Address.select().where(Address.email == WORK).count()) == (None, 0)
    wrong = browser.post("/me/proof", {"password": "not mine at all"})
    assert (wrong.status_code, "This is not your password." in wrong.text) == (422, True)
    assert browser.post("/me/proof", {"password": PASSWORD}).location == "/me#ways-in"
    assert "Add a passkey" in browser.get("/me").text
    later(minutes=11)
    options = browser.get("/me/proof/passkey").text
    assert browser.post("/me/proof/passkey", {"credential": device.use(options)}).location == "/me#ways-in"
    assert browser.post("/me/passkeys/removal", {"passkey": plain(device.id)}).location == "/me#ways-in"
    assert Passkey.get().removed_at is not None


def test_a_password_is_changed_without_the_old_one_after_a_link_alone(app, browse, cast, later):
    assert browse(cast.amara).post("/me/password", {"new": NEW}).status_code == 422
    browser = Client(app)
    browser.post("/sign-in/link", {"email": cast.amara.email})
    browser.post("/sign-in/code", {"code": read("asked_link")["code"]})
    assert "Current password" not in browser.get("/me").text
    assert browser.post("/me/password", {"new": NEW}).status_code == 303
    assert accounts.sign_in(cast.amara.email, NEW, address=None, secret="s")
    later(minutes=11)
    assert browser.post("/me/password", {"new": PASSWORD}).status_code == 422


def test_any_sign_in_of_ones_own_is_ended_by_itself(app, browse, cast):
    phone, ward, toms = browse(cast.amara), browse(cast.amara), browse(cast.tom)
    action = re.search(r'action="(/me/sign-ins/[0-9a-f]+/ending)"', phone.get("/me").text).group(1)
    assert toms.post(action).status_code == 404
    assert phone.post(action).status_code == 303
    assert (is_in(phone), is_in(ward), is_in(toms)) == (True, False, True)
    assert phone.post(action).status_code == 404
    assert not SignIn.select().where(SignIn.token_hash.contains(action.split("/")[3])).exists(), (
        "it is no part of a hash"
    )


# --- Mailed links ------------------------------------------------------------------------------------------------


def test_a_link_is_asked_for_and_its_button_pressed_on_another_device(app, cast):
    ward, phone = Client(app), Client(app)
    answer = ward.post("/sign-in/link", {"email": " Amara@example.test", "next": "/portfolio"})
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    assert "a letter is on its way" in ward.get("/sign-in/code").text
    address = f"/enter/{read('asked_link')['token']}"
    for _ in range(2):
        page = phone.get(address)
        assert "You sign in as <b>Amara Okafor</b>." in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert phone.post(address).location == "/"
    assert (is_in(phone), is_in(ward)) == (True, False)
    gone = Client(app).post(address)
    assert (gone.status_code, "This link has been used" in gone.text) == (404, True)


def test_the_code_is_typed_on_the_device_that_asked(app, cast):
    ward = Client(app)
    ward.post("/sign-in/link", {"email": cast.amara.email, "next": "/portfolio"})
    code = read("asked_link")["code"]
    assert Client(app).post("/sign-in/code", {"code": code}).status_code == 422
    wrong = ward.post("/sign-in/code", {"code": "12"})
    assert (wrong.status_code, mail_links.WRONG_CODE in wrong.text) == (422, True)
    answer = ward.post("/sign-in/code", {"code": code, "shared": "y"})
    assert (answer.status_code, answer.location) == (303, "/portfolio")
    assert "by a mailed link" in ward.get("/me").text


def test_known_and_unknown_addresses_read_the_same(app, cast):
    accounts.disable(cast.tom)
    pages = []
    for email in ("amara@example.test", "nobody@example.test", "tom@example.test"):
        browser = Client(app)
        answers = [browser.post("/sign-in/link", {"email": email}), browser.get("/sign-in/code")]
        answers.append(browser.post("/sign-in/code", {"code": "000000"}))
        pages.append([(one.status_code, re.sub(rf"{email}|value=\"[^\"]*\"", "", one.text)) for one in answers])
    assert pages[0] == pages[1] == pages[2]


def test_a_forgotten_password_is_chosen_anew_by_oneself(app, browse, cast):
    before, browser = browse(cast.amara), Client(app)
    browser.post("/sign-in/link", {"email": cast.amara.email, "purpose": "reset"})
    page = browser.get("/sign-in/code").text
    assert "choose a new password" in page
    assert 'name="code"' not in page
    token = read("asked_link")["token"]
    assert browser.get(f"/enter/{token}").status_code == 404
    assert browser.post(f"/welcome/{token}", {"password": NEW}).status_code == 303
    assert (is_in(browser), is_in(before)) == (True, False)


def test_who_asked_for_nothing_types_no_code(app):
    assert Client(app).get("/sign-in/code").location == "/sign-in"
    assert Client(app).post("/sign-in/code", {"code": "123456"}).status_code == 422


def test_too_many_letters_are_refused_alike(app, cast):
    for email in (cast.amara.email, "nobody@example.test"):
        answers = [Client(app).post("/sign-in/link", {"email": email}) for _ in range(mail_links.MOST_ASKED + 1)]
        assert [one.status_code for one in answers] == [303] * mail_links.MOST_ASKED + [429]
        assert "Retry-After" in answers[-1].headers


# --- Addresses ---------------------------------------------------------------------------------------------------


def test_an_address_is_added_proved_made_the_first_and_the_other_removed(app, browse, cast):
    browser, first = browse(cast.amara), cast.amara.email
    assert browser.post("/me/addresses", {"email": WORK}).status_code == 303
    assert f"A letter is on its way to {WORK}" in browser.get("/me").text
    wrong = browser.post("/me/addresses/proof", {"code": "12"})
    assert (wrong.status_code, mail_links.WRONG_CODE in wrong.text) == (422, True)
    letter = read("prove_address")
    assert Client(app).get(f"/prove/{letter['token']}").location.startswith("/sign-in?next=")
    assert browse(cast.tom).get(f"/prove/{letter['token']}").status_code == 404
    assert f"Is <b>{WORK}</b> your address?" in browser.get(f"/prove/{letter['token']}").text
    assert browser.post(f"/prove/{letter['token']}").status_code == 303
    assert browser.post("/me/addresses/first", {"email": WORK}).status_code == 303
    assert Person.get_by_id(cast.amara.id).email == WORK
    assert browser.post("/me/addresses/removal", {"email": first}).status_code == 303
    stays = browser.post("/me/addresses/removal", {"email": WORK})
    assert (stays.status_code, "last way in" in stays.text) == (409, True)
    bad = browser.post("/me/addresses", {"email": "no address"})
    assert (bad.status_code, 'value="no address"' in bad.text) == (422, True)


def test_who_has_no_address_and_no_password_reads_every_page_of_theirs(app, browse, cast):
    Address.delete().where(Address.person == cast.ravi.id).execute()
    Person.update(email=None, password=None).where(Person.id == cast.ravi.id).execute()
    browser = browse(cast.ravi)
    page = browser.get("/me").text
    assert "Without one, a lost device is a lost account." in page
    for path in ("/inbox", "/students", "/news", "/me/data"):
        assert browser.get(path).status_code == 200, path
    for path in ("/cohort", "/cohort.csv", "/cohort.xlsx"):
        assert browse(cast.dana).get(path).status_code == 200, path
    assert browse(cast.amara).get("/scans/new").status_code == 200
    assert browser.post("/me/password", {"new": NEW, "current": "x"}).status_code == 422
    made(browser)
