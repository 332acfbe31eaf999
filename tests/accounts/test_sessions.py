"""A sign-in after it has begun: its cookie, its limits, and everything that ends it."""

from dataclasses import replace

import pytest

from models import History, SignIn
from tests.accounts.conftest import NEW, is_in
from tests.cast import PASSWORD
from tests.client import Client
from workflows.accounts import accounts
from workflows.people import links
from workflows.refusals import NotFound


def token_of(browser) -> str:
    with browser.http.session_transaction() as session:
        return session["_user_id"]


def cookie_of(browser) -> str:
    return browser.http.get_cookie("sonofolio").value


def test_the_cookie_in_production_is_locked_to_the_house(live, cast):
    answer = live.post("/sign-in", {"email": "amara@example.test", "password": PASSWORD})
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0][:24] for cookie in cookies) == [
        "__Host-sonofolio",
        "__Host-sonofolio-device-",
    ]
    for cookie in cookies:
        flags = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags
        assert not any(flag.startswith("Domain") for flag in flags)
    assert live.get("/me").status_code == 200


def test_the_id_changes_at_every_sign_in(door):
    browser = door().browser
    first, cookie = token_of(browser), cookie_of(browser)
    door(browser=browser)
    assert token_of(browser) != first
    assert cookie_of(browser) != cookie
    assert SignIn.select().where(SignIn.ended_at.is_null()).count() == 1


def test_an_id_fixed_before_sign_in_is_worth_nothing(app, cast):
    attacker, victim = Client(app), Client(app)
    attacker.get("/sign-in")
    fixed = cookie_of(attacker)
    victim.http.set_cookie("sonofolio", fixed)
    victim.post("/sign-in", {"email": "amara@example.test", "password": PASSWORD})
    assert is_in(victim)
    assert not is_in(attacker)


def test_the_server_keeps_no_token_only_its_hash(door):
    browser = door().browser
    row = SignIn.get()
    assert token_of(browser) not in (row.token_hash, row.device)
    assert row.token_hash == accounts.hash_of(token_of(browser))


def test_signing_out_ends_this_device_alone(browse, cast):
    phone, desk = browse(cast.amara), browse(cast.amara)
    stolen = cookie_of(phone)
    answer = phone.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "You are signed out." in phone.get("/sign-in").text
    assert not is_in(phone)
    assert is_in(desk)
    phone.http.set_cookie("sonofolio", stolen)
    assert not is_in(phone), "a copy of the cookie outlives the sign-out"


def test_signing_out_everywhere_ends_every_device_of_this_person(browse, cast):
    phone, desk, tom = browse(cast.amara), browse(cast.amara), browse(cast.tom)
    assert phone.post("/me/sign-ins/ending").location == "/sign-in"
    assert [is_in(browser) for browser in (phone, desk, tom)] == [False, False, True]


def test_a_new_password_ends_every_other_device(browse, cast, door):
    phone, desk = browse(cast.amara), browse(cast.amara)
    before = token_of(phone)
    answer = phone.post("/me/password", {"current": PASSWORD, "new": NEW})
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "Your password is changed." in phone.get("/me").text
    assert token_of(phone) != before
    assert not is_in(desk)
    assert door(password=PASSWORD).status_code == 422
    assert door(password=NEW).status_code == 303


def test_a_closed_account_is_out_at_its_next_request(browse, cast, door):
    phone, ravi = browse(cast.amara), browse(cast.ravi)
    assert is_in(phone)
    accounts.disable(cast.amara, by=cast.dana)
    assert not is_in(phone)
    assert is_in(ravi)
    assert door().status_code == 422
    accounts.enable(cast.amara, by=cast.dana)
    assert not is_in(phone), "what has ended stays ended"
    assert door().status_code == 303


def test_what_ends_a_sign_in_is_in_the_history(browse, cast):
    browser = browse(cast.amara)
    browser.post("/me/password", {"current": PASSWORD, "new": NEW})
    browser.post("/sign-out")
    accounts.disable(cast.amara, by=cast.dana)
    verbs = [row.verb for row in History.select().where(History.verb != "gather").order_by(History.seq)]
    assert verbs == ["sign_in", "set_password", "sign_in", "sign_out", "disable", "sign_out_everywhere"]
    assert History.get(History.verb == "disable").actor_id == cast.dana.id


def test_signing_out_twice_changes_nothing_more(browse, cast):
    browser = browse(cast.amara)
    browser.post("/sign-out")
    rows = History.select().count()
    assert browser.post("/sign-out").status_code == 303
    assert History.select().count() == rows


# --- Limits ----------------------------------------------------------------------------------------------------


