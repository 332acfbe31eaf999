"""Which part of a cohort is asked for: read from the address, and written back into every link."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from werkzeug.datastructures import MultiDict

from blueprints import field_limits, return_to

SHOWS = {
    "at-risk": "At risk",
    "audit-debt": "Audit debt",
    "silent-mentor": "Silent mentor",
    "breadth-gap": "Breadth gap",
}
# Column -> its name. ?sort=aided is the smallest or earliest first, ?sort=-aided the other way round.
COLUMNS = {
    "name": "Name",
    "aided": "Aided",
    "unaided": "Unaided",
    "waiting": "With mentor",
    "returned": "Returned",
    "debt": "Audit debt",
    "logged": "Last logged",
    "needed": "Needed a week",
    "forecast": "Forecast",
    "status": "Status",
    "counted": "Counted",
}
ORDERS = {
    "": "At risk first",
    "name": "Name",
    "status": "Status",
    "counted": "Fewest counted",
    "-debt": "Most audit debt",
    "logged": "Longest without a scan",
    "-needed": "Most needed a week",
    "-forecast": "Latest forecast",
}


@dataclass(frozen=True)
class Asked:
    """What somebody may ask of a cohort. `region` is an area of breadth; `site` and `mentor` are ids, 0 for any."""

    cohort: int = 0
    q: str = ""
    show: tuple[str, ...] = ()
    region: str = ""
    site: int = 0
    mentor: int = 0
    sort: str = ""
    page: int = 1
    unsearched: str = ""  # typed, and too long to be looked for

    @property
    def address(self) -> dict[str, object]:
        """The arguments for `url_for`."""
        values = {name: value for name, value in vars(self).items() if value and name != "unsearched"}
        if self.page == 1:
            del values["page"]
        return values

    @property
    def back(self) -> str:
        """The same for the address of a student, from whom it leads back here."""
        return _back(self)

    def but(self, **changes: object) -> dict[str, object]:
        """The arguments for the same list with these changed, from its first page."""
        return replace(self, **{"page": 1, **changes}).address  # type: ignore[arg-type]

    @property
    def everybody(self) -> dict[str, object]:
        """The arguments for the list without filters, in the same order."""
        return Asked(cohort=self.cohort, sort=self.sort).address

    @property
    def filters(self) -> bool:
        return bool(self.q or self.show or self.region or self.site or self.mentor)

    @property
    def further(self) -> bool:
        """Something is chosen that is folded away."""
        return bool(self.region or self.site or self.mentor)

    def sorted_by(self, column: str) -> str:
        """ "ascending", "descending" or "": what `aria-sort` says."""
        return {column: "ascending", f"-{column}": "descending"}.get(self.sort, "")

    def turned(self, column: str) -> dict[str, object]:
        """The arguments for the list by this column; the other way round when it is by it already."""
        return self.but(sort=f"-{column}" if self.sort == column else column)

    @property
    def order(self) -> str:
        """The order in words."""
        if self.sort in ORDERS:
            return ORDERS[self.sort]
        return f"{COLUMNS[self.sort.removeprefix('-')]}, {'largest' if self.sort.startswith('-') else 'smallest'} first"


@lru_cache(maxsize=256)  # a list asks for every student that is in it
def _back(asked: Asked) -> str:
    return return_to.written(asked.address)


def read(
    args: MultiDict[str, str], cohort: int, regions: Collection[str], sites: Collection[int], mentors: Collection[int]
) -> Asked:
    """Read the address. A value that the cohort does not have asks for nothing."""
    sort, show = args.get("sort", ""), args.getlist("show")
    q, unsearched = field_limits.searched(args)
    return Asked(
        cohort=cohort,
        q=q,
        unsearched=unsearched,
        show=tuple(one for one in SHOWS if one in show),
        region=args["region"] if args.get("region") in regions else "",
        site=_known(args.get("site", ""), sites),
        mentor=_known(args.get("mentor", ""), mentors),
        sort=sort if sort.removeprefix("-") in COLUMNS and not sort.startswith("--") else "",
        page=_number(args.get("page", "")) or 1,
    )


def _known(text: str, among: Collection[int]) -> int:
    number = _number(text)
    return number if number in among else 0


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[1-9][0-9]{0,8}", text) else 0
