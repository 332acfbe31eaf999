"""The mail in the morning: to whom, what it says and what it does not, and how it is stopped with one click."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import timedelta
from email import policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

import clock
from models import Person
from tests.cast import logged
from tests.client import Client
from workflows.accounts import accounts
from workflows.notices import digests, notices
from workflows.refusals import NotFound
from workflows.reviews import reviews

pytestmark = pytest.mark.both

BASE = "https://scans.example.ac.uk"
NORMAL = {"findings": (), "normal": ("all",), "report": ""}


class Postbox(Message):
    """A mail server that keeps what it is given, but for people who are not there."""

    def __init__(self):
        super().__init__()
        self.mails, self.gone = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address in self.gone:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def prepare_message(self, session, envelope):
        self.raw = envelope.content
        return email.message_from_bytes(envelope.content, policy=policy.default)

    def handle_message(self, message):
        self.mails.append(message)

    def to(self, person):
        return [mail for mail in self.mails if mail["To"].addresses[0].addr_spec == person.email]


@pytest.fixture
def postbox():
    from scripts.demo_server import free_port

    handler = Postbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.url = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


@pytest.fixture
def house(settings, database, cast, postbox):
    from app import create_app

    Person.update(record_mailed_at=clock.now() + timedelta(days=400)).execute()  # tests/notices/test_weekly.py
    return create_app(replace(settings, base_url=BASE, smtp_url=postbox.url))


@pytest.fixture
def deliver(house):
    """Sends what is due, as the loop does; answers what the command says."""
    return lambda: house.test_cli_runner().invoke(args=["deliver", "--once"]).output


@pytest.fixture
def on(monkeypatch):
    """`on(3, "08:00")`: from now on it is that time on the course's clock, three days after the first."""
    real = clock.now
    first = programmes_local(real()).date()

    def move(day, time):
        hour, minute = map(int, time.split(":"))
        start = programmes_local(real()).replace(hour=hour, minute=minute, second=0)
        shift = start - programmes_local(real()) + (first + timedelta(days=day) - start.date())
        monkeypatch.setattr(clock, "now", lambda: real() + shift)

    return move


def programmes_local(now):
    from zoneinfo import ZoneInfo

    return now.astimezone(ZoneInfo("Europe/London"))


def text_of(mail) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_a_mentor_is_mailed_in_the_morning_when_a_scan_has_waited_for_a_day(cast, deliver, postbox, on):
    on(0, "06:00")
    for region in ("shoulder", "knee"):
        logged(cast.amara, cast.ravi, region=region, **NORMAL)
    logged(cast.tom, cast.ravi)
    on(0, "10:00")
    assert deliver() == "0 pushed, 0 mailed.\n", "nothing has waited for a day"
    on(1, "07:29")
    assert deliver() == "0 pushed, 0 mailed.\n", "it is not morning yet"
    on(1, "07:31")
    assert deliver() == "0 pushed, 1 mailed.\n"
    (mail,) = postbox.to(cast.ravi)
    assert mail["Subject"] == "3 scans wait for you"
    assert "3 scans wait for you: 2 from Amara, 1 from Tom." in text_of(mail) and f"{BASE}/inbox" in text_of(mail)


def test_a_student_is_mailed_when_a_returned_scan_was_not_seen_for_a_day(cast, deliver, postbox, on):
    on(0, "06:00")
    one, other = logged(cast.amara, cast.ravi), logged(cast.amara, cast.ravi, region="knee", **NORMAL)
    reviews.send_back(one.id, by=cast.ravi, version=1, why="Which axis?")
    reviews.approve(other.id, by=cast.ravi, version=1)
    on(1, "08:00")
    deliver()
    (mail,) = postbox.to(cast.amara)
    assert mail["Subject"] == "2 scans have come back"
    assert "1 scan was returned, 1 scan was approved since you last looked." in text_of(mail)
    assert f"{BASE}/news" in text_of(mail)


def test_what_was_seen_is_not_mailed(cast, deliver, postbox, on):
    on(0, "06:00")
    scan = logged(cast.amara, cast.ravi)
    reviews.send_back(scan.id, by=cast.ravi, version=1, why="Which axis?")
    notices.mark_read([f"scan:{scan.id}"], by=cast.amara)
    on(1, "08:00")
    assert deliver() == "0 pushed, 0 mailed.\n"


def test_an_approval_alone_is_no_reason_for_a_mail(cast, deliver, postbox, on):
    on(0, "06:00")
    scan = logged(cast.amara, cast.ravi)
    reviews.approve(scan.id, by=cast.ravi, version=1)
    on(2, "08:00")
    assert deliver() == "0 pushed, 0 mailed.\n"


def test_the_mail_has_counts_and_first_names_and_nothing_of_a_scan(cast, deliver, postbox, on):
    on(0, "06:00")
    logged(cast.amara, cast.ravi)
    on(1, "08:00")
    deliver()
    (mail,) = postbox.mails
    said = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    for word in ("Okafor", "shoulder", "supraspinatus", "tear", "Bursal"):
        assert word not in said
    assert mail.get_body(("html",)) is not None and "Dear Ravi," in said


def test_two_students_of_one_first_name_are_not_counted_as_one_and_nobody_is_greeted_by_a_title(
    cast, deliver, postbox, on
):
    on(0, "06:00")
    for person, name in ((cast.amara, "Maria Lopez"), (cast.tom, "Dr Maria Gomez"), (cast.ravi, "Dr Patel")):
        Person.update(name=name).where(Person.id == person.id).execute()
    logged(cast.amara, cast.ravi), logged(cast.tom, cast.ravi)
    on(1, "08:00")
    deliver()
    (mail,) = postbox.to(cast.ravi)
    said = text_of(mail)
    assert "1 from Maria Lopez" in said and "1 from Dr Maria Gomez" in said and "2 from" not in said
    assert "Dear Dr Patel," in said


