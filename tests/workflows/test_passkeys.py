"""Passkeys: made, used, named and removed; and whatever is not as it should be is refused, and told to their owner."""

from __future__ import annotations

import json
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import clock
from models import Address, History, Letter, Notice, Passkey, Person, SignIn, SpentChallenge, db
from tests.accounts.authenticator import UP, UV, Authenticator, plain
from tests.cast import SECRET
from workflows.accounts import accounts, challenges, passkeys, throttle
from workflows.accounts.webauthn_responses import LATE, NOT_ADDED, WRONG, RelyingParty, relying_party
from workflows.history import verification
from workflows.notices import letters
from workflows.refusals import Conflict, Invalid, NotFound

PARTY = relying_party("https://Scans.example.ac.uk:443")
HERE = {"party": PARTY, "browser": "this browser"}


def added(person: Person, device: Authenticator | None = None, **more) -> Authenticator:
    device = device or Authenticator()
    passkeys.add(person, device.make(passkeys.options_for(person.id, **HERE), **more), **HERE, name="Her phone")
    return device


def come_in(credential: str, **changes) -> tuple[str, Person]:
    return passkeys.sign_in(credential, **{**HERE, "address": "192.0.2.1", "secret": SECRET, **changes})


def asked() -> str:
    return passkeys.sign_in_options(**HERE)


def told(person: Person) -> list[str]:
    """The notices of this person about their ways in."""
    theirs = Notice.select(Notice.kind).where(Notice.recipient == person.id, Notice.subject == f"person:{person.id}")
    return [kind for (kind,) in theirs.order_by(Notice.id).tuples()]


def letters_of(person: Person) -> list[str]:
    return [
        letters.take(one.id).words["sentence"]
        for one in Letter.select().where(Letter.person == person.id).order_by(Letter.id)
    ]


# --- As it should be ---------------------------------------------------------------------------------------------


def test_amara_adds_a_passkey_and_comes_in_with_it(cast):
    device = added(cast.amara, Authenticator(count=7, is_synced=True))
    passkey = Passkey.get()
    assert (passkey.person_id, passkey.name, passkey.sign_count, passkey.backed_up) == (
        cast.amara.id,
        "Her phone",
        7,
        True,
    )
    assert passkey.transports == ["hybrid", "internal"] or passkey.transports == ["internal", "hybrid"]
    token, person = come_in(device.use(asked()), shared=True, device="Safari on iPhone")
    visitor = accounts.visitor(token)
    assert (person.id, visitor.id, visitor.shared, visitor.means) == (cast.amara.id, cast.amara.id, True, "passkey")
    assert visitor.is_fresh
    assert Passkey.get().sign_count == 8
    assert Passkey.get().used_at is not None
    assert told(cast.amara) == ["way_in_added"]
    assert letters_of(cast.amara) == ["A passkey was added to your account: Her phone."]


def test_the_browser_is_asked_for_a_resident_passkey_that_verifies_its_user(cast):
    options = json.loads(passkeys.options_for(cast.amara.id, **HERE))
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["requireResidentKey"], chosen["userVerification"]) == (
        "required",
        True,
        "required",
    )
    assert options["rp"] == {"name": "Sonofolio", "id": "scans.example.ac.uk"}
    assert options["user"]["id"] == plain(bytes.fromhex(cast.amara.handle)), "which says nothing of her"
    assert options["excludeCredentials"] == []
    added(cast.amara)
    again = json.loads(passkeys.options_for(cast.amara.id, **HERE))
    assert [one["id"] for one in again["excludeCredentials"]] == [Passkey.get().id]
    asked_for = json.loads(asked())
    assert (asked_for["userVerification"], asked_for["allowCredentials"]) == ("required", [])


def test_who_was_here_before_there_were_passkeys_gets_a_handle(cast):
    Person.update(handle=None).where(Person.id == cast.amara.id).execute()
    first, second = (json.loads(passkeys.options_for(cast.amara.id, **HERE))["user"]["id"] for _ in range(2))
    assert first == second
    assert len(Person.get_by_id(cast.amara.id).handle) == 64


def test_a_passkey_for_somebody_who_is_just_being_made_is_kept_with_them_or_not_at_all(cast):
    handle, device = passkeys.new_handle(), Authenticator()
    options = passkeys.registration_options(handle=handle, name="Nadia New", email="nadia@example.ac.uk", **HERE)
    made = device.make(options)

    def join() -> Person:
        person = Person.create(name="Nadia New", email=None, made_at=clock.now(), handle=handle)
        passkeys.add(person, made, **HERE, is_told=False)
        return person

    with pytest.raises(RuntimeError), db.atomic():
        join()
        raise RuntimeError
    assert Passkey.select().count() == 0
    person = join()
    assert come_in(device.use(asked()))[1].id == person.id
    assert told(person) == []


def test_a_device_that_counts_nothing_may_come_again(cast):
    device = added(cast.amara)
    come_in(device.use(asked()))
    come_in(device.use(asked()))
    assert Passkey.get().sign_count == 0
    assert told(cast.amara) == ["way_in_added"]