def test_a_shared_computer_forgets_after_ten_idle_minutes(door, later):
    browser = door(shared="y").browser
    later(minutes=9)
    assert is_in(browser)
    later(minutes=9)
    assert is_in(browser), "each use begins the ten minutes anew"
    later(minutes=10, seconds=61)
    assert not is_in(browser)


def test_a_shared_computer_forgets_after_eight_hours_whatever_is_done(door, later):
    browser = door(shared="y").browser
    for _ in range(59):
        later(minutes=8)
        assert is_in(browser)
    later(minutes=8, seconds=1)
    assert not is_in(browser)


def test_a_shared_computer_gets_a_cookie_that_goes_with_the_browser(door):
    assert "Expires" not in str(door(shared="y").headers.getlist("Set-Cookie"))
    assert all("Expires" in cookie for cookie in door().headers.getlist("Set-Cookie"))


def test_an_own_phone_stays_for_a_fortnight_of_rest_and_sixty_days_in_all(door, later):
    rested = door().browser
    later(days=14, minutes=2)
    assert not is_in(rested)
    used = door().browser
    for _ in range(59):
        later(days=1)
        assert is_in(used)
    later(days=1, seconds=1)
    assert not is_in(used)


def test_a_clock_that_jumped_a_year_ahead_gives_no_sign_in_a_longer_time(door, later):
    before = door().browser
    later(days=365)
    phone, shared = door().browser, door(shared="y").browser
    assert is_in(phone) and is_in(shared)
    later(days=-365)
    assert not is_in(phone) and not is_in(shared)
    assert is_in(before)
    later(days=1)
    phone, shared = door().browser, door(shared="y").browser
    later(days=-1)
    assert is_in(phone), "a clock put right by a day ends nobody's own sign-in"
    assert not is_in(shared), "but no shared computer stays open for a day"


def test_a_link_of_the_future_opens_nothing(cast, later):
    later(days=365)
    token = links.make(cast.tom)
    later(days=-365)
    with pytest.raises(NotFound):
        links.owner(token)


# --- Other sites -----------------------------------------------------------------------------------------------


def unsafe_addresses(app) -> list[str]:
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            values = {
                name: "7c9e6679-7425-40de-944b-e07fc1f90ae7" if "UUID" in type(kind).__name__ else 1
                for name, kind in rule._converters.items()
            }
            found.append(adapter.build(rule.endpoint, values, method="POST"))
    return sorted(set(found))


def test_no_unsafe_address_hears_a_form_without_the_right_token(app, browse, cast):
    amara, ravi = browse(cast.amara), browse(cast.ravi)
    addresses = unsafe_addresses(app)
    assert {"/sign-in", "/sign-in/as", "/sign-out", "/me/password", "/me/theme", "/me/sign-ins/ending"} <= set(
        addresses
    )
    before = History.select().count()
    # None, nonsense, somebody else's: refused as out of date wherever Amara may go, refused as not hers elsewhere. Mail
    # programs stop a mail without any (RFC 8058): there the address is the proof.
    for address in (one for one in addresses if not one.startswith("/mail/stop/")):
        for headers in ({}, {"X-CSRFToken": "nonsense"}, {"X-CSRFToken": ravi.token()}):
            code = amara.http.post(address, data={}, headers=headers).status_code
            assert code in (400, 403), f"{address} heard a form with {headers}: {code}"
    assert is_in(amara)
    assert History.select().count() == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_unsafe_address_hears_another_site(app, browse, cast, site):
    amara = browse(cast.amara)
    for address in unsafe_addresses(app):
        answer = amara.http.post(address, headers={"Sec-Fetch-Site": site, "X-CSRFToken": amara.token()})
        assert answer.status_code == 403, address
    assert is_in(amara)


def test_a_token_from_before_signing_in_is_out_of_date(app, cast):
    browser = Client(app)
    stale = browser.token()
    browser.post("/sign-in", {"email": "amara@example.test", "password": PASSWORD})
    assert browser.http.post("/sign-out", headers={"X-CSRFToken": stale}).status_code == 400
    assert is_in(browser)


def test_who_is_signed_in_is_told_when_the_database_is_gone(settings, databases, tmp_path, later):
    from app import create_app
    from database import migrate
    from models import db
    from tests.cast import gather

    folder = tmp_path / "elsewhere"
    app = create_app(replace(settings, database_url=(url := databases.bare(folder))))
    migrate(app.extensions["database"])
    with db.connection_context():
        amara = Client(app, gather().amara)
    assert is_in(amara)
    app.extensions["database"].close_all()
    databases.drop(url)
    later(minutes=2)
    for path in ("/me", "/", "/sign-in", "/healthz"):
        answer = amara.get(path)
        assert answer.status_code == 503, path
        assert str(folder) not in answer.text
