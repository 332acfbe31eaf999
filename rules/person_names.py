"""Names of people: how somebody is greeted, how several are told apart in a list, and when two names are one."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import dropwhile

from rules.folding import fold

TITLES = frozenset([
    "a/prof", "assistant", "assoc", "associate", "brother", "capt", "col", "consultant", "dame", "doctor", "dr",
    "emeritus", "father", "fr", "frau", "herr", "hon", "lady", "lecturer", "lord", "lt", "madam", "maj", "master",
    "med", "miss", "mlle", "mme", "mr", "mrs", "ms", "mx", "nurse", "pr", "prof", "professor", "rabbi", "rev",
    "revd", "reverend", "senior", "sgt", "sir", "sister", "sr",
])  # fmt: skip
# A family name goes on after these; whoever has one of them as a first name is greeted with the whole name.
PARTICLES = frozenset([
    "al", "ap", "bin", "bint", "da", "dal", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du",
    "el", "ibn", "la", "le", "mac", "o", "st", "ten", "ter", "van", "vom", "von", "zu",
])  # fmt: skip
AFTER_NAMES = frozenset([
    "ba", "bsc", "cbe", "dphil", "edd", "frcp", "frcr", "frcs", "hons", "ii", "iii", "iv", "jnr", "jr", "ma",
    "mb", "mba", "mbbs", "mbchb", "mbe", "mcsp", "md", "mphil", "mrcgp", "mrcp", "mrcs", "msc", "obe", "phd",
    "pgcert", "pgdip", "rgn", "rn", "snr",
])  # fmt: skip


NO_ADDRESS = "no address yet"  # of who has proved none


def first_name(name: str) -> str:
    """What somebody is called by: "Maria" of "Dr Maria Lopez".

    The whole name where no first name is certain: "Dr Lopez", "J. Lopez", "Lopez, Maria", "van Dijk", and in scripts
    without capitals.
    """
    whole = " ".join(name.split())
    words = list(dropwhile(lambda word: _bare(word) in TITLES or word.startswith("("), whole.split()))
    words = [word for word in words if _bare(word) not in AFTER_NAMES]
    if len(words) < 2 or "," in whole:
        return whole
    first = words[0]
    certain = len(first) > 1 and first[0].isupper() and not first.endswith(".")
    return first if certain and _bare(first) not in PARTICLES else whole


def short_name(name: str) -> str:
    """ "Amara O." of "Amara Okafor", where room is short; the whole name where no first name is certain."""
    first = first_name(name)
    words = [word for word in name.split() if _bare(word) not in AFTER_NAMES]
    return name if comparable(first) == comparable(name) else f"{first} {words[-1][0]}."


def distinct_first_names(people: Sequence[tuple[str, str | None]]) -> list[str]:
    """What each of several different people is called in one list: their first name; the whole name where others have
    the same first name, and with the e-mail address where they have the same whole name.
    `people`: the name and e-mail address of each; None while none is proved.
    """
    firsts = Counter(comparable(first_name(name)) for name, _ in people)
    wholes = Counter(comparable(name) for name, _ in people)
    return [
        f"{name} ({email or NO_ADDRESS})"
        if wholes[comparable(name)] > 1
        else name
        if firsts[comparable(first_name(name))] > 1
        else first_name(name)
        for name, email in people
    ]


def distinct_names(people: Sequence[tuple[str, str | None]], site_of: Callable[[int], str] = lambda _: "") -> list[str]:
    """The whole name of each of several different people; in brackets behind it, where others have the same name
    (folded), what tells them apart: the site, or the beginning of the e-mail address where the sites do not.

    Args:
        people: the name and e-mail address of each; None while none is proved.
        site_of: the site of somebody by their place in `people`, "" where it is not known; asked where names are alike.
    """
    alike, names = defaultdict(list), [name for name, _ in people]
    for place, name in enumerate(names):
        alike[fold(name)].append(place)
    for places in alike.values():
        if len(places) > 1:
            marks = _marks([site_of(one) for one in places], [people[one][1] or NO_ADDRESS for one in places])
            for place, mark in zip(places, marks, strict=True):
                names[place] += f" ({mark})"
    return names


def _marks(sites: list[str], emails: list[str]) -> list[str]:
    """What tells people of one name apart: their sites, else the beginning of their addresses."""
    folded = list(map(fold, sites))
    if all(folded) and len(set(folded)) == len(sites):
        return sites
    folded = list(map(fold, emails))
    return [_beginning(one, folded) for one in emails]


def _beginning(email: str, folded: list[str]) -> str:
    """As much of the address as none of the others begins with; `folded`: all of them."""
    long = next((most for most in range(1, len(email)) if sum(one.startswith(email[:most]) for one in folded) == 1), 0)
    return f"{email[:long]}…" if long else email


def without_invisible(text: str) -> str:
    """The text in NFC, with single spaces and without characters that nobody sees: zero-width ones, soft hyphens, marks
    of direction.
    """
    seen = "".join(one for one in text if unicodedata.category(one) not in ("Cf", "Zl", "Zp") and one not in _BLANK)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def comparable(name: str) -> str:
    """The same text for two ways to write one name: composed or not, with which apostrophe, whatever the capitals and
    what nobody sees.
    """
    return unicodedata.normalize("NFC", without_invisible(name).translate(_APOSTROPHES).casefold())


_APOSTROPHES = str.maketrans(dict.fromkeys("'‘ʼʹ`´′＇", "’"))
# Letters and marks to Unicode, and blank on every screen.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))


def _bare(word: str) -> str:
    return word.strip(".,()").casefold()
