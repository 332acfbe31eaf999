"""Bringing people in by screen: one person with a part, a whole file with a preview, an empty cohort."""

import base64
import zlib
from collections.abc import Collection
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import allow, me
from blueprints.form_errors import check, errors_of, named_nobody, not_saved, refused_as_json
from blueprints.hypermedia import go_to, wants_json
from blueprints.people.forms import AddForm, CohortForm, FileForm
from blueprints.uploads import sent_file, takes_files
from models import Cohort, Enrolment, Person, Site
from rules import roles
from rules.folding import fold
from visibility import programmes_of_staff
from workflows.people import adding as workflow
from workflows.people import administration, people, people_csv, people_import
from workflows.people.import_outcome import Outcome, Question, mark_of
from workflows.people.import_rights import ImportRights
from workflows.refusals import Conflict, Invalid

adding = Blueprint("adding", __name__)

DRAFT_MB = 7  # the same file as text of a form, if nothing of it can be packed
SHOWN = 200  # lines of a preview, and problems of a file, that are listed
MOST_ROWS = 3000  # of a file by screen: two seconds of computing; longer ones go by the command
TOO_LONG = f"This file has more than {MOST_ROWS:,} rows. Split it, or have it brought in by the command import-people."
LOST = "The file was lost on its way. Choose it again."
MOST = 300  # that a field suggests; others are typed


@adding.get("/people/new")
@allow(*roles.MANAGERS)
def new() -> ResponseReturnValue:
    """Which part, and then the form for it; `student` is the address of whom a mentor or assessor is for."""
    role = request.args.get("role", "")
    if role not in _may_give():
        return _choosing_part()
    data = {key: request.args.get(key, "")[:200] for key in ("email", "name", "student_email", "cohort")}
    return _adding(role, AddForm.of(role, _manages(), _cohorts_of(me().id), data))


@adding.post("/people")
@allow(*roles.MANAGERS)
def add() -> ResponseReturnValue:
    """Bring in one person with one part."""
    cohorts, role = _cohorts_of(me().id), request.form.get("role", "")
    form = AddForm.of(role, _manages(), cohorts, None)
    try:
        if role not in _may_give():
            raise Invalid({"role": ["Choose the part that they have."]})
        check(form)
        outcome = workflow.add(_cells(role, form, cohorts), by=me().person, named_nobody=named_nobody())
    except Invalid as wrong:
        return _not_added(role, form, wrong)
    if outcome.questions:
        return _asked(role, form, outcome.questions)
    lines = [line.rstrip(".") for _, line in outcome.changes]
    flash(". ".join([*lines, ""]).strip() if lines else "They are here already with this part. Nothing was changed.")
    return go_to(url_for("people.index", q=form.email.data))


@adding.get("/people/cohort")
@allow(*roles.MANAGERS)
def new_cohort() -> ResponseReturnValue:
    return _cohort_page(CohortForm.of(_manages(), sent=False))


@adding.post("/people/cohorts")
@allow(*roles.MANAGERS)
def open_cohort() -> ResponseReturnValue:
    """Open an empty cohort; the same once more is the same one."""
    form = CohortForm.of(_manages(), sent=True)
    try:
        if not form.name.validate(form):
            raise Invalid({"name": list(form.name.errors)})
        given = (form.programme.data or _manages()[0], form.name.data or "", form.starts_on.data, form.due_on.data)
        cohort, made = workflow.open_cohort(*given, by=me().person, named_nobody=named_nobody())
    except Invalid as wrong:
        return not_saved(wrong, partial(_cohort_page, form), form)
    flash(f"{cohort.name} is open. Add its students now." if made else f"{cohort.name} is here already.")
    return go_to(url_for("adding.new", role=roles.STUDENT, cohort=cohort.id))


@adding.get("/people/file")
@allow(*roles.MANAGERS)
def choose_file() -> ResponseReturnValue:
    return _choosing(FileForm(formdata=None))


