"""/me: who I am here, how it looks, where I am signed in, my password."""

import pytest

from models import Person
from tests.accounts.conftest import NEW
from tests.cast import PASSWORD
from tests.client import Client, queries_of
from workflows.accounts import accounts, passwords

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"


def test_amara_sees_who_she_is_here(browse, cast):
    page = browse(cast.amara).get("/me").text
    assert "amara@example.test" in page
    assert "Student at Croydon MSK clinic, September 2026" in page


@pytest.mark.parametrize(
    ("who", "part"),
    [
        ("ravi", "Mentor at Croydon MSK clinic"),
        ("helen", "Clinical manager at Croydon MSK clinic"),
        ("esther", "External assessor at Croydon MSK clinic"),
        ("ian", "Internal assessor, PgCert MSK Ultrasound"),
        ("dana", "Course director, PgCert MSK Ultrasound"),
    ],
)
def test_everybody_reads_their_part_once(browse, cast, who, part):
    assert browse(getattr(cast, who)).get("/me").text.count(part) == 1


def test_who_has_no_part_yet_is_told_who_gives_one(browse, cast):
    stranger = Person.create(email="new@example.test", name="Nadia Newcomer", made_at=0)
    assert "Your course director gives you one." in browse(stranger).get("/me").text


def test_each_device_is_named_with_since_when(door, browse, cast):
    browse(cast.amara)
    page = door(shared="y").browser.get("/me").text
    assert "(this one)" in page
    assert "shared computer" in page
    assert page.count("since <time") == 2


def test_a_browser_is_kept_in_two_words(app, cast):
    browser = Client(app)
    browser.post("/sign-in", {"email": "amara@example.test", "password": PASSWORD}, headers={"User-Agent": PHONE})
    assert "Safari on iPhone" in browser.get("/me").text


def test_the_page_asks_nine_queries_however_many_devices(browse, cast, database):
    browser = browse(cast.ravi)
    for _ in range(20):
        accounts.start(cast.ravi)
    with queries_of(database) as seen:
        page = browser.get("/me").text
    assert len(seen) <= 9, seen  # a mentor: who covers for them, too
    assert "… and 13 earlier ones." in page


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
def test_a_theme_is_kept_for_every_page(browse, cast, theme):
    browser = browse(cast.amara)
    assert browser.post("/me/theme", {"theme": theme}).location == "/me"
    page = browser.get("/me").text
    assert f'data-theme="{theme}"' in page
    assert "Your theme is kept." in page
    assert browser.post("/me/theme", {"theme": theme}, htmx=True).status_code == 204


def test_there_is_no_other_theme(browse, cast):
    assert browse(cast.amara).post("/me/theme", {"theme": "pink"}).status_code == 422
    assert Person.get_by_id(cast.amara.id).theme == "system"


@pytest.mark.parametrize(
    ("current", "new", "field", "says"),
    [
        ("", NEW, "current", "Write your current password."),
        (PASSWORD, "", "new", "Choose a new password."),
        ("not my password", NEW, "current", "This is not your current password."),
        (PASSWORD, "short", "new", "Use at least 12 characters."),
        (PASSWORD, "amara okafor 2026", "new", "too close to your name"),
    ],
)
def test_a_change_of_password_says_what_is_wrong_beside_the_field(browse, cast, current, new, field, says):
    browser = browse(cast.amara)
    answer = browser.post("/me/password", {"current": current, "new": new})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert says in answer.text
    for secret in (current, new):
        assert not secret or f'value="{secret}"' not in answer.text
    assert '<details class="more" open>' in answer.text
    assert browser.get("/me").status_code == 200


def test_of_two_changes_of_password_at_once_the_first_stands(browse, cast, monkeypatch):
    browser, real = browse(cast.amara), passwords.keep

    def meanwhile(password):
        Person.update(password="changed while it was hashed").where(Person.id == cast.amara.id).execute()
        return real(password)

    monkeypatch.setattr(passwords, "keep", meanwhile)
    answer = browser.post("/me/password", {"current": PASSWORD, "new": NEW})
    assert answer.status_code == 422
    assert Person.get_by_id(cast.amara.id).password == "changed while it was hashed"


def test_columns_that_the_forms_do_not_have_stay_as_they_are(browse, cast):
    browser = browse(cast.amara)
    before = Person.select().where(Person.id == cast.amara.id).dicts().get()
    extra = dict.fromkeys(before, "1") | {"email": "x@evil.test", "role": "director", "disabled_at": "0"}
    browser.post("/me/theme", {**extra, "theme": "dark"})
    browser.post("/me/password", {**extra, "current": "wrong", "new": NEW})
    after = Person.select().where(Person.id == cast.amara.id).dicts().get()
    assert after == {**before, "theme": "dark"}
