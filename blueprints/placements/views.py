"""Who has which part in a placement, and who covers for whom: for who runs the course, and for a mentor who is away."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

import clock
from blueprints.access import allow, me
from blueprints.hypermedia import go_to
from blueprints.placements import queries
from blueprints.placements.forms import BeginForm, CoverDaysForm, CoverForm, EndForm
from models import Party
from rules.phrases import day
from rules.roles import MANAGERS, MENTOR
from workflows.people import covers, parts
from workflows.refusals import Invalid

placements = Blueprint("placements", __name__)


@placements.get("/placements")
@allow(*MANAGERS)
def index() -> str:
    """The placements of the courses that this person runs, by student."""
    return render_template("placements/index.html", placements=queries.placements(me().id))


@placements.get("/placements/<int:placement>")
@allow(*MANAGERS)
def show(placement: int) -> Response:
    """Who has which part from when to when; `part` or `cover` names the one whose forms are open."""
    return _page(placement, part=request.args.get("part", 0, int), cover=request.args.get("cover", 0, int))


@placements.post("/placements/<int:placement>/parts")
@allow(*MANAGERS)
def begin(placement: int) -> Response:
    """Give somebody a part from a day on."""
    form = BeginForm()
    try:
        given = {"person": form.person.data or 0, "role": form.role.data or "", "from_on": form.from_on.data}
        made = parts.begin(placement, **given, by=me().person)
    except Invalid as invalid:
        return _page(placement, problems={"begin": invalid})
    flash(f"{made.person.name} has a part {parts.days_of(made).words}.")
    return go_to(url_for("placements.show", placement=placement))


@placements.post("/parts/<int:party>/ending")
@allow(*MANAGERS)
def end(party: int) -> Response:
    """End somebody's part after a day, or every part that they have at its site."""
    form, by = EndForm(), me().person
    part = parts.part_of(party, by)
    given = {"last_day": form.last_day.data, "successor": form.successor.data or None, "by": by}
    try:
        ended = parts.leave(party, **given) if form.everywhere.data else [parts.end(party, **given)]
    except Invalid as invalid:
        return _page(part.placement_id, part=party, problems={"end": invalid})
    whose = f"{len(ended)} parts of {part.person.name}" if len(ended) > 1 else f"{part.person.name}’s part"
    flash(f"The last day of {whose} is {day(form.last_day.data)}.")
    return go_to(url_for("placements.show", placement=part.placement_id))


@placements.get("/me/away")
@allow(MENTOR)
def away() -> Response:
    """A mentor says when they are away, and who covers; `part` names the site, by one of their parts there."""
    return _away_page(part=request.args.get("part", 0, int), cover=request.args.get("cover", 0, int))


@placements.post("/parts/<int:party>/cover")
@allow(MENTOR, *MANAGERS)
def cover(party: int) -> Response:
    """Somebody covers for this mentor on these days, in all of their placements at the site."""
    form, by = CoverForm(), me().person
    own = covers.coverable(party, by)
    given = {"person": form.person.data or None, "from_on": form.from_on.data, "last_day": form.last_day.data}
    try:
        made = covers.cover(party, **given, by=by)
    except Invalid as invalid:
        return _page_of(own, part=party, problems={"away": invalid})
    one = made[0]
    flash(f"{one.person.name} covers for {own.person.name} {parts.days_of(one).words}.")
    return go_to(_back_to(own, by.id))


@placements.post("/covers/<int:party>/ending")
@allow(MENTOR, *MANAGERS)
def change_cover(party: int) -> Response:
    """Give a cover another last day; without `last_day` the mentor is back, and it ends today or never begins."""
    form, by = CoverDaysForm(), me().person
    first = covers.changeable(party, by)
    own, moves = first.cover_for, "last_day" in request.form
    try:
        if moves and form.last_day.data is None:
            raise Invalid({"last_day": ["Write the new last day."]})
        covers.change(party, last_day=form.last_day.data if moves else None, by=by)
    except Invalid as invalid:
        return _page_of(own, cover=party, problems={"days": invalid})
    flash(f"The last day of the cover is {day(form.last_day.data)}." if moves else "The cover has ended.")
    return go_to(_back_to(own, by.id))


def _back_to(own: Party, person: int) -> str:
    if own.person_id == person:
        return url_for("placements.away")
    return url_for("placements.show", placement=own.placement_id)


def _page_of(own: Party, **shown: Any) -> Response:
    """The mentor's own page, or that of the placement for who manages it."""
    return _away_page(**shown) if own.person_id == me().id else _page(own.placement_id, **shown)


def _page(placement: int, *, part: int = 0, cover: int = 0, problems: dict[str, Invalid] | None = None) -> Response:
    """One placement; with what was wrong in the form that was just sent."""
    wrong, by, today = problems or {}, me().person, clock.today()
    where = parts.placement_of(placement, by)
    rows = queries.parts_of(where)
    studies = where.enrolment.ended_on is None
    opened = next((one for one in rows if studies and one.id == part and not (one.covers or one.over(today))), None)
    page = render_template(
        "placements/show.html",
        placement=where,
        today=today,
        rows=[one for one in rows if not one.over(today)],
        past=[one for one in rows if one.over(today) and not one.days.is_empty],
        covers=queries.covers_in(where, by),
        opened=opened,
        changed=cover,
        begin_form=BeginForm.of(wrong.get("begin"), parts.known_people(where), role=MENTOR, from_on=today),
        days_form=CoverDaysForm.of(wrong.get("days")),
        **_forms_of(opened, rows, today, wrong),
    )
    return make_response(page, 422 if wrong else 200)


def _forms_of(opened: queries.Part | None, rows: list[queries.Part], today: date, wrong: dict[str, Invalid]) -> dict:
    """The forms that end the part which is open, and that have it covered."""
    if opened is None:
        return {"end_form": None, "cover_form": None}
    by, cover_form = me().person, None
    ids = {one.person for one in rows if one.is_mentor and one.person != opened.person and not one.over(today)}
    if opened.is_mentor:
        people = covers.may_cover(covers.coverable(opened.id, by)).values()
        cover_form = CoverForm.of(wrong.get("away"), people)
    end_form = EndForm.of(wrong.get("end"), parts.people_of(ids), last_day=today)
    return {"end_form": end_form, "cover_form": cover_form}


def _away_page(*, part: int = 0, cover: int = 0, problems: dict[str, Invalid] | None = None) -> Response:
    wrong, by = problems or {}, me().person
    own = covers.parts_of_mentor(by)
    chosen = next((one for one in own if one.id == part), own[0] if own else None)
    form = CoverForm.of(wrong.get("away"), covers.may_cover(chosen).values()) if chosen else None
    page = render_template(
        "placements/away.html",
        own=own,
        chosen=chosen,
        form=form,
        days_form=CoverDaysForm.of(wrong.get("days")),
        today=clock.today(),
        covers=queries.covers_of(by),
        covered=queries.covered_by(by.id, clock.today()),
        changed=cover,
    )
    return make_response(page, 422 if wrong else 200)


@placements.app_template_global()
def absences_of(person: Any) -> list[queries.Cover]:
    """Who covers for this mentor, now and on days to come: for their own page. One query."""
    return queries.covers_of(person)


@placements.app_template_global()
def covers_now(person: Any) -> list[queries.Cover]:
    """Who covers for this mentor today, and for whom they do: for their inbox. One query."""
    return queries.covers_today(person.id)