@adding.post("/people/file")
@allow(*roles.MANAGERS)
@takes_files(mb=DRAFT_MB)
def preview() -> ResponseReturnValue:
    """Read every row and show what would be done; or show it again with the answers to what was asked."""
    draft, by = request.form.get("draft", ""), me().person
    content = _bounded(_unpacked(draft) if draft else sent_file("file").stream.read())
    rights = ImportRights(by)
    return _previewing(
        content, people_import.import_people(content, by=by, preview=True, answers=_answers(), rights=rights)
    )


@adding.post("/people/file/changes")
@allow(*roles.MANAGERS)
@takes_files(mb=DRAFT_MB)
def bring_in() -> ResponseReturnValue:
    """Do what the preview showed: all of it or nothing, and nothing else."""
    content = _bounded(_unpacked(request.form.get("draft", "")))
    answers, by = _answers(), me().person
    try:
        outcome = people_import.import_people(
            content, by=by, answers=answers, rights=ImportRights(by), seen=request.form.get("seen", "?"), by_letter=True
        )
    except Conflict as other:
        return _previewing(content, other.current, other.sentence)
    if outcome.problems or outcome.questions:
        return _previewing(content, outcome, people_import.OTHERWISE)
    number = len(outcome.changes)
    says = f"{number} {'change' if number == 1 else 'changes'} made. Everybody new is mailed a link."
    flash(says if number else "Everybody in this file is here already. Nothing was changed.")
    return go_to(url_for("people.index"))


def _cohorts_of(viewer: int) -> list[Cohort]:
    """The cohorts of the programmes that somebody manages, the newest first."""
    mine = Cohort.programme.in_(programmes_of_staff(viewer, *roles.MANAGERS))
    return list(Cohort.select().where(mine).order_by(Cohort.starts_on.desc(), Cohort.name))


