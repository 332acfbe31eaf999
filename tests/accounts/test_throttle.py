"""Guessing: ten tries of one account from one address in a quarter of an hour, and nobody is shut out by another's."""

import threading

import pytest

from models import Attempt, db
from tests.accounts.conftest import is_in
from tests.cast import PASSWORD
from tests.client import Client
from workflows.accounts import accounts, password_queue, passwords, throttle
from workflows.refusals import Invalid

pytestmark = [pytest.mark.both_in_full, pytest.mark.slow]

SECRET = "only for the tests, and long enough for them"
AMARA, TOM = "amara@example.test", "tom@example.test"
HOSPITAL, ELSEWHERE = "198.51.100.7", "203.0.113.5"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """How long who is suspected would have waited, instead of waiting."""
    asked = []
    monkeypatch.setattr(password_queue.queue, "was_wrong", asked.append)
    return asked


@pytest.fixture
def evaluated(monkeypatch):
    """How often a password was compared."""
    count = []
    real = passwords.fits

    def counting(kept, password):
        count.append(1)
        return real(kept, password)

    monkeypatch.setattr(passwords, "fits", counting)
    return count


def test_of_a_hundred_tries_at_one_account_from_one_address_ten_are_heard(door, evaluated):
    answers = [door(password=f"guess {number}") for number in range(100)]
    assert len(evaluated) == 10
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 90
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert "You can try again in 15 minutes." in answers[-1].text
    assert 'value="amara@example.test"' in answers[-1].text


def test_a_strangers_tries_shut_out_nobody_but_the_stranger(door):
    for number in range(12):
        door(password="wrong", address=f"198.51.100.{number % 2}")
    assert door(address=ELSEWHERE).status_code == 303


def test_a_colleague_at_the_same_address_comes_in(door, pauses):
    """As do all when everybody seems to come from a proxy."""
    for _ in range(11):
        door(password="wrong", address=HOSPITAL)
    for number in range(30):
        door(f"person{number}@example.test", address=HOSPITAL)
    assert door(TOM, address=HOSPITAL).status_code == 303


def test_who_guesses_at_many_accounts_or_from_many_addresses_has_to_wait_longer_and_longer(door, pauses):
    for number in range(20):
        door(f"person{number}@example.test", address=HOSPITAL)
    assert pauses == [0] * 10 + list(range(10, 20))
    pauses.clear()
    for number in range(20):
        door(password="wrong", address=f"2001:db8:{number % 4}::1")
    assert pauses == [0] * 12 + list(range(12, 20)), "three from each place are taken for slips"
    assert door(address=ELSEWHERE).status_code == 303


@pytest.mark.both
def test_the_wait_ends_and_asking_in_between_does_not_lengthen_it(door, later):
    for _ in range(10):
        door(password="wrong")
    assert door().status_code == 429
    later(minutes=14)
    assert door().status_code == 429
    later(minutes=1, seconds=1)
    assert door().status_code == 303


def test_what_was_counted_in_the_future_counts_for_nothing(door, later):
    later(days=365)
    for _ in range(11):
        last = door(password="wrong")
    assert last.status_code == 429
    later(days=-365)
    assert door().status_code == 303
    assert Attempt.select().count() == 0


def test_right_passwords_do_not_count(door):
    for _ in range(15):
        assert door().status_code == 303
    assert Attempt.select().count() == 0


def test_signing_in_oneself_gives_a_guesser_no_more_tries(door, evaluated):
    for _ in range(9):
        door(password="wrong", address=HOSPITAL)
    assert door(address=ELSEWHERE).status_code == 303
    assert [door(password="wrong", address=HOSPITAL).status_code for _ in range(2)] == [422, 429]
    assert len(evaluated) == 11


@pytest.mark.both
def test_parallel_tries_do_not_slip_through(database, cast, evaluated):
    outcomes, ready = [], threading.Barrier(8)

    def guess() -> None:
        ready.wait()
        for _ in range(13):
            try:
                accounts.sign_in(AMARA, "wrong", address=HOSPITAL, secret=SECRET)
            except (Invalid, throttle.TooMany, password_queue.Busy) as no:
                outcomes.append(type(no))
        db.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(Invalid) == len(evaluated) <= throttle.MOST
    while len(evaluated) < throttle.MOST:  # the tries that were asked to come back have not been counted
        with pytest.raises(Invalid):
            accounts.sign_in(AMARA, "wrong", address=HOSPITAL, secret=SECRET)
    with pytest.raises(throttle.TooMany):
        accounts.sign_in(AMARA, PASSWORD, address=HOSPITAL, secret=SECRET)


