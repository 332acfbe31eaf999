"""Inviting and joining over HTTP: what each page says, to whom, and that a dead link never says why."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

import clock
from models import Invitation, Letter, Party, Person, Placement
from tests.cast import PASSWORD
from tests.client import Client
from workflows.notices import letters
from workflows.people import invitations, joining

NEW = {"name": "Joy Mensah", "email": "joy@clinic.example.org"}
SECRET = re.compile(r'name="csrf_token"[^>]*value="[^"]+"|/static/\w+/')


def place_of(student: Person) -> int:
    return Placement.get(Placement.enrolment == student.enrolments.get()).id


@pytest.fixture
def code(cast):
    """The token of Amara's code for a mentor."""
    return invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara))[1]


def shown_link(page: str) -> str:
    """The token in the link that stands beside a code."""
    return re.search(r"/join/([\w-]+)", page).group(1)


# --- The student's phone -----------------------------------------------------------------------------------------


def test_amara_shows_a_code_with_its_link_and_until_when_it_is_good(browse, cast):
    phone = browse(cast.amara)
    phone.get(f"/invitations/new?placement={place_of(cast.amara)}&role=mentor")
    page = phone.post("/invitations", {"placement": place_of(cast.amara), "role": "mentor", "means": "qr"})
    assert page.status_code == 200
    assert 'class="qr"' in page.text and "Amara Okafor asks you to be their mentor at Croydon MSK clinic" in page.text
    until = Invitation.get().expires_at
    assert re.search(r"Good until <b>\d\d:\d\d</b>", page.text) and until > clock.now()
    assert Client(phone.app).get(f"/join/{shown_link(page.text)}").status_code == 200


def test_the_page_with_the_code_says_by_itself_who_has_joined(browse, cast, app):
    phone = browse(cast.amara)
    page = phone.post("/invitations", {"placement": place_of(cast.amara), "role": "mentor", "means": "qr"})
    asked = re.search(r'hx-get="(/invitations/\d+/answer)"', page.text).group(1)
    waiting = phone.get(asked, htmx=True).text
    assert "Nobody has joined yet" in waiting and "hx-trigger" in waiting
    Client(app).post(f"/join/{shown_link(page.text)}", NEW)
    joined = phone.get(asked, htmx=True).text
    assert "Joy Mensah</b> has joined as mentor" in joined
    assert "hx-trigger" not in joined and 'hx-swap-oob="delete"' in joined


def test_a_code_that_has_run_out_says_so_and_offers_another(browse, cast, later):
    phone = browse(cast.amara)
    page = phone.post("/invitations", {"placement": place_of(cast.amara), "role": "mentor", "means": "qr"})
    asked = re.search(r'hx-get="(/invitations/\d+/answer)"', page.text).group(1)
    later(minutes=15, seconds=1)
    over = phone.get(asked, htmx=True).text
    assert "This code has run out" in over and "Invite again" in over and "hx-trigger" not in over


def test_amara_sends_a_mail_sees_it_open_and_withdraws_it(browse, cast):
    phone = browse(cast.amara)
    sent = phone.post("/invitations", {"placement": place_of(cast.amara), "role": "mentor", "means": "mail", **NEW})
    assert (sent.status_code, sent.location) == (303, "/invitations")
    page = phone.get("/invitations").text
    assert "joy@clinic.example.org" in page and "It works for 7 days" in page
    token = letters.take(Letter.get().id).words["token"]
    phone.post(f"/invitations/{Invitation.get().id}/withdrawal")
    assert "joy@clinic.example.org" not in phone.get("/invitations").text
    assert Client(phone.app).get(f"/join/{token}").status_code == 404


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(browse, cast):
    sent = {"placement": place_of(cast.amara), "role": "mentor", "means": "mail", "name": "Joy", "email": "nobody"}
    page = browse(cast.amara).post("/invitations", sent)
    assert page.status_code == 422
    assert 'id="email-error"' in page.text and 'value="nobody"' in page.text and 'value="Joy"' in page.text


def test_home_offers_to_invite_a_mentor_while_there_is_none(browse, cast):
    link = f"/invitations/new?placement={place_of(cast.amara)}&amp;role=mentor"
    assert link not in browse(cast.amara).get("/").text
    Party.update(ended_on=clock.today()).where(Party.placement == place_of(cast.amara)).execute()
    page = browse(cast.amara).get("/").text
    assert "Invite my mentor" in page and link in page


