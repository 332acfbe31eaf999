"""What a scan says in each of its fields, in words: for its pages, for files and for what leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from models import Scan
from rules import measures
from rules.phrases import listed, place
from rules.programme import Programme
from rules.scan_fields import Field
from rules.vocabulary import NotSeen, Pair, split_side

OF_STRUCTURES = ("pairs", "structures", "not_seen", "measured")  # kinds of fields
SIDES = {"": "", "left": " (left)", "right": " (right)", "both": " (both sides)"}
UNDIVIDED = "Recorded before the sides could differ"  # of what a scan of both sides says without a side


@dataclass(frozen=True)
class ScanWords:
    """The names of what one scan says of structures, each with its side where it has one of its own.

    A word that the vocabulary does not know any more stands as it was recorded.
    """

    programme: Programme
    scan: Scan

    def structure(self, key: str, side: str = "") -> str:
        region = self.programme.vocabulary.regions.get(self.scan.region)
        return (region.name_of(key) if region else key) + SIDES.get(side, f" ({side})")

    def finding(self, structure: str, finding: str, side: str = "") -> str:
        return f"{self.structure(structure, side)}: {self.programme.vocabulary.finding(finding).shown}"

    def normal(self, text: str) -> str:
        side, structure = split_side(text)
        if structure != "all":
            return self.structure(structure, side)
        names = [place(self.structure(one)) for one in self._claimed(side)]
        rest = any(_meet(side, Pair(*pair).side) for pair in self.scan.findings)
        stated = f"{'The rest' if rest else 'All'} normal" + SIDES.get(side, f" ({side})")
        return f"{stated}: {listed(names) or 'no structures listed'}"

    def _claimed(self, side: str) -> list[str]:
        """The structures that *All normal* of a side stands for: not those of which the scan says something else."""
        scan, words = self.scan, self.programme.vocabulary
        stated = {pair.structure for pair in starmap(Pair, scan.findings) if _meet(side, pair.side)}
        stated |= {one.structure for one in starmap(NotSeen, scan.not_seen) if _meet(side, one.side)}
        claimed = words.claimed(scan.region, scan.protocol, scan.indication, scan.modifiers)
        return [one for one in claimed if one not in stated]

    def not_seen(self, structure: str, limitation: str = "", side: str = "") -> str:
        name = self.structure(structure, side)
        return f"{name}: {limitation}" if limitation else name

    def measured(self, pair: Sequence[str], measure: str, value: str, unit: str = "") -> str:
        known = self.programme.vocabulary.measures.get(measure)
        size = measures.shown(known, value) if known else f"{value} {unit}".strip()
        return f"{self.finding(*pair)}, {known.name.lower() if known else measure} {size}"

    def indication(self, indication: str) -> str:
        region = self.programme.vocabulary.regions.get(self.scan.region)
        known = region.indications.get(indication) if region else None
        return known.shown if known else indication


def _meet(one: str, other: str) -> bool:
    """Whether two sides are, or may be, the same: an empty one is the scan's own."""
    return one == other or not {"", "both"}.isdisjoint((one, other))


def is_undivided(scan: Scan) -> bool:
    """Whether a scan of both sides says something without its side: it was recorded before sides could differ."""
    stated = [len(pair) > 2 for pair in scan.findings] + ["|" in one for one in scan.normal]
    return scan.side == "both" and not all(stated)


def words_of(field: Field, scan: Scan, programme: Programme) -> list[str]:
    """What the scan says in a field, each thing in words; empty where nothing was entered.

    The scan has its mentor, and its placement with the site.
    """
    if field.kind == "id":
        mentor = scan.mentor if scan.mentor_id else None
        site = scan.placement.site if scan.placement_id else None
        named = {"mentor": mentor, "site": site}[field.name]
        return [named.name] if named else []
    value = getattr(scan, field.name)
    words = ScanWords(programme, scan)
    match field.kind:
        case "day":
            return [value.isoformat()]
        case "pairs":
            return [words.finding(*pair) for pair in value]
        case "structures":
            return [words.normal(one) for one in value]
        case "not_seen":
            return [words.not_seen(*one) for one in value]
        case "measured":
            return [words.measured(*one) for one in value]
        case "words":
            return [field.shown(programme, word) for word in value]
        case _ if field.name == "indication":
            return [words.indication(value)] if value else []
        case _:
            return [field.shown(programme, value)] if value else []


def fact(fields: Sequence[Field], scan: Scan, programme: Programme) -> str:
    """What the scan says in the fields of one heading, those with one word first; empty where nothing was entered."""
    fields = sorted(fields, key=lambda field: field.kind == "words")
    words = [word for field in fields for word in words_of(field, scan, programme)]
    if fields[-1].kind == "words":
        return listed(words)
    return ("; " if fields[0].kind in OF_STRUCTURES else ", ").join(words)
