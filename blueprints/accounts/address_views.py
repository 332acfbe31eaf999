"""One's own e-mail addresses: added, proved, made the first, removed."""

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.access import PERSON, allow, me
from blueprints.accounts import pages
from blueprints.refusal_log import refused
from blueprints.sessions import browser, secret_key
from workflows.accounts import addresses as workflow
from workflows.refusals import Conflict, Invalid, Later

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
    except (Invalid, Later) as no:
        return pages.not_done(no, "address", email=email)
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
        return pages.not_done(wrong, "code")
    except Later as wait:
        return pages.not_done(wait, "code")
    except Conflict as taken:
        return pages.not_done(taken, "addresses")
    flash(f"{email} is proved: it is a way in from now on.")
    return pages.to_ways()


@addresses.get("/prove/<token>")
@allow(PERSON)
@pages.of_link
def proof(token: str) -> ResponseReturnValue:
    """Where the letter leads: one button. Looking at it proves nothing."""
    return render_template("accounts/prove.html", email=workflow.asked(token, by=me().person))


@addresses.post("/prove/<token>")
@allow(PERSON)
@pages.of_link
def prove(token: str) -> ResponseReturnValue:
    """Prove an address by the link that was sent to it."""
    email = workflow.prove(token, by=me().person)
    flash(f"{email} is proved: it is a way in from now on.")
    return pages.to_ways()


@addresses.post("/me/addresses/first")
@allow(PERSON)
def make_first() -> ResponseReturnValue:
    return _changed(workflow.make_first, "Mail goes to {email} from now on.")


@addresses.post("/me/addresses/removal")
@allow(PERSON)
def remove() -> ResponseReturnValue:
    return _changed(workflow.remove, "{email} is removed.")


def _changed(verb: Callable[..., None], done: str) -> ResponseReturnValue:
    if not me().is_fresh:
        return pages.prove_first()
    email = request.form.get("email", "")
    try:
        verb(email, by=me().person)
    except Conflict as stays:
        return pages.not_done(stays, "addresses")
    flash(done.format(email=email))
    return pages.to_ways()