def test_a_director_sees_who_invited_whom_and_that_it_was_the_same_browser(browse, cast, app):
    phone = browse(cast.amara)
    page = phone.post("/invitations", {"placement": place_of(cast.amara), "role": "mentor", "means": "qr"})
    phone.post("/sign-out")
    phone.post(f"/join/{shown_link(page.text)}", NEW)
    seen = browse(cast.dana).get("/invitations").text
    assert "invited by Amara Okafor" in seen and "Accepted in the browser in which it was made" in seen
    other = browse(cast.amara).post(
        "/invitations", {"placement": place_of(cast.amara), "role": "mentor", "means": "qr"}
    )
    Client(app).post(f"/join/{shown_link(other.text)}", {"name": "Kim Lee", "email": "kim@clinic.example.org"})
    assert browse(cast.dana).get("/invitations").text.count("Accepted in the browser in which it was made") == 1
    assert "Joy Mensah" not in browse(cast.tom).get("/invitations").text


def test_a_director_invites_a_student_who_then_invites_a_mentor(browse, cast, app):
    desk = browse(cast.dana)
    form = desk.get("/invitations/new?programme=msk-pgcert&role=student").text
    assert "September 2026" in form
    to = {"programme": "msk-pgcert", "role": "student", "cohort": cast.cohort.id, "site_name": "Croydon MSK clinic"}
    desk.post("/invitations", {**to, "means": "mail", "name": "Nadia New", "email": "nadia@example.org"})
    token = letters.take(Letter.get().id).words["token"]
    phone = Client(app)
    page = phone.get(f"/join/{token}").text
    assert "cohort September 2026" in page and 'value="Nadia New"' in page and 'value="nadia@example.org"' in page
    phone.post(f"/join/{token}", {"name": "Nadia New", "email": "nadia@example.org"})
    assert "Invite my mentor" in phone.get("/").text


# --- The other phone ---------------------------------------------------------------------------------------------


def test_a_new_mentor_stands_in_the_inbox(app, cast, code):
    phone = Client(app)
    page = phone.get(f"/join/{code}").text
    assert "Amara Okafor asks you to be their mentor at Croydon MSK clinic" in page
    assert "I am new here" in page and "I have an account" in page
    answer = phone.post(f"/join/{code}", NEW)
    assert (answer.status_code, answer.location) == (303, "/")
    assert phone.get("/").location == "/inbox"
    assert phone.get("/inbox").status_code == 200 and phone.get("/me").status_code == 200


def test_looking_spends_nothing(app, code):
    for _ in range(3):
        assert Client(app).get(f"/join/{code}").status_code == 200
    assert Client(app).http.head(f"/join/{code}").status_code == 200
    assert Invitation.get().accepted_at is None


def test_the_address_is_told_to_nobody_and_kept_out_of_indexes(app, code):
    for path in (f"/join/{code}", "/join/nonsense", "/joined/nonsense"):
        answer = Client(app).get(path)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_has_an_account_signs_in_and_comes_back_to_one_button(app, cast, code):
    phone = Client(app)
    way = re.search(r'href="(/sign-in\?[^"]+)"', phone.get(f"/join/{code}").text).group(1)
    assert parse_qs(urlsplit(way).query)["next"] == [f"/join/{code}"]
    phone.get(way)
    to = {"email": "grace@example.test", "password": PASSWORD, "next": f"/join/{code}"}
    back = phone.post("/sign-in", to).location
    assert back == f"/join/{code}"
    page = phone.get(back).text
    assert "You are signed in as <b>Grace Adeyemi</b>" in page and "I am new here" not in page
    assert phone.post(back).status_code == 303
    assert Party.select().where(Party.person == cast.grace, Party.placement == place_of(cast.amara)).exists()


def test_the_student_and_who_is_that_mentor_read_why_not(browse, cast, code):
    for who, says in ((cast.amara, "Somebody else has to open it"), (cast.ravi, "You have this part already")):
        page = browse(who).get(f"/join/{code}").text
        assert says in page and "Accept</button>" not in page
        assert browse(who).post(f"/join/{code}").status_code == 403
    assert Invitation.get().accepted_at is None


def test_what_will_not_do_is_said_and_kept_in_the_form(app, code):
    phone = Client(app)
    answer = phone.post(f"/join/{code}", {"name": "Joy 943 476 5919", "email": "joy"})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text and 'id="email-error"' in answer.text and 'value="joy"' in answer.text
    assert phone.post(f"/join/{code}", NEW).status_code == 303


