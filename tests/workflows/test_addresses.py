"""One's own addresses: only a proved one lets in, two people never have the same, and there is one first one."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

import clock
from models import Address, Letter, Notice, Person
from tests.cast import PASSWORD, SECRET
from workflows.accounts import accounts, addresses, mail_links, ways
from workflows.history import verification
from workflows.notices import letters
from workflows.people import contact_details, people, people_import
from workflows.refusals import Conflict, Invalid, NotFound

HERE = {"browser": "this browser", "secret": SECRET}
WORK = "amara@nhs.example"


def added(person: Person, email: str = WORK, **changes) -> dict[str, str]:
    """Add an address, and read the letter that went there."""
    addresses.add(person, email, **{**HERE, **changes})
    letter = Letter.select().where(Letter.kind == "prove_address").order_by(Letter.id.desc()).get()
    assert letter.address == email
    return letters.take(letter.id).words


def of(person: Person) -> list[tuple[str, bool]]:
    return [(one.email, one.proved_at is not None) for one in ways.of(person.id).addresses]


def told(after: int) -> list[tuple[str, str]]:
    """To whom letters went since, and what they said."""
    sent = Letter.select().where(Letter.id > after, Letter.kind == "ways_in_changed").order_by(Letter.id)
    return [(one.address, letters.take(one.id).words["sentence"]) for one in sent]


def last() -> int:
    return Letter.select().count() and Letter.select().order_by(Letter.id.desc()).get().id


def test_amara_adds_her_work_address_proves_it_and_signs_in_with_it(cast):
    letter = added(cast.amara)
    assert of(cast.amara) == [(cast.amara.email, True), (WORK, False)]
    with pytest.raises(Invalid):
        accounts.sign_in(WORK, PASSWORD, address=None, secret=SECRET)
    assert addresses.asked(letter["token"], by=cast.amara) == WORK, "looking at it proves nothing"
    mark = last()
    assert addresses.prove(letter["token"], by=cast.amara) == WORK
    assert accounts.sign_in(WORK, PASSWORD, address=None, secret=SECRET)
    said = f"{WORK} is an address of your account now."
    assert told(mark) == [(cast.amara.email, said), (WORK, said)]
    assert Notice.get(Notice.recipient == cast.amara.id).kind == "address_changed"
    with pytest.raises(NotFound):
        addresses.prove(letter["token"], by=cast.amara)
    assert verification.verify().findings == []


def test_the_code_proves_it_in_the_browser_that_asked(cast):
    code, here = added(cast.amara)["code"], {"address": None, "secret": SECRET}
    with pytest.raises(Invalid):
        addresses.prove_by_code(code, by=cast.amara, browser="another browser", **here)
    with pytest.raises(Invalid):
        addresses.prove_by_code(code, by=cast.tom, browser="this browser", **here)
    with pytest.raises(Invalid):
        mail_links.sign_in_by_code(code, browser="this browser", **here)
    assert addresses.prove_by_code(code, by=cast.amara, browser="this browser", **here) == WORK


def test_a_letter_to_somebody_else_lets_nobody_take_their_address(cast):
    """Tom adds an address that is Amara's: she reads the letter, and her pressing the button gives it to nobody."""
    letter = added(cast.tom, cast.amara.email)
    with pytest.raises(NotFound):
        addresses.prove(letter["token"], by=cast.amara)
    with pytest.raises(Conflict):
        addresses.prove(letter["token"], by=cast.tom)
    assert people.by_email(cast.amara.email) == cast.amara


def test_of_two_who_added_the_same_the_first_who_proves_has_it(cast):
    amara, tom = added(cast.amara, "both@nhs.example"), added(cast.tom, "both@nhs.example", browser="Tom's")
    addresses.prove(tom["token"], by=cast.tom)
    with pytest.raises(Conflict):
        addresses.prove(amara["token"], by=cast.amara)
    assert of(cast.amara)[-1] == ("both@nhs.example", False)
    now = clock.now()
    with pytest.raises(IntegrityError):
        Address.update(proved_at=now).where(Address.email == "both@nhs.example").execute()


