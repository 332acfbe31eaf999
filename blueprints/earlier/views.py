"""A student's own earlier logbook: chosen, its columns mapped, looked at, brought in, and undone."""

from functools import partial

from flask import Blueprint, Response, make_response, render_template, request, url_for

import clock
from blueprints.access import allow, me
from blueprints.earlier.forms import (
    ChooseForm,
    ColumnsForm,
    LastForm,
    columns_form,
    name_of,
    problems_by_column,
    samples,
)
from blueprints.filters import page_of
from blueprints.form_errors import NAMED_NOBODY, errors_of, named_nobody, not_saved, refused_as_json
from blueprints.hypermedia import go_to, wants_json
from blueprints.uploads import sent_file, takes_files
from rules import roles
from workflows.course import programmes
from workflows.portfolio import earlier as workflow
from workflows.portfolio import earlier_file
from workflows.portfolio.earlier import Preview
from workflows.portfolio.earlier_file import EarlierFile
from workflows.refusals import Invalid
from workflows.scans import ownership

earlier = Blueprint("earlier", __name__)

PAGE = 50
FIRST_ROWS = 5
MOST_TOLD = 20  # sentences about our own open data, which has no columns to tell them beside
FILE_MB = earlier_file.MOST_BYTES // 1_000_000
DRAFT_MB = 7  # the same file as text of a form, if nothing of it can be packed


@earlier.get("/portfolio/import")
@allow(roles.STUDENT)
def choose():
    ownership.enrolment_of(me().person)
    return _choosing(ChooseForm(formdata=None))


@earlier.post("/portfolio/import")
@allow(roles.STUDENT)
@takes_files(mb=FILE_MB)
def read():
    """Read the file that was chosen, and ask what its columns are; or ask that again (`draft`)."""
    ownership.enrolment_of(me().person)
    if request.form.get("draft"):
        file = earlier_file.unpack(request.form["draft"])
        return _mapping(file, columns_form(file, sent=True))
    file, source = _chosen(ChooseForm())
    if file.logbook:
        return _previewing(file, ColumnsForm(formdata=None, data={"source": source, "day_order": ""}))
    mapping = columns_form(file, sent=False)
    mapping.source.data = source
    return _mapping(file, mapping)


@earlier.post("/portfolio/import/preview")
@allow(roles.STUDENT)
@takes_files(mb=DRAFT_MB)
def preview():
    """Read and screen every cell, and show what would be brought in."""
    ownership.enrolment_of(me().person)
    file = earlier_file.unpack(request.form.get("draft", ""))
    return _previewing(file, columns_form(file, sent=True))


@earlier.post("/portfolio/earlier")
@allow(roles.STUDENT)
@takes_files(mb=DRAFT_MB)
def bring_in():
    """Bring it in, all or nothing."""
    ownership.enrolment_of(me().person)
    file = earlier_file.unpack(request.form.get("draft", ""))
    form, last = columns_form(file, sent=True), LastForm()
    found = _checked(file, form)
    if isinstance(found, Response):
        return found
    answers = {"named_nobody": named_nobody(), "again": bool(last.again.data)}
    try:
        batch = workflow.bring_in(found, source=form.source.data or "", by=me().person, **answers)
    except Invalid as invalid:
        return not_saved(invalid, partial(_preview_page, form, found, last))
    return go_to(url_for("earlier.index", made=batch.id))


