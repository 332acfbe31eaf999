"""What is counted of one student's scans, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(slots=True)
class StateCounts:
    """How many scans of one kind are in each state."""

    counted: int = 0
    with_mentor: int = 0
    returned: int = 0
    draft: int = 0


@dataclass(slots=True)
class Counts:
    """What the records say of one student today, all in numbers of scans.

    `regions`: region id -> counted scans. `debt`: aided scans with the mentor that are not audited; `debt_overdue` of
    them for longer than the programme allows; the oldest reached the mentor on `debt_oldest_on`. `recent`: scans
    logged in the pace window, today included. `remit`: region ids of the signed remit, None while none is signed.
    `other_drafts`: drafts that belong to neither kind yet, because their support is not chosen. `waiting_since`: the
    day on which the oldest scan that waits reached a mentor; `judged_on`: when a mentor last judged one.
    """

    aided: StateCounts
    unaided: StateCounts
    regions: Mapping[str, int]
    debt: int
    debt_oldest_on: date | None
    debt_overdue: int
    recent: int
    last_logged_on: date | None
    procedures: int
    today: date
    starts_on: date
    due_on: date
    remit: tuple[str, ...] | None = None
    other_drafts: int = 0
    waiting_since: date | None = None
    judged_on: date | None = None
