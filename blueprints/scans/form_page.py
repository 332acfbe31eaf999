"""The log form as a page: a new scan, one like another, one being edited, or one refused with its input kept."""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from flask import Response, make_response, render_template, request, url_for

import clock
from blueprints import presenters
from blueprints.access import me
from blueprints.form_errors import ScreeningErrors
from blueprints.hypermedia import is_htmx, refusal, wants_json
from blueprints.scans import findings, form_options, forms, queries, responses
from blueprints.scans.form_options import PastScans, PlacementOptions
from blueprints.scans.forms import ScanForm
from models import Enrolment, Person, Scan
from rules import report as reports
from rules import states
from rules.entry import BASE_LIMIT, only_of_its_region, too_long
from rules.programme import Programme
from rules.scan_fields import FIELDS, ON_THE_FORM, Entry
from workflows.course import programmes
from workflows.refusals import Conflict, NotFound
from workflows.scans import ownership, scan_entry, transitions

CARRIED = [one for one in FIELDS if one.part == "carried"]
# What travels from one showing of the form to the next.
HIDDEN = ("scan_id", "version", "step", "another", "widened", "batch")
FOLDED = ("about", "procedure", "patient", "day")  # under *More about this scan*
# Laid out by the template.
BY_HAND = ("support", "region", "side", "findings", "normal", "not_seen", "measured", "indication", "report")
# The fields beside which a contradiction may be asked about.
ASKED_ABOUT = (
    *("finding", "normal", "not_seen", "measured"),
    *("indication", "outcome", "protocol", "modifier", "limitation"),
)


@dataclass(frozen=True)
class FormContext:
    """What a form page needs of its student: enrolment, programme, placements and past scans."""

    enrolment: Enrolment
    programme: Programme
    placements: PlacementOptions
    past: PastScans

    @property
    def today(self):
        return self.programme.today(clock.now())


def context_of(person: Person, like: str = "") -> FormContext:
    """Three queries.

    Args:
        like: id of the scan to copy or to edit, which becomes `past.last`.

    Raises:
        Refused: the person is not enrolled. NotFound: `like` is no scan of theirs.
    """
    enrolment = ownership.enrolment_of(person)
    programme = programmes.get(enrolment.cohort.programme)
    placements = form_options.placement_options(enrolment, programme)
    return FormContext(enrolment, programme, placements, form_options.past_scans(enrolment, like))


def new_entry(context: FormContext) -> Entry:
    """A new scan: mentor, site, machine and transducer carried from the last one; support never is (it is asked)."""
    last, placements = context.past.last, context.placements
    before = scan_entry.entry_of(last) if last else Entry()
    entry = Entry(**{one.name: getattr(before, one.name) for one in CARRIED}, scanned_on=context.today)
    entry = replace(entry, mentor=placements.instead_of(entry.mentor))
    if entry.mentor not in dict(placements.mentors):
        entry = replace(entry, mentor=placements.only("mentors"))
    if entry.site not in dict(placements.sites):
        entry = replace(entry, site=placements.sites[0][0] if placements.sites else None)
    if (dict(placements.sites).get(entry.site), entry.machine) not in placements.machines:
        entry = replace(entry, machine="")
    return entry


def copied_entry(context: FormContext) -> Entry:
    """The taps of the scan to copy, but support and the words; what is carried, and today, are as for any new scan."""
    new, like = new_entry(context), scan_entry.entry_of(context.past.last)
    carried = {one.name: getattr(new, one.name) for one in CARRIED}
    return replace(like, support="", report="", report_base=None, scanned_on=new.scanned_on, **carried)


def render_batch(person: Person, before: str) -> Response:
    """The form of the next patient of several: day, mentor, site, machine and transducer are those of the one before.

    Args:
        before: id of the scan before; with anything else, as of one that has not arrived yet, the form is as any other.
    """
    try:
        context, is_first = context_of(person, before), False
    except NotFound:
        context, is_first = context_of(person), True
    entry, hidden = new_entry(context), {"batch": "yes"}
    if is_first:
        return render(context, entry, hidden=hidden)
    last = context.past.last
    hidden["another"] = "yes"  # the student says so: patient after patient
    place = presenters.place(context.programme, last.region, last.side)
    entry = replace(entry, scanned_on=last.scanned_on)
    return render(context, entry, hidden=hidden, logged=last, logged_place=place)