def test_there_is_one_a_day_at_most_and_none_that_says_nothing_new(cast, deliver, postbox, on):
    on(0, "06:00")
    logged(cast.amara, cast.ravi)
    on(1, "08:00")
    deliver(), deliver()
    on(1, "09:00")
    deliver()
    assert len(postbox.mails) == 1
    on(2, "08:00")
    deliver()
    assert len(postbox.mails) == 1, "he knows of that scan"
    logged(cast.tom, cast.ravi)
    on(3, "08:30")
    deliver()
    assert [mail["Subject"] for mail in postbox.mails] == ["1 scan waits for you", "2 scans wait for you"]
    on(10, "08:35")  # the mail of a week ago went some moments after half past
    deliver()
    assert len(postbox.mails) == 3, "after a week he is reminded"


def test_in_the_afternoon_no_mail_goes(cast, deliver, postbox, on):
    on(0, "06:00")
    logged(cast.amara, cast.ravi)
    on(1, "15:00")
    assert deliver() == "0 pushed, 0 mailed.\n"


def test_who_wants_no_mail_and_who_has_no_account_any_more_gets_none(cast, deliver, postbox, on):
    on(0, "06:00")
    logged(cast.amara, cast.ravi), logged(cast.mei, cast.grace)
    notices.save_preferences(cast.ravi, by_mail=False, quiet_from="21:00", quiet_until="07:00")
    accounts.disable(cast.grace)
    on(1, "08:00")
    assert deliver() == "0 pushed, 0 mailed.\n"


def test_an_address_that_is_refused_keeps_nobody_else_from_theirs(cast, deliver, postbox, on):
    on(0, "06:00")
    logged(cast.amara, cast.ravi), logged(cast.mei, cast.grace)
    postbox.gone.add(cast.ravi.email)
    on(1, "08:00")
    assert deliver() == "0 pushed, 1 mailed.\n" and len(postbox.to(cast.grace)) == 1
    assert deliver() == "0 pushed, 0 mailed.\n", "it is not tried again all morning"


def test_while_the_mail_server_is_away_nobody_is_taken_for_told(settings, cast, on, postbox):
    from app import create_app

    away = create_app(replace(settings, base_url=BASE, smtp_url="smtp://127.0.0.1:9"))
    on(0, "06:00")
    logged(cast.amara, cast.ravi)
    on(1, "08:00")
    assert away.test_cli_runner().invoke(args=["deliver", "--once"]).output == "0 pushed, 0 mailed.\n"
    assert Person.get_by_id(cast.ravi.id).mailed_at is None


def test_of_two_that_send_at_once_one_takes_it(cast, on, database):
    on(0, "06:00")
    logged(cast.amara, cast.ravi)
    on(1, "08:00")
    assert digests.due(clock.now()) == [cast.ravi.id]
    assert digests.claim(cast.ravi.id, clock.now()) is not None
    assert digests.claim(cast.ravi.id, clock.now()) is None


# --- Stopping it -----------------------------------------------------------------------------------------------


def test_a_mail_program_stops_it_with_one_click(cast, house, deliver, postbox, on):
    on(0, "06:00")
    logged(cast.amara, cast.ravi)
    on(1, "08:00")
    deliver()
    (mail,) = postbox.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"List-Unsubscribe: <https://" in postbox.raw, "whole, on one line and not encoded: programs read it so"
    path = re.fullmatch(rf"<{BASE}(/mail/stop/\S+)>", mail["List-Unsubscribe"]).group(1)
    assert path in text_of(mail)
    program = house.test_client()
    answer = program.post(path, data={"List-Unsubscribe": "One-Click"})  # no cookie, no token of a form
    assert answer.status_code == 200 and "Location" not in answer.headers
    assert not Person.get_by_id(cast.ravi.id).by_mail


def test_looking_at_the_link_stops_nothing_and_its_button_does(app, cast):
    path = f"/mail/stop/{digests.stop_token(cast.ravi.id, app.config['SONOFOLIO'].secret_key)}"
    nobody = Client(app)
    page = nobody.get(path)
    assert "Stop the mail" in page.text and page.headers["Referrer-Policy"] == "no-referrer"
    assert Person.get_by_id(cast.ravi.id).by_mail
    assert "You get no more daily mail" in nobody.post(path).text
    assert "You get no more daily mail" in nobody.post(path).text, "a second press"
    assert not Person.get_by_id(cast.ravi.id).by_mail


@pytest.mark.parametrize("change", ["other person", "cut", "empty", "other secret", "odd"])
def test_only_our_own_links_stop_anything(app, cast, change):
    secret = app.config["SONOFOLIO"].secret_key
    token = digests.stop_token(cast.ravi.id, secret)
    wrong = {
        "other person": token.replace(f"{cast.ravi.id}-", f"{cast.amara.id}-", 1),
        "cut": token[:-1],
        "empty": f"{cast.ravi.id}-",
        "other secret": digests.stop_token(cast.ravi.id, "another secret"),
        "odd": "²-" + token,
    }[change]
    assert Client(app).post(f"/mail/stop/{wrong}").status_code == 404
    assert Person.select().where(~Person.by_mail).count() == 0
    with pytest.raises(NotFound):
        digests.owner_of(wrong, secret)


def test_the_link_holds_160_bits():
    assert len(digests.stop_token(1, "secret").partition("-")[2]) * 4 >= 160
