"""Links that open a mail in the director's own mail program, begun with what is in the way."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from rules.person_names import first_name
from rules.status import MENTOR, STUDENT, Status
from workflows.people.retention import is_erased


class MailLink(NamedTuple):
    """Whom the mail goes to, and its address as a link."""

    name: str
    href: str


def mail_links(
    student: tuple[str, str | None], mentors: Iterable[tuple[str, str | None]], status: Status, programme: str
) -> list[MailLink]:
    """A mail to the student, and one to each mentor; people come as (name, e-mail). None to who was erased, or
    has proved no address yet.
    """
    reasons = dict(status.chain)
    name, email = student
    about = f"Your portfolio today: {reasons[STUDENT]}." if STUDENT in reasons else ""
    links = [_link(name, email, f"Your portfolio, {programme}", about)] if email and not is_erased(email) else []
    for mentor, address in mentors:
        if not address or is_erased(address):
            continue
        about = f"Scans of {name}: {reasons[MENTOR]}." if MENTOR in reasons else ""
        links.append(_link(mentor, address, f"Scans of {name}, {programme}", about))
    return links


def _link(name: str, email: str, subject: str, about: str) -> MailLink:
    text = "\r\n\r\n".join(filter(None, [f"Dear {first_name(name)},", about, ""]))
    return MailLink(name, f"mailto:{quote(email, safe='@')}?subject={quote(subject)}&body={quote(text)}")
