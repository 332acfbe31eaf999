"""The inbox as it is shown: its cards by student and day, its counters, and what the person was just told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import render_template, request, url_for

from blueprints.filters import InboxFilters
from blueprints.reviews import queries
from blueprints.reviews.cards import AT_MOST, Card, by_student
from blueprints.reviews.queries import Waiting
from rules.programme import SUPPORTS
from workflows.course import programmes


@dataclass(frozen=True)
class Filter:
    """One link above the cards."""

    label: str
    href: str
    current: bool


def shown() -> InboxFilters:
    """Which part of the inbox the address asks for."""
    return InboxFilters.read(request.args)


def page(person: int, now: datetime, *, said: str = "", messages: dict[str, str] | None = None) -> str:
    """The whole page: what waits, and what was approved moments ago with its Undo.

    Args:
        said: a sentence for the live region.
        messages: scan id -> what to say on its card.
    """
    show, told = shown(), messages or {}
    waiting = queries.count_waiting(person)
    scans = queries.cards_of(person, show, now - programmes.longest_undo(), AT_MOST)
    cards = [
        Card(scan, person, now, told.get(scan.id, ""), "message" if scan.id in told else "")
        for scan in sorted(scans, key=lambda one: (one.sent_at, one.case_number))
    ]
    cards = [card for card in cards if card.state == "waiting" or card.undo_seconds]
    elsewhere = [sentence for scan_id, sentence in told.items() if scan_id not in {card.id for card in cards}]
    further = waiting.shown(show) - sum(card.state == "waiting" for card in cards)
    return render_template(
        "reviews/inbox.html",
        students=by_student(cards),
        further=max(0, further),
        sites=queries.sites_of(person),
        said=" ".join(filter(None, [said, *elsewhere])),
        **counters_for(waiting, show),
    )


def counters_for(waiting: Waiting, show: InboxFilters) -> dict:
    """What `_counters.html` needs."""
    return {"waiting": waiting, "show": show, "filters": _filters(waiting, show), "oob": False}


def _filters(waiting: Waiting, show: InboxFilters) -> list[Filter]:
    """All, each support, and each student where there are several. A chosen one is a link that lets go of it again."""

    def link(name: str, number: int, chosen: bool, to: InboxFilters) -> Filter:
        return Filter(f"{name} {number}", url_for("reviews.inbox", **to.address), chosen)

    def waits(support: str, student: int | None) -> int:
        return waiting.shown(InboxFilters(support, student))

    filters = [link("All", waiting.number, show == InboxFilters(), InboxFilters())]
    for support in SUPPORTS:
        chosen = show.support == support
        to = replace(show, support="" if chosen else support)
        filters.append(link(programmes.name_of_support(support), waits(support, show.student), chosen, to))
    for student, name in waiting.names.items():
        chosen = show.student == student
        if len(waiting.names) > 1 or chosen:
            to = replace(show, student=None if chosen else student)
            filters.append(link(name, waits(show.support, student), chosen, to))
    return filters


def answer(cards: list[Card], person: int, said: str) -> str:
    """What a change is answered with: cards, counters and announcement, the last two out of band."""
    show = shown()
    counters = counters_for(queries.count_waiting(person), show) | {"oob": True}
    return render_template("reviews/_answer.html", cards=cards, said=said, **counters)
