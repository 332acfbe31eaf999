"""Coming in by a mailed link, or by the code beside it; and asking for one."""

from flask import Blueprint, Response, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import ANYBODY, allow
from blueprints.accounts import pages
from blueprints.accounts.forms import CodeForm, SharedForm, safe_path
from blueprints.errors import come_back
from blueprints.hypermedia import go_to
from blueprints.refusal_log import refused
from blueprints.sessions import begin_session, browser, device, secret_key
from workflows.accounts import mail_links as workflow
from workflows.people import links
from workflows.refusals import Invalid, Later

mail_links = Blueprint("mail_links", __name__)
MINUTES = int(workflow.LASTS.total_seconds()) // 60


@mail_links.post("/sign-in/link")
@allow(ANYBODY)
def ask() -> ResponseReturnValue:
    """Have a link mailed: whoever asks, for whatever address, is answered alike."""
    form = pages.sign_in_form(request.form.get("next"))
    form.email.data = request.form.get("email", "")
    purpose = workflow.RESET if request.form.get("purpose") == workflow.RESET else workflow.SIGN_IN
    try:
        email = workflow.ask(
            form.email.data, purpose, browser=browser(), address=request.remote_addr, secret=secret_key()
        )
    except Invalid as wrong:
        form.email.errors = wrong.problems["email"]
        return pages.sign_in_page(form, 422)
    except Later as wait:
        return pages.sign_in_page(form, wait=wait)
    session["asked"] = {"email": email, "purpose": purpose, "next": safe_path(request.form.get("next"))}
    return go_to(url_for("mail_links.code"))


@mail_links.get("/sign-in/code")
@allow(ANYBODY)
def code() -> ResponseReturnValue:
    """Where one is sent after asking: look into your mail, and type the code."""
    if "asked" not in session:
        return go_to(url_for("accounts.sign_in"))
    return _code_page(CodeForm(formdata=None))


@mail_links.post("/sign-in/code")
@allow(ANYBODY)
def check_code() -> ResponseReturnValue:
    """Come in by the code of a mailed link, in the browser that asked for it."""
    form, asked = CodeForm(), session.get("asked") or {}
    if not form.validate():
        return _code_page(form, 422)
    try:
        token, person = workflow.sign_in_by_code(
            form.code.data,
            browser=browser(),
            address=request.remote_addr,
            secret=secret_key(),
            shared=form.shared.data,
            device=device(),
        )
    except Invalid as wrong:
        form.code.errors = wrong.problems["code"]
        refused("wrong mailed code")
        return _code_page(form, 422)
    except Later as wait:
        form.code.errors = [wait.sentence]
        return come_back(_code_page(form), wait)
    return begin_session(token, form.shared.data, safe_path(asked.get("next")), person.email)


def _code_page(form: CodeForm, status: int = 200) -> Response:
    asked = session.get("asked") or {}
    page = render_template(
        "accounts/code.html",
        form=form,
        email=asked.get("email", ""),
        has_code=asked.get("purpose") != workflow.RESET,
        minutes=MINUTES,
        idle=pages.SHARED_IDLE_MINUTES,
    )
    return make_response(page, status)


@mail_links.get("/enter/<token>")
@allow(ANYBODY)
@pages.of_link
def enter(token: str) -> ResponseReturnValue:
    """Where a mailed link leads: one button. Looking at it spends nothing (mail scanners look, too)."""
    person, form = links.owner(token, workflow.SIGN_IN), SharedForm(formdata=None)
    return render_template("accounts/enter.html", form=form, person=person, idle=pages.SHARED_IDLE_MINUTES)


@mail_links.post("/enter/<token>")
@allow(ANYBODY)
@pages.of_link
def use(token: str) -> ResponseReturnValue:
    """Spend the link, and be signed in."""
    form, asked = SharedForm(), session.get("asked") or {}
    links.claim(token, workflow.SIGN_IN, address=request.remote_addr, secret=secret_key())
    signed_in, person = workflow.sign_in(token, shared=form.shared.data, device=device())
    return begin_session(signed_in, form.shared.data, safe_path(asked.get("next")), person.email)
