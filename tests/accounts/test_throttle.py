"""Guessing: ten tries in a quarter of an hour, by account and by address, whatever the guesser does."""

import threading

import pytest

from models import Attempt, db
from tests.accounts.conftest import is_in
from tests.cast import PASSWORD
from tests.client import Client
from workflows import accounts, passwords, throttle
from workflows.refusals import Invalid

pytestmark = pytest.mark.both

SECRET = "only for the tests, and long enough for them"


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


def test_of_a_hundred_tries_at_one_account_ten_are_heard(door, evaluated):
    answers = [door(password=f"guess {number}", address=f"198.51.100.{number}") for number in range(100)]
    assert len(evaluated) == 10
    assert [answer.status_code for answer in answers] == [422] * 10 + [429] * 90
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert "You can try again in 15 minutes." in answers[-1].text
    assert 'value="amara@example.test"' in answers[-1].text


def test_of_a_hundred_tries_from_one_address_ten_are_heard(door, evaluated):
    codes = [door(f"person{number}@example.test").status_code for number in range(100)]
    assert len(evaluated) == 10
    assert codes == [422] * 10 + [429] * 90


def test_the_right_password_waits_too_and_nobody_is_locked_out_for_ever(door, later):
    for number in range(10):
        door(password="wrong", address=f"198.51.100.{number}")
    assert door().status_code == 429
    later(minutes=14)
    assert door().status_code == 429  # asking in between does not lengthen the wait
    later(minutes=1, seconds=1)
    assert door().status_code == 303


def test_right_passwords_do_not_count(door):
    for _ in range(15):
        assert door().status_code == 303
    assert Attempt.select().count() == 0


def test_signing_in_oneself_gives_a_guesser_no_more_tries(door, evaluated):
    for number in range(9):
        door(password="wrong", address=f"198.51.100.{number}")
    assert door(address="203.0.113.5").status_code == 303
    assert door(password="wrong", address="198.51.100.77").status_code == 422
    assert door(password="wrong", address="198.51.100.78").status_code == 429
    assert len(evaluated) == 11


def test_parallel_tries_do_not_slip_through(database, cast, evaluated):
    outcomes, ready = [], threading.Barrier(8)

    def guess(thread: int) -> None:
        ready.wait()
        for number in range(5):
            try:
                accounts.sign_in("amara@example.test", "wrong", address=f"10.{thread}.{number}.1", secret=SECRET)
            except (Invalid, throttle.TooMany) as no:
                outcomes.append(type(no))
        db.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count(Invalid), outcomes.count(throttle.TooMany)) == (10, 30)
    assert len(evaluated) == 10


def test_a_restart_forgets_nothing(door, settings):
    for number in range(10):
        door(password="wrong", address=f"198.51.100.{number}")
    from app import create_app

    again = Client(create_app(settings))
    assert again.post("/sign-in", {"email": "amara@example.test", "password": PASSWORD}).status_code == 429


def test_the_table_of_tries_names_nobody(door):
    door(password="wrong")
    keys = [row.key for row in Attempt.select()]
    assert len(keys) == 2
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


def test_guessing_the_current_password_on_an_open_page_is_counted_too(browse, cast, evaluated):
    browser = browse(cast.amara)
    codes = [
        browser.post("/me/password", {"current": f"guess {n}", "new": "quiet harbour seven lanterns"}).status_code
        for n in range(12)
    ]
    assert codes == [422] * 10 + [429] * 2
    assert len(evaluated) == 10
    assert is_in(browser)
