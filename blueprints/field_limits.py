"""How long a field may be, in a form or in an address.

What a person types has its limit in its own form: it says so beside the field (422) and keeps what was typed. What no
person types is refused here, before anything reads it: 413 in a form, 400 in an address.
"""

from flask import Flask, Response, request
from wtforms import Field, Form
from wtforms.validators import StopValidation

from blueprints.errors import SENTENCES
from blueprints.hypermedia import refusal
from rules import scan_fields
from rules.entry import BASE_LIMIT
from workflows.accounts import passkeys, passwords
from workflows.accounts.webauthn_responses import MOST_ANSWER, MOST_ID
from workflows.notices.subscriptions import MOST as MOST_ENDPOINT
from workflows.people import adding, people, people_csv
from workflows.people.invitations import MOST_SITE
from workflows.portfolio import earlier, earlier_file
from workflows.portfolio.shares import MOST_LABEL
from workflows.reviews.reviews import NOTE_LIMIT

SEARCH_LIMIT = 60

# Characters of what a person types, for the forms and for `maxlength` in their templates (`limits`).
TYPED = {
    **{field.sent: field.limit for field in scan_fields.TYPED},
    "comment": NOTE_LIMIT,
    "why": NOTE_LIMIT,
    "note": NOTE_LIMIT,
    "source": earlier.MOST_SOURCE,
    "text": earlier_file.MOST_PASTED,
    "email": people.MOST_EMAIL,
    "password": passwords.MOST,
    "q": SEARCH_LIMIT,
    "label": MOST_LABEL,
    "name": people.MOST_NAME,
    "site_name": MOST_SITE,
    "passkey_name": passkeys.MOST_NAME,
    "site": adding.MOST_NAME,
    "machines": people_csv.LONGEST_CELL,
    "student_email": people.MOST_EMAIL,
}
# Their forms and pages say what is wrong with them: they are typed, or a page goes on without them.
ANSWERED_BY_THEIR_PAGE = frozenset(TYPED) | {
    *("current", "new", "scanned_on", "spoken_on", "quiet_from", "quiet_until"),
    *("scan_id", "next", "back", "entered_at", "form"),
    *("code", "sha256", "days"),
}
MOST = {
    "report_base": BASE_LIMIT,
    "named_nobody": BASE_LIMIT,  # a mark for each find of a report
    "draft": 2 * earlier_file.MOST_BYTES,
    "endpoint": MOST_ENDPOINT,
    "instead_of": MOST_ENDPOINT,
    "credential": MOST_ANSWER,
    "passkey": MOST_ID,
}
OTHER = 200  # every other field: a choice, a number, a mark. Also of a field's name


def init_app(app: Flask) -> None:
    app.before_request(_refuse_too_long)
    app.jinja_env.globals |= {"limits": TYPED, "search_too_long": SEARCH_TOO_LONG}


def _refuse_too_long() -> Response | None:
    for given, status in ((request.form, 413), (request.args, 400)):
        if any(_is_too_long(name, value) for name, value in given.items(multi=True)):
            return refusal(SENTENCES[413], status)
    return None


def _is_too_long(name: str, value: str) -> bool:
    if len(name) > OTHER:
        return True
    return len(value) > MOST.get(name, OTHER) and name not in ANSWERED_BY_THEIR_PAGE


def number_in(text: object, digits: int = 11) -> int | None:
    """A whole number of an address or a form; None for what is none, or has more digits."""
    sent = str(text)
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= digits else None


SEARCH_TOO_LONG = f"Search for at most {SEARCH_LIMIT} characters."


class AtMost:
    """So many characters in a field, a line end counted as one, as browsers do. It is also the field's `maxlength`, but
    for a password: a browser would cut what is pasted, unseen.
    """

    def __init__(self, most: int, sentence: str = "", *, attribute: bool = True) -> None:
        self.most, self.sentence, self.field_flags = most, sentence, {"maxlength": most} if attribute else {}

    def __call__(self, form: Form, field: Field) -> None:
        length = len((field.data or "").replace("\r\n", "\n"))
        if length > self.most:
            raise StopValidation(self.sentence or f"At most {self.most:,} characters; this has {length:,}.")
