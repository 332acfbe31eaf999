"""The inbox as it is shown: its cards by student and day, its counters, and what has just happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import render_template, request, url_for

from blueprints import presenters
from blueprints.filters import InboxFilters
from blueprints.reviews import queries
from blueprints.reviews.cards import AT_MOST, Card, by_student
from blueprints.reviews.queries import Waiting
from rules.programme import SUPPORTS
from workflows.course import programmes


@dataclass(frozen=True)
class FilterLink:
    """One link above the cards."""

    label: str
    href: str
    current: bool


def chosen_filters() -> InboxFilters:
    """Which part of the inbox the address asks for; what is not known is left out."""
    return InboxFilters.read(request.args)


def page(person: int, now: datetime, *, said: str = "", messages: dict[str, str] | None = None) -> str:
    """The whole page: what waits, and what was approved moments ago with its Undo.

    Args:
        said: a sentence for the live region.
        messages: scan id -> what to say on its card.
    """
    chosen, texts = chosen_filters(), messages or {}
    waiting = queries.count_waiting(person)
    scans = queries.cards_of(person, chosen, now - programmes.longest_undo(), AT_MOST)
    cards = [
        Card(scan, person, now, texts.get(scan.id, ""), "message" if scan.id in texts else "")
        for scan in sorted(scans, key=lambda one: (one.sent_at, one.case_number))
    ]
    cards = [card for card in cards if card.state == "waiting" or card.undo_seconds]
    elsewhere = [sentence for scan_id, sentence in texts.items() if scan_id not in {card.id for card in cards}]
    requests = queries.requests_of(person)
    for one in requests:
        one.where = presenters.place(programmes.get(one.enrolment.cohort.programme), one.region, one.side)
    further = waiting.in_part(chosen) - sum(card.state == "waiting" for card in cards)
    return render_template(
        "reviews/inbox.html",
        students=by_student(cards, waiting.names),
        further=max(0, further),
        sites=queries.sites_of(person),
        said=" ".join(filter(None, [said, *elsewhere])),
        requests=requests,
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


def answer(cards: list[Card], person: int, said: str) -> str:
    """What a change is answered with: cards, counters and announcement, the last two out of band."""
    counters = counters_for(queries.count_waiting(person), chosen_filters()) | {"oob": True}
    return render_template("reviews/_answer.html", cards=cards, said=said, **counters)