@dataclass
class ReportDraft:
    """The report as the page shows it: its text, what the taps compose, and whether own words are missing."""

    report: str
    base: str
    words_missing: bool
    errors: Sequence[str] = field(default_factory=tuple)
    screening: ScreeningErrors = field(default_factory=ScreeningErrors)


def report_draft(programme: Programme, entry: Entry) -> ReportDraft:
    """The report's draft after these taps, the student's own words kept."""
    error = too_long(entry.report)
    if error or len(entry.report_base or "") > BASE_LIMIT:  # to keep, and to compare
        return ReportDraft(entry.report, (entry.report_base or "")[:BASE_LIMIT], False, [error] if error else [])
    report = reports.write(programme, entry)
    return ReportDraft(report.text, report.composed, report.words_missing)


class ShownAsk(NamedTuple):
    """A contradiction beside its field, and whether the student has said that it is meant."""

    field: str
    key: str
    sentence: str
    meant: bool


def asks_of(programme: Programme, entry: Entry, answered: Iterable[str]) -> list[ShownAsk]:
    """What is asked about this entry; beside the findings where the form has no such field."""
    answered = set(answered)
    return [
        ShownAsk(ask.field if ask.field in ASKED_ABOUT else "finding", ask.key, ask.sentence, ask.key in answered)
        for ask in scan_entry.contradictions_of(programme, entry)
    ]


def meant() -> list[str]:
    """Keys of the contradictions that the student says, in this request, are meant."""
    return list(dict.fromkeys(filter(None, request.values.getlist("meant"))))


def report_piece(programme: Programme, form: ScanForm, person: Person) -> tuple[ReportDraft, str]:
    """The report's draft of what stands in the form, and its piece, with what is asked about beside the fields."""
    recorded = None  # what the scan that is edited says already
    if form.version.data:
        with suppress(NotFound):
            recorded = scan_entry.entry_of(ownership.own_scan(form.scan_id.data or "", person))
    entry = only_of_its_region(programme.vocabulary, form.entry(), recorded)
    draft, asks = report_draft(programme, entry), asks_of(programme, entry, meant())
    shown = {"draft": draft, "asks": asks, "asked_about": ASKED_ABOUT, "htmx_answer": True}
    return draft, render_template("scans/_report.html", **shown)


# What only some pages show: what scans/_conflict.html does; what was chosen for the side that is being added
# (`rules.sides.widened`); the fields that a draft still lacks, which are marked; of several patients, the scan before
# this one and its place.
MORE: dict[str, Any] = {"conflict": None, "other": "", "lacks": (), "logged": None, "logged_place": ""}


def render(
    context: FormContext,
    entry: Entry,
    *,
    form: ScanForm | None = None,
    scan: Scan | None = None,
    status: int = 200,
    problems: dict[str, list[str]] | None = None,
    screening: ScreeningErrors | None = None,
    like: str = "",
    hidden: dict[str, Any] | None = None,
    first_side: str = "",
    **more: Any,
) -> Response:
    """The page. With `form` it is as it was sent, otherwise it shows `entry`.

    Args:
        scan: the one being edited, if any.
        like: id of the scan that this one copies.
        hidden: values for what travels hidden in the form (`HIDDEN`).
        first_side: the side that the scan was logged with, when the other is being added.
        more: what else the page shows, of `MORE`.
    """
    stands = _open_page(scan, context.enrolment) if scan else None
    hidden = _hidden(scan, {"widened": first_side, **(hidden or {})}, stands)
    draft = report_draft(context.programme, entry)
    form = form or ScanForm(formdata=None, data=forms.values_of(entry, context.today))
    form.offer(context.programme, context.placements, scan_entry.entry_of(scan) if scan else None)
    form["report"].data, form.report_base.data = draft.report, draft.base
    form.add_errors(problems or ({"report": draft.errors} if draft.errors else {}))
    draft.errors, draft.screening = form["report"].errors, screening or ScreeningErrors()
    status = 422 if draft.errors and status == 200 else status
    page = render_template(
        "scans/form.html",
        draft=draft,
        hidden=hidden,
        draft_name=_draft_name(scan, first_side, like),
        restore=status == 200 and not problems,
        sent_back=stands.sent_back if stands else None,
        first_side=hidden["widened"],
        **{**MORE, **more},
        **_shown(context, entry, form, scan),
        **_addresses(scan),
    )
    return make_response(page, status)


