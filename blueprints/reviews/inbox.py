"""The inbox as it is shown: its cards by student and day, its counters, and what has just happened."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import render_template, request, session, url_for

import clock
from blueprints import presenters
from blueprints.filters import InboxFilters
from blueprints.reviews import queries
from blueprints.reviews.blueprint import reviews
from blueprints.reviews.cards import AT_MOST, Card, by_student
from blueprints.reviews.queries import Waiting
from models import Scan
from rules.programme import SUPPORTS
from workflows.course import programmes
from workflows.people import held_approvals
from workflows.reviews import successors


@dataclass(frozen=True)
class FilterLink:
    """One link above the cards."""

    label: str
    href: str
    current: bool


def chosen_filters() -> InboxFilters:
    """Which part of the inbox the address asks for; what is not known is left out."""
    return InboxFilters.read(request.args)


def page(person: int, now: datetime, *, announcement: str = "", messages: dict[str, str] | None = None) -> str:
    """The whole page: what waits, and what was approved moments ago with its Undo.

    Args:
        announcement: a sentence for the live region.
        messages: scan id -> what to say on its card.
    """
    chosen, texts = chosen_filters(), messages or {}
    waiting = queries.count_waiting(person)
    cards = [
        Card(scan, person, now, texts.get(scan.id, ""), "message" if scan.id in texts else "")
        for scan in queries.cards_of(person, chosen, AT_MOST)
    ]
    elsewhere = [sentence for scan_id, sentence in texts.items() if scan_id not in {card.id for card in cards}]
    requests = queries.requests_of(person)
    for one in requests:
        one.where = presenters.place(programmes.get(one.enrolment.cohort.programme), one.region, one.side)
    further = waiting.in_part(chosen) - len(cards)
    return render_template(
        "reviews/inbox.html",
        students=by_student(cards, waiting.names),
        further=max(0, further),
        sites=queries.sites_of(person),
        announcement=" ".join(filter(None, [announcement, *elsewhere])),
        requests=requests,
        recent=just_approved(person, now),
        normal_of=request.args.get("normal", 0, int),
        left_behind=successors.left_behind(person),
        unconfirmed=held_approvals.waits_of(person),
        **counters_for(waiting, chosen),
    )


def counters_for(waiting: Waiting, chosen: InboxFilters) -> dict:
    """What `_counters.html` needs."""
    return {"waiting": waiting, "filters": chosen, "links": _links(waiting, chosen), "oob": False}


def _links(waiting: Waiting, filters: InboxFilters) -> list[FilterLink]:
    """All, each support, and each student where there are several. A chosen one is a link that lets go of it again."""

    def link(name: str, number: int, chosen: bool, to: InboxFilters) -> FilterLink:
        return FilterLink(f"{name} {number}", url_for("reviews.inbox", **to.address), chosen)

    def waits(support: str, student: int | None) -> int:
        return waiting.in_part(InboxFilters(support, student))

    links = [link("All", waiting.number, filters == InboxFilters(), InboxFilters())]
    for support in SUPPORTS:
        chosen = filters.support == support
        to = replace(filters, support="" if chosen else support)
        links.append(link(programmes.name_of_support(support), waits(support, filters.student), chosen, to))
    for student, name in waiting.names.items():
        chosen = filters.student == student
        if len(waiting.names) > 1 or chosen:
            to = replace(filters, student=None if chosen else student)
            links.append(link(name, waits(filters.support, student), chosen, to))
    return links


def answer(cards: list[Card], person: int, announcement: str) -> str:
    """What a change is answered with: cards, counters and announcement, the last two out of band."""
    counters = counters_for(queries.count_waiting(person), chosen_filters()) | {"oob": True}
    recent = recent_approvals(person, clock.now())
    return render_template("reviews/_answer.html", cards=cards, announcement=announcement, recent=recent, **counters)


def remember_approval() -> None:
    """From now on, for as long as it can be undone, every page of this browser asks what was just approved."""
    session["approved_at"] = int(clock.now().timestamp())


@reviews.app_template_global()
def just_approved(person: int, now: datetime | None = None) -> list[Card]:
    """What this mentor can undo yet, for a page; nothing is asked unless this browser approved moments ago."""
    now = now or clock.now()
    passed = now.timestamp() - session.get("approved_at", 0)
    return recent_approvals(person, now) if passed <= programmes.longest_undo().total_seconds() else []


@reviews.app_template_global()
def inbox_address() -> dict[str, Any]:
    """The part of the inbox that this request names, for the addresses of its forms."""
    return chosen_filters().address if request.blueprint == reviews.name else {}


def after_review(scan: Scan, person: int) -> str:
    """The address to which a review is left: the part of the inbox from which the scan was opened, at the next scan."""
    chosen = chosen_filters()
    waiting = queries.cards_of(person, chosen, AT_MOST)
    own = [one for one in waiting if one.enrolment_id == scan.enrolment_id]
    after = [one for one in own if (one.scanned_on, one.sent_at) >= (scan.scanned_on, scan.sent_at)]
    place = next((one.id for one in [*after, *own[-1:], *waiting]), scan.id)
    return url_for("reviews.inbox", **chosen.address, _anchor=f"scan-{place}")


def undo_bar(person: int, oob: bool = False) -> str:
    """The bar that undoes what was approved moments ago. `oob`: it is sent beside another piece."""
    return render_template("reviews/_undo_bar.html", recent=recent_approvals(person, clock.now()), oob=oob)


def recent_approvals(person: int, now: datetime) -> list[Card]:
    """What this mentor approved moments ago and can undo yet, the last one last."""
    scans = queries.approved_since(person, now - programmes.longest_undo())
    return [card for card in (Card(scan, person, now) for scan in scans) if card.undo_seconds]
