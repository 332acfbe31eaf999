"""Regions, structures, findings: the controlled words of a scan log, read from a data file.

A scan is of one region on one side (R4). A region has structures; a structure's tissue says which findings can be
picked for it. The real vocabulary follows the ESSR musculoskeletal ultrasound technical guidelines (2010).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidateAs, with_config

from rules import data_file
from rules.data_file import CLOSED, DataFileError, Flag, Tables, Text, TextOrNone, Texts, TextsOrNone
from rules.vocabulary_terms import (
    Advice,
    Exclusion,
    Finding,
    Indication,
    Measure,
    Procedures,
    Structure,
    as_tables,
    by_id,
)


class VocabularyError(DataFileError):
    """The vocabulary's file, or a "structure: finding" pair, is wrong; the message names what and why."""


@dataclass(frozen=True)
class Pair:
    """One finding in one structure; `structure` is an id of the scan's region, `finding` the vocabulary's id of it.

    `side` is left, right or both where the scan is of both sides; empty: of the scan's side. (In a scan of both sides
    it is empty where it was recorded before sides could differ.)
    """

    structure: str
    finding: str
    side: str = ""


def parse_pair(text: str) -> Pair:
    """Read "ssp: full-thickness tear", or "left | ssp: full-thickness tear".
    Raises VocabularyError when there is no colon, or nothing on one side of it.
    """
    side, rest = split_side(text)
    structure, _, finding = rest.partition(":")
    if not structure.strip() or not finding.strip():
        raise VocabularyError('A finding is written as "structure: finding".')
    return Pair(structure.strip(), finding.strip(), side)


def pair_text(pair: Pair) -> str:
    """The pair as forms send it; `parse_pair` reads it back."""
    return with_side(pair.side, f"{pair.structure}: {pair.finding}")


def split_side(text: str) -> tuple[str, str]:
    """("left", "ssp") of "left | ssp"; ("", "ssp") of "ssp"."""
    side, bar, rest = text.partition("|")
    return (side.strip(), rest.strip()) if bar else ("", text.strip())


def with_side(side: str, text: str) -> str:
    """What `split_side` reads back."""
    return f"{side} | {text}" if side else text


@dataclass(frozen=True)
class NotSeen:
    """A structure that was not seen, or not well, and the limitation that is the reason; empty where none was given."""

    structure: str
    limitation: str = ""
    side: str = ""


def parse_not_seen(text: str) -> NotSeen:
    """Read "ssp", "ssp: pain" or "left | ssp: pain"."""
    side, rest = split_side(text)
    structure, _, limitation = rest.partition(":")
    return NotSeen(structure.strip(), limitation.strip(), side)


def not_seen_text(one: NotSeen) -> str:
    """What `parse_not_seen` reads back."""
    return with_side(one.side, f"{one.structure}: {one.limitation}" if one.limitation else one.structure)


@dataclass(frozen=True)
class Measured:
    """A size, grade or level of one finding: `measure` is an id of the vocabulary's measures, `value` as it is kept:
    numbers of its unit joined by "x" ("14x9"), or one of its words.
    """

    pair: Pair
    measure: str
    value: str


def parse_measured(text: str) -> Measured:
    """Read "left | ssp: full-thickness tear | size = 14 x 9 mm" (the value is read by `rules.measures`).
    Raises VocabularyError when it is no finding, measure and value.
    """
    head, bar, rest = text.rpartition("|")
    measure, equals, value = rest.partition("=")
    if not bar or not equals or not measure.strip():
        raise VocabularyError('A size is written as "structure: finding | size = value".')
    return Measured(parse_pair(head), measure.strip(), value.strip())


def measured_text(one: Measured) -> str:
    """What `parse_measured` reads back."""
    return f"{pair_text(one.pair)} | {one.measure} = {one.value}"