def _shown(context: FormContext, entry: Entry, form: ScanForm, scan: Scan | None) -> dict[str, Any]:
    """What the page shows of the student, of the entry and of its region."""
    programme, words = context.programme, context.programme.vocabulary
    asks = asks_of(programme, entry, [*meant(), *(scan.meant if scan else [])])
    return {
        "form": form,
        "scan": scan,
        "entry": entry,
        "programme": programme,
        "enrolment": context.enrolment,
        "today": context.today,
        "now": clock.now(),
        "usual": context.past.usual,
        "placements": context.placements,
        "hidden_names": HIDDEN,
        "form_version": forms.FORM_VERSION,
        "asks": asks,
        "asked_about": ASKED_ABOUT,
        "carried_text": carried_text(context.placements, entry),
        **_parts_of(form, programme, {ask.field for ask in asks}),
        **findings.of_region(words, words.regions.get(entry.region), entry, context.past.usual.get(entry.region, ())),
    }


def _addresses(scan: Scan | None) -> dict[str, str]:
    """Where the form is sent, where it is drawn again, and where one goes back."""
    if scan is None:
        return {"action": url_for("scans.log"), "recast": url_for("scans.new_again"), "back": url_for("home.show")}
    views = {"action": "scans.correct", "recast": "scans.edit_again", "back": "scans.show"}
    return {name: url_for(view, scan_id=scan.id) for name, view in views.items()}


def overtaken(form: ScanForm, conflict: Conflict, scan: Scan | None = None) -> Response:
    """Somebody was first: the scan as it is now is shown beside what was entered, which is kept in the form."""
    current = conflict.current
    if wants_json():
        return responses.conflict(conflict.sentence, current)
    if is_htmx():
        return refusal(conflict.sentence, 409)
    page = queries.page_of(me().id, current.id, clock.now())
    return render(
        context_of(me().person),
        form.entry(),
        form=form,
        scan=scan,
        status=409,
        hidden={"version": current.version, "step": page.last_step},
        conflict={"sentence": conflict.sentence, "page": page, "last": page.timeline[-1]},
    )


def _hidden(scan: Scan | None, given: dict[str, Any], page: queries.Page | None) -> dict[str, Any]:
    """What travels hidden in the form: as `given`, else of the scan being edited, or a new scan's number."""
    hidden: dict[str, Any] = dict.fromkeys(HIDDEN, "")
    if scan:
        hidden |= {"version": scan.version, "step": page.last_step if page else transitions.last_step(scan.id)}
    return {**hidden, **given, "scan_id": scan.id if scan else given.get("scan_id") or str(uuid.uuid4())}


def _open_page(scan: Scan, enrolment: Enrolment) -> queries.Page | None:
    """The page of the scan that is edited, while its mentor may have asked for something there."""
    if scan.state not in (states.RETURNED, states.WITH_MENTOR):
        return None
    if scan.enrolment_id == enrolment.id:
        scan.enrolment = enrolment  # which is at hand, with its cohort
    return queries.page_with_moves(scan, me().id, clock.now())


def _draft_name(scan: Scan | None, first_side: str, like: str) -> str:
    """Under which name a phone keeps what is entered here."""
    if scan:
        return f"{'other side' if first_side else 'edit'} {scan.id}"
    return f"like {like}" if like else "new"


def _parts_of(form: ScanForm, programme: Programme, asked: set[str]) -> dict[str, Any]:
    """The fields that the template does not lay out by hand, above and under each of the two folds, and whether
    something under a fold is to put right, or asked about.
    """
    shown = [one for one in ON_THE_FORM if one.part != "procedure" or programme.vocabulary.procedures]
    folded = [one for one in shown if one.part in FOLDED]
    return {
        "in_view": [one for one in ON_THE_FORM if one.part not in (*FOLDED, "carried") and one.name not in BY_HAND],
        "folded": folded,
        "carried": CARRIED,
        "folded_open": any(form[one.sent].errors or one.sent in asked for one in folded),
        "carried_open": any(form[one.sent].errors for one in CARRIED),
    }


def carried_text(placements: PlacementOptions, entry: Entry) -> list[tuple[str, str]]:
    """The line of what is carried over: ("With", "Ravi Patel"), ("at", "Croydon MSK clinic"), ("on", "Esaote X8")."""
    parts = [
        ("With", dict(placements.mentors).get(entry.mentor, "")),
        ("at", dict(placements.sites).get(entry.site, "")),
        ("on", entry.machine),
    ]
    return [(word, what) for word, what in parts if what]