def test_everything_about_passkeys_is_covered_by_history(cast):
    device = added(cast.amara, Authenticator(count=1))
    come_in(device.use(asked()))
    passkeys.rename(Passkey.get().id, "Old phone", by=cast.amara)
    passkeys.remove(Passkey.get().id, by=cast.amara)
    verbs = [verb for (verb,) in History.select(History.verb).order_by(History.seq.desc()).limit(4).tuples()]
    assert verbs == ["remove_passkey", "rename_passkey", "sign_in", "add_passkey"]
    assert [line for line in verification.verify().findings if "asskey" in line] == []


# --- What is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"origin": "https://scans.example.ac.uk.evil.test"}, passkeys.SITE),
        ({"origin": "http://scans.example.ac.uk"}, passkeys.SITE),
        ({"party": "evil.test"}, passkeys.SITE),
    ],
)
def test_a_wrong_page_gets_nobody_in_and_the_owner_is_told(cast, otherwise, why):
    device = added(cast.amara)
    with pytest.raises(Invalid) as no:
        come_in(device.use(asked(), **otherwise))
    assert no.value.problems == {"credential": [WRONG]}
    assert SignIn.select().count() == 0
    assert told(cast.amara) == ["way_in_added", "passkey_refused"]
    assert why in letters_of(cast.amara)[-1]


def test_an_answer_is_good_once(cast):
    device = added(cast.amara)
    answer = device.use(asked())
    come_in(answer)
    with pytest.raises(Invalid):
        come_in(answer)
    assert SignIn.select().count() == 1
    assert passkeys.ANSWERED in letters_of(cast.amara)[-1]


def test_an_answer_is_good_in_the_browser_that_asked(cast):
    device = added(cast.amara)
    with pytest.raises(Invalid):
        come_in(device.use(asked()), browser="another browser")
    assert passkeys.ANSWERED in letters_of(cast.amara)[-1]


def test_a_counter_that_goes_back_is_a_copy(cast):
    device = added(cast.amara, Authenticator(count=5))
    copy = Authenticator(key=device.key, id=device.id, handle=device.handle, count=5)
    come_in(device.use(asked()))
    with pytest.raises(Invalid):
        come_in(copy.use(asked()))
    assert passkeys.COUNTER in letters_of(cast.amara)[-1]
    assert told(cast.amara)[-1] == "passkey_refused"
    come_in(device.use(asked()))


@pytest.mark.parametrize(
    "otherwise",
    [
        {"flags": UP},
        {"flags": UV},
        {"kind": "webauthn.create"},
        {"key": ec.generate_private_key(ec.SECP256R1())},
        {"handle": plain(bytes(32))},
    ],
    ids=["not verified", "nobody there", "another kind", "another key", "another person"],
)
def test_what_the_passkey_does_not_prove_lets_nobody_in(cast, otherwise):
    device = added(cast.amara)
    with pytest.raises(Invalid) as no:
        come_in(device.use(asked(), **otherwise))
    assert no.value.problems == {"credential": [WRONG]}
    assert (SignIn.select().count(), told(cast.amara)) == (0, ["way_in_added"])
    come_in(device.use(asked()))


def test_a_question_that_has_run_out_may_be_asked_again(cast, later):
    device = added(cast.amara)
    options = asked()
    later(minutes=5, seconds=2)
    with pytest.raises(Invalid) as no:
        come_in(device.use(options))
    assert no.value.problems == {"credential": [LATE]}
    assert told(cast.amara) == ["way_in_added"]
    come_in(device.use(asked()))


def test_a_question_of_anothers_making_is_refused(cast):
    device, forged = added(cast.amara), json.loads(asked())
    for challenge in (b"", b"x" * 56, challenges.make(challenges.ADD, "", "this browser")):
        with pytest.raises(Invalid):
            come_in(device.use(json.dumps({**forged, "challenge": plain(challenge)})))
    assert SignIn.select().count() == 0


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"id": 3}', '{"id": "x", "response": 3}', "[" * 30_000])
def test_what_is_no_answer_of_a_passkey_is_refused(cast, text):
    for _ in range(2):
        with pytest.raises(Invalid):
            come_in(text)
        with pytest.raises(Invalid):
            passkeys.add(cast.amara, text, **HERE)


def test_every_piece_of_an_answer_that_is_altered_is_refused(cast):
    device = added(cast.amara)
    pieces = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
    for number, (name, value) in enumerate(product(pieces, (None, "", 7, [], "AAAA", "*", "é"))):
        answer = json.loads(device.use(asked()))
        answer["response"][name] = value
        if name == "userHandle" and not value:
            continue  # it may be left out: the passkey itself says whose it is
        with pytest.raises(Invalid):
            come_in(json.dumps(answer), address=f"192.0.2.{number}")
    assert SignIn.select().count() == 0


