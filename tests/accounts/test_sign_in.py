"""The front door: who comes in, who does not, and what either is told."""

import random
import re
import statistics
import time

import pytest

from models import History, Person, SignIn
from tests.accounts.conftest import is_in
from tests.cast import PASSWORD
from tests.client import Client
from workflows.accounts import accounts, passwords

WRONG = "do not go together"


def test_amara_signs_in_and_is_at_home(door):
    answer = door()
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(answer.browser)


def test_capitals_and_spaces_around_the_address_do_not_matter(door):
    assert door("  AMARA@Example.Test ").status_code == 303


def test_a_wrong_password_keeps_the_address_and_not_the_password(door):
    answer = door(password="not this one, sorry")
    assert answer.status_code == 422
    assert 'value="amara@example.test"' in answer.text
    assert "not this one, sorry" not in answer.text
    assert WRONG in answer.text
    assert not is_in(answer.browser)


def test_an_empty_form_says_what_is_missing_beside_each_field(door):
    answer = door("", "")
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert 'id="password-error"' in answer.text


@pytest.mark.parametrize("email", ["a\x00b@example.test", "x" * 5000, "é@example.test", "' OR 1=1 --"])
def test_odd_addresses_are_answered_like_any_wrong_one(door, email):
    answer = door(email)
    assert answer.status_code == 422
    assert WRONG in answer.text


def test_who_is_signed_in_already_goes_home_from_the_front_door(browse, cast):
    answer = browse(cast.amara).get("/sign-in?next=/scans")
    assert (answer.status_code, answer.location) == (303, "/scans")


def test_unknown_disabled_uninvited_and_wrong_read_the_same(door, cast):
    accounts.disable(cast.tom)
    Person.update(password=None).where(Person.id == cast.mei.id).execute()
    texts = {
        door(email, password, address=f"192.0.2.{number}").text.replace(email, "…")
        for number, (email, password) in enumerate(
            [
                ("nobody@example.test", PASSWORD),
                ("tom@example.test", PASSWORD),
                ("mei@example.test", PASSWORD),
                ("amara@example.test", "wrong and wrong again"),
            ]
        )
    }
    # Each browser has its own form token; nothing else differs.
    assert len({re.sub(r'name="csrf_token"[^>]*>', "", text) for text in texts}) == 1


@pytest.mark.slow
def test_unknown_and_wrong_take_as_long(database, cast):
    Person.update(password=passwords.keep(PASSWORD)).execute()
    accounts.disable(cast.tom)
    tries = ["amara@example.test", "nobody@example.test", "tom@example.test"]
    for attempt in range(5):  # a busy machine may spoil a run, not five; hence processor time, too
        taken = {email: [] for email in tries}
        for turn in range(25):
            random.shuffle(tries)
            for place, email in enumerate(tries):
                start = time.thread_time()
                with pytest.raises(accounts.Invalid):
                    accounts.sign_in(email, "wrong", address=f"2001:db8:{turn}:{place}::1", secret=f"{attempt}{turn}")
                taken[email].append(time.thread_time() - start)
        medians = [statistics.median(times) for times in taken.values()]
        if max(medians) / min(medians) < 1.1:
            return
    pytest.fail(f"medians differ: {medians}")


def test_an_old_hash_is_made_anew_when_its_owner_signs_in(door, cast):
    before = Person.get_by_id(cast.amara.id).password
    assert passwords.is_outdated(before)
    assert door(password="wrong").status_code == 422
    assert Person.get_by_id(cast.amara.id).password == before
    assert door().status_code == 303
    after = Person.get_by_id(cast.amara.id).password
    assert not passwords.is_outdated(after)
    assert passwords.fits(after, PASSWORD)


def test_the_password_of_a_moment_ago_does_not_come_in(door, cast, monkeypatch):
    real = passwords.fits

    def meanwhile(kept, password):
        Person.update(password="changed while it was compared").where(Person.id == cast.amara.id).execute()
        return real(kept, password)

    monkeypatch.setattr(passwords, "fits", meanwhile)
    assert door().status_code == 422
    assert SignIn.select().count() == 0


def test_a_sign_in_writes_history_without_personal_fields(door, cast):
    door()
    row = History.select().order_by(History.seq.desc()).get()
    assert (row.verb, row.actor_id, row.object) == ("sign_in", cast.amara.id, f"person:{cast.amara.id}")
    assert "amara" not in row.payload.lower()


def test_the_next_person_at_the_same_browser_ends_the_sign_in_before(door, cast):
    first = door().browser
    with first.http.session_transaction() as session:
        token = session["_user_id"]
    answer = door("tom@example.test", browser=first)
    assert answer.status_code == 303
    assert accounts.visitor(token) is None
    assert "Tom Bright" in first.get("/me").text


def test_several_roles_in_one_person_open_the_rooms_of_each(browse, cast):
    from workflows.people import people

    people.appoint(cast.ravi, "msk-pgcert", "director")
    browser = browse(cast.ravi)
    page = browser.get("/me").text
    assert "Mentor at Croydon MSK clinic" in page
    assert "Course director" in page
    for room in ("/inbox", "/cohort"):
        assert browser.get(room).status_code == 200
    assert browser.get("/scans").status_code == 403


# --- The demo people -------------------------------------------------------------------------------------------


@pytest.fixture
def demo(cast):
    """Amara, Ravi and a student outside the story, as people of the demo course."""
    for key, email in (("amara", "amara"), ("ravi", "ravi"), ("tom", "zoe")):
        Person.update(email=f"{email}@demo.sonofolio.test").where(Person.id == getattr(cast, key).id).execute()


def test_the_demo_people_are_one_click_away(app, demo):
    browser = Client(app)
    page = browser.get("/sign-in?next=/inbox").text
    assert page.index("Amara Okafor") < page.index("Ravi Patel") < page.index("The rest of the course")
    assert "Mentor at Croydon MSK clinic" in page
    answer = browser.post("/sign-in/as", {"person": "ravi@demo.sonofolio.test", "next": "/inbox"})
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert "Ravi Patel" in browser.get("/me").text


@pytest.mark.parametrize("email", ["mei@example.test", "nobody@demo.sonofolio.test", "", "@demo.sonofolio.test"])
def test_one_click_is_for_demo_people_alone(app, demo, email):
    assert Client(app).post("/sign-in/as", {"person": email}).status_code == 404


def test_production_knows_no_one_click(live, demo):
    assert "Amara Okafor" not in live.get("/sign-in").text
    answer = live.post("/sign-in/as", {"person": "amara@demo.sonofolio.test"})
    assert answer.status_code == 404
    assert SignIn.select().count() == 0