def _pairs(texts: tuple[str, ...]) -> tuple[Pair, ...]:
    try:
        return tuple(map(parse_pair, texts))
    except VocabularyError:
        raise ValueError('texts such as "structure: finding"') from None


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region with its structures by id in the order of examination, and the pairs to offer first.

    `bare`, `one` ("... {side} ...") and `both` are how a sentence names it, where the plain rule would read badly.
    """

    id: Text
    name: Text
    indications: Annotated[
        dict[str, Indication],
        ValidateAs(
            Annotated[tuple[Indication, ...], BeforeValidator(as_tables), Field(description="a list of indications")],
            by_id,
        ),
    ] = field(default_factory=dict)
    structures: Annotated[dict[str, Structure], ValidateAs(Annotated[tuple[Structure, ...], Tables], by_id)]
    common: Annotated[tuple[Pair, ...], ValidateAs(TextsOrNone, _pairs)] = ()
    full: Flag = True  # it has a full protocol, which examines all of its structures
    # ids of the structures that *All normal* stands for where neither a full examination nor an indication says which
    short_list: TextsOrNone = ()
    # ids of regions that one appointment often takes in as well; said of one of two, it is so of both
    neighbours: TextsOrNone = ()
    procedures: TextsOrNone = ()  # the guided procedures of this region
    bare: TextOrNone = ""
    one: Annotated[str, Field(pattern=r"^$|\{side\}", description="a phrase with {side} in it")] = ""
    both: TextOrNone = ""

    def __post_init__(self) -> None:
        for pair in self.common:
            structure = self.structures.get(pair.structure)
            if structure is None or pair.finding not in structure.findings:
                raise ValueError(f'common takes pairs of this region; "{pair_text(pair)}" is none.')
        for key, ids in [("short_list", self.short_list)] + [
            ("indications", one.structures + one.any_of) for one in self.indications.values()
        ]:
            if unknown := set(ids) - self.structures.keys():
                raise ValueError(f'{key} takes structures of this region; "{min(unknown)}" is none.')

    def name_of(self, structure: str) -> str:
        """The structure's name; of one that is not known here, its id."""
        known = self.structures.get(structure)
        return known.name if known else structure


@dataclass(frozen=True)
class Tissues:
    """The findings of each kind of tissue. They are read first: structures are read with them."""

    tissues: dict[str, Texts]


