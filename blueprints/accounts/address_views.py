"""One's own e-mail addresses: added, proved, made the first, removed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.access import PERSON, allow, me
from blueprints.accounts import pages
from blueprints.errors import come_back
from blueprints.refusal_log import refused
from blueprints.sessions import browser, secret_key
from workflows.accounts import addresses as workflow
from workflows.refusals import Conflict, Invalid, Later, NotFound

addresses = Blueprint("addresses", __name__)


@addresses.post("/me/addresses")
@allow(PERSON)
def add() -> ResponseReturnValue:
    """Add an address, or have the letter that proves one sent again."""
    if not me().is_fresh:
        return pages.prove_first()
    email = request.form.get("email", "")
    try:
        made = workflow.add(me().person, email, browser=browser(), secret=secret_key())
    except Invalid as wrong:
        return pages.own_page(pages.Typed(email=email, problems={"address": wrong.sentence}), 422)
    except Later as wait:
        return come_back(pages.own_page(pages.Typed(email=email, problems={"address": wait.sentence})), wait)
    flash(f"A letter is on its way to {made.email}. Press the button in it, or type its code here.")
    return pages.to_ways()


@addresses.post("/me/addresses/proof")
@allow(PERSON)
def prove_by_code() -> ResponseReturnValue:
    """Prove an address by the code of the letter that was sent to it."""
    try:
        email = workflow.prove_by_code(
            request.form.get("code", ""),
            by=me().person,
            browser=browser(),
            address=request.remote_addr,
            secret=secret_key(),
        )
    except Invalid as wrong:
        refused("wrong mailed code")
        return pages.own_page(pages.Typed(problems={"code": wrong.sentence}), 422)
    except Conflict as taken:
        return pages.own_page(pages.Typed(problems={"addresses": taken.sentence}), 409)
    except Later as wait:
        return come_back(pages.own_page(pages.Typed(problems={"code": wait.sentence})), wait)
    flash(f"{email} is proved: it is a way in from now on.")
    return pages.to_ways()


@addresses.get("/prove/<token>")
@allow(PERSON)
def proof(token: str) -> ResponseReturnValue:
    """Where the letter leads: one button. Looking at it proves nothing."""
    try:
        email = workflow.asked(token, by=me().person)
    except NotFound as gone:
        return pages.link_gone(gone)
    return pages.secret_page(make_response(render_template("accounts/prove.html", email=email)))


@addresses.post("/prove/<token>")
@allow(PERSON)
def prove(token: str) -> ResponseReturnValue:
    """Prove an address by the link that was sent to it."""
    try:
        email = workflow.prove(token, by=me().person)
    except NotFound as gone:
        return pages.link_gone(gone)
    flash(f"{email} is proved: it is a way in from now on.")
    return pages.secret_page(pages.to_ways())


@addresses.post("/me/addresses/first")
@allow(PERSON)
def make_first() -> ResponseReturnValue:
    """Make one of one's own addresses the first."""
    return _changed(workflow.make_first, "Mail goes to {email} from now on.")


@addresses.post("/me/addresses/removal")
@allow(PERSON)
def remove() -> ResponseReturnValue:
    """Remove one of one's own addresses."""
    return _changed(workflow.remove, "{email} is removed.")


def _changed(verb: Callable[..., None], done: str) -> ResponseReturnValue:
    if not me().is_fresh:
        return pages.prove_first()
    email = request.form.get("email", "")
    try:
        verb(email, by=me().person)
    except Conflict as stays:
        return pages.own_page(pages.Typed(problems={"addresses": stays.sentence}), 409)
    flash(done.format(email=email))
    return pages.to_ways()
