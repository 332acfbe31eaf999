"""One scan in full before its mentor: the audit form, the return with a reason, reopening, and handing over."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Response, flash, get_flashed_messages, render_template, request, url_for

import clock
from blueprints.access import allow, me
from blueprints.form_errors import check, errors_of, named_nobody, not_saved, refused_as_json, show_errors
from blueprints.hypermedia import go_to, is_htmx, json_answer, piece, wants_json
from blueprints.reviews import inbox as inboxes
from blueprints.reviews import queries
from blueprints.reviews.blueprint import reviews
from blueprints.reviews.cards import Card, card_of
from blueprints.reviews.forms import AskForm, MentorForm, ReopenForm, ReplyForm, ReviewForm, SuccessorForm
from models import Audit, Person, Scan
from rules import roles
from rules.audits import REVIEW
from rules.phrases import scans
from visibility import scans_of_student
from workflows.refusals import Conflict, Invalid
from workflows.reviews import reopening, replies, successors
from workflows.reviews import reviews as workflow
from workflows.scans import ownership, transitions


@reviews.get("/scans/<uuid:scan_id>/review")
@allow("mentor")
def review(scan_id: UUID):
    card = card_of(scan_id, me().id)
    audit = queries.last_audit(card.scan)
    mine = audit if audit is not None and audit.by_id == me().id else None
    form = ReviewForm(formdata=None, data=_entered(mine))
    form.set_seen(card.scan.version, card.scan.step, card.fingerprint)
    return _page(card, form, audit=audit)


@reviews.post("/scans/<uuid:scan_id>/audit")
@allow("mentor")
def audit(scan_id: UUID):
    form = ReviewForm()
    try:
        check(form)
        scan = workflow.approve(
            str(scan_id),
            by=me().person,
            version=form.version.data,
            step=form.step.data,
            appraisal=form.appraisal(),
            comment=form.comment.data or "",
            count_failed=form.count_failed.data,
            named_nobody=named_nobody(),
        )
    except Invalid as invalid:
        failed = "count_failed" in invalid.problems  # it is rather returned, and what was said may be the reason
        form.why.data = form.why.data or (form.comment.data if failed else "")
        return _invalid(scan_id, form, invalid, asking=failed)
    except Conflict as conflict:
        return _conflict(scan_id, form, conflict)
    return _to_inbox(scan)


@reviews.post("/scans/<uuid:scan_id>/return")
@allow("mentor")
def send_back(scan_id: UUID):
    form = ReviewForm()
    is_asked = "why" in request.form or form.reason.data
    if not form.validate() or not is_asked:
        form.why.data = form.why.data or form.comment.data  # what they had begun to say may be the reason
        return _invalid(scan_id, form, asking=True)
    try:
        scan = workflow.send_back(
            str(scan_id),
            by=me().person,
            version=form.version.data,
            why=form.reasons(),
            appraisal=form.part_judged(),
            step=form.step.data,
            named_nobody=named_nobody(),
        )
    except Invalid as invalid:
        return _invalid(scan_id, form, invalid, asking=True)
    except Conflict as conflict:
        return _conflict(scan_id, form, conflict, asking=True)
    return _to_inbox(scan, "Returned to {card.first_name}, with your reason.")


@reviews.post("/scans/<uuid:scan_id>/reopening")
@allow("mentor")
def reopen(scan_id: UUID):
    return _answer_request(reopening.reopen, scan_id, "Reopened. It is waiting for you again.")


@reviews.post("/scans/<uuid:scan_id>/reopening/refusal")
@allow("mentor")
def decline(scan_id: UUID):
    """Leave it counted, though its student asks to reopen it."""
    return _answer_request(reopening.decline, scan_id, "Not reopened. Your reason was sent.")


@reviews.post("/scans/<uuid:scan_id>/reopening/request")
@allow("student")
def ask_to_reopen(scan_id: UUID):
    form = AskForm()
    return _tell_mentor(scan_id, form, lambda scan, **given: reopening.ask(scan, step=form.seen_step(), **given))


@reviews.post("/scans/<uuid:scan_id>/reply")
@allow("student")
def reply(scan_id: UUID):
    """The student's line to the mentor, about what the mentor said of the scan."""
    return _tell_mentor(scan_id, ReplyForm(), replies.reply)


def _tell_mentor(scan_id: UUID, form: AskForm | ReplyForm, verb: Callable[..., Scan]):
    """What a student tells the mentor of a scan; shown once more with what is wrong in it."""
    try:
        scan = verb(str(scan_id), by=me().person, why=form.why.data or "", named_nobody=named_nobody())
    except Invalid as invalid:
        template = "reviews/_tell_mentor.html" if is_htmx() else "reviews/ask.html"
        context = {"scan": ownership.own_scan(str(scan_id), me().person), "form": form, "screening": errors_of(invalid)}
        return not_saved(invalid, lambda _: render_template(template, **context), form)
    if wants_json():
        return _json(scan)
    return go_to(url_for("scans.show", scan_id=scan.id))