def _known(viewer: int, fields: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """What these fields suggest: (what is written, in words). At most two queries."""
    found: dict[str, list[tuple[str, str]]] = {}
    if "site" in fields:
        names = sorted((name for (name,) in Site.select(Site.name).tuples()), key=fold)
        found["site"] = [(name, "") for name in names[:MOST]]
    if "student_email" in fields:
        mine = Cohort.programme.in_(programmes_of_staff(viewer, *roles.MANAGERS))
        rows = Enrolment.select(Person.email, Person.name, Cohort.name).join(Person).switch(Enrolment).join(Cohort)
        rows = rows.where(mine, Enrolment.ended_on.is_null(), Person.email.is_null(False)).limit(MOST)
        named = sorted(rows.tuples(), key=lambda row: fold(row[1]))
        found["student_email"] = [(email, f"{name}, {cohort}") for email, name, cohort in named]
    return found


def _cohort_page(form: CohortForm, wrong: Invalid | None = None) -> str:
    return render_template("people/cohort.html", form=form, screening=errors_of(wrong))


def _manages() -> list[str]:
    return sorted(administration.rights_of(me().id).manages)


def _may_give() -> list[str]:
    """Keys of the parts that whoever is signed in may give."""
    directs = roles.DIRECTOR in me().roles
    return [key for key, role in roles.BY_KEY.items() if directs or role.scope != roles.PROGRAMME]


def _cells(role: str, form: AddForm, cohorts: list) -> dict[str, str]:
    """What was sent, as cells of a file of people."""
    cells = {name: _text(form[name].data) for name in form.shown(role)}
    if "cohort" in cells:
        chosen = next((one for one in cohorts if str(one.id) == cells["cohort"]), None)
        if chosen is None:
            raise Invalid({"cohort": ["Choose a cohort."]})
        cells |= {"cohort": chosen.name, "programme": chosen.programme}
    elif roles.BY_KEY[role].scope == roles.PROGRAMME:
        cells["programme"] = cells.get("programme") or _manages()[0]
    return {**cells, "role": role, "previous_email": _text(form.previous_email.data)}


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else value or ""


def _choosing_part() -> str:
    names = [(key, roles.BY_KEY[key].name) for key in _may_give()]
    whom = {key: request.args.get(key, "")[: people.MOST_EMAIL] or None for key in ("email", "name")}
    return render_template("people/new.html", may_give=names, form=None, **whom)


def _adding(role: str, form: AddForm, **more: Any) -> str:
    context = {"screening": errors_of(None), "questions": [], **more}
    fields = form.shown(role)
    return render_template(
        "people/new.html",
        form=form,
        role=roles.BY_KEY[role],
        fields=fields,
        known=_known(me().id, fields),
        **context,
    )


def _not_added(role: str, form: AddForm, wrong: Invalid) -> Response:
    if role not in _may_give():
        return not_saved(wrong, lambda _: _choosing_part())
    shown = form.shown(role)
    for name, sentences in wrong.problems.items():
        form[name if name in shown else "email"].errors = list(sentences)
    return not_saved(wrong, lambda no: _adding(role, form, screening=errors_of(no)))


def _asked(role: str, form: AddForm, questions: list[Question]) -> Response:
    """Somebody of this name is here already: whether it is the same person is asked, and nothing was done."""
    asked = Invalid({"previous_email": [str(one) for one in questions]})
    return not_saved(asked, lambda _: _adding(role, form, questions=questions, may_change=roles.DIRECTOR in me().roles))


def _choosing(form: FileForm) -> str:
    columns = people_csv.COLUMNS
    return render_template("people/file.html", form=form, most_rows=MOST_ROWS, columns=columns)


@adding.errorhandler(Invalid)
def not_chosen(wrong: Invalid) -> Response:
    """The page to choose a file once more, with what is wrong with the one that was sent."""
    form = FileForm(formdata=None)
    form.file.errors = [sentence for sentences in wrong.problems.values() for sentence in sentences]
    return not_saved(wrong, lambda _: _choosing(form))


def _bounded(content: bytes) -> bytes:
    """The file as it is. Raises Invalid for one of too many lines."""
    if max(content.count(end) for end in (b"\n", b"\r")) > MOST_ROWS:
        raise Invalid({"file": [TOO_LONG]})
    return content


def _answers() -> dict[str, str]:
    """What was answered to the questions: the address in the file -> the address that the person had, or `NOBODY`."""
    pairs = (one.split(" ") for one in request.form.getlist("same"))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _previewing(content: bytes, outcome: Outcome, stale: str = "") -> Response:
    """What would be done, or what is in its way. 409 (`stale`) when it is something else than was looked at."""
    if wants_json() and stale:
        raise Conflict(stale)
    if wants_json() and (outcome.problems or outcome.questions):
        return refused_as_json({"file": [str(one) for one in (*outcome.problems, *outcome.questions)][:SHOWN]}, None)
    status = 409 if stale else 422 if outcome.problems else 200
    page = render_template(
        "people/preview.html",
        outcome=outcome,
        stale=stale,
        shown=SHOWN,
        draft="" if outcome.problems else _packed(content),
        seen=mark_of(content, outcome),
        answers=_answers(),
        may_change=roles.DIRECTOR in me().roles,
        nobody=people_csv.NOBODY,
    )
    return make_response(page, status)


def _packed(content: bytes) -> str:
    """The file as a hidden field."""
    return base64.urlsafe_b64encode(zlib.compress(content)).decode()


def _unpacked(draft: str) -> bytes:
    """The file of a hidden field, as it was packed. Raises Invalid when it is none of ours."""
    unpacked = zlib.decompressobj()
    try:
        content = unpacked.decompress(base64.urlsafe_b64decode(draft.encode()), people_csv.MOST_BYTES + 1)
        if unpacked.eof:
            return content
    except (ValueError, zlib.error):  # no base64, or nothing packed
        pass
    raise Invalid({"file": [LOST]})
