"""Mailed links and codes: who asks is answered alike, and each opens one account, once, for a while."""

from __future__ import annotations

import re
from functools import partial

import pytest

import clock
from models import Address, Attempt, Letter, Link
from tests.cast import SECRET
from tests.client import queries_of
from workflows.accounts import accounts, mail_links, throttle
from workflows.history import verification
from workflows.notices import letters
from workflows.people import links
from workflows.refusals import Invalid, NotFound

HERE = {"browser": "this browser", "address": "192.0.2.1", "secret": SECRET}
ELSEWHERE = {**HERE, "browser": "another browser"}
NEW = "quiet harbour seven lanterns"


def asked(email: str, purpose: str = mail_links.SIGN_IN, **changes) -> dict[str, str]:
    """Ask, and read the letter as its recipient does."""
    mail_links.ask(email, purpose, **{**HERE, **changes})
    return read()


def read() -> dict[str, str]:
    letter = letters.take(Letter.select().order_by(Letter.id.desc()).get().id)
    kind, words = mail_links.answer(letter)
    return {"kind": kind, **words}


def test_amara_comes_in_by_the_link_and_it_is_spent(cast):
    letter = asked(" Amara@Example.test ")
    assert (letter["kind"], letter["address"]) == ("sign_in_link", cast.amara.email)
    assert links.owner(letter["token"], mail_links.SIGN_IN) == cast.amara, "looking at it spends nothing"
    token, person = mail_links.sign_in(letter["token"], shared=True, device="Firefox on Linux")
    visitor = accounts.visitor(token)
    assert (person.id, visitor.id, visitor.shared, visitor.means) == (cast.amara.id, cast.amara.id, True, "link")
    assert visitor.is_fresh
    for use in (
        lambda: mail_links.sign_in(letter["token"]),
        lambda: mail_links.sign_in_by_code(letter["code"], **HERE),
    ):
        with pytest.raises((NotFound, Invalid)):
            use()
    assert verification.verify().findings == []


def test_the_code_is_good_in_the_browser_that_asked_alone(cast):
    code = asked(cast.amara.email)["code"]
    with pytest.raises(Invalid) as no:
        mail_links.sign_in_by_code(code, **ELSEWHERE)
    assert no.value.problems == {"code": [mail_links.WRONG_CODE]}
    _, person = mail_links.sign_in_by_code(f" {code[:3]} {code[3:]} ", **HERE)
    assert person.id == cast.amara.id


def test_five_wrong_codes_end_the_code_and_not_the_link(cast):
    letter = asked(cast.amara.email)
    wrong = f"{(int(letter['code']) + 1) % 10**6:06}"
    for _ in range(mail_links.MOST_TRIES):
        with pytest.raises(Invalid):
            mail_links.sign_in_by_code(wrong, **HERE)
    with pytest.raises(Invalid) as no:
        mail_links.sign_in_by_code(letter["code"], **HERE)
    assert no.value.problems == {"code": [mail_links.WRONG_CODE]}, "nobody learns that it was right"
    assert Link.get().tries == mail_links.MOST_TRIES
    assert mail_links.sign_in(letter["token"])[1].id == cast.amara.id


def test_the_fifth_try_may_be_right(cast):
    letter = asked(cast.amara.email)
    for _ in range(mail_links.MOST_TRIES - 1):
        with pytest.raises(Invalid):
            mail_links.sign_in_by_code("no code", **HERE)
    assert mail_links.sign_in_by_code(letter["code"], **HERE)[1].id == cast.amara.id


@pytest.mark.parametrize("use", ["token", "code"])
def test_link_and_code_run_out(cast, later, use):
    letter = asked(cast.amara.email)
    later(minutes=15, seconds=1)
    with pytest.raises((NotFound, Invalid)):
        mail_links.sign_in(letter["token"]) if use == "token" else mail_links.sign_in_by_code(letter["code"], **HERE)


def test_another_purpose_is_another_link(cast):
    letter = asked(cast.amara.email, mail_links.RESET)
    assert letter["kind"] == "new_password_link"
    for use in (
        lambda: mail_links.sign_in(letter["token"]),
        lambda: mail_links.sign_in_by_code(letter["code"], **HERE),
    ):
        with pytest.raises((NotFound, Invalid)):
            use()
    with pytest.raises(NotFound):
        links.use(asked(cast.tom.email)["token"], NEW)
    before = accounts.start(cast.amara)
    token = links.use(letter["token"], NEW)
    assert accounts.visitor(before) is None, "every other sign-in ends"
    assert accounts.visitor(token).id == cast.amara.id
    assert accounts.sign_in(cast.amara.email, NEW, address=None, secret=SECRET)