def test_another_first_address_is_told_to_both(cast):
    with pytest.raises(NotFound):
        addresses.make_first(WORK, by=cast.amara)
    letter = added(cast.amara)
    with pytest.raises(NotFound):
        addresses.make_first(WORK, by=cast.amara)
    addresses.prove(letter["token"], by=cast.amara)
    mark, before = last(), cast.amara.email
    addresses.make_first(WORK, by=cast.amara)
    assert Person.get_by_id(cast.amara.id).email == WORK
    assert {address for address, _ in told(mark)} == {WORK, before}
    assert accounts.sign_in(before, PASSWORD, address=None, secret=SECRET), "the other is one of hers still"
    mark = last()
    addresses.make_first(WORK, by=cast.amara)
    assert last() == mark, "nothing has changed"


def test_the_first_address_goes_only_when_another_is_the_first(cast):
    first = cast.amara.email
    with pytest.raises(Conflict):
        addresses.remove(first, by=cast.amara)
    addresses.prove(added(cast.amara)["token"], by=cast.amara)
    with pytest.raises(Conflict) as no:
        addresses.remove(first, by=cast.amara)
    assert no.value.sentence == addresses.FIRST
    addresses.make_first(WORK, by=cast.amara)
    mark = last()
    addresses.remove(first, by=cast.amara)
    assert of(cast.amara) == [(WORK, True)]
    assert {address for address, _ in told(mark)} == {WORK, first}
    with pytest.raises(Invalid):
        accounts.sign_in(first, PASSWORD, address=None, secret=SECRET)
    with pytest.raises(NotFound):
        addresses.remove(first, by=cast.amara)
    with pytest.raises(NotFound):
        addresses.remove(WORK, by=cast.tom)


def test_a_link_to_an_address_that_was_removed_opens_nothing(cast):
    letter = added(cast.amara)
    addresses.remove(WORK, by=cast.amara)
    with pytest.raises(NotFound):
        addresses.prove(letter["token"], by=cast.amara)


def test_there_are_five_at_most_and_each_once(cast):
    for number in range(addresses.MOST - 1):
        added(cast.amara, f"a{number}@nhs.example")
    for email in ("one@too.example", cast.amara.email, "no address", "amara@demo.sonofolio.test"):
        with pytest.raises(Invalid):
            addresses.add(cast.amara, email, **HERE)
    added(cast.amara, "a1@nhs.example")
    assert len(of(cast.amara)) == addresses.MOST


def test_who_has_no_address_proves_their_first(cast):
    nadia = Person.create(name="Nadia New", email=None, made_at=clock.now())
    letter = added(nadia, "nadia@example.ac.uk")
    addresses.prove(letter["token"], by=nadia)
    assert Person.get_by_id(nadia.id).email == "nadia@example.ac.uk"


# --- In step with what the course says ---------------------------------------------------------------------------


def test_whoever_the_course_brings_in_has_their_address(cast):
    person, _ = people.register("nadia@example.ac.uk", "Nadia Newcomer")
    assert of(person) == [("nadia@example.ac.uk", True)]
    rows = b"email,name,role\nmo@example.ac.uk,Mo Director,director\n"
    assert not people_import.import_people(rows).problems
    assert of(people.by_email("mo@example.ac.uk")) == [("mo@example.ac.uk", True)]
    assert verification.verify().findings == []


def test_an_address_that_the_course_changes_takes_the_place_of_the_old_one(cast):
    old = cast.tom.email
    contact_details.change(cast.tom, "tom@nhs.example")
    assert of(cast.tom) == [("tom@nhs.example", True)]
    assert people.by_email(old) is None
    added(cast.tom, "tom@home.example")
    contact_details.change(cast.tom, "tom@home.example")
    assert of(cast.tom) == [("tom@home.example", True)]
    assert verification.verify().findings == []


def test_a_further_address_is_known_wherever_the_course_names_people(cast):
    addresses.prove(added(cast.amara)["token"], by=cast.amara)
    assert people.by_email(WORK.upper()) == cast.amara
    assert people.register(WORK, "") == (cast.amara, False)
    with pytest.raises(Invalid):
        contact_details.change(cast.tom, WORK)
    outcome = people_import.import_people(f"email,name,role\n{WORK},,director\n".encode())
    assert (outcome.problems, [line for _, line in outcome.changes]) == (
        [],
        ["Amara Okafor becomes course director"],
    )
