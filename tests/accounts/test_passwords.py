"""What a password must be, and how it is kept."""

import statistics
import time

from models import Person
from workflows.accounts import passwords

AMARA = Person(email="amara.okafor@example.test", name="Amara Okafor")


GOOD = """
quiet harbour seven lanterns
a long enough passphrase
T7#kq9!vLz2@xp
8841-5527-3390-zq-7716
pferd batterie heftklammer
ελληνικό κείμενο εδώ
copper ladder violet onion
walnut trombone glacier
my cat hates the ferry
blue teapot over Antwerp
marmalade-orbit-thistle
seven green tractors sing
kettle drum island fog
rainy tuesday pickle jar
Ix9$uvm2Qr7z
aB$%^x9!@#Lq
drei rote Fahrräder
velvet.cactus.mountain
un deux pamplemousse gris
thunder spoon carpet 88
umbrellakettlerainbowdesk
amara paints wet bicycles blue
"""
KNOWN = """
password1234 Password-2026! P@ssw0rd12345 passwordpassword password!!!! pa55word1234 passw0rd-passw0rd
123456789012 987654321098 111111222222 123123123123 0987654321qwerty 010203040506
qwertyuiop12 qwertyuiopasdf 1qaz2wsx3edc zaq12wsxcde3 !QAZ2wsx#EDC qazwsxedcrfv asdfghjkl123 1q2w3e4r5t6y zxcvbnm12345
poiuytrewqasdf 1234qwerASDF !@#$%^&*()_+ qwe123qwe123 qwertzuiop12
aaaaaaaaaaaaaaa abcabcabcabcabc abcdefghijklmnop hellohellohello letmeinletmein trustno1trustno1 monkeymonkey1
abc123abc123 londonlondon1 letitbeletitbe
ultrasound2026 sonofolio-1234 sonofolio-demo sonographer123 physiotherapy1 musculoskeletal southbank2026
LSBUstudent2026 radiographer2025 welcome-to-london changeme1234 hospital-2026
Jennifer1985 Charlotte2010 michael123456 Summer2024!! Winter2025!!! november2024! Arsenal123456 liverpoolfc2024
Tottenham2023 ManchesterUnited1 superman12345 starwars1977 football12345 iloveyou12345 sunshine12345 Admin1234567
administrator1 welcome12345 test12345678 princess2012!
correcthorsebatterystaple correct-horse-battery-staple C0rrectHorseBatteryStaple1 wearethechampions iwillalwaysloveyou
tobeornottobe maytheforcebewithyou thequickbrownfox imagineallthepeople godsavethequeen yellowsubmarine
happybirthday123 twinkletwinkle thisismypassword letmeinplease
"""


def test_a_password_that_nobody_would_try_will_do():
    refused = {password: passwords.judge(password, AMARA) for password in GOOD.strip().splitlines()}
    assert {password for password, wrong in refused.items() if wrong} == set()


def test_the_first_passwords_that_somebody_would_try_will_not():
    known = [
        *KNOWN.split(),
        "to be, or not to be",
        "We will rock you!",
        "correct horse battery staple",
        "winter is coming",
    ]
    assert min(map(len, known)) >= passwords.LEAST and len(known) >= 60
    said = {password: " ".join(passwords.judge(password, AMARA)) for password in known}
    assert {password for password, sentence in said.items() if "first passwords" not in sentence} == set()


def test_ones_own_name_or_address_will_not_do_however_it_is_written():
    zoe = Person(email="z.sliwinska@trust.example", name="Zoë Śliwińska")
    own = [
        (
            AMARA,
            "amara.okafor@example.test AmaraOkafor2026 okafor-okafor-okafor okafor.amara1 4m4r4-0k4f0r rofakoarama1",
        ),
        (zoe, "śliwińska2026 sliwinska-zoe-1 ZOESLIWINSKA z.sliwinska12 trustsliwinska"),
    ]
    said = {word: " ".join(passwords.judge(word, person)) for person, words in own for word in words.split()}
    assert {word for word, sentence in said.items() if "name or e-mail" not in sentence} == set()


def test_no_password_takes_long_to_judge():
    """Compared with an everyday passphrase in the same run: the estimator alone takes 1,000 times as long over some."""
    hostile = [
        "4@8({[</369&#!1/|0$5+7%2/" * 8,
        "a4@b8c({[<e3g69i1!|o0s$5t+7x%z2" * 6,
        "".join(chr(33 + (n * 37) % 94) for n in range(200)),
        "1" * 200,
        "ab" * 100,
        "01/02/2003" * 20,
        "theofandtoinais" * 13,
        "İ" * 200,
        "😀" * 200,
        "p@55w0rd1|!" * 18,
    ]

    def taken(password: str) -> float:
        start = time.thread_time()
        passwords.judge(password[: passwords.MOST], AMARA)
        return time.thread_time() - start

    assert not passwords.fits(None, "\u0301\u0327" * 500_000)  # composing all of it takes minutes
    usual = statistics.median(taken("quiet harbour seven lanterns") for _ in range(5))
    assert {password[:20]: round(took / usual) for password in hostile if (took := taken(password)) > 40 * usual} == {}


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
