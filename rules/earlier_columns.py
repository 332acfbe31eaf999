"""An earlier logbook as a table of somebody else's: which columns are which of ours, and which day a cell means.

A guess is made from the words of a heading and from how the cells look; whoever brings the logbook in decides.
A day that can be read in two ways ("03/04/2024") is never guessed: the order of its numbers is asked.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

from rules import dates
from rules.folding import fold

# Column of ours -> how it is called.
FIELDS = {
    "scanned_on": "Date of the scan",
    "region": "Region",
    "side": "Side",
    "supervision": "Supervision",
    "finding": "Finding",
    "report": "Report",
}
OTHER, LEAVE = "other", "leave"
DAY_FIRST, MONTH_FIRST = "day", "month"
LOOKED_AT = 200  # rows by which a column is guessed
FIRST_YEAR = 1970  # of an earlier logbook; two digits of a year are of the hundred years from then on
LONGEST_DAY = 40  # characters of a day
LONGEST_HEADING = 80

# Words of a heading -> how surely it is that column. The surest that stands in it counts.
_HEADINGS = {
    "scanned_on": {"scan date": 9, "date of scan": 9, "exam date": 9, "scanned on": 9, "date": 6, "day": 5, "when": 4},
    "region": {
        **dict.fromkeys(("region", "body part", "body region", "joint"), 9),
        **dict.fromkeys(("area", "anatomy", "anatomical", "site scanned", "type of scan", "scan type"), 7),
        **dict.fromkeys(("structure", "examination", "exam"), 4),
    },
    "side": dict.fromkeys(("side", "laterality", "left right", "l r", "lr"), 9),
    "supervision": {
        **dict.fromkeys(("supervision", "level of support", "supervised", "supervisor"), 9),
        **dict.fromkeys(("support", "independence", "observed", "assisted"), 7),
        **dict.fromkeys(("mentor", "role"), 4),
    },
    "finding": {
        **dict.fromkeys(("finding", "findings", "diagnosis", "pathology", "headline"), 9),
        **dict.fromkeys(("result", "impression", "conclusion"), 7),
        "outcome": 4,
    },
    "report": {
        **dict.fromkeys(("report", "report text"), 9),
        "narrative": 7,
        **dict.fromkeys(("notes", "comments"), 5),
    },
}
# Headings of what names a patient: such a column is left out unless somebody says otherwise.
_PATIENTS = {
    *("nhs", "mrn", "chi", "crn", "pid", "dob", "birth", "patient", "hospital", "accession"),
    *("name", "surname", "forename", "initials", "address", "postcode", "phone", "telephone", "email"),
}
_NO_PATIENT = {"age", "sex", "gender", "position"}  # "patient age" is no name
_REGIONS = {
    *("shoulder", "arm", "elbow", "forearm", "wrist", "hand", "finger", "thumb", "neck", "spine", "chest", "abdomen"),
    *("hip", "groin", "pelvis", "thigh", "knee", "calf", "leg", "achilles", "ankle", "heel", "foot", "toe"),
}
_SIDES = {*("left", "right", "both", "bilateral", "left and right"), *("l", "r", "b", "lt", "rt", "b/l", "n/a", "-")}
_SUPERVISED = ("supervis", "observ", "direct", "independ", "aided", "assist", "alone", "perform", "guided", "solo")
_WORD = re.compile("[a-z]+")

_TIME = r"(?:[t ,]+\d{1,2}[:.h]\d{2}.{0,20})?"
_ISO = re.compile(rf"(\d{{4}})([-/. ])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_NUMBERS = re.compile(rf"(\d{{1,2}})([-/. ])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[,.]? {0,2})?"
_NAMED = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[-/. ]{{0,2}}([a-z]{{3,9}})[-/., ']{{0,3}}(\d{{4}}|\d{{2}}){_TIME}",
    re.ASCII,
)
_MONTH_NAMED = re.compile(
    rf"{_WEEKDAY}([a-z]{{3,9}})[. ]{{1,2}}(\d{{1,2}})(?:st|nd|rd|th)?[, ]{{1,3}}(\d{{4}}){_TIME}", re.ASCII
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


class NoDay(ValueError):
    """The cell is no day."""


class TwoDays(NoDay):
    """The cell may be either of these two days: the order of its numbers has to be said."""

    def __init__(self, day_first: date, month_first: date) -> None:
        super().__init__(day_first, month_first)
        self.day_first, self.month_first = day_first, month_first


def day_of(cell: str, order: str = "") -> date:
    """The day that a cell names, with or without a time after it: "2024-03-31", "31/03/2024", "31.3.24", "3 Mar 2024",
    "March 3, 2024". Points between numbers are read day first.
    `order`: DAY_FIRST or MONTH_FIRST, for numbers that can be read both ways; empty: not said.
    Raises TwoDays: it can be read in two ways, and the order was not said. NoDay: there is no such day, or none of an
    earlier logbook.
    """
    text = " ".join(cell.split()).lower()
    if len(text) > LONGEST_DAY:
        raise NoDay
    if found := _ISO.fullmatch(text):
        return _day(found[1], found[3], found[4])
    if found := _COMPACT.fullmatch(text):
        return _day(*found.groups())
    if found := _NUMBERS.fullmatch(text):
        first, point, second, year = found.groups()
        return _numbered(first, second, year, DAY_FIRST if point == "." else order)
    if found := _NAMED.fullmatch(text):
        return _day(found[3], _month(found[2]), found[1])
    if found := _MONTH_NAMED.fullmatch(text):
        return _day(found[3], _month(found[1]), found[2])
    raise NoDay


def _numbered(first: str, second: str, year: str, order: str) -> date:
    if order:
        return _day(year, second, first) if order == DAY_FIRST else _day(year, first, second)
    ways = []
    for month, day in ((second, first), (first, second)):
        try:
            ways.append(_day(year, month, day))
        except NoDay:
            continue
    if not ways:
        raise NoDay
    if len(ways) == 2 and ways[0] != ways[1]:
        raise TwoDays(*ways)
    return ways[0]


def _day(year: str, month: str | int, day: str) -> date:
    try:
        number = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= FIRST_YEAR % 100 else 2000)
        found = date(number, int(month), int(day))
    except ValueError:
        raise NoDay from None
    if not FIRST_YEAR <= found.year <= dates.LAST.year:
        raise NoDay
    return found


def _month(name: str) -> int:
    for number, month in enumerate(_MONTHS, start=1):
        if month.startswith(name) or name == "sept" == month[:4]:
            return number
    raise NoDay


def order_of(cells: Sequence[str]) -> str:
    """In which order these cells write days, where one of them shows it ("31/03/2024") and none shows the other."""
    orders = set()
    for cell in cells:
        found = _NUMBERS.fullmatch(" ".join(cell[: 2 * LONGEST_DAY].split()).lower())
        if found and found[2] != ".":
            if int(found[1]) > 12:
                orders.add(DAY_FIRST)
            if int(found[3]) > 12:
                orders.add(MONTH_FIRST)
    return orders.pop() if len(orders) == 1 else ""


def is_day(cell: str) -> bool:
    """Whether the cell names a day, in whichever order."""
    try:
        day_of(cell)
    except TwoDays:
        return True
    except NoDay:
        return False
    return True


def has_headings(first_row: Sequence[str]) -> bool:
    """Whether the first row holds headings: a row in which a day stands is a scan already."""
    return not any(is_day(cell) for cell in first_row)


def names_a_patient(heading: str) -> bool:
    """Whether such a column is likely to say who the patient is."""
    words = set(_words(heading))
    return bool(words & _PATIENTS) and not words & _NO_PATIENT


def guess(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """For each column a field of FIELDS, OTHER (kept under its own heading) or LEAVE (left out). No field is guessed
    twice; of several columns that could be it, the one that is it most surely.
    """
    cells = [
        [row[at][:300] for row in rows[:LOOKED_AT] if at < len(row) and row[at].strip()] for at in range(len(headings))
    ]
    sure = {}
    for at, heading in enumerate(headings):
        if not names_a_patient(heading):
            for field in FIELDS:
                if score := _score(field, heading, cells[at]):
                    sure[field, at] = score
    found = [LEAVE if names_a_patient(heading) else OTHER for heading in headings]
    taken = set()
    for field, at in sorted(sure, key=lambda one: (-sure[one], one[1])):
        if found[at] == OTHER and field not in taken:
            found[at] = field
            taken.add(field)
    return found


def _score(field: str, heading: str, cells: Sequence[str]) -> int:
    """How surely the column is this field; 0: it is not."""
    words = f" {' '.join(_words(heading))} "
    said = max(
        (sure + (words == f" {name} ") for name, sure in _HEADINGS[field].items() if f" {name} " in words), default=0
    )
    looks = sum(map(_LOOKS[field], cells)) / len(cells) if cells else 0
    return said * 2 + round(looks * _SURE[field]) if said or looks >= 0.8 else 0


def _words(heading: str) -> list[str]:
    return _WORD.findall(fold(heading[:LONGEST_HEADING]))


_LOOKS: dict[str, Callable[[str], bool]] = {
    "scanned_on": is_day,
    "region": lambda cell: len(cell) < 40 and not _REGIONS.isdisjoint(_WORD.findall(cell.lower())),
    "side": lambda cell: cell.strip().lower() in _SIDES,
    "supervision": lambda cell: len(cell) < 40 and any(word in cell.lower() for word in _SUPERVISED),
    "finding": lambda cell: 15 < len(cell) < 120 and " " in cell.strip(),
    "report": lambda cell: len(cell) >= 120,
}
_SURE = {"scanned_on": 9, "region": 6, "side": 9, "supervision": 6, "finding": 2, "report": 4}
