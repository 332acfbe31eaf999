"""Hide now: patient data in a scan disappears for everybody, after one confirmation that needs no JavaScript; a student
asks for it where others read the scan.
"""

from uuid import UUID

from flask import Response, flash, render_template, url_for

import clock
from blueprints.access import allow, me
from blueprints.hypermedia import go_to, wants_json
from blueprints.scans import queries, responses
from blueprints.scans.blueprint import scans
from models import Scan
from rules import roles
from rules.person_names import first_name
from rules.states import DRAFT, WITHDRAWN
from workflows.scans import hiding


@scans.get("/scans/<uuid:scan_id>/hiding")
@allow(*roles.readers())
def confirm_hiding(scan_id: UUID) -> str:
    """What will happen, and the one red button; for its student, what they can ask for."""
    page = queries.page_of(me().id, str(scan_id), clock.now())
    asks = page.is_own and page.scan.state not in (DRAFT, WITHDRAWN)
    return render_template(
        "scans/hiding.html",
        page=page,
        scan=page.scan,
        first_name=first_name(page.scan.enrolment.person.name),
        hidden=page.hidden,
        asks=asks,
        asked=asks and hiding.asked_for(page.scan),
    )


@scans.post("/scans/<uuid:scan_id>/hiding")
@allow(*roles.readers())
def hide(scan_id: UUID) -> Response:
    """Blank the whole text, whatever version stands: it is urgent. Once more changes nothing."""
    return responses.changed(hiding.hide(str(scan_id), by=me().person))


@scans.post("/scans/<uuid:scan_id>/hiding-request")
@allow(roles.STUDENT)
def ask_to_hide(scan_id: UUID) -> Response:
    """Whoever has it and the directors are notified, once."""
    hiding.ask(str(scan_id), by=me().person)
    if wants_json():
        return responses.changed(Scan.get_by_id(str(scan_id)))
    flash("Your mentor and the course are told.")
    return go_to(url_for("scans.confirm_hiding", scan_id=scan_id))
