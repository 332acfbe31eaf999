"""Joining: what an invitation opens, for anybody; and the letter that follows.

One page answers every link that opens nothing, whatever the reason. Looking at a link spends nothing: mail scanners do.
"""

import base64

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from blueprints import devices
from blueprints.access import ANYBODY, allow, somebody
from blueprints.accounts.forms import HOME, JoinForm
from blueprints.accounts.pages import SHARED_IDLE_MINUTES
from blueprints.errors import come_back
from blueprints.headers import keep_out_of_indexes
from blueprints.hypermedia import go_to, json_answer
from blueprints.refusal_log import refused
from blueprints.sessions import begin_session, browser, device, passkey_party, passkeys_are_at, secret_key
from models import Invitation
from workflows.people import invitations, links, take_over
from workflows.people import joining as workflow
from workflows.refusals import Invalid, Later, NotFound, Refused

joining = Blueprint("joining", __name__)
joining.after_request(keep_out_of_indexes)


@joining.errorhandler(NotFound)
@joining.errorhandler(Later)
def opens_nothing(no: NotFound | Later) -> Response:
    refused("invitation that opens nothing")
    page = make_response(render_template("joining/gone.html", sentence=no.sentence, days=links.LASTS.days), 404)
    return come_back(page, no) if isinstance(no, Later) else page


@joining.get("/join/<token>")
@allow(ANYBODY)
def show(token: str) -> Response:
    """Who asks for what; somebody new says who they are, somebody who is signed in accepts."""
    of = invitations.find_live(token)
    form = JoinForm(formdata=None, data={"name": of.name, "email": of.email})
    return _join_page(token, of, form)


@joining.post("/join/<token>")
@allow(ANYBODY)
def accept(token: str) -> Response:
    """Take the part: as who is signed in (`as=me`), or as somebody new, who is signed in by it."""
    form, visitor = JoinForm(), somebody()
    try:
        of = workflow.claim(token, address=request.remote_addr, secret=secret_key())
        if visitor is not None:
            workflow.accept(token, person=visitor.person, browser=_browser(visitor.shared))
            return go_to(HOME)
        who = {"name": form.name.data or "", "email": form.email.data or ""}
        _, signed_in = workflow.accept_new(token, **who, browser=_browser(form.shared.data), passkey=_new_passkey())
    except Invalid as invalid:
        for field in ("name", "email"):
            form[field].errors = invalid.problems.get(field, [])
        return _join_page(token, of, form, 422, " ".join(invalid.problems.get("credential", [])))
    return begin_session(signed_in, form.shared.data, HOME, None)


@joining.post("/join/<token>/passkey")
@allow(ANYBODY)
def passkey_options(token: str) -> Response:
    """What the browser needs to make a passkey for whom this form says. Nothing is written."""
    form, party = JoinForm(), passkey_party() or abort(404)
    try:
        workflow.claim(token, address=request.remote_addr, secret=secret_key())
        who = {"name": form.name.data or "", "email": form.email.data or ""}
        options = workflow.passkey_options(token, **who, party=party, browser=browser())
    except Invalid as invalid:
        return json_answer({"error": "invalid", "message": invalid.sentence, "problems": invalid.problems}, 422)
    except NotFound as gone:
        refused("invitation that opens nothing")
        return json_answer({"error": "gone", "message": gone.sentence}, 404)
    except Later as wait:
        return come_back(json_answer({"error": "later", "message": wait.sentence}, 429), wait)
    return make_response(options, {"Content-Type": "application/json"})


def _new_passkey() -> workflow.NewPasskey | None:
    """The passkey that was sent along, if any. Its handle comes as the browser has it, in base64url."""
    credential, party = request.form.get("credential", ""), passkey_party()
    if not credential or party is None:
        return None
    sent = request.form.get("handle", "")
    try:
        handle = base64.urlsafe_b64decode(sent + "=" * (-len(sent) % 4)).hex()
    except ValueError:
        handle = ""
    return workflow.NewPasskey(handle, credential, party, browser())


def _join_page(token: str, of: Invitation, form: JoinForm, status: int = 200, problem: str = "") -> Response:
    visitor, why_not = somebody(), ""
    if visitor is not None:
        try:
            workflow.refuse(of, visitor.person)
        except Refused as no:
            why_not = no.sentence
    page = render_template(
        "joining/page.html",
        token=token,
        form=form,
        sentence=invitations.sentence_of(of),
        why_not=why_not,
        problem=problem,
        has_passkeys=passkey_party() is not None,
        passkeys_are_at=passkeys_are_at(),
        sign_in=url_for("accounts.sign_in", next=url_for("joining.show", token=token)),
        idle=SHARED_IDLE_MINUTES,
    )
    return make_response(page, status)


@joining.get("/joined/<token>")
@allow(ANYBODY)
def show_letter(token: str) -> Response:
    """Whether the address is theirs; and whether it was they who joined, where they have been here before."""
    letter = take_over.find(token)
    sentence = invitations.sentence_of(letter.invitation)
    return make_response(render_template("joining/letter.html", token=token, letter=letter, sentence=sentence))


@joining.post("/joined/<token>")
@allow(ANYBODY)
def use_letter(token: str) -> Response:
    """The address is proved, or its owner takes the invitation over; either way they are signed in."""
    shared = "shared" in request.form
    letter = take_over.claim(token, address=request.remote_addr, secret=secret_key())
    if request.form.get("answer") == "no":
        take_over.refuse(token)
        return make_response(render_template("joining/refused.html"))
    signed_in = take_over.use(token, browser=_browser(shared))
    return begin_session(signed_in, shared, HOME, letter.link.email)


def _browser(shared: bool) -> workflow.Browser:
    return workflow.Browser(devices.known_mark(), device(), shared)
