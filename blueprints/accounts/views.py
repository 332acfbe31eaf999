"""Signing in and out, one-time links, and everybody's own page, /me."""

from flask import Blueprint, Response, abort, current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import devices
from blueprints.access import ANYBODY, PERSON, allow, forget, me, remember, somebody
from blueprints.accounts import demo_people, pages
from blueprints.accounts.forms import HOME, PasswordForm, SignInForm, WelcomeForm, safe_path
from blueprints.errors import come_back
from blueprints.form_errors import check, show_errors
from blueprints.hypermedia import go_to, is_htmx
from blueprints.refusal_log import refused
from blueprints.sessions import begin_session, device, secret_key
from models import Person
from workflows.accounts import accounts as workflow
from workflows.accounts import devices as devices_workflow
from workflows.accounts import passwords, throttle
from workflows.notices import notices
from workflows.people import links
from workflows.refusals import Invalid, Later

accounts = Blueprint("accounts", __name__)


@accounts.get("/sign-in")
@allow(ANYBODY)
def sign_in() -> ResponseReturnValue:
    """The page to sign in on; somebody who is signed in goes on to where they wanted."""
    goal = safe_path(request.args.get("next"))
    if somebody():
        return go_to(goal)
    return pages.sign_in_page(pages.sign_in_form(goal))


@accounts.post("/sign-in")
@allow(ANYBODY)
def check_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return pages.sign_in_page(form, 422)
    email, secret = form.email.data, secret_key()
    try:
        token = workflow.sign_in(
            email,
            form.password.data,
            address=request.remote_addr,
            secret=secret,
            shared=form.shared.data,
            device=device(),
            known_device=devices.known_name(email),
        )
    except Invalid as wrong:
        form.password.errors = wrong.problems["password"]
        refused("wrong password", account=throttle.name_of(secret, workflow.account_of(email)))
        return pages.sign_in_page(form, 422)
    except Later as wait:
        return pages.sign_in_page(form, wait=wait)
    return begin_session(token, form.shared.data, safe_path(form.next.data), email)


@accounts.post("/sign-in/as")
@allow(ANYBODY)
def sign_in_as() -> ResponseReturnValue:
    """One-click sign-in as a person of the demo course; there is no such thing in production."""
    if current_app.config["SONOFOLIO"].production:
        abort(404)
    person = demo_people.find(request.form.get("person", ""))
    token = workflow.start(person, device=device(), means="demo")
    return begin_session(token, False, safe_path(request.form.get("next")), person.email)


@accounts.post("/sign-out")
@allow(PERSON)
def sign_out() -> ResponseReturnValue:
    visitor = me()
    forget()  # whatever the server can still write
    workflow.end(visitor)
    flash("You are signed out.")
    return go_to(url_for("accounts.sign_in"))


@accounts.get("/me", endpoint="me")
@allow(PERSON)
def own_page() -> ResponseReturnValue:
    return pages.own_page()


@accounts.post("/me/password")
@allow(PERSON)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other device is signed out."""
    form, visitor = PasswordForm(), me()
    if not workflow.needs_password(visitor):
        form.current.validators = ()
    if not form.validate():
        return pages.own_page(None, 422, form)
    try:
        token = workflow.change_password(visitor, form.current.data or "", form.new.data, secret=secret_key())
    except Invalid as wrong:
        show_errors(form, wrong)
        if "current" in wrong.problems:
            refused("wrong current password")
        return pages.own_page(None, 422, form)
    except Later as wait:
        form.current.errors = [wait.sentence]
        return come_back(pages.own_page(form=form), wait)
    remember(token, visitor.shared)
    flash("Your password is changed. Every other device is signed out.")
    return go_to(url_for("accounts.me"))


@accounts.post("/me/sign-ins/ending")
@allow(PERSON)
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out on every device, this one too."""
    person = me().person
    forget()
    workflow.end_everywhere(person)
    flash("You are signed out everywhere.")
    return go_to(url_for("accounts.sign_in"))


@accounts.post("/me/sign-ins/<mark>/ending")
@allow(PERSON)
def end_sign_in(mark: str) -> ResponseReturnValue:
    devices_workflow.end(mark, by=me())
    flash("That sign-in has ended.")
    return go_to(url_for("accounts.me", _anchor="devices-heading"))


@accounts.post("/me/proof")
@allow(PERSON)
def prove() -> ResponseReturnValue:
    """Prove once more who one is, by one's password, before ways in are changed."""
    try:
        workflow.prove(me(), request.form.get("password", ""), secret=secret_key())
    except Invalid as wrong:
        refused("wrong password, as a proof")
        return pages.not_done(wrong, "password")
    except Later as wait:
        return pages.not_done(wait, "password")
    return pages.to_ways()


@accounts.post("/me/theme")
@allow(PERSON)
def choose_theme() -> ResponseReturnValue:
    """Light, dark or as the device; the page itself shows the choice as soon as it is made."""
    workflow.choose_theme(me().person, request.form.get("theme", ""))
    if is_htmx():
        return "", 204
    flash("Your theme is kept.")
    return go_to(url_for("accounts.me"))


@accounts.post("/me/notifications")
@accounts.post("/me/telling", endpoint="save_preferences_before")  # its address on pages that are open still
@allow(PERSON)
def save_preferences() -> Response:
    """Save whether this person wants the daily mail, and their quiet hours."""
    sent = request.form
    times = {name: sent.get(name, "")[:40] for name in ("quiet_from", "quiet_until")}
    try:
        notices.save_preferences(me().person, by_mail="by_mail" in sent, **times)
    except Invalid as wrong:
        return pages.own_page(
            pages.Typed(
                preferences={"by_mail": "by_mail" in sent, **times},
                problems={name: " ".join(sentences) for name, sentences in wrong.problems.items()},
            ),
            422,
        )
    flash("How you are told is kept.")
    return go_to(url_for("accounts.me"))


@accounts.get("/welcome/<token>")
@allow(ANYBODY)
@pages.of_link
def welcome(token: str) -> ResponseReturnValue:
    """Where a one-time link leads: choose a password. Looking at it spends nothing (mail scanners look, too)."""
    return _welcome_page(WelcomeForm(formdata=None), links.owner(token))


@accounts.post("/welcome/<token>")
@allow(ANYBODY)
@pages.of_link
def set_password(token: str) -> ResponseReturnValue:
    """Spend the link: the password is set, every other sign-in ends, and the person is signed in."""
    form, person = WelcomeForm(), links.claim(token, address=request.remote_addr, secret=secret_key())
    try:
        check(form)
        signed_in = links.use(token, form.password.data, shared=form.shared.data, device=device())
    except Invalid as wrong:
        show_errors(form, wrong)
        return _welcome_page(form, person, 422)
    return begin_session(signed_in, form.shared.data, HOME, person.email)


def _welcome_page(form: WelcomeForm, person: Person, status: int = 200) -> Response:
    page = render_template(
        "accounts/welcome.html",
        form=form,
        person=person,
        least=passwords.LEAST,
        idle=pages.SHARED_IDLE_MINUTES,
        days=links.LASTS.days,
    )
    return make_response(page, status)
