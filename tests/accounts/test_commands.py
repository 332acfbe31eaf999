"""The commands about people, as one types them, with their exit codes; and the mail that they send."""

import email
import re
import smtplib
from dataclasses import replace
from email import policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from models import Person, Staff
from tests.accounts.test_import import EXAMPLE
from tests.client import Client
from workflows.course import programmes
from workflows.notices import mail
from workflows.people import links, people

pytestmark = pytest.mark.both_in_full

BASE = "https://scans.example.ac.uk/portal"


@pytest.fixture
def house(settings, database):
    """The app as the commands find it, with an address of its own."""
    from app import create_app

    return create_app(replace(settings, base_url=BASE))


@pytest.fixture
def run(house):
    return lambda *words, **options: house.test_cli_runner().invoke(args=words, **options)


@pytest.fixture
def course_file(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(EXAMPLE)
    return path


def token_in(text: str) -> str:
    return re.search(rf"{re.escape(BASE)}/welcome/([\w-]{{43}})", text).group(1)


# --- create-director -------------------------------------------------------------------------------------------


def test_a_director_is_made_and_gets_a_link_that_works(run, house):
    done = run("create-director", "--email", "Dana@Example.ac.uk", "--name", "Dana Director")
    assert done.exit_code == 0
    assert "Dana Director is now director of PgCert Musculoskeletal Ultrasound Imaging." in done.output
    person = Person.get()
    assert (person.email, person.password) == ("dana@example.ac.uk", None)
    assert (Staff.get().person, Staff.get().role) == (person, "director")
    assert Client(house).get(f"/welcome/{token_in(done.output)}").status_code == 200


def test_the_command_asks_for_what_was_not_said(run):
    done = run("create-director", input="dana@example.ac.uk\nDana Director\n")
    assert done.exit_code == 0
    assert Person.get().name == "Dana Director"


def test_a_director_with_a_password_gets_no_link_and_no_second_role(run):
    words = ("create-director", "--email", "dana@example.ac.uk", "--name", "Dana Director")
    links.use(token_in(run(*words).output), "quiet harbour seven lanterns")
    done = run(*words)
    assert done.exit_code == 0
    assert "is already director" in done.output
    assert "/welcome/" not in done.output
    assert Staff.select().count() == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--email", "dana", "--name", "Dana"), 1, "Write one e-mail address"),
        (("--email", "d@x.ac.uk", "--name", " "), 1, "Write the person's full name"),
        (("--email", "d@x.ac.uk", "--name", "Dana", "--programme", "nope"), 2, "--programme takes msk-pgcert"),
    ],
)
def test_a_wrong_director_is_refused_in_one_line(run, words, code, says):
    done = run("create-director", *words)
    assert done.exit_code == code
    assert says in done.output
    assert Person.select().count() == 0


def test_with_two_programmes_one_must_be_named(run, monkeypatch):
    monkeypatch.setattr(programmes, "keys", lambda: ("msk-pgcert", "second"))
    assert run("create-director", "--email", "d@x.ac.uk", "--name", "Dana").exit_code == 2


# --- import-people ---------------------------------------------------------------------------------------------


def test_an_import_prints_a_link_for_each_new_person(run, course_file, house):
    done = run("import-people", str(course_file))
    assert done.exit_code == 0
    found = re.findall(rf"^(\S+@example.ac.uk)  {BASE}/welcome/([\w-]{{43}})$", done.output, re.MULTILINE)
    assert len(found) == 6
    for address, token in found:
        assert links.owner(token).email == address
    assert "Row 4: Ravi Patel becomes mentor of Amara Okafor." in done.output


def test_a_second_import_says_that_nothing_was_changed(run, course_file):
    run("import-people", str(course_file))
    done = run("import-people", str(course_file))
    assert done.exit_code == 0
    assert done.output == "7 rows, all here already. Nothing was changed.\n"


def test_a_preview_prints_no_link(run, course_file):
    done = run("import-people", str(course_file), "--preview")
    assert done.exit_code == 0
    assert "This is a preview: nothing was changed." in done.output
    assert "/welcome/" not in done.output
    assert Person.select().count() == 0


