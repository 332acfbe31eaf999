"""What a pattern of the screen cannot see (rules/identifiers.py): a check digit, a day, a word of one of its lists.

The same checks under the same names are in static/identifiers.js.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("identifiers.json").read_text("utf-8"))
WORDS = {name: frozenset(words.split()) for name, words in TABLE["words"].items()}
SPELT = re.compile("[a-z\u00fe]+")
_NO_DIGIT, _NO_LETTER = re.compile("[^0-9]+"), re.compile("[^A-Za-z]+")


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", text)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text)


def is_nhs_number(text: str) -> bool:
    """Ten digits that pass modulus 11 (NHS Data Dictionary, "NHS number"; CHI and H&C numbers are checked alike)."""
    digits = [int(one) for one in _digits(text)]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == check % 11  # a check of 10 equals no digit; 11 is written 0


def is_chi_number(text: str) -> bool:
    """An NHS number's check digit after a plausible DDMMYY (Public Health Scotland, CHI number)."""
    digits = _digits(text)
    return 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12 and is_nhs_number(digits)


def is_hc_number(text: str) -> bool:
    """The range of Northern Ireland's Health and Care numbers, with the same check digit (NHS Data Dictionary)."""
    return 32 <= int(_digits(text)[:2]) <= 39 and is_nhs_number(text)


def is_near_nhs(text: str) -> bool:
    """Ten digits bare or in threes and four, as an NHS number is written, and not one digit ten times."""
    groups = [len(group) for group in re.split("[ -]", text)]
    return groups in ([10], [3, 3, 4]) and len(set(_digits(text))) > 1


def is_long_number(text: str) -> bool:
    """Not one digit over and over, and not a day, year first or last, with or without a time."""
    day_last = _is_day(text[6:8], text[4:6]) and text[:2] in ("19", "20")
    day_first = len(text) == 8 and _is_day(text[:2], text[2:4]) and text[4:6] in ("19", "20")
    return len(set(text)) > 1 and not (day_last and len(text) in (8, 12, 14)) and not day_first


def is_code(text: str) -> bool:
    """Four digits or more, and not a year alone."""
    digits = _digits(text)
    return len(digits) > 4 or (len(digits) == 4 and not (text.strip() == digits and digits[:2] in ("19", "20")))


def is_shape(text: str) -> bool:
    """Letters that begin a patient's number, not a publication's."""
    return text.lower() not in WORDS["not_shapes"]


def is_date(text: str) -> bool:
    """A day and a month that there are; written with the month's name it is one."""
    numbers = [number for number in re.split("[^0-9]+", text) if number]
    if _letters(text):
        return True
    if len(numbers[0]) == 4:
        return _is_day(numbers[2], numbers[1])
    return _is_day(numbers[0], numbers[1]) or _is_day(numbers[1], numbers[0])


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day or 0) <= 31 and 1 <= int(month or 0) <= 12


def is_uk_phone(text: str) -> bool:
    """A UK number has nine or ten digits after its 0 or +44 (Ofcom's numbering plan)."""
    digits = _digits(text)
    rest = digits.lstrip("0")[2:] if text.startswith(("+", "00")) else digits.removeprefix("0")
    return len(rest.removeprefix("0")) in (9, 10)


def is_phone_abroad(text: str) -> bool:
    """An international number has at most fifteen digits (ITU E.164); under ten they are measurements."""
    return 10 <= len(_digits(text)) <= 15


def is_postcode(text: str) -> bool:
    """A postcode of an area in use (Royal Mail), and not a level or a frequency with its unit."""
    return _letters(text[:2]).upper() in WORDS["areas"] and text[-2:] not in WORDS["endings"]


def is_national_insurance(text: str) -> bool:
    """A prefix that HMRC gives out; in lower case only without gaps (NIM39110)."""
    plain = len(text) == 9 or text[:2].isupper()
    return text[:2].upper() not in WORDS["never_ni"] and plain


def is_code_in_groups(text: str) -> bool:
    """Five digits or more in any groups."""
    return len(_digits(text)) > 4


def is_name(text: str) -> bool:
    """No word of it is one that follows such a word in a report or a comment."""
    return WORDS["not_names"].isdisjoint(SPELT.findall(text.lower()))


def is_name_of_a_form(text: str) -> bool:
    """A word with a small letter, of another script or longer than an abbreviation; and no structure or plane."""
    return is_name(text) and (text != text.upper() or len(text) > 4 or "\u00de" in text)


def is_given_name(text: str) -> bool:
    """One of the given names."""
    return text.lower() in WORDS["given_names"]


def is_person(text: str) -> bool:
    """A given name that is no eponym too."""
    return is_given_name(text) and text.lower() not in WORDS["eponyms"]


def is_full_name(text: str) -> bool:
    """A given name that is no eponym too, and a word after it that may be a surname."""
    given, _, surname = text.partition(" ")
    return is_person(given) and is_name(surname)


def is_owner(text: str) -> bool:
    """A word that may be a name: no eponym but one that is a given name too, and no trade or day."""
    lower = text.lower()
    thing = lower in WORDS["not_owners"] or lower in WORDS["not_names"]
    return not thing and (is_given_name(text) or lower not in WORDS["eponyms"])


def is_relative(text: str) -> bool:
    """A word that may be a name, and is no abbreviation."""
    return is_name(text) and text != text.upper()


def is_plate(text: str) -> bool:
    """The three letters of a British registration are no word or abbreviation that follows a code."""
    return text.lower()[-3:] not in WORDS["not_plates"]


def is_initials(text: str) -> bool:
    """Not an abbreviation of the clinic's."""
    return _letters(text) not in WORDS["dotted" if "." in text else "not_initials"]


CHECKS: dict[str, Callable[[str], bool]] = {
    "nhs": is_nhs_number,
    "chi": is_chi_number,
    "hc": is_hc_number,
    "near_nhs": is_near_nhs,
    "long": is_long_number,
    "code": is_code,
    "shape": is_shape,
    "date": is_date,
    "phone": is_uk_phone,
    "phone_abroad": is_phone_abroad,
    "postcode": is_postcode,
    "national_insurance": is_national_insurance,
    "grouped": is_code_in_groups,
    "name": is_name,
    "label": is_name_of_a_form,
    "given": is_given_name,
    "person": is_person,
    "full_name": is_full_name,
    "owner": is_owner,
    "relative": is_relative,
    "not_plate": is_plate,
    "initials": is_initials,
}
