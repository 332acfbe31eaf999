"""The filters of three lists (a student's scans, a cohort, an inbox), read from an address and written into links.

A value that the list does not know is left out, as if nobody had asked for it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from werkzeug.datastructures import MultiDict

from blueprints.field_limits import SEARCH_LIMIT, number_in
from rules import states
from rules.programme import SUPPORTS, Programme

LONGEST_SHOWN = 1000  # characters of a search that is too long to be made
LONGEST_BACK, MOST_BACK = 1000, 20  # characters and fields of `back`: more than any list asks for


@dataclass(frozen=True)
class Filters:
    """What one list shares with the others. A field at its default stands for no filter."""

    @property
    def address(self) -> dict[str, Any]:
        """The arguments for `url_for`."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: value for name, (value, default) in values.items() if value != default and name != "unsearched"}

    def but(self, **changes: Any) -> dict[str, Any]:
        """The arguments for the same list with these changed, from its first page."""
        first = {"page": 1} if hasattr(self, "page") else {}
        return replace(self, **{**first, **changes}).address


@dataclass(frozen=True)
class ScanFilters(Filters):
    """Which of a student's scans. `finish` is "later": drafts, and abnormal scans without own words; `words` is
    "missing": the second alone; `audit` is "failed": a failed audit counts. `unsearched` was typed, and is too long
    to be searched for.
    """

    q: str = ""
    state: str = ""
    support: str = ""
    region: str = ""
    finish: str = ""
    words: str = ""
    audit: str = ""
    page: int = 1
    unsearched: str = ""

    @property
    def is_everything(self) -> bool:
        return not self.address

    @classmethod
    def read(cls, args: Mapping[str, str], programme: Programme) -> Self:
        return cls(
            **search(args),
            state=_one_of(args, "state", states.STATES),
            support=_one_of(args, "support", SUPPORTS),
            region=_one_of(args, "region", programme.vocabulary.regions),
            finish=_one_of(args, "finish", ("later",)),
            words=_one_of(args, "words", ("missing",)),
            audit=_one_of(args, "audit", ("failed",)),
            page=page_of(args),
        )


@dataclass(frozen=True)
class CohortFilters(Filters):
    """Which students of a cohort, and in which order. `region` is an area of breadth; `site`, `mentor` and `waits` (the
    mentor for whom something waits) are ids, 0 for any. `sort` is the key of a column, the smallest or earliest first;
    with "-" before it the other way round.
    """

    cohort: int = 0
    q: str = ""
    show: tuple[str, ...] = ()
    region: str = ""
    site: int = 0
    mentor: int = 0
    waits: int = 0
    sort: str = ""
    page: int = 1
    unsearched: str = ""

    @classmethod
    def read(cls, args: MultiDict[str, str], cohort: int, **known: Collection) -> Self:
        """`known` is what can be chosen: `show`, `region`, `site`, `mentor`, `waits`, and the columns to `sort` by."""
        sort = args.get("sort", "")
        return cls(
            **search(args),
            cohort=cohort,
            show=tuple(one for one in known["show"] if one in args.getlist("show")),
            region=_one_of(args, "region", known["region"]),
            **{name: number for name in ("site", "mentor", "waits") if (number := _number(args, name)) in known[name]},
            sort=sort if re.sub("^-", "", sort) in known["sort"] else "",
            page=page_of(args, digits=9),
        )

    @cached_property
    def back(self) -> str:
        """The address as one text, which the address of a student carries to lead back here."""
        return to_back(self.address)

    @property
    def everybody(self) -> dict[str, Any]:
        """The arguments for the list without filters, in the same order."""
        return CohortFilters(cohort=self.cohort, sort=self.sort).address

    @property
    def any(self) -> bool:
        return bool(self.q or self.show or self.waits or self.folded)

    @property
    def folded(self) -> bool:
        """A filter is chosen that stands in the folded part of the form."""
        return bool(self.region or self.site or self.mentor)

    def sorted_by(self, column: str) -> str:
        """ "ascending", "descending" or "": what `aria-sort` says."""
        return {column: "ascending", f"-{column}": "descending"}.get(self.sort, "")

    def by(self, column: str) -> dict[str, Any]:
        """The arguments for the list sorted by this column; the other way round when it is so already."""
        return self.but(sort=f"-{column}" if self.sort == column else column)


@dataclass(frozen=True)
class InboxFilters(Filters):
    """Which of the scans that wait for a mentor. `student` is the id of an enrolment."""

    support: str = ""
    student: int | None = None

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Self:
        return cls(_one_of(args, "support", SUPPORTS), number_in(args.get("student", "")))

    def match(self, support: str, enrolment: int) -> bool:
        return self.support in ("", support) and self.student in (None, enrolment)


def search(args: Mapping[str, str]) -> dict[str, str]:
    """`q`, what is searched for; and `unsearched`, what was typed instead when it is too long to be searched for."""
    typed = " ".join(args.get("q", "").replace("\x00", "").split())
    return {"q": typed} if len(typed) <= SEARCH_LIMIT else {"unsearched": typed[:LONGEST_SHOWN]}


def page_of(args: Mapping[str, str], digits: int = 6) -> int:
    """The number of the page asked for; 1 for what is no number, or one that is too long."""
    return _number(args, "page", digits) or 1


def _one_of(args: Mapping[str, str], name: str, known: Collection[str]) -> str:
    return args[name] if args.get(name) in known else ""


def _number(args: Mapping[str, str], name: str, digits: int = 9) -> int:
    text = args.get(name, "")
    return 0 if text.startswith("0") else number_in(text, digits) or 0


def to_back(address: Mapping[str, object]) -> str:
    """The address of a cohort's list as one text, for `back`."""
    return urlencode(address, doseq=True)


def from_back(text: str) -> dict[str, list[str]]:
    """The arguments of a cohort's list that `back` holds, by the names of its filters alone: whatever somebody writes
    there, it leads to the list. Empty if there is nothing, or too much.
    """
    if len(text) > LONGEST_BACK:
        return {}
    try:
        found = parse_qs(text, max_num_fields=MOST_BACK)
    except ValueError:
        return {}
    names = [field.name for field in fields(CohortFilters) if field.name != "unsearched"]
    return {name: found[name] for name in names if name in found}