def test_problems_are_listed_and_the_command_ends_with_one(run, course_file):
    course_file.write_text(EXAMPLE.replace("mentor", "boss").replace("2026-09-21", "soon"))
    done = run("import-people", str(course_file))
    assert done.exit_code == 1
    assert "Row 2, starts_on: 'soon' is not a day." in done.output
    assert "Row 5, role: Write one of" in done.output
    assert "Nothing was changed: 3 things to put right." in done.output


def test_no_such_file_is_a_misuse(run):
    assert run("import-people", "nowhere.csv").exit_code == 2


def test_a_long_import_shows_how_far_it_is(run, course_file, monkeypatch):
    monkeypatch.setattr("commands.people.BAR_FROM", 3)
    done = run("import-people", str(course_file))
    assert done.exit_code == 0
    assert "Reading the rows" in done.output


# --- mail ------------------------------------------------------------------------------------------------------


class Postbox(Message):
    """A real SMTP server's handler that keeps what arrives, and refuses one address."""

    def __init__(self):
        super().__init__()
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  aiosmtpd's name
        if address == "tom@example.ac.uk":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def prepare_message(self, session, envelope):
        return email.message_from_bytes(envelope.content, policy=policy.default)

    def handle_message(self, message):
        self.mails.append(message)


@pytest.fixture
def postbox():
    from scripts.demo_server import free_port

    handler = Postbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.url = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


def test_links_go_out_by_mail(settings, database, course_file, postbox):
    from app import create_app

    house = create_app(replace(settings, base_url=BASE, smtp_url=postbox.url))
    done = house.test_cli_runner().invoke(args=["import-people", str(course_file), "--mail"])
    assert "5 mails sent." in done.output
    assert len(postbox.mails) == 5
    message = next(
        message for message in postbox.mails if message["To"].addresses[0].addr_spec == "amara@example.ac.uk"
    )
    assert message["Subject"] == "Your account on Sonofolio"
    assert str(message["From"]) == "Sonofolio <no-reply@scans.example.ac.uk>"
    assert message["To"].addresses[0].display_name == "Amara Okafor"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    token = token_in(text)
    assert links.owner(token).email == "amara@example.ac.uk"
    assert f'href="{BASE}/welcome/{token}"' in html
    # The one that the server refused: said, its link printed, and the command ends with 1.
    assert done.exit_code == 1
    assert "No mail went to tom@example.ac.uk (" in done.output
    assert links.owner(token_in(done.output)).email == "tom@example.ac.uk"


def test_without_smtp_the_mails_are_files_for_their_owner_alone(run, course_file, settings):
    done = run("import-people", str(course_file), "--mail")
    assert done.exit_code == 0
    assert f"6 mails written to {settings.instance}/outbox." in done.output
    assert "/welcome/" not in done.output
    files = sorted((settings.instance / "outbox").glob("*.eml"))
    assert len(files) == 6
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    message = email.message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert token_in(message.get_body(("plain",)).get_content())


def test_an_address_with_a_slash_has_its_mail_in_the_outbox_too(run, settings):
    run("create-director", "--email", "dana/course@x.ac.uk", "--name", "Dana")
    assert run("make-link", "dana/course@x.ac.uk", "--mail").exit_code == 0
    (path,) = (settings.instance / "outbox").glob("*.eml")
    assert path.name.endswith("-dana_course.eml")


def test_an_outbox_that_cannot_be_written_costs_no_link(run, course_file, settings):
    (settings.instance / "outbox").write_text("a file where the folder should be")
    done = run("import-people", str(course_file), "--mail")
    assert done.exit_code == 1
    assert done.output.count("No mail went to") == done.output.count("/welcome/") == 6


def test_an_address_of_before_that_no_mail_goes_to_keeps_nobody_else_from_theirs(run, course_file, monkeypatch):
    monkeypatch.setattr(people, "plain_email", lambda text: text)
    course_file.write_text(EXAMPLE.replace("ravi@example.ac.uk", "ravi..patel@example.ac.uk"))
    done = run("import-people", str(course_file), "--mail")
    assert done.exit_code == 1
    assert "5 mails written to" in done.output
    assert "No mail went to ravi..patel@example.ac.uk (" in done.output


