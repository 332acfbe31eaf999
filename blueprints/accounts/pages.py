"""The two pages that several views answer with: the one to sign in on, and everybody's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Response, current_app, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import me
from blueprints.accounts import demo_people
from blueprints.accounts.forms import PasswordForm, SignInForm, ThemeForm, safe_path
from blueprints.errors import STATUS, come_back
from blueprints.form_errors import ScreeningErrors
from blueprints.hypermedia import go_to
from blueprints.refusal_log import refused
from blueprints.sessions import passkey_party, passkeys_are_at
from rules import quiet
from workflows.accounts import accounts, devices, passwords, ways
from workflows.course import programmes
from workflows.people import erasure, links, people
from workflows.refusals import Later, NotFound, Refused

SHARED_IDLE_MINUTES = accounts.IDLE[True] // timedelta(minutes=1)
PROVE_FIRST = "Prove that it is you, then change your ways in."


@dataclass(frozen=True)
class Typed:
    """What was typed on one's own page, where it could not be kept, and why.

    problems: name of a field, or of a part of the page -> a sentence.
    """

    preferences: dict[str, Any] | None = None
    passkey: str = ""  # the id of the one that was named
    name: str = ""
    screening: ScreeningErrors = field(default_factory=ScreeningErrors)  # of that name
    email: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


def sign_in_form(goal: str | None) -> SignInForm:
    """The form, empty; it leads to this page."""
    return SignInForm(formdata=None, next=safe_path(goal))


def sign_in_page(form: SignInForm, status: int = 200, problem: str = "", wait: Later | None = None) -> Response:
    """The page to sign in on.

    Args:
        problem: what was wrong with a passkey.
        wait: why no try is taken just now.
    """
    page = render_template(
        "accounts/page.html",
        form=form,
        problem=problem,
        wait=wait.sentence if wait else "",
        demo=[] if current_app.config["SONOFOLIO"].production else demo_people.everybody(),
        idle=SHARED_IDLE_MINUTES,
        has_passkeys=passkey_party() is not None,
        passkeys_are_at=passkeys_are_at(),
    )
    response = make_response(page, status)
    return come_back(response, wait) if wait else response


def own_page(typed: Typed | None = None, status: int = 200, form: PasswordForm | None = None) -> Response:
    visitor, person, typed = me(), me().person, typed or Typed()
    parts = people.parts_of([visitor.id])[visitor.id]
    programme = programmes.clock_of(parts)
    page = render_template(
        "accounts/me.html",
        parts=parts,
        devices=devices.devices(visitor),
        ways=ways.of(visitor.id),
        has_passkeys=passkey_party() is not None,
        passkeys_are_at=passkeys_are_at(),
        needs_password=accounts.needs_password(visitor),
        local=programme.local,
        own_data=erasure.own_data(visitor.id, programme, visitor.roles),
        preferences=typed.preferences
        or {
            "by_mail": person.by_mail,
            "quiet_from": quiet.words(person.quiet_from),
            "quiet_until": quiet.words(person.quiet_until),
        },
        typed=typed,
        problems=typed.problems,
        form=form or PasswordForm(formdata=None),
        theme_form=ThemeForm(formdata=None, theme=visitor.theme),
        least=passwords.LEAST,
    )
    return make_response(page, status)


def not_done(no: Refused, part: str, **typed: Any) -> Response:
    """The person's own page, with why something was not done beside this field or part of it."""
    response = own_page(Typed(problems={part: no.sentence}, **typed), STATUS[type(no)])
    return come_back(response, no) if isinstance(no, Later) else response


def prove_first() -> Response:
    """Whoever changes their ways in proves first that it is they: the page asks for it."""
    flash(PROVE_FIRST)
    return to_ways()


def to_ways() -> Response:
    return go_to(url_for("accounts.me", _anchor="ways-in"))


def of_link(view: Callable[[str], ResponseReturnValue]) -> Callable[[str], Response]:
    """A view whose address is the secret: no other page is told it, and one page answers for all links that open
    nothing, whatever the reason.
    """

    @wraps(view)
    def answer(token: str) -> Response:
        try:
            response = make_response(view(token))
        except NotFound as gone:
            refused("one-time link that opens nothing")
            page = render_template("accounts/link_gone.html", sentence=gone.sentence, days=links.LASTS.days)
            response = make_response(page, 404)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return answer
