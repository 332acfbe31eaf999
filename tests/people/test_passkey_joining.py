"""Joining with a passkey: the browser makes it first, then one request makes person, part, passkey and sign-in."""

from __future__ import annotations

import json

import pytest

from models import Enrolment, Invitation, Letter, Passkey, Person, Placement, SignIn
from tests.accounts.authenticator import Authenticator
from tests.client import Client
from workflows.people import invitations

AT = {"base_url": "http://localhost:8000"}
NEW = {"name": "Joy Mensah", "email": "joy@clinic.example.org"}


def device(**more: str) -> Authenticator:
    return Authenticator(origin="http://localhost:8000", party="localhost", **more)


@pytest.fixture
def code(cast):
    """The token of Amara's code for a mentor."""
    placement = Placement.get(Placement.enrolment == Enrolment.get(Enrolment.person == cast.amara))
    return invitations.invite(cast.amara, "mentor", placement=placement.id)[1]


def made(phone: Client, code: str, held: Authenticator, who=NEW, **otherwise) -> dict[str, str]:
    """What the form sends once the browser has made a passkey."""
    options = phone.post(f"/join/{code}/passkey", who, **AT)
    assert options.status_code == 200, options.text
    handle = options.get_json()["user"]["id"]
    return {**who, "credential": held.make(options.text, **otherwise), "handle": handle}


def test_somebody_new_makes_a_passkey_and_is_in_with_it(app, cast, code):
    phone, held = Client(app), device()
    page = phone.get(f"/join/{code}", **AT).text
    assert "Make a passkey" in page and "E-mail me a link instead" in page
    answer = phone.post(f"/join/{code}", made(phone, code, held), **AT)
    assert (answer.status_code, answer.location) == (303, "/")
    joy = Person.get(Person.name == "Joy Mensah")
    assert Passkey.get().person == joy and SignIn.get(SignIn.person == joy).means == "passkey"
    assert {letter.kind for letter in Letter.select()} == {"joined"}, (
        "an account that is being made is told of no change"
    )
    other = Client(app)
    asked = other.get("/sign-in/passkey", **AT).text
    assert other.post("/sign-in/passkey", {"credential": held.use(asked)}, **AT).status_code == 303
    assert "Joy Mensah" in other.get("/me", **AT).text


def test_asking_for_options_writes_nothing_and_says_what_is_wrong(app, code):
    phone = Client(app)
    wrong = phone.post(f"/join/{code}/passkey", {"name": "", "email": "joy"}, **AT)
    assert wrong.status_code == 422 and "full name" in wrong.get_json()["message"]
    gone = phone.post("/join/forged/passkey", NEW, **AT)
    assert gone.status_code == 404 and "never ours" in gone.get_json()["message"]
    assert phone.post(f"/join/{code}/passkey", NEW).status_code == 404, "under an IP address there are none"
    assert not Person.select().where(Person.name == "Joy Mensah").exists()


@pytest.mark.parametrize(
    "otherwise", [{"origin": "https://elsewhere.example"}, {"party": "elsewhere.example"}, {"resident": False}]
)
def test_a_passkey_that_is_not_as_asked_makes_nobody_and_spends_nothing(app, code, otherwise):
    phone = Client(app)
    answer = phone.post(f"/join/{code}", made(phone, code, device(), **otherwise), **AT)
    assert answer.status_code == 422 and "error-summary" in answer.text and 'value="Joy Mensah"' in answer.text
    assert not Person.select().where(Person.name == "Joy Mensah").exists() and not Passkey.select().exists()
    assert Invitation.get().accepted_at is None
    assert phone.post(f"/join/{code}", made(phone, code, device()), **AT).status_code == 303


def test_another_browser_or_another_handle_or_the_same_answer_again_is_refused(app, cast, code):
    phone = Client(app)
    sent = made(phone, code, device())
    assert Client(app).post(f"/join/{code}", sent, **AT).status_code == 422
    for handle in ("", "AAAA", "%", sent["handle"][:-2] + "AA"):
        assert phone.post(f"/join/{code}", {**sent, "handle": handle}, **AT).status_code == 422
    assert phone.post(f"/join/{code}", {**sent, "credential": json.dumps({})}, **AT).status_code == 422
    assert phone.post(f"/join/{code}", sent, **AT).status_code == 303
    assert phone.post(f"/join/{code}", sent, **AT).status_code in (404, 403)
    assert Passkey.select().count() == 1
