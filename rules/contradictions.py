"""What an entry says that cannot, or can hardly, be true together: asked about before it is sent.

The pairs and their reasons are the vocabulary's (`exclusions`). A person may mean it: then it is sent, and recorded.
"""

from rules.phrases import listed, place
from rules.programme import Programme
from rules.report import is_normal
from rules.scan_fields import Entry
from rules.vocabulary import Pair, split_side, with_side
from rules.vocabulary_terms import Exclusion, Structure

ALL = "all"


def contradictions(programme: Programme, entry: Entry) -> list[tuple[str, str, str]]:
    """(field of the form, key, sentence) of each; the key names the contradiction, the same for the same one."""
    found = [
        (_field_of(one), with_side(pair.side, f"{pair.structure}: {one.id}") if pair else one.id, one.reason)
        for one in programme.vocabulary.exclusions.values()
        for pair in _where(one, entry)
    ]
    if _names_nothing(programme, entry):
        found.append(("normal", "nothing named", "All normal names no structure here. Choose what you looked at."))
    if unanswered := _not_answered(programme, entry):
        names = listed([f"the {place(one.name)}" for one in unanswered])
        after = [one for structure in unanswered for one in structure.after if one not in entry.modifiers]
        offered = f" It is offered after the modifier {listed(list(dict.fromkeys(after)), 'or')}." if after else ""
        sentence = f"The indication asks about {names}, which All normal does not include here. Say what you saw of it."
        sentence += offered
        found.append(("normal", "indication", sentence))
    return list({(name, key): (name, key, sentence) for name, key, sentence in found}.values())


def _field_of(one: Exclusion) -> str:
    return "outcome" if one.outcome else "modifier" if one.without else "finding"


def _where(one: Exclusion, entry: Entry) -> list[Pair | None]:
    """The findings in which it holds, once a structure; [None] where it is of no finding."""
    if one.outcome and entry.outcome != one.outcome:
        return []
    if one.nothing_seen:
        return [None] if entry.not_seen and not (entry.findings or entry.normal or entry.procedure) else []
    if one.all_normal:
        return [None] if is_normal(entry) and not entry.procedure else []
    pairs = [pair for pair in entry.findings if pair.finding in one.findings]
    if one.without:
        return [] if one.without in entry.modifiers else list(pairs[:1])
    if one.with_findings:
        others = [pair for pair in entry.findings if pair.finding in one.with_findings]
        pairs = [pair for pair in pairs if any(_same_place(pair, other) for other in others if other != pair)]
    return list({(pair.side, pair.structure): pair for pair in pairs}.values())


def _same_place(one: Pair, other: Pair) -> bool:
    if one.structure != other.structure:
        return False
    return one.side == other.side or not {"", "both"}.isdisjoint((one.side, other.side))


def _all_normal(entry: Entry) -> bool:
    return any(structure == ALL for _, structure in map(split_side, entry.normal))


def _names_nothing(programme: Programme, entry: Entry) -> bool:
    """*All normal* alone, in a region where it stands for no structure (a muscle, a lump)."""
    said = entry.findings or entry.procedure or any(one != ALL for _, one in map(split_side, entry.normal))
    claimed = programme.vocabulary.claimed(entry.region, entry.protocol, entry.indication, entry.modifiers)
    return _all_normal(entry) and not said and not claimed and entry.region in programme.vocabulary.regions


def _not_answered(programme: Programme, entry: Entry) -> list[Structure]:
    """The structures that the indication asks about and that *all normal* does not stand for here."""
    region = programme.vocabulary.regions.get(entry.region)
    asked = region.indications.get(entry.indication) if region else None
    if region is None or asked is None or not _all_normal(entry):
        return []
    said = {pair.structure for pair in entry.findings} | {one.structure for one in entry.not_seen}
    said |= {structure for _, structure in map(split_side, entry.normal)}
    said |= set(programme.vocabulary.claimed(entry.region, entry.protocol, entry.indication, entry.modifiers))
    structures = [region.structures[one] for one in asked.structures if one not in said]
    return [one for one in structures if not one.is_gone(entry.modifiers)]