def test_a_server_that_is_away_costs_no_link(settings, database, course_file):
    from app import create_app
    from scripts.demo_server import free_port

    house = create_app(replace(settings, base_url=BASE, smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    done = house.test_cli_runner().invoke(args=["import-people", str(course_file), "--mail"])
    assert done.exit_code == 1
    assert done.output.count("No mail went to") == done.output.count(f"{BASE}/welcome/") == 6


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("scans@lsbu.example.ac.uk", "Sonofolio <scans@lsbu.example.ac.uk>"),
        ("PgCert scans <scans@x.ac.uk>", "PgCert scans <scans@x.ac.uk>"),
        ("", "Sonofolio <no-reply@scans.example.ac.uk>"),
    ],
)
def test_the_sender_is_a_setting(settings, database, given, says):
    from app import create_app

    run = create_app(replace(settings, base_url=BASE, mail_from=given)).test_cli_runner().invoke
    run(args=["create-director", "--email", "d@x.ac.uk", "--name", "Dana Reid"])
    run(args=["make-link", "d@x.ac.uk", "--mail"])
    (path,) = (settings.instance / "outbox").glob("*.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert str(message["From"]) == says
    assert message["Message-ID"].endswith(says.partition("@")[2])


def test_a_password_that_the_mail_server_does_not_know_gets_a_hint(monkeypatch, tmp_path):
    def refuse(url):
        raise smtplib.SMTPAuthenticationError(535, b"5.7.8 bad credentials")

    monkeypatch.setattr(mail, "_connect", refuse)
    with pytest.raises(mail.NotSent, match="are written as %40") as no, mail.post("smtp://u:secret@m.uk", tmp_path):
        pass
    assert "secret" not in str(no.value) and "\n" not in str(no.value)


@pytest.mark.parametrize("who", ["user:secret@", ""])
def test_neither_a_password_nor_a_link_is_sent_in_the_clear_to_another_machine(postbox, monkeypatch, tmp_path, who):
    monkeypatch.setattr(mail, "LOOPBACK", ())
    url = postbox.url.replace("smtp://", f"smtp://{who}")
    with pytest.raises(mail.NotSent, match="sent in the clear") as no, mail.post(url, tmp_path):
        pass
    assert "secret" not in str(no.value)


def test_a_name_cannot_smuggle_a_header(run):
    done = run("create-director", "--email", "d@x.ac.uk", "--name", "Dana\r\nBcc: all@x.ac.uk")
    assert done.exit_code == 0
    assert Person.get().name == "Dana Bcc: all@x.ac.uk"
    message = mail.compose(Person.get(), "Hello", "text", "<p>text", base_url=BASE)
    assert message["Bcc"] is None
    assert run("create-director", "--email", "d@x.ac.uk\r\nBcc:b@x.ac.uk", "--name", "Dana").exit_code == 1


# --- make-link, disable-person ---------------------------------------------------------------------------------


def test_a_lost_link_is_replaced(run):
    first = token_in(run("create-director", "--email", "dana@x.ac.uk", "--name", "Dana").output)
    done = run("make-link", "DANA@x.ac.uk")
    assert done.exit_code == 0
    assert links.owner(token_in(done.output)).name == "Dana"
    with pytest.raises(links.NotFound):
        links.owner(first)


def test_an_account_is_closed_and_opened_again(run):
    person, _ = people.register("dana@x.ac.uk", "Dana")
    assert run("disable-person", "dana@x.ac.uk").output == "Dana can no longer sign in.\n"
    assert Person.get_by_id(person.id).disabled_at is not None
    assert run("disable-person", "dana@x.ac.uk", "--undo").output == "Dana can sign in again.\n"
    assert Person.get_by_id(person.id).disabled_at is None


@pytest.mark.parametrize("command", ["make-link", "disable-person"])
def test_an_unknown_address_is_said(run, command):
    done = run(command, "who@x.ac.uk")
    assert done.exit_code == 1
    assert done.output == "Nobody here has the address who@x.ac.uk.\n"


@pytest.mark.parametrize("command", ["create-director", "import-people", "make-link", "disable-person"])
def test_each_command_says_what_it_does(run, command):
    assert run(command, "--help").exit_code == 0