def test_a_restart_forgets_nothing(door, settings):
    for _ in range(10):
        door(password="wrong", address="127.0.0.1")
    from app import create_app

    again = Client(create_app(settings))
    assert again.post("/sign-in", {"email": AMARA, "password": PASSWORD}).status_code == 429


def test_the_table_of_tries_names_nobody(door):
    door(browser=door().browser, password="wrong")
    keys = {row.key for row in Attempt.select()}
    assert len(keys) == 4, "account and address together, either alone, and the device"
    assert all(len(key) == 64 and "amara" not in key and "192.0.2" not in key for key in keys)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        (None, "nonsense", True),
    ],
)
def test_one_subscriber_is_one_address(one, other, same):
    assert (throttle.address_key(one) == throttle.address_key(other)) is same


def test_guessing_the_current_password_on_an_open_page_is_counted_and_shuts_no_other_page(browse, cast, evaluated):
    browser, other = browse(cast.amara), browse(cast.amara)
    new = "quiet harbour seven lanterns"
    codes = [browser.post("/me/password", {"current": f"guess {n}", "new": new}).status_code for n in range(12)]
    assert codes == [422] * 10 + [429] * 2
    assert len(evaluated) == 10
    assert is_in(browser)
    assert other.post("/me/password", {"current": PASSWORD, "new": new}).status_code == 303


# --- A browser that its owner has used before ------------------------------------------------------------------


def use_up(door, email=AMARA, address=HOSPITAL):
    for _ in range(10):
        door(email, "wrong", address=address)
    assert door(email, address=address).status_code == 429


def test_who_has_signed_in_here_before_comes_in_though_the_tries_of_the_address_are_used_up(door):
    phone = door(address=HOSPITAL).browser
    phone.post("/sign-out")
    use_up(door)
    assert door(browser=phone, address=HOSPITAL).status_code == 303


def test_a_known_browser_has_few_tries_of_its_own_and_ten_in_all(door, evaluated):
    phone = door(address=HOSPITAL).browser
    phone.post("/sign-out")
    evaluated.clear()
    for number in range(40):
        door(browser=phone, password=f"guess {number}", address=HOSPITAL)
    assert len(evaluated) == throttle.MOST
    use_up_again = [door(browser=phone, password="wrong", address=ELSEWHERE).status_code for _ in range(12)]
    assert use_up_again == [422] * 10 + [429] * 2


def test_a_known_browser_is_known_for_the_account_alone_that_signed_in(door):
    phone = door(TOM, address=HOSPITAL).browser
    phone.post("/sign-out")
    use_up(door)
    assert door(browser=phone, address=HOSPITAL).status_code == 429


def test_a_cookie_that_was_made_up_or_given_to_another_account_is_worth_nothing(door, app):
    phone = door(TOM, address=HOSPITAL).browser
    use_up(door)
    name = f"sonofolio-device-{throttle.name_of(SECRET, AMARA)}"
    toms = phone.http.get_cookie(f"sonofolio-device-{throttle.name_of(SECRET, TOM)}").value
    for value in (toms, "", "x", toms[:-1], "a.b.c", "\u00e9"):
        thief = Client(app)
        thief.http.set_cookie(name, value)
        assert door(browser=thief, address=HOSPITAL).status_code == 429, value


def test_a_shared_computer_is_not_remembered_and_no_cookie_says_whose_it_is(door):
    assert "sonofolio-device" not in str(door(shared="y").headers.getlist("Set-Cookie"))
    cookie = next(one for one in door().headers.getlist("Set-Cookie") if "device" in one)
    assert "HttpOnly" in cookie and "amara" not in cookie.lower() and "example" not in cookie


def test_one_browser_remembers_few_accounts(door, cast):
    emails = [AMARA, TOM, "mei@example.test", "ravi@example.test", "grace@example.test", "helen@example.test"]
    browser = Client(door().browser.http.application)
    for email in emails:
        assert door(email, browser=browser).status_code == 303
    kept = [email for email in emails if browser.http.get_cookie(f"sonofolio-device-{throttle.name_of(SECRET, email)}")]
    assert len(kept) == 5 and emails[-1] in kept
