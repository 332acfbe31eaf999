"""Passkeys: coming in by one, and one's own: made, named, removed."""

from flask import Blueprint, Response, abort, flash, make_response, request
from flask.typing import ResponseReturnValue

from blueprints.access import ANYBODY, PERSON, allow, me
from blueprints.accounts import pages
from blueprints.accounts.forms import safe_path
from blueprints.form_errors import errors_of, named_nobody, not_saved
from blueprints.hypermedia import json_answer
from blueprints.refusal_log import refused
from blueprints.sessions import begin_session, browser, device, passkey_party, secret_key
from workflows.accounts import passkeys as workflow
from workflows.accounts.webauthn_responses import RelyingParty, Unusable
from workflows.refusals import Conflict, Invalid, Later

passkeys = Blueprint("passkeys", __name__)


@passkeys.get("/sign-in/passkey")
@allow(ANYBODY)
def sign_in_options() -> Response:
    """What the browser asks its passkeys, whoever's they are. Nothing is written."""
    return _json(workflow.sign_in_options(party=_party(), browser=browser()))


@passkeys.post("/sign-in/passkey")
@allow(ANYBODY)
def sign_in() -> ResponseReturnValue:
    form = pages.sign_in_form(request.form.get("next"))
    shared = "shared" in request.form
    try:
        token, person = workflow.sign_in(
            request.form.get("credential", ""),
            party=_party(),
            browser=browser(),
            address=request.remote_addr,
            secret=secret_key(),
            shared=shared,
            device=device(),
        )
    except Invalid as wrong:
        _log(wrong)
        return pages.sign_in_page(form, 422, wrong.sentence)
    except Later as wait:
        return pages.sign_in_page(form, wait=wait)
    return begin_session(token, shared, safe_path(request.form.get("next")), person.email)


@passkeys.get("/me/proof/passkey")
@allow(PERSON)
def proof_options() -> Response:
    """The same for somebody who is signed in and proves once more who they are."""
    return _json(workflow.proof_options(me().id, party=_party(), browser=browser()))


@passkeys.post("/me/proof/passkey")
@allow(PERSON)
def prove() -> ResponseReturnValue:
    """Prove once more who one is, by a passkey of one's own."""
    try:
        workflow.prove(me(), request.form.get("credential", ""), party=_party(), browser=browser())
    except Invalid as wrong:
        _log(wrong)
        return pages.not_done(wrong, "proof")
    return pages.to_ways()


@passkeys.post("/me/passkeys/options")
@allow(PERSON)
def options() -> Response:
    """What the browser needs to make a passkey for who is here."""
    if not me().is_fresh:
        return json_answer({"error": "stale-proof", "message": pages.PROVE_FIRST}, 403)
    return _json(workflow.options_for(me().id, party=_party(), browser=browser()))


@passkeys.post("/me/passkeys")
@allow(PERSON)
def add() -> ResponseReturnValue:
    """Keep the passkey that this browser has just made."""
    if not me().is_fresh:
        return pages.prove_first()
    try:
        workflow.add(me().person, request.form.get("credential", ""), party=_party(), browser=browser(), name=device())
    except Invalid as wrong:
        _log(wrong)
        return pages.not_done(wrong, "passkeys")
    flash("Your passkey is added: from now on you can sign in with it.")
    return pages.to_ways()


@passkeys.post("/me/passkeys/name")
@allow(PERSON)
def rename() -> ResponseReturnValue:
    """Call one of one's own passkeys something else. It changes no way in, so it asks for no proof."""
    number, name = request.form.get("passkey", ""), request.form.get("passkey_name", "")
    try:
        workflow.rename(number, name, by=me().person, named_nobody=named_nobody())
    except Invalid as wrong:
        typed = pages.Typed(passkey=number, name=name, screening=errors_of(wrong), problems={"name": wrong.sentence})
        return not_saved(wrong, lambda _: pages.own_page(typed))
    flash("The name is kept.")
    return pages.to_ways()


@passkeys.post("/me/passkeys/removal")
@allow(PERSON)
def remove() -> ResponseReturnValue:
    """Remove one of one's own passkeys, unless it is the last way in."""
    if not me().is_fresh:
        return pages.prove_first()
    try:
        workflow.remove(request.form.get("passkey", ""), by=me().person)
    except Conflict as last:
        return pages.not_done(last, "passkeys")
    flash("The passkey is removed. It opens nothing here any more; you can delete it from your device too.")
    return pages.to_ways()


def _party() -> RelyingParty:
    return passkey_party() or abort(404)


def _json(options: str) -> Response:
    return make_response(options, {"Content-Type": "application/json"})


def _log(wrong: Invalid) -> None:
    why = wrong.__cause__.why if isinstance(wrong.__cause__, Unusable) else "not kept"
    refused("passkey", because=why)
