"""The log form as a page: a new scan, one like another, one being edited, or one refused with its input kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, make_response, render_template, url_for

from blueprints.scans import form_options, forms
from blueprints.scans.form_options import Past, Placements
from blueprints.scans.forms import ScanForm
from blueprints.screening_errors import Shown
from models import Enrolment, Person, Scan
from rules import report as reports
from rules.entry import BASE_LIMIT, Entry, too_long
from rules.own_words import has_own_words, recompose
from rules.programme import Programme
from workflows import clock
from workflows.course import programmes
from workflows.scans import scans, transitions


@dataclass(frozen=True)
class Desk:
    """What a form page needs of its student: course, placements and past."""

    enrolment: Enrolment
    programme: Programme
    placements: Placements
    past: Past

    @property
    def today(self):
        return self.programme.today(clock.now())


def desk_of(person: Person, like: str = "") -> Desk:
    """Three queries.

    Raises:
        Refused: the person is not enrolled. NotFound: `like` is no scan of theirs.
    """
    enrolment = scans.enrolment_of(person)
    programme = programmes.get(enrolment.cohort.programme)
    placements = form_options.placements_of(enrolment, programme)
    return Desk(enrolment, programme, placements, form_options.past_of(enrolment, like))


def fresh(desk: Desk) -> Entry:
    """A new scan: mentor, site, machine and transducer carried from the last one; support never is (it is asked)."""
    last, placements = desk.past.last, desk.placements
    mentor, site, machine, transducer = None, None, "", ""
    if last is not None:
        mentor, transducer, machine = last.mentor_id, last.transducer, last.machine
        site = last.placement.site_id if last.placement_id else None
    if mentor not in dict(placements.mentors):
        mentor = placements.only("mentors")
    if site not in dict(placements.sites):
        site = placements.sites[0][0] if placements.sites else None
    if (dict(placements.sites).get(site), machine) not in placements.machines:
        machine = ""
    return Entry(mentor=mentor, site=site, machine=machine, transducer=transducer, scanned_on=desk.today)


def again(desk: Desk) -> Entry:
    """The taps of the scan to copy, but support and the words; what is carried, and today, are as for any new scan."""
    now, like = fresh(desk), scans.entry_of(desk.past.last)
    carried = {name: getattr(now, name) for name in ("mentor", "site", "machine", "transducer", "scanned_on")}
    return replace(like, support="", report="", report_base=None, **carried)


@dataclass
class Draft:
    """The report as the page shows it: its text, what the taps compose, and whether own words are missing."""

    report: str
    base: str
    words_missing: bool
    errors: Sequence[str] = field(default_factory=tuple)
    finds: Shown = field(default_factory=Shown)


def draft_of(programme: Programme, entry: Entry) -> Draft:
    """The report's draft after these taps, the student's own words kept."""
    says = too_long(entry.report)
    if says or len(entry.report_base or "") > BASE_LIMIT:  # to keep, and to compare
        return Draft(entry.report, (entry.report_base or "")[:BASE_LIMIT], False, [says] if says else [])
    composed = reports.compose(programme.vocabulary, entry.taps())
    shown = entry.report or (composed if entry.report_base is None else "")
    report = recompose(shown, entry.report_base if entry.report_base is not None else composed, composed)
    return Draft(report, composed, reports.words_missing(programme, entry.taps(), has_own_words(report, composed)))


def show(
    desk: Desk,
    entry: Entry,
    *,
    problems: dict[str, list[str]] | None = None,
    finds: Shown | None = None,
    form: ScanForm | None = None,
    scan: Scan | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """The page. With `form`, what was sent is kept as it was sent; otherwise the form shows `entry`.

    Args:
        scan: the scan being edited, if any.
        more: further words for the template (conflict, another).
    """
    programme = desk.programme
    draft = draft_of(programme, entry)
    if form is None:
        form = ScanForm(formdata=None, data=forms.values_of(entry, desk.today))
    form.offer(programme, desk.placements)
    form.report.data, form.report_base.data = draft.report, draft.base
    form.scan_id.data = scan.id if scan else more.pop("scan_id", None) or str(uuid.uuid4())
    form.complain(problems or ({"report": draft.errors} if draft.errors else {}))
    draft.errors, draft.finds = form.report.errors, finds or Shown()
    status = 422 if draft.errors and status == 200 else status
    region = programme.vocabulary.regions.get(entry.region)
    html = render_template(
        "scans/form.html",
        form=form,
        scan=scan,
        draft=draft,
        programme=programme,
        enrolment=desk.enrolment,
        today=desk.today,
        placements=desk.placements,
        entry=entry,
        usual=desk.past.usual,
        version=more.pop("version", scan.version if scan else ""),
        step=more.pop("step", transitions.last_step(scan.id) if scan else ""),
        another=more.pop("another", ""),
        form_version=forms.FORM_VERSION,
        draft_name=_draft_name(scan, more.pop("like", "")),
        restore=status == 200 and not problems,
        conflict=more.pop("conflict", None),
        remembered=remembered(desk.placements, entry),
        action=url_for("scans.correct", scan_id=scan.id) if scan else url_for("scans.log"),
        recast=url_for("scans.edit_again", scan_id=scan.id) if scan else url_for("scans.new_again"),
        back=url_for("scans.show", scan_id=scan.id) if scan else url_for("home.show"),
        **findings_of(region, entry, desk.past.usual.get(entry.region, ())),
    )
    return make_response(html, status)


def _draft_name(scan: Scan | None, like: str) -> str:
    """Under which name a phone keeps this form while it is being filled in."""
    return f"edit {scan.id}" if scan else f"like {like}" if like else "new"


def findings_of(region, entry: Entry | None = None, usual: Sequence[str] = ()) -> dict[str, Any]:
    """What the findings piece shows: of the vocabulary alone, unless an entry and own usual findings are given."""
    if region is None:
        return {"region": None}
    first = form_options.first_pairs(region, usual)
    shown = {chip.value for chip in first}
    return {
        "region": region,
        "first": first,
        "structures": [
            (region.structures[one], [c for c in chips if c.value not in shown])
            for one, chips in form_options.structures(region)
        ],
        "chosen": set(forms.values_of(entry, entry.scanned_on)["finding"]) if entry else set(),
        "normals": set(entry.normal) if entry else set(),
        "indication": entry.indication if entry else "",
    }


def remembered(placements: Placements, entry: Entry) -> list[tuple[str, str]]:
    """The remembered line: ("With", "Ravi Patel"), ("at", "Croydon MSK clinic"), ("on", "Esaote MyLab X8")."""
    parts = [
        ("With", dict(placements.mentors).get(entry.mentor, "")),
        ("at", dict(placements.sites).get(entry.site, "")),
        ("on", entry.machine),
    ]
    return [(word, what) for word, what in parts if what]
