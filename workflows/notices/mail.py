"""Sends mail: through SMTP where it is set, else into files that one can open and read."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import make_msgid, parseaddr
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from models import Person

SECONDS = 20
MOST_TRIES = 3  # to connect anew to a server that is gone; then what is left fails at once
# An address in a header stays on one line and as it is; folded at 78 characters it would be encoded, which few read.
WHOLE_LINES = policy.default.clone(max_line_length=900)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotSent(Exception):
    """A mail did not go out. The message says why, in one line."""


def compose(to: Person, subject: str, text: str, html: str, *, base_url: str, mail_from: str = "") -> EmailMessage:
    """A mail as text and as plain HTML.
    `mail_from`: the setting MAIL_FROM; where it is empty, the mail is from `no-reply` at the host of `base_url`.
    Raises NotSent when nothing can be addressed to this person.
    """
    if not to.email:
        raise NotSent("no address of theirs is proved yet")
    message = EmailMessage(policy=WHOLE_LINES)
    message["Subject"] = subject
    message["From"] = sender = _sender(mail_from, base_url)
    try:
        message["To"] = Address(to.name, addr_spec=to.email)
    except (MessageError, ValueError) as error:
        raise NotSent(f"{to.email} is no address that mail goes to: {_one_line(error)}") from error
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _sender(mail_from: str, base_url: str) -> Address:
    name, address = parseaddr(mail_from)
    if address:
        return Address(name or "Sonofolio", addr_spec=address)
    host = urlsplit(base_url).hostname or ""
    return Address("Sonofolio", "no-reply", host if _is_name(host) else "sonofolio.test")


def _is_name(host: str) -> bool:
    return "." in host and not host.replace(".", "").isdigit()


class Outbox:
    """Writes each mail as an .eml file, readable by its owner alone: it may hold a secret link."""

    def __init__(self, folder: Path):
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Raises NotSent when it cannot be written."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        name = re.sub(r"[^\w.+-]", "_", message["To"].addresses[0].username)  # an address may hold a slash
        path = self.folder / f"{stamp}-{name}.eml"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(message.as_bytes())
        except (OSError, ValueError, MessageError) as error:
            raise NotSent(_one_line(error)) from error


def delete_written(folder: Path, address: str) -> int:
    """Delete the mails to this address that an `Outbox` has written there; returns how many. One that cannot be read or
    deleted stays: the folder is the operator's own.
    """
    gone = 0
    for path in folder.glob("*.eml"):
        with suppress(OSError), path.open("rb") as file:
            to = BytesParser(policy=policy.default).parse(file, headersonly=True)["To"]
            if to and address in [one.addr_spec.lower() for one in to.addresses]:
                path.unlink()
                gone += 1
    return gone


class Smtp:
    """Hands each mail to a server. One that fails does not keep the next from going, nor does a connection that the
    server drops: it is made anew, and the mail that it cost goes once more.
    """

    def __init__(self, connect: Callable[[], smtplib.SMTP]):
        self.connect = connect
        self.connection = connect()
        self.failed = 0  # tries to connect anew, one after the other

    def send(self, message: EmailMessage) -> None:
        """Raises NotSent when the server refuses it or is gone."""
        try:
            self._send(message)
        except (smtplib.SMTPException, OSError, ValueError, MessageError) as error:
            raise NotSent(_reason(error)) from error

    def _send(self, message: EmailMessage) -> None:
        try:
            self.connection.send_message(message)
        except (smtplib.SMTPException, OSError):
            if self.connection.sock is not None or self.failed == MOST_TRIES:  # smtplib forgets it once it is gone
                raise
            self.failed += 1
            self.connection = self.connect()
            self.failed = 0
            self.connection.send_message(message)


@contextmanager
def post(smtp_url: str, outbox: Path) -> Iterator[Outbox | Smtp]:
    """Somewhere to `send` mails, for as long as the block lasts.
    `smtp_url`: `smtp://user:password@host:port` (another machine must offer STARTTLS), `smtps://...` (TLS from the
    start), or empty for files in `outbox`.
    Raises NotSent when the server cannot be reached or does not know the password.
    """
    if not smtp_url:
        yield Outbox(outbox)
        return
    try:
        smtp = Smtp(partial(_connect, smtp_url))
    except smtplib.SMTPAuthenticationError as error:
        hint = "the server does not know the user or password of SMTP_URL; in them @ : / are written as %40 %3A %2F"
        raise NotSent(f"{urlsplit(smtp_url).hostname}: {hint} ({_reason(error)})") from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise NotSent(f"{urlsplit(smtp_url).hostname}: {_reason(error)}") from error
    try:
        yield smtp
    finally:
        try:
            smtp.connection.quit()
        except (smtplib.SMTPException, OSError):
            smtp.connection.close()


def _connect(smtp_url: str) -> smtplib.SMTP:
    parts = urlsplit(smtp_url)
    host, tls = parts.hostname or "", ssl.create_default_context()
    connection: smtplib.SMTP
    if parts.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=tls)
    else:
        connection = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=tls)
            connection.ehlo()
        elif host not in LOOPBACK:
            connection.close()
            raise smtplib.SMTPException("offers no TLS, and neither a password nor a link is sent in the clear")
    if parts.username:
        connection.login(unquote(parts.username), unquote(parts.password or ""))
    return connection


def _reason(error: Exception) -> str:
    """What a server answered, as "550 no such mailbox"; of other errors, their own words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return " ".join(
            f"{error.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}".split()
        )
    return _one_line(error)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