def test_every_invitation_that_opens_nothing_is_answered_by_the_same_page(app, cast, later):
    def made(**more):
        return invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara), **more)

    used = made()[1]
    Client(app).post(f"/join/{used}", NEW)
    of, withdrawn = made(means="mail", email="a@example.org")
    invitations.withdraw(of.id, by=cast.amara)
    expired, shown_anew = made()[1], made()[1]
    swapped = made()[1][:-1] + "A"
    of_tom = invitations.invite(cast.tom, "mentor", placement=place_of(cast.tom), means="mail", email="b@example.org")
    later(minutes=15, seconds=1)
    letter = letters.take(Letter.select().where(Letter.kind == "joined").get().id).words["token"]
    dead = [used, withdrawn, expired, shown_anew, swapped, "forged", letter, of_tom[0].token_hash]
    for method in ("get", "post"):
        answers = [getattr(Client(app), method)(f"/join/{token}") for token in dead]
        assert {answer.status_code for answer in answers} == {404}
        assert len({SECRET.sub("", answer.text) for answer in answers}) == 1
    assert "used or withdrawn, has run out, or was never ours" in answers[0].text
    assert Client(app).get(f"/join/{of_tom[1]}").status_code == 200, "the mail of Tom's is good for days"


def test_wrong_tokens_are_counted_like_links_and_shut_nobody_out(app, code):
    answers = [Client(app).post("/join/forged").status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]
    assert Client(app).post(f"/join/{code}", NEW).status_code == 303


def test_slips_of_the_pen_with_a_right_token_are_no_tries(app, code):
    phone = Client(app)
    assert {phone.post(f"/join/{code}", {"name": "", "email": ""}).status_code for _ in range(12)} == {422}
    assert phone.post(f"/join/{code}", NEW).status_code == 303


def test_a_known_and_an_unknown_address_are_answered_alike(app, cast):
    def answered(email):
        token = invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara))[1]
        answer = Client(app).post(f"/join/{token}", {"name": "Joy Mensah", "email": email})
        kept = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
        return answer.status_code, kept, SECRET.sub("", answer.text)

    assert answered("grace@example.test") == answered("joy@clinic.example.org")
    assert {letter.address for letter in Letter.select()} == {"grace@example.test", "joy@clinic.example.org"}


# --- The letter --------------------------------------------------------------------------------------------------


def letter_of(code: str, email: str) -> str:
    joining.accept_new(code, name="Joy Mensah", email=email, browser=joining.Browser())
    return letters.take(Letter.get().id).words["token"]


def test_the_letter_proves_the_address_and_signs_in(app, cast, code):
    token, mail = letter_of(code, "joy@clinic.example.org"), Client(app)
    assert "This is my address" in mail.get(f"/joined/{token}").text
    assert mail.post(f"/joined/{token}").status_code == 303
    assert "joy@clinic.example.org" in mail.get("/me").text
    assert mail.get(f"/joined/{token}").status_code == 404


def test_the_owner_is_asked_whether_it_was_they(app, cast, code):
    token, mail = letter_of(code, "grace@example.test"), Client(app)
    page = mail.get(f"/joined/{token}").text
    assert "It was me: take it over" in page and "Grace" not in page, "who opened the letter proves who they are by it"
    assert mail.post(f"/joined/{token}").status_code == 303
    assert "Grace Adeyemi" in mail.get("/me").text


def test_the_letters_are_written_for_their_reader(app, cast, code):
    from commands.letters import compose

    invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara), means="mail", email="x@example.org")
    joining.accept_new(code, name="Joy Mensah", email="joy@clinic.example.org", browser=joining.Browser())
    code2 = invitations.invite(cast.amara, "mentor", placement=place_of(cast.amara))[1]
    joining.accept_new(code2, name="Joy", email="grace@example.test", browser=joining.Browser())
    with app.app_context():
        mails = [compose(letters.take(letter.id)) for letter in Letter.select().order_by(Letter.id)]
    texts = [mail.get_body(("plain",)).get_content() for mail in mails]
    assert "/join/" in texts[0] and "Amara Okafor asks you to be their mentor at Croydon MSK clinic." in texts[0]
    assert "/joined/" in texts[1] and texts[1].startswith("Dear Joy Mensah,")
    assert "/joined/" in texts[2] and texts[2].startswith("Dear Grace Adeyemi,") and "If it was not you" in texts[2]


def test_who_has_not_joined_says_so_with_one_button(app, cast, code):
    token, mail = letter_of(code, "grace@example.test"), Client(app)
    assert "It was not me" in mail.get(f"/joined/{token}").text
    page = mail.post(f"/joined/{token}", {"answer": "no"})
    assert page.status_code == 200 and "That account is closed" in page.text
    assert mail.get(f"/joined/{token}").status_code == 404
    assert mail.http.get("/me").status_code == 303, "nobody is signed in by saying no"
