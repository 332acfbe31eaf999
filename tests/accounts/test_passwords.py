"""What a password must be, and how it is kept."""

import pytest

from models import Person
from workflows import passwords

AMARA = Person(email="amara.okafor@example.test", name="Amara Okafor")


@pytest.mark.parametrize(
    "password",
    [
        "quiet harbour seven lanterns",
        "a long enough passphrase",
        "T7#kq9!vLz2@xp",
        "8841-5527-3390-zq-7716",
        "pferd batterie heftklammer",
        "ελληνικό κείμενο εδώ",
    ],
)
def test_a_password_that_nobody_would_try_will_do(password):
    assert passwords.judge(password, AMARA) == []


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password-2026!",
        "123456789012",
        "987654321098",
        "qwertyuiop12",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "ultrasound2026",
        "welcome-to-london",
        "letmeinletmein",
        "sonofolio-1234",
    ],
)
def test_the_first_passwords_that_somebody_would_try_will_not(password):
    assert "first passwords" in passwords.judge(password, AMARA)[0]


@pytest.mark.parametrize("password", ["amara.okafor@example.test", "AmaraOkafor2026", "okafor-okafor-okafor"])
def test_ones_own_name_or_address_will_not_do(password):
    assert "name or e-mail" in passwords.judge(password, AMARA)[0]


def test_eleven_characters_are_too_few_and_two_hundred_enough():
    assert "at least 12" in passwords.judge("k3!Vq9#zLp2", AMARA)[0]
    assert "at most 200" in passwords.judge("quiet harbour " * 15, AMARA)[0]


def test_a_password_is_kept_as_argon2id_with_its_own_salt():
    one, other = passwords.keep("quiet harbour"), passwords.keep("quiet harbour")
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert passwords.fits(one, "quiet harbour")
    assert not passwords.fits(one, "quiet harbor")


def test_nothing_fits_who_has_no_password():
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("", "")
    assert not passwords.fits("broken hash", "anything")


def test_accents_may_be_composed_either_way():
    assert passwords.fits(passwords.keep("caf\u00e9 au lait tous"), "cafe\u0301 au lait tous")
