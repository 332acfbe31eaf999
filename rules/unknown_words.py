"""Which words of a recorded scan its programme's vocabulary does not know, because its file lost them."""

from rules.programme import Programme
from rules.scan_fields import FIELDS, Entry
from rules.vocabulary import Pair, pair_text, split_side

# Columns that are told apart by the region: what they name are words of it.
OF_REGION = ("indication", "findings", "normal", "not_seen", "measured")
COLUMNS = (*OF_REGION, *(one.name for one in FIELDS if one.words))


def unknown(programme: Programme, entry: Entry) -> list[str]:
    """Each as "shoulder, findings: ssp: tear", once. Words of a region that is unknown are not told one by one."""
    found = [
        f"{one.name}: {word}"
        for one in FIELDS
        if one.words is not None
        for word in _several(getattr(entry, one.name))
        if word not in one.words(programme)
    ]
    words = programme.vocabulary
    if region := words.regions.get(entry.region):
        seen = [one.structure for one in entry.not_seen]
        normal = [structure for _, structure in map(split_side, entry.normal) if structure != "all"]
        findings = [Pair(pair.structure, pair.finding) for pair in entry.findings]
        lost = {
            "indication": [one for one in _several(entry.indication) if one not in region.indications],
            "findings": [pair_text(pair) for pair in findings if not words.known_pair(region.id, pair)],
            "normal": [one for one in normal if one not in region.structures],
            "not_seen": [one for one in seen if one not in region.structures],
            "measured": [one.measure for one in entry.measured if one.measure not in words.measures],
        }
        found += [f"{region.id}, {column}: {word}" for column, several in lost.items() for word in several]
    return list(dict.fromkeys(found))


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
