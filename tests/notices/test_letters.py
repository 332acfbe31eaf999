"""Letters: written with the action, unreadable in the database, sent once, tried again, given up, and then empty."""

# ruff: noqa: F811

from __future__ import annotations

from datetime import timedelta

import pytest

import clock
from commands import letters as command
from models import Letter, db
from tests.client import Client
from tests.notices.test_digest import BASE, house, postbox, text_of  # noqa: F401 - fixtures
from tests.notices.test_failed_mail import list_of
from workflows.history import keys
from workflows.notices import letters

pytestmark = pytest.mark.both

SENTENCE = "A passkey was added: Amara's secret phone."


def written(person, **more) -> int:
    with db.atomic():
        letters.write(
            "ways_in_changed",
            address=person.email,
            person=person.id,
            words={"name": person.name, "sentence": SENTENCE},
            at=clock.now(),
            **more,
        )
    return Letter.select().order_by(Letter.id.desc()).get().id


@pytest.fixture
def send(house):
    def run() -> int:
        with house.app_context():
            return command.send_due()

    return run


def test_a_letter_goes_once_and_what_it_said_is_deleted(cast, postbox, send):
    number = written(cast.amara)
    body = Letter.get_by_id(number).body
    assert body
    assert "passkey" not in body, "nobody reads it in the database"
    assert send() == 1
    (message,) = postbox.to(cast.amara)
    assert message["Subject"] == "How you sign in to Sonofolio has changed"
    assert SENTENCE in text_of(message)
    assert f"{BASE}/me" in text_of(message)
    letter = Letter.get_by_id(number)
    assert (letter.body, letter.next_at, letter.reason) == ("", None, "")
    assert letter.sent_at is not None
    assert (send(), len(postbox.mails)) == (0, 1)


def test_an_action_that_is_undone_writes_no_letter(cast):
    with pytest.raises(RuntimeError), db.atomic():
        written(cast.amara)
        raise RuntimeError
    assert not letters.is_due()


def test_two_workers_at_once_send_it_once(cast, send):
    number = written(cast.amara)
    assert letters.due() == letters.due() == [number], "both have seen it"
    assert letters.take(number).words["sentence"] == SENTENCE
    assert letters.take(number) is None
    assert letters.due() == []


def test_what_a_worker_died_with_is_sent_by_the_next_with_the_same_id(cast, postbox, send, later, house):
    number = written(cast.amara)
    with house.app_context():
        first = command.compose(letters.take(number))
    assert send() == 0, "it may be on its way"
    later(minutes=1, seconds=1)
    assert send() == 1
    assert postbox.mails[0]["Message-ID"] == first["Message-ID"], "so a mailbox that has it can tell"


@pytest.mark.slow
def test_a_letter_that_fails_is_tried_five_times_and_then_given_up(cast, postbox, send, later, house):
    postbox.gone = {cast.amara.email}
    number, dana = written(cast.amara), Client(house, cast.dana)
    for pause in (1, 5, 25, 125):
        assert (send(), letters.due()) == (0, [])
        assert "550 no such mailbox Is tried again by itself" in list_of(lambda _: dana, cast.dana)
        later(minutes=pause, seconds=-5)
        assert letters.due() == []
        later(seconds=6)
        assert letters.due() == [number]
    assert send() == 0
    letter = Letter.get_by_id(number)
    assert (letter.body, letter.next_at, letter.sent_at, letter.tries) == ("", None, None, 5)
    words = list_of(lambda _: dana, cast.dana)
    assert "1 mail did not go Amara Okafor Ways in changed to amara@example.test, since" in words
    assert "550 no such mailbox Was given up" in words
    assert "Send again" not in words, "what it said is gone"
    assert dana.post(f"/failed-mails/{number}/again").status_code == 404
    later(days=31)
    assert (letters.delete_old(), list_of(lambda _: dana, cast.dana)) == (1, "")


def test_one_that_went_at_last_is_no_failure_any_more(cast, postbox, send, later, house):
    postbox.gone = {cast.amara.email}
    written(cast.amara)
    send()
    postbox.gone = set()
    later(minutes=2)
    assert send() == 1
    assert list_of(lambda _: Client(house, cast.dana), cast.dana) == ""


def test_while_the_mail_server_is_away_no_try_is_counted(cast, postbox, send, later, house):
    from dataclasses import replace

    from scripts.demo_server import free_port

    there = house.config["SONOFOLIO"]
    number = written(cast.amara)
    house.config["SONOFOLIO"] = replace(there, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    for _ in range(7):
        assert send() == 0
        assert letters.due() == [], "it is not tried again at once"
        later(minutes=2)
    letter = Letter.get_by_id(number)
    assert letter.tries == 0
    assert "Connection refused" in letter.reason
    house.config["SONOFOLIO"] = there
    assert (send(), len(postbox.to(cast.amara))) == (1, 1)


def test_a_letter_whose_link_has_run_out_does_not_go(cast, postbox, send, later):
    number = written(cast.amara, until=clock.now() + timedelta(minutes=15))
    later(minutes=16)
    assert (send(), postbox.mails) == (0, [])
    letter = Letter.get_by_id(number)
    assert (letter.body, letter.next_at, letter.reason) == ("", None, letters.TOO_LATE)


def test_an_earlier_secret_key_opens_it_as_long_as_it_is_listed(cast, postbox, send):
    first, second = written(cast.amara), written(cast.tom)
    keys.use("another key that is long enough for this", ["only for the tests, and long enough for them"])
    assert letters.take(first).words["sentence"] == SENTENCE
    keys.use("another key that is long enough for this")
    assert letters.take(second) is None
    letter = Letter.get_by_id(second)
    assert (letter.body, letter.reason) == ("", letters.NOT_READABLE)


def test_a_kind_that_nobody_wrote_is_told_and_holds_up_no_other(cast, postbox, send, caplog):
    number = written(cast.amara)
    Letter.update(kind="unheard_of").where(Letter.id == number).execute()
    written(cast.tom)
    assert send() == 1
    assert len(postbox.to(cast.tom)) == 1
    assert "unheard_of cannot be written" in Letter.get_by_id(number).reason


def test_every_kind_has_both_its_texts(house):
    for kind in command.KINDS:
        for ending in ("txt", "html"):
            assert house.jinja_env.get_template(f"mail/{kind}.{ending}"), kind