@with_config(CLOSED)
@dataclass(frozen=True, kw_only=True)
class Vocabulary(Tissues):
    """Every word that can be tapped. `version` travels with each scan, so that old forms can be told apart."""

    version: Text
    sides: Texts
    protocols: Texts
    outcomes: Texts
    modifiers: TextsOrNone = ()
    limitations: TextsOrNone = ()
    transducers: TextsOrNone = ()
    regions: Annotated[dict[str, Region], ValidateAs(Annotated[tuple[Region, ...], Tables], by_id)]
    known_findings: Annotated[
        dict[str, Finding],
        ValidateAs(Annotated[tuple[Finding, ...], Field(description="a list of tables")], by_id),
        Field(alias="findings"),
    ] = field(default_factory=dict)
    measures: Annotated[
        dict[str, Measure], ValidateAs(Annotated[tuple[Measure, ...], Field(description="a list of tables")], by_id)
    ] = field(default_factory=dict)
    exclusions: Annotated[
        dict[str, Exclusion],
        ValidateAs(Annotated[tuple[Exclusion, ...], Field(description="a list of tables")], by_id),
    ] = field(default_factory=dict)
    advice: Annotated[tuple[Advice, ...], Field(description="a list of tables")] = ()
    procedure_words: Annotated[Procedures, Field(alias="procedures")]
    snomed: Any = None  # codes for exports; no rule depends on them

    @property
    def procedures(self) -> tuple[str, ...]:
        return self.procedure_words.names

    @property
    def procedure_roles(self) -> tuple[str, ...]:
        return self.procedure_words.roles

    def __post_init__(self) -> None:
        of_findings = [(f"findings[{at}]", one) for at, one in enumerate(self.known_findings.values(), 1)]
        of_structures = [
            (f"regions[{at}].structures[{place}]", one)
            for at, region in enumerate(self.regions.values(), 1)
            for place, one in enumerate(region.structures.values(), 1)
        ]
        for where, one in of_findings + of_structures:
            if unknown := set(one.measures) - self.measures.keys():
                raise ValueError(f'{where}.measures takes ids of measures; "{min(unknown)}" is none.')
            for key in ("after", "gone_after", "replaced_after"):
                if unknown := set(getattr(one, key, ())) - set(self.modifiers):
                    raise ValueError(f'{where}.{key} takes modifiers; "{min(unknown)}" is none.')
        for at, region in enumerate(self.regions.values(), 1):
            if unknown := set(region.neighbours) - (self.regions.keys() - {region.id}):
                raise ValueError(f'regions[{at}].neighbours takes ids of other regions; "{min(unknown)}" is none.')
            if unknown := set(region.procedures) - set(self.procedures):
                raise ValueError(f'regions[{at}].procedures takes procedures.names; "{min(unknown)}" is none.')
        self._check_exclusions()
        for at, advice in enumerate(self.advice, 1):
            if advice.measure not in self.measures:
                raise ValueError(f"advice[{at}].measure takes the id of a measure, not {advice.measure!r}.")

    def _check_exclusions(self) -> None:
        findings = {one for region in self.regions.values() for of in region.structures.values() for one in of.findings}
        for at, one in enumerate(self.exclusions.values(), 1):
            if one.outcome and one.outcome not in self.outcomes:
                raise ValueError(f"exclusions[{at}].outcome takes one of the outcomes, not {one.outcome!r}.")
            if one.without and one.without not in self.modifiers:
                raise ValueError(f"exclusions[{at}].without takes one of the modifiers, not {one.without!r}.")
            if unknown := {*one.findings, *one.with_findings} - findings:
                raise ValueError(f'exclusions[{at}] takes findings of structures; "{min(unknown)}" is none.')

    def procedures_of(self, region_id: str) -> tuple[str, ...]:
        """The guided procedures offered in a region: its own, then those that no region names; without one, all."""
        region = self.regions.get(region_id)
        if region is None:
            return self.procedures
        named = {name for one in self.regions.values() for name in one.procedures}
        return (*region.procedures, *(name for name in self.procedures if name not in named))

    def are_neighbours(self, region: str, other: str) -> bool:
        """Whether these are two regions that one appointment often takes in together."""
        found = (self.regions[one].neighbours for one in (region, other) if one in self.regions)
        return any({region, other} & set(neighbours) for neighbours in found)

    def finding(self, finding: str) -> Finding:
        """What is known of a finding; of one without a table of its own, its words."""
        return self.known_findings.get(finding) or Finding(id=finding)

    def known_pair(self, region_id: str, pair: Pair) -> bool:
        """Whether this region has this structure and the structure can have this finding, or could once."""
        region = self.regions.get(region_id)
        structure = region.structures.get(pair.structure) if region else None
        return structure is not None and pair.finding in structure.findings

    def offered(self, structure: Structure, modifiers: Collection[str] = ()) -> tuple[str, ...]:
        """The findings that can be picked for a structure, after what was done (modifiers)."""
        if not structure.is_there(modifiers):
            return ()
        facts = {one: self.finding(one) for one in structure.findings if one not in structure.never}
        replaced = bool(set(structure.replaced_after) & set(modifiers))
        return tuple(
            one
            for one, fact in facts.items()
            if not fact.retired
            and not (fact.native and replaced)
            and (not fact.after or set(fact.after) & set(modifiers))
        )

    def measures_of(self, region_id: str, pair: Pair) -> tuple[str, ...]:
        """Ids of what can be measured of this finding in this structure."""
        region = self.regions.get(region_id)
        structure = region.structures.get(pair.structure) if region else None
        of_structure = structure.measures if structure else ()
        return tuple(dict.fromkeys((*self.finding(pair.finding).measures, *of_structure)))

    def claimed(
        self, region_id: str, protocol: str, indication: str = "", modifiers: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Ids of the structures that *All normal* stands for, in the order of examination: all of a full examination,
        those that answer the indication of a focused one, else the region's short list.
        """
        region = self.regions.get(region_id)
        if region is None:
            return ()
        asked = region.indications.get(indication)
        chosen: Collection[str] = region.short_list
        if protocol == "full" and region.full:
            chosen = region.structures
        elif protocol == "focused" and asked and asked.structures:
            chosen = asked.structures
        return tuple(one.id for one in region.structures.values() if one.id in chosen and one.is_there(modifiers))


def load(path: Path | str) -> Vocabulary:
    """Read a vocabulary's file.
    Raises VocabularyError when it is not there, not TOML, or wrong; the message names the file and the key.
    """
    return data_file.load(path, parse, VocabularyError)


def parse(data: Mapping[str, Any]) -> Vocabulary:
    """Make a vocabulary of a parsed file. Raises VocabularyError: naming the key and what it takes."""
    tissues = data_file.read(Tissues, data, VocabularyError).tissues
    return data_file.read(Vocabulary, data, VocabularyError, context=tissues)
