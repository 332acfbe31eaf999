"""For anybody, without an account: whether an edition is genuine, and the links with which a student shares one."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for

from blueprints.access import ANYBODY, allow, me
from blueprints.exports import stored_file
from blueprints.form_errors import errors_of, named_nobody, not_saved
from blueprints.headers import keep_out_of_indexes
from blueprints.hypermedia import go_to
from blueprints.refusal_log import refused
from blueprints.verify.forms import ShareForm, VerifyForm
from blueprints.verify.verdicts import NOT_PROVED, facts_of, state_of, words_of
from models import Share
from rules import roles
from workflows.course import programmes
from workflows.portfolio import edition_status, shares, signing, verification
from workflows.refusals import Invalid, NotFound

verify = Blueprint("verify", __name__)
verify.after_request(keep_out_of_indexes)


@verify.get("/verify")
@allow(ANYBODY)
def ask() -> Response:
    """The form; asked with a code, a SHA-256 or both, with what was found. Nothing is written."""
    form = VerifyForm(formdata=request.args)
    if form.is_empty:
        return _verify_page(form)
    asked = form.asked()
    return _verify_page(form, asked) if asked else _verify_page(form, status=422)


@verify.get("/verify/<code>")
@allow(ANYBODY)
def show(code: str) -> Response:
    """What the QR of an edition opens."""
    read = verification.read_code(code)
    return _verify_page(VerifyForm(formdata=None, data={"code": read}), verification.Asked(read))


@verify.get("/verify/certificate.pem")
@allow(ANYBODY)
def certificate() -> Response:
    """The certificate that signs editions, for `verify-portfolio --certificate` and PDF readers."""
    try:
        response = make_response(signing.as_pem(signing.certificate_of(_settings())))
    except signing.UnusableKey:
        raise NotFound("There is no certificate here just now.") from None
    response.mimetype = "application/x-pem-file"
    response.headers.set("Content-Disposition", "attachment", filename="sonofolio-certificate.pem")
    return response


def _verify_page(form: VerifyForm, asked: verification.Asked | None = None, status: int = 200) -> Response:
    verdict = _verdict(asked) if asked else None
    if verdict and verdict.kind == verification.UNKNOWN_CODE:
        status = 404
    words = words_of(verdict) if verdict else None
    page = render_template("verify/page.html", form=form, words=words, not_proved=NOT_PROVED)
    return make_response(page, status)


def _verdict(asked: verification.Asked) -> verification.Verdict:
    """Who asks by a code waits when many were wrong; who has the file of an edition does not: nobody guesses one."""
    verdict = verification.verify(asked)
    if verdict.by_file or not (asked.code or asked.inside or verdict.kind == verification.UNKNOWN_CODE):
        return verdict
    verification.wrong_codes.check(request.remote_addr)
    if verdict.edition is None:
        verification.wrong_codes.count(request.remote_addr)
        refused("unknown code")
    return verdict


@verify.post("/editions/<int:edition_id>/shares")
@allow(roles.STUDENT)
def share(edition_id: int) -> Response:
    """Make a link; its address is on the page that answers, and nowhere after that."""
    form, person = ShareForm(), me().person
    edition = shares.own_edition(edition_id, person)
    most = shares.share_days(edition)
    try:
        given = {"label": form.label.data or "", "days": form.days.data, "named_nobody": named_nobody()}
        token = shares.share(edition_id, by=person, **given)
    except Invalid as invalid:
        context = {"edition": edition, "form": form, "most": most, "screening": errors_of(invalid)}
        return not_saved(invalid, lambda _: render_template("verify/share.html", **context), form)
    address = _settings().base_url + url_for("verify.show_shared", token=token)
    return make_response(
        render_template("verify/share_made.html", edition=edition, address=address, days=form.days.data)
    )


@verify.post("/shares/<token_hash>/revocation")
@allow(roles.STUDENT)
def revoke(token_hash: str) -> Response:
    shares.revoke(token_hash, by=me().person)
    return go_to(url_for("portfolio.show", _anchor="editions"))


@verify.get("/shared/<token>")
@allow(ANYBODY)
def show_shared(token: str) -> Response:
    """One button, so that a mail scanner that follows links opens nothing."""
    return _shared(lambda: shares.find(token), lambda found: render_template("verify/open.html", token=token))


@verify.post("/shared/<token>")
@allow(ANYBODY)
def open_shared(token: str) -> Response:
    """The edition, its state now, and its PDF. It is counted, and the student sees how often."""
    return _shared(lambda: shares.open_link(token), lambda found: _shared_page(token, found))


@verify.get("/shared/<token>/portfolio.pdf")
@allow(ANYBODY)
def shared_pdf(token: str) -> Response:
    """The file, once the link has been opened."""

    def respond(found: Share) -> Response:
        if not found.opened:
            return redirect(url_for("verify.show_shared", token=token), 303)
        return stored_file(found.edition.file, f"sonofolio-{found.edition.code.lower()}.pdf")

    return _shared(lambda: shares.find(token), respond)


def _shared(find, respond) -> Response:
    """What a link opens; one page for all that open nothing, and one for those of an edition that is void."""
    try:
        return make_response(respond(find()))
    except NotFound as gone:
        refused("link to a portfolio that opens nothing")
        return make_response(render_template("verify/share_gone.html", sentence=gone.sentence), 404)
    except shares.Void as void:
        return make_response(render_template("verify/share_gone.html", sentence=void.sentence), 410)


def _shared_page(token: str, found: Share) -> str:
    edition = found.edition
    programme = programmes.get(edition.enrolment.cohort.programme)
    status = edition_status.status_of(edition)
    return render_template(
        "verify/shared.html",
        token=token,
        edition=edition,
        share=found,
        until=programme.today(found.expires_at),
        status=status,
        state=state_of(status, programme),
        facts=facts_of(edition, programme, named=True),
        signer=_signer(),
        not_proved=NOT_PROVED,
    )


def _signer() -> signing.Signer | None:
    try:
        return signing.signer_of(_settings())
    except signing.UnusableKey:
        return None  # it is said by whoever signs; a page that only tells of it goes on without


def _settings():
    return current_app.config["SONOFOLIO"]
