"""What a register asks of a graduate (R16): the student's own checklist, the files for it, and the pack of them."""

from functools import partial
from typing import Self

from flask import Blueprint, Response, render_template, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField

import clock
from blueprints.access import allow, me
from blueprints.exports import stored_file
from blueprints.form_errors import not_saved
from blueprints.hypermedia import go_to
from blueprints.register_pack import exports
from blueprints.uploads import sent_file, takes_files
from rules import roles
from rules.professional_register import UPLOAD
from workflows.course import programmes
from workflows.portfolio import register_pack as workflow
from workflows.refusals import Invalid

register_pack = Blueprint("register_pack", __name__)

MOST_MB = 10


class EvidenceForm(FlaskForm):
    """The file, and that it shows no patient. What may not be kept, the workflow says."""

    file = FileField("File")
    shows_nobody = BooleanField("No patient can be recognised in it")

    @classmethod
    def of(cls, item: str, invalid: Invalid | None) -> Self:
        """The form of one item, with what was wrong when it was sent. Its fields have ids of their own on the page."""
        form = cls() if invalid else cls(formdata=None)
        for field in (form.file, form.shows_nobody):
            field.id = field.label.field_id = f"{field.name}-{item}"
            field.errors = (invalid.problems if invalid else {}).get(field.name, [])
        return form


@register_pack.get("/portfolio/register")
@allow(roles.STUDENT)
def show():
    return _page()


@register_pack.post("/portfolio/register/<item>")
@allow(roles.STUDENT)
@takes_files(mb=MOST_MB, kinds=workflow.TAKEN)
def add(item: str):
    form, wanted = EvidenceForm(), workflow.upload_item(item, me().person)
    try:
        sent = sent_file()
        workflow.add(wanted.key, sent.stream, by=me().person, shows_nobody=form.shows_nobody.data)  # type: ignore[arg-type]
    except Invalid as invalid:
        return not_saved(invalid, partial(_page, item))
    return go_to(url_for("register_pack.show", _anchor=item))


@register_pack.get("/portfolio/register/files/<int:evidence_id>")
@allow(roles.STUDENT)
def download(evidence_id: int) -> Response:
    found = workflow.own_evidence(evidence_id, me().person)
    return stored_file(found.file, found.name)


@register_pack.post("/portfolio/register/files/<int:evidence_id>/removal")
@allow(roles.STUDENT)
def remove(evidence_id: int):
    workflow.remove(evidence_id, by=me().person)
    return go_to(url_for("register_pack.show"))


@register_pack.get("/portfolio/register.zip")
@allow(roles.STUDENT)
def pack() -> Response:
    found = workflow.checklist(me().person)
    return exports.pack(found, programmes.get(found.enrolment.cohort.programme), me().name, clock.now())


def _page(sent: str = "", invalid: Invalid | None = None) -> str:
    """The checklist; with what was wrong with the file that was just sent for the item `sent`."""
    found = workflow.checklist(me().person)
    forms = {
        entry.item.key: EvidenceForm.of(entry.item.key, invalid if entry.item.key == sent else None)
        for entry in found.entries
        if entry.item.origin == UPLOAD
    }
    return render_template(
        "register_pack/page.html",
        checklist=found,
        programme=programmes.get(found.enrolment.cohort.programme),
        forms=forms,
        sent=sent,
        most_mb=MOST_MB,
        accept=",".join(workflow.TAKEN),
    )
