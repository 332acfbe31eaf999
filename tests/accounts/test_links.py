"""One-time links: the way in for who has no password."""

import pytest

from models import History, Link, Person, SignIn
from tests.accounts.conftest import LIVE, NEW, is_in
from tests.client import Client
from workflows.accounts import accounts, password_queue, passwords
from workflows.people import links, people
from workflows.refusals import NotFound


@pytest.fixture
def nadia(cast):
    person, _ = people.register("nadia@example.test", "Nadia Newcomer")
    return person


@pytest.fixture
def token(nadia):
    return links.make(nadia)


def test_a_link_sets_a_password_and_lets_its_person_in(app, nadia, token, door):
    browser = Client(app)
    page = browser.get(f"/welcome/{token}")
    assert "Nadia Newcomer" in page.text
    assert 'value="nadia@example.test"' in page.text
    answer = browser.post(f"/welcome/{token}", {"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Nadia Newcomer" in browser.get("/me").text
    assert door("nadia@example.test", NEW).status_code == 303


def test_looking_spends_nothing(app, token):
    for _ in range(3):
        assert Client(app).get(f"/welcome/{token}").status_code == 200
    assert Client(app).http.head(f"/welcome/{token}").status_code == 200
    assert Link.get().used_at is None


def test_the_address_is_told_to_nobody(live, token):
    for answer in (live.get(f"/welcome/{token}"), live.get("/welcome/nonsense")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_browser_that_sends_no_referrer_gets_in_over_tls(live, token):
    answer = live.post(f"/welcome/{token}", {"password": NEW}, page=f"/welcome/{token}", headers={"Origin": "null"})
    assert answer.status_code == 303
    assert live.get("/me").status_code == 200


def test_unknown_used_run_out_and_closed_read_the_same(app, nadia, token, later, cast):
    def text(address):
        answer = Client(app).get(address)
        assert answer.status_code == 404
        return answer.text

    links.use(token, NEW)
    used = text(f"/welcome/{token}")
    disabled = links.make(cast.tom)
    accounts.disable(cast.tom)
    old = links.make(cast.mei)
    later(days=7, seconds=1)
    texts = {used, text("/welcome/unknown"), text(f"/welcome/{old}"), text(f"/welcome/{disabled}")}
    assert len(texts) == 1
    assert "ask your course director for a new link" in texts.pop()
    assert Client(app).post(f"/welcome/{old}", {"password": NEW}).status_code == 404


def test_a_link_lasts_seven_days(app, token, later):
    later(days=7, seconds=-5)
    assert Client(app).get(f"/welcome/{token}").status_code == 200


def test_a_link_is_good_once_even_for_two_at_the_same_moment(nadia, token, monkeypatch):
    real = passwords.keep

    def meanwhile(password):
        monkeypatch.setattr(passwords, "keep", real)
        links.use(token, "the other one was faster")
        return real(password)

    monkeypatch.setattr(passwords, "keep", meanwhile)
    with pytest.raises(NotFound):
        links.use(token, NEW)
    assert passwords.fits(Person.get_by_id(nadia.id).password, "the other one was faster")


def test_a_new_link_stops_the_one_before(nadia, token):
    newer = links.make(nadia)
    with pytest.raises(NotFound):
        links.owner(token)
    assert links.owner(newer) == nadia


def test_a_link_ends_the_sign_ins_that_were_there(browse, cast, app):
    phone = browse(cast.amara)
    links.use(links.make(cast.amara), NEW)
    assert not is_in(phone)
    assert SignIn.select().where(SignIn.ended_at.is_null()).count() == 1


def test_a_password_that_will_not_do_keeps_the_link(app, token):
    browser = Client(app)
    for password in ("", "short", "nadia-newcomer"):
        answer = browser.post(f"/welcome/{token}", {"password": password})
        assert answer.status_code == 422
        assert 'id="new-password-error"' in answer.text
    assert browser.post(f"/welcome/{token}", {"password": NEW}).status_code == 303


def test_a_link_is_256_bits_and_kept_only_as_a_hash(nadia, token):
    assert len(token) >= 43
    row = Link.get()
    assert token != row.token_hash
    assert row.token_hash == accounts.hash_of(token)
    assert token not in "".join(entry.payload + entry.object for entry in History.select())


def test_a_forged_host_is_in_no_page_of_the_link(live_app, token):
    answer = live_app.test_client().get(
        f"/welcome/{token}", base_url=LIVE, headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    )
    assert "evil.test" not in answer.text
    assert "evil.test" not in str(answer.headers)


def test_wrong_links_slow_who_tries_them_and_keep_out_nobody_who_has_a_right_one(app, token, door, monkeypatch):
    slowed = []
    monkeypatch.setattr(password_queue.queue, "was_wrong", slowed.append)
    browser = Client(app)
    for number in range(12):
        assert browser.post(f"/welcome/wrong{number}", {"password": NEW}).status_code == 404
    assert slowed == [0] * 10 + [10, 11]
    assert [browser.post("/welcome/again", {"password": NEW}).status_code for _ in range(11)] == [404] * 10 + [429]
    assert door(address="127.0.0.1").status_code == 303
    assert browser.post(f"/welcome/{token}", {"password": NEW}).status_code == 303
