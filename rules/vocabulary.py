"""Regions, structures, findings: the controlled words of a scan log, read from a data file.

A scan is of one region on one side (R4). A region has structures; a structure's tissue says which findings can be
picked for it. The real vocabulary follows the ESSR musculoskeletal ultrasound technical guidelines (2010).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.data_file import DataFileError, Table


class VocabularyError(DataFileError):
    """The vocabulary's file, or a "structure: finding" pair, is wrong; the message names what and why."""


@dataclass(frozen=True)
class Pair:
    """One finding in one structure; `structure` is an id of the scan's region, `finding` the vocabulary's words."""

    structure: str
    finding: str


@dataclass(frozen=True)
class Structure:
    """A structure of a region, with every finding that can be picked for it.

    `short` is its name as it stands before a finding in a sentence ("hamstring" tear): None where `name` up to its
    first comma serves, empty where the finding says it all ("lipoma").
    """

    id: str
    name: str
    tissue: str
    findings: tuple[str, ...]
    short: str | None = None


@dataclass(frozen=True)
class Region:
    """A region with its structures by id in the order of examination, and the pairs to offer first.

    `bare`, `one` ("... {side} ...") and `both` are how a sentence names it, where the plain rule would read badly.
    """

    id: str
    name: str
    indications: tuple[str, ...]
    structures: dict[str, Structure]
    common: tuple[Pair, ...]
    bare: str = ""
    one: str = ""
    both: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """Every word that can be tapped. `version` travels with each scan, so that old forms can be told apart."""

    version: str
    sides: tuple[str, ...]
    protocols: tuple[str, ...]
    outcomes: tuple[str, ...]
    modifiers: tuple[str, ...]
    limitations: tuple[str, ...]
    transducers: tuple[str, ...]
    regions: dict[str, Region]
    procedures: tuple[str, ...]
    procedure_roles: tuple[str, ...]

    def known_pair(self, region_id: str, pair: Pair) -> bool:
        """Whether this region has this structure and the structure can have this finding."""
        region = self.regions.get(region_id)
        structure = region.structures.get(pair.structure) if region else None
        return structure is not None and pair.finding in structure.findings


def parse_pair(text: str) -> Pair:
    """Read "ssp: full-thickness tear".

    Raises:
        VocabularyError: when there is no colon, or nothing on one side of it.
    """
    structure, _, finding = text.partition(":")
    if not structure.strip() or not finding.strip():
        raise VocabularyError('A finding is written as "structure: finding".')
    return Pair(structure.strip(), finding.strip())


def pair_text(pair: Pair) -> str:
    """The pair as forms send it; `parse_pair` reads it back."""
    return f"{pair.structure}: {pair.finding}"


def load(path: Path | str) -> Vocabulary:
    """Read a vocabulary's file.

    Raises:
        VocabularyError: when it is not there, not TOML, or wrong; the message names the file and the key.
    """
    path = Path(path)
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as wrong:
        raise VocabularyError(f"{path.name}: {wrong}") from wrong


def parse(data: Mapping[str, Any]) -> Vocabulary:
    """Make a vocabulary of a parsed file.

    Raises:
        VocabularyError: naming the key and what it takes.
    """
    file = Table(data, VocabularyError)
    tissues_table = file.table("tissues")
    tissues = {name: tissues_table.texts(name) for name in tissues_table.names()}
    procedures = file.table("procedures")
    regions = [_region(table, tissues) for table in file.tables("regions")]
    _refuse_twice("regions", [region.id for region in regions])
    vocabulary = Vocabulary(
        version=file.text("version"),
        sides=file.texts("sides"),
        protocols=file.texts("protocols"),
        outcomes=file.texts("outcomes"),
        modifiers=file.texts("modifiers", empty=True),
        limitations=file.texts("limitations", empty=True),
        transducers=file.texts("transducers", empty=True),
        regions={region.id: region for region in regions},
        procedures=procedures.texts("names", empty=True),
        procedure_roles=procedures.texts("roles"),
    )
    file.has("snomed")  # optional codes for exports; no rule depends on them
    procedures.done()
    file.done()
    return vocabulary


def _region(table: Table, tissues: dict[str, tuple[str, ...]]) -> Region:
    region_id = table.text("id")
    structures = [_structure(one, tissues) for one in table.tables("structures")]
    _refuse_twice(f"the structures of {region_id}", [one.id for one in structures])
    region = Region(
        id=region_id,
        name=table.text("name"),
        indications=table.texts("indications", empty=True),
        structures={one.id: one for one in structures},
        common=tuple(parse_pair(text) for text in table.texts("common", empty=True)),
        bare=table.text("bare", ""),
        one=table.text("one", ""),
        both=table.text("both", ""),
    )
    table.done()
    for pair in region.common:
        structure = region.structures.get(pair.structure)
        if structure is None or pair.finding not in structure.findings:
            raise VocabularyError(f'{region_id}: common takes pairs of this region; "{pair_text(pair)}" is none.')
    if region.one and "{side}" not in region.one:
        raise table.wrong("one", "a phrase with {side} in it")
    return region


def _structure(table: Table, tissues: dict[str, tuple[str, ...]]) -> Structure:
    tissue = table.choice("tissue", tuple(tissues))
    found = Structure(
        id=table.text("id"),
        name=table.text("name"),
        tissue=tissue,
        findings=tuple(dict.fromkeys(tissues[tissue] + table.texts("extra", empty=True))),
        short=table.text("short", empty=True) if table.has("short") else None,
    )
    if found.id == "all" or ":" in found.id:
        raise table.wrong("id", 'a word without a colon that is not "all"')
    table.done()
    return found


def _refuse_twice(where: str, ids: list[str]) -> None:
    for one in ids:
        if ids.count(one) > 1:
            raise VocabularyError(f'{where}: the id "{one}" is there more than once; each takes its own.')
