"""What a scan says in each of its fields, in words: for its pages and for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from models import Scan
from rules.phrases import listed
from rules.programme import Programme
from rules.scan_fields import Field


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
    region = programme.vocabulary.regions.get(scan.region)

    def structure(key: str) -> str:
        known = region.structures.get(key) if region else None
        return known.name if known else key

    match field.kind:
        case "day":
            return [value.isoformat()]
        case "pairs":
            return [f"{structure(key)}: {finding}" for key, finding in value]
        case "structures" if "all" in value:
            return ["All other structures examined" if scan.findings else "All structures examined"]
        case "structures":
            return list(map(structure, value))
        case "words":
            return [field.shown(programme, word) for word in value]
        case _:
            return [field.shown(programme, value)] if value else []


def fact(fields: Sequence[Field], scan: Scan, programme: Programme) -> str:
    """What the scan says in the fields of one heading, those with one word first; empty where nothing was entered."""
    fields = sorted(fields, key=lambda field: field.kind == "words")
    words = [word for field in fields for word in words_of(field, scan, programme)]
    if fields[-1].kind == "words":
        return listed(words)
    return ("; " if fields[0].kind in ("pairs", "structures") else ", ").join(words)