def test_a_new_password_closes_the_links_that_were_on_their_way(cast):
    link, reset = asked(cast.amara.email), asked(cast.amara.email, mail_links.RESET)
    links.use(reset["token"], NEW)
    with pytest.raises(NotFound):
        mail_links.sign_in(link["token"])


def test_a_disabled_account_gets_no_link_and_one_that_it_had_opens_nothing(cast):
    letter = asked(cast.amara.email)
    accounts.disable(cast.amara)
    with pytest.raises(NotFound):
        mail_links.sign_in(letter["token"])
    assert asked(cast.amara.email)["kind"] == mail_links.NOBODY
    assert Link.select().count() == 1


def test_any_proved_address_gets_the_link_and_no_other_one(cast):
    now = clock.now()
    Address.create(person=cast.amara, email="amara@nhs.example", made_at=now, proved_at=now)
    Address.create(person=cast.tom, email="tom@nhs.example", made_at=now)
    assert asked("amara@nhs.example")["name"] == cast.amara.name
    assert asked("tom@nhs.example") == {"kind": mail_links.NOBODY, "address": "tom@nhs.example"}


def test_a_letter_that_is_tried_twice_makes_one_link(cast):
    mail_links.ask(cast.amara.email, mail_links.SIGN_IN, **HERE)
    letter = letters.take(Letter.get().id)
    first, second = mail_links.answer(letter), mail_links.answer(letter)
    assert (first, Link.select().count()) == (second, 1)
    assert Letter.get().person_id == cast.amara.id, "that it failed would be told to her director"


@pytest.mark.parametrize(
    "text", ["", "amara", "@", "a@", "@b", "a@b@c", "a b@c.uk", "a\r\nBcc: x@y.uk", "x" * 300 + "@y.uk"]
)
def test_what_is_no_address_is_said_at_once(cast, text):
    with pytest.raises(Invalid) as no:
        mail_links.ask(text, mail_links.SIGN_IN, **HERE)
    assert no.value.problems == {"email": [mail_links.NO_ADDRESS]}
    assert Letter.select().count() == 0


def test_letters_to_one_address_are_few_whoever_asks_and_from_one_place_not_many(cast):
    for number in range(mail_links.MOST_ASKED):
        mail_links.ask(cast.amara.email, mail_links.SIGN_IN, **{**HERE, "address": f"192.0.2.{number}"})
    with pytest.raises(throttle.TooMany):
        mail_links.ask(cast.amara.email, mail_links.SIGN_IN, **{**HERE, "address": "198.51.100.1"})
    with pytest.raises(throttle.TooMany):
        for number in range(mail_links.MOST_ASKED_THERE + 1):
            mail_links.ask(f"p{number}@example.test", mail_links.SIGN_IN, **HERE)


# --- Known and unknown addresses ---------------------------------------------------------------------------------


def statements(database, do) -> list[str]:
    with queries_of(database) as seen:
        try:
            do()
        except Invalid as no:
            seen.append(no.sentence)
    return seen


def test_asking_for_a_known_and_an_unknown_address_is_the_same_work(cast, database):
    accounts.disable(cast.tom)
    emails = ("amara@example.test", "nobody@example.test", "tom@example.test")
    found = [statements(database, partial(mail_links.ask, email, mail_links.SIGN_IN, **HERE)) for email in emails]
    assert found[0] == found[1] == found[2]
    assert len({len(one.body) for one in Letter.select()}) == 1
    assert Attempt.select().count() == 3 * 4, "counted alike"


def test_a_wrong_code_after_a_known_and_an_unknown_address_is_the_same_work(cast, database):
    found = []
    for browser, email in (("one", "amara@example.test"), ("two", "nobody@example.test")):
        here = {**HERE, "browser": browser}
        asked(email, browser=browser)
        found.append(statements(database, partial(mail_links.sign_in_by_code, "000000", **here)))
    known, unknown = found
    assert known[-1] == unknown[-1] == mail_links.WRONG_CODE
    assert [one for one in known if one not in unknown] == [one for one in known if one.startswith("UPDATE")], (
        "a code that is there counts its try, which is one statement that writes in a transaction that has written"
    )


def test_the_request_looks_nobody_up(cast, database):
    with queries_of(database) as seen:
        mail_links.ask(cast.amara.email, mail_links.SIGN_IN, **HERE)
    assert not [one for one in seen if re.search(r'FROM "(person|address|link)"', one)], seen
