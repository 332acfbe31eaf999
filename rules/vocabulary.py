"""Regions, structures, findings: the controlled words of a scan log, read from a data file.

A scan is of one region on one side (R4). A region has structures; a structure's tissue says which findings can be
picked for it. The real vocabulary follows the ESSR musculoskeletal ultrasound technical guidelines (2010).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidateAs, ValidationInfo, with_config

from rules import data_file
from rules.data_file import CLOSED, DataFileError, Tables, Text, TextOrNone, Texts, TextsOrNone


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

    Raises:
        VocabularyError: when there is no colon, or nothing on one side of it.
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

    Raises:
        VocabularyError: when it is no finding, measure and value.
    """
    head, bar, rest = text.rpartition("|")
    measure, equals, value = rest.partition("=")
    if not bar or not equals or not measure.strip():
        raise VocabularyError('A size is written as "structure: finding | size = value".')
    return Measured(parse_pair(head), measure.strip(), value.strip())


def measured_text(one: Measured) -> str:
    """What `parse_measured` reads back."""
    return f"{pair_text(one.pair)} | {one.measure} = {one.value}"


def _structure_id(text: str) -> str:
    if text == "all" or ":" in text:
        raise ValueError
    return text


def _findings(tissue: Any, info: ValidationInfo[dict[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """A tissue's findings, and those that the structure adds."""
    if tissue not in list(info.context):
        raise ValueError(f"one of {', '.join(info.context)}")
    return tuple(dict.fromkeys(info.context[tissue] + info.data.get("extra", ())))


def _pairs(texts: tuple[str, ...]) -> tuple[Pair, ...]:
    try:
        return tuple(map(parse_pair, texts))
    except VocabularyError:
        raise ValueError('texts such as "structure: finding"') from None


Identified = TypeVar("Identified", "Structure", "Region")


def _by_id(found: tuple[Identified, ...]) -> dict[str, Identified]:
    ids = [one.id for one in found]
    for one in ids:
        if ids.count(one) > 1:
            raise ValueError(f'tables of different ids ("{one}" is there more than once)')
    return dict(zip(ids, found, strict=True))


@dataclass(frozen=True, kw_only=True)
class Structure:
    """A structure of a region, with every finding that can be picked for it.

    `short` is its name as it stands before a finding in a sentence ("hamstring" tear): None where `name` up to its
    first comma serves, empty where the finding says it all ("lipoma").
    """

    id: Annotated[Text, AfterValidator(_structure_id), Field(description='a word without a colon that is not "all"')]
    name: Text
    extra: TextsOrNone = ()
    findings: Annotated[
        tuple[str, ...], BeforeValidator(_findings), Field(alias="tissue", description="one of the tissues")
    ]
    short: Annotated[str, Field(description="text")] | None = None


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region with its structures by id in the order of examination, and the pairs to offer first.

    `bare`, `one` ("... {side} ...") and `both` are how a sentence names it, where the plain rule would read badly.
    """

    id: Text
    name: Text
    indications: TextsOrNone = ()
    structures: Annotated[dict[str, Structure], ValidateAs(Annotated[tuple[Structure, ...], Tables], _by_id)]
    common: Annotated[tuple[Pair, ...], ValidateAs(TextsOrNone, _pairs)] = ()
    bare: TextOrNone = ""
    one: Annotated[str, Field(pattern=r"^$|\{side\}", description="a phrase with {side} in it")] = ""
    both: TextOrNone = ""

    def __post_init__(self) -> None:
        for pair in self.common:
            structure = self.structures.get(pair.structure)
            if structure is None or pair.finding not in structure.findings:
                raise ValueError(f'common takes pairs of this region; "{pair_text(pair)}" is none.')


@dataclass(frozen=True, kw_only=True)
class Procedures:
    """The guided procedures that can be picked, and the parts that one can have in them."""

    names: TextsOrNone = ()
    roles: Texts


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
    regions: Annotated[dict[str, Region], ValidateAs(Annotated[tuple[Region, ...], Tables], _by_id)]
    procedure_words: Annotated[Procedures, Field(alias="procedures")]
    snomed: Any = None  # codes for exports; no rule depends on them

    @property
    def procedures(self) -> tuple[str, ...]:
        return self.procedure_words.names

    @property
    def procedure_roles(self) -> tuple[str, ...]:
        return self.procedure_words.roles

    def known_pair(self, region_id: str, pair: Pair) -> bool:
        """Whether this region has this structure and the structure can have this finding."""
        region = self.regions.get(region_id)
        structure = region.structures.get(pair.structure) if region else None
        return structure is not None and pair.finding in structure.findings


def load(path: Path | str) -> Vocabulary:
    """Read a vocabulary's file.

    Raises:
        VocabularyError: when it is not there, not TOML, or wrong; the message names the file and the key.
    """
    return data_file.load(path, parse, VocabularyError)


def parse(data: Mapping[str, Any]) -> Vocabulary:
    """Make a vocabulary of a parsed file.

    Raises:
        VocabularyError: naming the key and what it takes.
    """
    tissues = data_file.read(Tissues, data, VocabularyError).tissues
    return data_file.read(Vocabulary, data, VocabularyError, context=tissues)