def test_who_is_disabled_does_not_come_in_nor_one_whose_passkey_was_removed(cast):
    device, other = added(cast.amara), added(cast.amara)
    accounts.disable(cast.amara)
    with pytest.raises(Invalid):
        come_in(device.use(asked()))
    accounts.enable(cast.amara)
    passkeys.remove(plain(device.id), by=cast.amara)
    with pytest.raises(Invalid) as no:
        come_in(device.use(asked()))
    assert no.value.problems == {"credential": [WRONG]}
    come_in(other.use(asked()))


def test_wrong_answers_of_one_passkey_are_counted_and_shut_out_nobody_else(cast):
    amara, tom = added(cast.amara), added(cast.tom)
    for _ in range(throttle.MOST):
        with pytest.raises(Invalid):
            come_in(amara.use(asked(), key=tom.key))
    with pytest.raises(throttle.TooMany):
        come_in(amara.use(asked()))
    come_in(amara.use(asked()), address="198.51.100.7")
    come_in(tom.use(asked()))


# --- Adding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "otherwise",
    [{"origin": "https://evil.test"}, {"party": "evil.test"}, {"flags": UP}, {"resident": False}],
    ids=["another page", "another party", "not verified", "not resident"],
)
def test_a_passkey_that_is_not_made_as_asked_is_not_kept(cast, otherwise):
    with pytest.raises(Invalid) as no:
        added(cast.amara, **otherwise)
    assert no.value.problems == {"credential": [NOT_ADDED]}
    assert Passkey.select().count() == 0


def test_one_that_was_made_for_somebody_else_or_elsewhere_or_before_is_not_kept(cast):
    device = Authenticator()
    made = device.make(passkeys.options_for(cast.amara.id, **HERE))
    with pytest.raises(Invalid):
        passkeys.add(cast.tom, made, **HERE)
    with pytest.raises(Invalid):
        passkeys.add(cast.amara, made, party=PARTY, browser="another browser")
    passkeys.add(cast.amara, made, **HERE)
    with pytest.raises(Invalid):
        passkeys.add(cast.amara, made, **HERE)
    with pytest.raises(Invalid):  # the same credential under a fresh question
        passkeys.add(cast.tom, device.make(passkeys.options_for(cast.tom.id, **HERE)), **HERE)
    assert Passkey.select().count() == 1


def test_a_name_is_short_and_of_its_owner(cast):
    added(cast.amara)
    number = Passkey.get().id
    passkeys.rename(number, "  Old   phone ", by=cast.amara)
    assert Passkey.get().name == "Old phone"
    for name in ("", "  ", "x" * (passkeys.MOST_NAME + 1), "a\u202eb"):
        with pytest.raises(Invalid):
            passkeys.rename(number, name, by=cast.amara)
    with pytest.raises(NotFound):
        passkeys.rename(number, "Mine", by=cast.tom)
    with pytest.raises(Invalid):
        passkeys.rename(number, "943 476 5919", by=cast.amara)  # no patient's number stands in a name


# --- Removing, and proving ---------------------------------------------------------------------------------------


def test_the_last_way_in_stays(cast):
    added(cast.amara)
    Address.delete().where(Address.person == cast.amara.id).execute()
    with pytest.raises(Conflict):
        passkeys.remove(Passkey.get().id, by=cast.amara)
    with pytest.raises(NotFound):
        passkeys.remove(Passkey.get().id, by=cast.tom)
    first = Passkey.get().id
    added(cast.amara)
    passkeys.remove(first, by=cast.amara)
    assert len(passkeys.of(cast.amara.id)) == 1
    assert told(cast.amara) == ["way_in_added", "way_in_added", "way_in_removed"]
    with pytest.raises(NotFound):
        passkeys.remove(first, by=cast.amara)


def test_proving_once_more_makes_a_sign_in_fresh_and_takes_ones_own_passkey(cast, later):
    amara, tom = added(cast.amara), added(cast.tom)
    token = accounts.start(cast.amara)
    later(minutes=10)
    visitor = accounts.visitor(token)
    assert not visitor.is_fresh

    def asked_again() -> str:
        return passkeys.proof_options(cast.amara.id, **HERE)

    for answer in (tom.use(asked_again()), amara.use(asked())):
        with pytest.raises(Invalid):
            passkeys.prove(visitor, answer, **HERE)
    assert not accounts.visitor(token).is_fresh
    passkeys.prove(visitor, amara.use(asked_again()), **HERE)
    assert accounts.visitor(token).is_fresh


def test_challenges_that_were_answered_are_forgotten_when_they_have_run_out(cast, later):
    device = added(cast.amara)
    come_in(device.use(asked()))
    assert SpentChallenge.select().count() == 2
    later(minutes=11)
    come_in(device.use(asked()))
    assert SpentChallenge.select().count() == 1


@pytest.mark.parametrize(
    ("base_url", "party"),
    [
        ("https://scans.example.ac.uk", RelyingParty("scans.example.ac.uk", "https://scans.example.ac.uk")),
        ("http://localhost:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("https://Scans.Example.ac.uk:8443", RelyingParty("scans.example.ac.uk", "https://scans.example.ac.uk:8443")),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
    ],
)
def test_passkeys_are_bound_to_the_name_of_our_address(base_url, party):
    assert relying_party(base_url) == party
