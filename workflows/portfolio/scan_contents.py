"""One scan as open data (rules/logbook.py): what it says in words, every audit of it and what happened to it."""

from collections.abc import Sequence
from itertools import starmap
from typing import Any

from models import Audit, Move, Scan
from rules import audits, logbook, states
from rules.phrases import small
from rules.programme import Programme
from rules.scan_fields import FIELDS
from rules.vocabulary import NotSeen
from workflows.scans import transitions
from workflows.scans.blanking import HEADLINE
from workflows.scans.scan_facts import ScanWords, is_undivided, words_of
from workflows.scans.timeline import summary, visible_to_student

BY_NAME = {field.name: field for field in FIELDS}
# Fields that are one text each, under their own names.
CHOSEN = (
    *("region", "protocol", "indication", "outcome", "age_band", "sex", "site", "mentor", "machine", "transducer"),
    "procedure",
)
HOW = {audits.ONE_TAP: "with one tap, agreeing and approving", audits.REVIEW: "in a review"}
OWN_ALONE = ("ask_to_reopen",)  # what a student says here is for the mentor: nobody else's file has the words


def scan_of(
    scan: Scan, programme: Programme, moves: Sequence[Move], judged: Sequence[Audit], *, undoable: bool, own: bool
) -> logbook.Scan:
    """The scan with its audits and its story.

    Args:
        scan: with its mentor, its placement's site and who approved it.
        moves, judged: its moves and its audits, in order, each with its person.
        undoable: its approval can still be undone, so nobody is told of it yet.
        own: the file is for the student: it has what they told their mentor alone.
    """
    visible = visible_to_student(moves, undoable=undoable)
    hidden = {move.at for move in moves if move.verb == "approve"} - {move.at for move in visible}
    return logbook.Scan(
        **_facts(scan, programme),
        **_words(scan, programme),
        **_structures(scan, programme),
        audits=[_audit(one) for one in judged if one.made_at not in hidden],
        story=[_step(move, scan, own=own) for move in visible],
        entered=transitions.content(scan),
    )


def _facts(scan: Scan, programme: Programme) -> dict[str, Any]:
    """What it is and where it stands."""
    same = ("id", "case_number", "state", "version", "scanned_on", "sent_at", "approved_at", "digest")
    return {
        **{name: getattr(scan, name) for name in same},
        "counts": scan.state == states.COUNTED and not programme.counts_apart(scan.procedure),
        "logged_at": scan.received_at,
        "saved_at": scan.entered_at,
        "approved_by": scan.approved_by.name if scan.approved_by_id else "",
    }


def _words(scan: Scan, programme: Programme) -> dict[str, Any]:
    """What was chosen and typed: one text for each field, or a list of words."""
    chosen = {name: words_of(BY_NAME[name], scan, programme) for name in CHOSEN}
    return {
        **{name: "; ".join(words) for name, words in chosen.items()},
        **{name: words_of(BY_NAME[name], scan, programme) for name in ("limitations", "modifiers")},
        **{name: getattr(scan, name) for name in ("support", "side", "headline", "report")},
        "region_code": scan.region,
        "sides_recorded": not is_undivided(scan),
        "own_words": bool(scan.own_words),
        "hidden": scan.headline == HEADLINE,
        "procedure_part": "; ".join(words_of(BY_NAME["procedure_role"], scan, programme)),
    }


def _structures(scan: Scan, programme: Programme) -> dict[str, Any]:
    """What it says of structures, each with its own side beside it."""
    words = ScanWords(programme, scan)
    return {
        "findings": [_finding(words, *pair) for pair in scan.findings],
        "normal": [words.normal(one) for one in scan.normal],
        "not_seen": [
            logbook.NotSeen(structure=words.structure(one.structure), limitation=one.limitation, side=one.side)
            for one in starmap(NotSeen, scan.not_seen)
        ],
        "sizes": [_size(words, *one) for one in scan.measured],
    }


def _finding(words: ScanWords, structure: str, finding: str, side: str = "") -> logbook.Finding:
    return logbook.Finding(
        structure=words.structure(structure),
        finding=words.programme.vocabulary.finding(finding).shown,
        side=side,
        structure_code=structure,
        finding_code=finding,
    )


def _size(words: ScanWords, pair: Sequence[str], measure: str, value: str, unit: str = "") -> logbook.Size:
    structure, finding, *side = pair
    known = words.programme.vocabulary.measures.get(measure)
    return logbook.Size(
        structure=words.structure(structure),
        finding=words.programme.vocabulary.finding(finding).shown,
        side=side[0] if side else "",
        measure=known.name if known else measure,
        value=value.replace("x", " x ") if value[:1].isdigit() else value,
        unit=unit or (known.unit if known else ""),
    )


def _audit(audit: Audit) -> logbook.Audit:
    same = ("id", "version", "made_at", "image", "report", "comment")
    return logbook.Audit(
        **{name: getattr(audit, name) for name in same},
        by=audit.by.name,
        agreement=small(audits.AGREEMENT_NAMES.get(audit.agreement, "")),
        seen=small(audits.SEEN_NAMES.get(audit.seen, "")),
        how=HOW.get(audit.made, ""),
        failed=audit.is_failed,
        void=audit.voided_at is not None,
    )


def _step(move: Move, scan: Scan, *, own: bool) -> logbook.Step:
    words = move.why if own or move.verb not in OWN_ALONE else ""
    return logbook.Step(at=move.at, by=move.by.name, what=summary(move, scan), words=words, version=move.version)