def _answer_request(verb: Callable[..., Scan], scan_id: UUID, done: str):
    form = ReopenForm()
    given = {"why": form.why.data or "", "step": form.seen_step(), "named_nobody": named_nobody()}
    try:
        scan = verb(str(scan_id), by=me().person, **given)
    except Conflict as conflict:
        return _conflict(scan_id, ReviewForm(formdata=None, data={"why": form.why.data}), conflict)
    except Invalid as invalid:
        return not_saved(invalid, partial(_reopen_page, scan_id, form), form)
    if wants_json():
        return _json(scan)
    flash(done)
    return go_to(url_for("reviews.review", scan_id=scan.id))


@reviews.post("/scans/<uuid:scan_id>/mentor")
@allow("mentor", "student")
def hand_over(scan_id: UUID):
    form = MentorForm()
    if not form.validate_on_submit():
        raise Invalid({"mentor": form.mentor.errors or ["Choose a mentor."]})
    scan = workflow.hand_over(str(scan_id), by=me().person, to=form.mentor.data, step=form.seen_step())
    if wants_json():
        return _json(scan)
    if scans_of_student(me().id).where(Scan.id == scan.id).exists():
        return go_to(url_for("scans.show", scan_id=scan.id))
    if scan.mentor_id == me().id:
        flash("It is yours now.")
        return go_to(url_for("reviews.review", scan_id=scan.id))
    flash(f"Handed to {Person.get_by_id(scan.mentor_id).name}.")
    return go_to(
        inboxes.after_review(scan, me().id) if is_htmx() else url_for("reviews.inbox", **inboxes.inbox_address())
    )


@reviews.post("/mentors/<int:mentor_id>/successor")
@allow(roles.MENTOR, roles.STUDENT, roles.DIRECTOR)
def hand_over_all(mentor_id: int):
    """Everything that waits for a mentor who left, to another one; back to the page that showed it."""
    form = SuccessorForm()
    if not form.validate_on_submit():
        raise Invalid(form.errors)
    to, student = form.mentor.data, form.student.data
    number = successors.hand_over_all(mentor_id, by=me().person, to=to, enrolment=student)
    if wants_json():
        return json_answer({"handed_over": number}, 200)
    flash(f"Handed to {Person.get_by_id(to).name}: {scans(number)}." if number else "Nothing of it waits any more.")
    follows = student and set(roles.with_room("students")) & me().roles
    return go_to(url_for("students.show", enrolment_id=student) if follows else url_for("home.show"))


def _reopen_page(scan_id: UUID, form: ReopenForm, invalid: Invalid) -> Response:
    card = card_of(scan_id, me().id)
    audit = queries.last_audit(card.scan)
    return _page(card, ReviewForm(formdata=None), reopen=form, audit=audit, invalid=invalid)


def _entered(audit: Audit | None) -> dict[str, str]:
    """What this mentor entered in a review of this version before it was undone, so that nothing is typed twice. What
    one tap said is not entered: nothing is chosen before the mentor does.
    """
    if audit is None or audit.made != REVIEW:
        return {}
    return {name: getattr(audit, name) for name in ("image", "report", "agreement", "seen", "comment")}


def _page(
    card: Card,
    form: ReviewForm,
    *,
    asking: bool = False,
    reopen: ReopenForm | None = None,
    audit: Audit | None = None,
    invalid: Invalid | None = None,
    status: int = 200,
):
    """The page, or for htmx its main part alone."""
    mentors = queries.mentors_of(card.scan)
    left = card.scan.mentor_id not in [one.id for one in mentors]
    template = "reviews/_review.html" if is_htmx() else "reviews/review.html"
    html = render_template(
        template,
        card=card,
        form=form,
        asking=asking,
        screening=errors_of(invalid),
        reopen=reopen or ReopenForm(formdata=None),
        audit=audit,
        others=[one for one in mentors if one.id != card.scan.mentor_id and one.disabled_at is None],
        asked=queries.request_of(card.scan),
        may_reopen=card.state == "approved" or (card.state == "counted" and left),
        announcement=" ".join(get_flashed_messages()),
    )
    return piece(html, status=status)


def _invalid(scan_id: UUID, form: ReviewForm, invalid: Invalid | None = None, *, asking: bool = False):
    show_errors(form, invalid)
    if wants_json():
        return refused_as_json(form.errors, invalid)
    return _page(card_of(scan_id, me().id), form, asking=asking, invalid=invalid, status=422)


def _conflict(scan_id: UUID, form: ReviewForm, conflict: Conflict, *, asking: bool = False):
    """The scan as it is now, with what was entered kept for it."""
    if wants_json():
        raise conflict
    card = card_of(scan_id, me().id).after_conflict(conflict.sentence, form.prints.data or "")
    form.set_seen(card.scan.version, card.scan.step, card.fingerprint)
    words = form.why.data or form.comment.data  # what they wrote may be the reason to reopen it
    return _page(card, form, asking=asking, reopen=ReopenForm(formdata=None, data={"why": words}), status=409)


def _to_inbox(scan: Scan, words: str = ""):
    inboxes.remember_approval()
    if wants_json():
        return _json(scan)
    if words:
        flash(words.format(card=card_of(scan.id, me().id)))
    if not is_htmx():  # on top of the inbox, with Undo
        return go_to(url_for("reviews.inbox", **inboxes.inbox_address(), _anchor=f"scan-{scan.id}"))
    return go_to(inboxes.after_review(scan, me().id))


def _json(scan: Scan):
    return json_answer({**transitions.current_state(scan, me().id, clock.now()), "mentor": scan.mentor_id}, 200)
