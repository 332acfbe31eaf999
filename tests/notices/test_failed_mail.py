"""Mails that did not go: kept with the reason, shown to the director, sent again; and a mail server that hangs up."""

# ruff: noqa: F811

from __future__ import annotations

import re

import pytest

from models import FailedMail, Person
from tests.cast import PASSWORD, logged
from tests.client import Client
from tests.notices.test_digest import BASE, deliver, house, on, postbox, text_of  # noqa: F401 - fixtures
from workflows.accounts import accounts
from workflows.notices import mail
from workflows.people import links, people
from workflows.refusals import Invalid

pytestmark = pytest.mark.both_in_full


@pytest.fixture
def run(house):
    return lambda *words: house.test_cli_runner().invoke(args=words)


@pytest.fixture
def browse(house):
    return lambda person: Client(house, person)


def list_of(browse, director) -> str:
    """What the director's room says of mails that did not go, as one reads it; empty where it says nothing."""
    page = browse(director).get("/people").text
    found = re.search(r'<section class="card" id="failed-mails".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()) if found else ""


def test_a_link_that_did_not_go_is_shown_until_it_is_sent_again(cast, run, postbox, browse):
    assert list_of(browse, cast.dana) == ""
    postbox.gone = {cast.tom.email}
    done = run("make-link", cast.tom.email, "--mail")
    assert done.exit_code == 1, done.output
    words = list_of(browse, cast.dana)
    assert f"1 mail did not go {cast.tom.name} Link to choose a password to {cast.tom.email}, since" in words
    assert "550 no such mailbox" in words
    since = FailedMail.get().since
    done = run("send-failed-mail")
    assert (done.exit_code, FailedMail.get().since) == (1, since), "it failed once more, and first then"
    assert f"No link to choose a password went to {cast.tom.email} (550 no such mailbox)." in done.output
    postbox.gone = set()
    done = run("send-failed-mail")
    assert (done.exit_code, done.output) == (0, "1 sent, 0 not.\n")
    (message,) = postbox.to(cast.tom)
    text = text_of(message)
    assert links.owner(re.search(rf"{BASE}/welcome/([\w-]+)", text).group(1)) == cast.tom
    assert list_of(browse, cast.dana) == ""
    assert run("send-failed-mail").output == "0 sent, 0 not.\n"


def test_whoever_used_the_printed_link_needs_no_mail_any_more(cast, run, postbox):
    postbox.gone = {cast.tom.email}
    printed = run("make-link", cast.tom.email, "--mail").output
    links.use(re.search(r"/welcome/([\w-]+)", printed).group(1), "quiet harbour seven lanterns")
    assert FailedMail.select().count() == 0


def test_a_daily_and_a_weekly_mail_that_did_not_go_are_sent_again_as_of_now(
    cast,
    run,
    deliver,
    postbox,
    on,
    browse,
):
    for _ in range(2):
        logged(cast.amara, cast.ravi)
    Person.update(record_mailed_at=None).where(Person.id == cast.dana.id).execute()
    postbox.gone = {cast.ravi.email, cast.dana.email}
    on(7, "08:00")
    deliver()
    assert {(one.person_id, one.kind) for one in FailedMail.select()} == {
        (cast.ravi.id, "digest"),
        (cast.dana.id, "weekly"),
    }
    postbox.gone = set()
    assert run("send-failed-mail").output == "2 sent, 0 not.\n"
    assert "2 scans wait" in postbox.to(cast.ravi)[0]["Subject"]
    assert "record" in postbox.to(cast.dana)[0]["Subject"]
    assert FailedMail.select().count() == 0


def test_what_is_needed_no_more_is_dropped_and_not_sent(cast, run, deliver, postbox, on):
    logged(cast.amara, cast.ravi)
    postbox.gone = {cast.ravi.email}
    on(2, "08:00")
    deliver()
    Person.update(by_mail=False).where(Person.id == cast.ravi.id).execute()
    assert run("send-failed-mail").output == "0 sent, 0 not.\n"
    assert (postbox.mails, FailedMail.select().count()) == ([], 0)


def test_a_director_has_one_sent_again_by_a_button(cast, run, deliver, postbox, browse):
    postbox.gone = {cast.tom.email}
    run("make-link", cast.tom.email, "--mail")
    postbox.gone = set()
    number = FailedMail.get().id
    dana = browse(cast.dana)
    answer = dana.post(f"/failed-mails/{number}/again")
    assert (answer.status_code, answer.location) == (303, "/people#failed-mails")
    assert "Is sent again soon" in dana.get("/people").text
    assert postbox.mails == [], "a request waits for no mail server"
    deliver()
    assert len(postbox.to(cast.tom)) == 1
    assert FailedMail.select().count() == 0
    assert dana.post(f"/failed-mails/{number}/again").status_code == 404


def test_a_server_that_is_away_is_told_to_the_director_for_each_mail(cast, settings, run, browse):
    from dataclasses import replace

    from app import create_app
    from scripts.demo_server import free_port

    away = create_app(replace(settings, base_url=BASE, smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    away.test_cli_runner().invoke(args=["make-link", cast.tom.email, "--mail"])
    assert "127.0.0.1: [Errno 111] Connection refused" in list_of(browse, cast.dana)
    assert run("send-failed-mail").output == "1 sent, 0 not.\n"


# --- a server that hangs up ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["drops the line", "says 421"])
def test_a_server_that_hangs_up_after_each_few_mails_gets_all_of_them(cast, house, postbox, tmp_path, way):
    """Some servers take so many mails on one connection, or close one that is idle."""
    taken, tries = [], []

    async def hang_up(server, session, envelope, address, options):
        tries.append(address)
        if len(tries) % 3 == 0:
            if way == "drops the line":
                server.transport.close()
            return "421 too many messages on this connection"
        taken.append(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    postbox.handle_RCPT = hang_up
    everybody = [Person(name=f"Person {number}", email=f"p{number}@example.ac.uk") for number in range(8)]
    with mail.post(postbox.url, tmp_path) as out:
        for person in everybody:
            out.send(mail.compose(person, "Hello", "text", "<p>text", base_url=BASE))
    assert [one["To"].addresses[0].addr_spec for one in postbox.mails] == [one.email for one in everybody]
    assert len(tries) > len(taken) == 8


def test_a_server_that_went_away_for_good_is_not_asked_for_ever(cast, house, postbox, tmp_path, monkeypatch):
    asked, failed = [], 0
    with mail.post(postbox.url, tmp_path) as out:
        out.connection.sock.close()
        out.connection.close()

        def away():
            asked.append(1)
            raise ConnectionRefusedError("nobody there")

        monkeypatch.setattr(out, "connect", away)
        for number in range(20):
            person = Person(name="Kim", email=f"k{number}@example.ac.uk")
            with pytest.raises(mail.NotSent):
                out.send(mail.compose(person, "Hello", "text", "<p>text", base_url=BASE))
            failed += 1
    assert (failed, len(asked)) == (20, mail.MOST_TRIES)


# --- another address or name -----------------------------------------------------------------------------------


def test_a_person_gets_another_address_and_name_and_both_addresses_are_told(cast, run, postbox, browse):
    tom, before = browse(cast.tom), cast.tom.email
    done = run("change-person", before, "--email", "T.Bright-Lee@example.ac.uk", "--name", "Tom Bright-Lee")
    assert done.exit_code == 0, done.output
    assert "Tom Bright is called Tom Bright-Lee." in done.output
    assert f"has the address t.bright-lee@example.ac.uk, no longer {before}." in done.output
    person = Person.get_by_id(cast.tom.id)
    assert (person.email, person.name) == ("t.bright-lee@example.ac.uk", "Tom Bright-Lee")
    assert tom.get("/").status_code == 200, "he stays signed in"
    assert accounts.sign_in(person.email, PASSWORD, address=None, secret="a key")
    with pytest.raises(Invalid):
        accounts.sign_in(before, PASSWORD, address=None, secret="a key")
    told = {one["To"].addresses[0].addr_spec: text_of(one) for one in postbox.mails}
    assert set(told) == {before, person.email}
    assert all("has the e-mail address t.bright-lee@example.ac.uk now" in text for text in told.values())
    assert run("verify-history").exit_code == 0


def test_an_address_of_somebody_else_and_nothing_to_change_are_refused(cast, run):
    done = run("change-person", cast.tom.email, "--email", cast.amara.email.upper())
    assert (done.exit_code, Person.get_by_id(cast.tom.id).email) == (1, cast.tom.email)
    assert f"{cast.amara.email} is the address of {cast.amara.name}, who is here as another person." in done.output
    assert run("change-person", cast.tom.email).exit_code == 2
    assert run("change-person", cast.tom.email, "--name", cast.tom.name).output == "Nothing was changed.\n"
    assert run("change-person", cast.tom.email, "--email", "josé@x.ac.uk").exit_code == 1


def test_news_of_a_changed_address_goes_again_to_the_one_that_it_did_not_reach(cast, run, postbox):
    postbox.gone = {cast.tom.email}
    done = run("change-person", cast.tom.email, "--email", "tom.new@example.ac.uk")
    assert done.exit_code == 1
    assert f"No mail went to {cast.tom.email} (550 no such mailbox)." in done.output
    assert Person.get_by_id(cast.tom.id).email == "tom.new@example.ac.uk", "it is changed all the same"
    postbox.gone = set()
    assert run("send-failed-mail").output == "1 sent, 0 not.\n"
    assert [one["To"].addresses[0].addr_spec for one in postbox.mails][-1] == cast.tom.email
    assert people.by_email("tom.new@example.ac.uk").id == cast.tom.id