@earlier.get("/portfolio/earlier")
@allow(roles.STUDENT)
def index():
    """The scans from before the course, and the imports that they came with."""
    enrolment = ownership.latest_enrolment(me().id)
    programme, page = programmes.get(enrolment.cohort.programme), page_of(request.args)
    scans = list(workflow.scans_of(enrolment.id).paginate(page, PAGE))
    total = scans[0].total if scans else 0
    batches = workflow.batches_of(enrolment.id)
    made = next((batch for batch in batches if str(batch.id) == request.args.get("made")), None)
    return render_template(
        "earlier/index.html",
        enrolment=enrolment,
        programme=programme,
        may_import=enrolment.ended_on is None,
        day_of=programme.today,
        today=programme.today(clock.now()),
        earlier_batches=batches,
        made=made,
        scans=scans,
        page=page,
        last_page=max(1, -(-total // PAGE)),
    )


@earlier.post("/portfolio/earlier/<int:batch_id>/undo")
@allow(roles.STUDENT)
def undo(batch_id: int):
    workflow.undo(batch_id, by=me().person)
    return go_to(url_for("earlier.index"))


def _chosen(form: ChooseForm) -> tuple[EarlierFile, str]:
    """The file, and what it is called: as the student says, as the file or the course in it is called.

    Raises:
        Invalid: "file", "text" or "source" -> what is wrong with it.
    """
    if not form.text.validate(form) or not form.source.validate(form):
        raise Invalid({name: errors for name, errors in form.errors.items() if name in ("text", "source")})
    pasted, called = form.text.data or "", ""
    if pasted.strip():
        try:
            file = earlier_file.read(pasted.encode())
        except Invalid as invalid:
            raise Invalid({"text": invalid.problems["file"]}) from None
        called = "Pasted table"
    else:
        sent = sent_file("file")
        file, called = earlier_file.read(sent.stream.read()), _plain_name(sent.filename or "")
    if file.logbook:
        called = f"{file.logbook.course.name}, {file.logbook.course.cohort}"
    return file, (form.source.data or "").strip() or called[: workflow.MOST_SOURCE]


def _plain_name(name: str) -> str:
    """What a file is called, without its folder and what cannot be read."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip() or "A file"


def _choosing(form: ChooseForm) -> str:
    return render_template("earlier/choose.html", form=form, most_mb=FILE_MB, most_rows=earlier_file.MOST_ROWS)


@earlier.errorhandler(Invalid)
def not_chosen(invalid: Invalid, form: ChooseForm | None = None) -> Response:
    """The page to choose a file once more, with what is wrong with the one that was sent."""
    form = form or ChooseForm(formdata=request.form)
    return not_saved(invalid, lambda _: _choosing(form), form, "file")


def _mapping(file: EarlierFile, form: ColumnsForm, problems: list | None = None, status: int = 200) -> Response:
    form.draft.data = earlier_file.pack(file)
    for at, sentences in problems_by_column(problems or []).items():
        form[name_of(at)].errors = sentences
    return make_response(
        render_template(
            "earlier/columns.html",
            form=form,
            file=file,
            columns=[(form[name_of(at)], samples(file, at)) for at in range(len(file.headings))],
        ),
        status,
    )


def _previewing(file: EarlierFile, form: ColumnsForm) -> Response:
    """What would be brought in; or what is wrong."""
    found = _checked(file, form)
    if isinstance(found, Response):
        return found
    return make_response(_preview_page(form, found, LastForm(formdata=None)))


def _checked(file: EarlierFile, form: ColumnsForm) -> Preview | Response:
    """What would be brought in; or the columns or the file again, with what is wrong in them."""
    try:
        found = workflow.preview(file, form.columns(file), form.day_order.data or "", by=me().person)
    except Invalid as wrong:
        return not_saved(wrong, lambda no: _wrong_mapping(file, form, no))
    if not found.problems:
        return found
    sentences = [str(problem) for problem in found.problems[: workflow.MOST_ASKED]]
    if wants_json():
        return refused_as_json({"file": sentences}, None)
    if file.logbook:
        return not_chosen(Invalid({"file": sentences[:MOST_TOLD]}), ChooseForm(formdata=None))
    return _mapping(file, form, found.problems, 422)


def _wrong_mapping(file: EarlierFile, form: ColumnsForm, wrong: Invalid) -> Response:
    if file.logbook or "file" in wrong.problems:
        return not_chosen(wrong, ChooseForm(formdata=None))
    for name, sentences in wrong.problems.items():
        if name:
            form[name].errors = list(sentences)
    form.form_errors = wrong.problems.get("", [])
    return _mapping(file, form, status=422)


def _preview_page(form: ColumnsForm, found: Preview, last: LastForm, invalid: Invalid | None = None) -> str:
    form.draft.data = earlier_file.pack(found.file)
    for name, sentences in (invalid.problems if invalid else {}).items():
        if name in last:
            last[name].errors = list(sentences)
    screening = errors_of(invalid)
    return render_template(
        "earlier/preview.html",
        form=form,
        last=last,
        file=found.file,
        found=found,
        first=found.rows[:FIRST_ROWS],
        screening=screening,
        marks=" ".join(filter(None, (found.mark, *(match.mark for match in screening.beside("source"))))),
        named=NAMED_NOBODY,
        source_errors=[] if screening.beside("source") or not invalid else invalid.problems.get("source", []),
    )
