"""One scan as open data (rules/logbook.py): what it says in words, every audit of it and what happened to it."""

from collections.abc import Sequence
from typing import Any

from models import Audit, Move, Scan
from rules import audits, logbook, states
from rules.phrases import small
from rules.programme import Programme
from rules.scan_fields import FIELDS
from workflows.scans import transitions
from workflows.scans.blanking import HEADLINE
from workflows.scans.scan_facts import ScanWords, is_undivided, words_of
from workflows.scans.timeline import summary, told_to_student

BY_NAME = {field.name: field for field in FIELDS}
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
    told = told_to_student(moves, undoable=undoable)
    hidden = {move.at for move in moves if move.verb == "approve"} - {move.at for move in told}
    return logbook.Scan(
        **_facts(scan, programme),
        **_words(scan, programme),
        **_structures(scan, programme),
        audits=[_audit(one) for one in judged if one.made_at not in hidden],
        story=[_step(move, scan, own=own) for move in told],
        digest=scan.digest,
        entered=transitions.content(scan),
    )


def _facts(scan: Scan, programme: Programme) -> dict[str, Any]:
    """What it is and where it stands."""
    is_counted = scan.state == states.COUNTED
    return {
        "id": scan.id,
        "case_number": scan.case_number,
        "state": scan.state,
        "version": scan.version,
        "counts": is_counted and not programme.counts_apart(scan.procedure),
        "scanned_on": scan.scanned_on,
        "logged_at": scan.received_at,
        "saved_at": scan.entered_at,
        "sent_at": scan.sent_at,
        "approved_at": scan.approved_at,
        "approved_by": scan.approved_by.name if scan.approved_by_id else "",
    }


def _words(scan: Scan, programme: Programme) -> dict[str, Any]:
    """What was chosen and typed: one text for each field, or a list of words."""

    def several(name: str) -> list[str]:
        return words_of(BY_NAME[name], scan, programme)

    def one(name: str) -> str:
        return "; ".join(several(name))

    return {
        "support": scan.support,
        "region": one("region"),
        "region_code": scan.region,
        "side": scan.side,
        "sides_recorded": not is_undivided(scan),
        "protocol": one("protocol"),
        "indication": one("indication"),
        "headline": scan.headline,
        "outcome": one("outcome"),
        "limitations": several("limitations"),
        "modifiers": several("modifiers"),
        "report": scan.report,
        "own_words": bool(scan.own_words),
        "hidden": scan.headline == HEADLINE,
        "age_band": one("age_band"),
        "sex": one("sex"),
        "site": one("site"),
        "mentor": one("mentor"),
        "machine": one("machine"),
        "transducer": one("transducer"),
        "procedure": one("procedure"),
        "procedure_part": one("procedure_role"),
    }


def _structures(scan: Scan, programme: Programme) -> dict[str, Any]:
    """What it says of structures, each with its own side beside it."""
    words = ScanWords(programme, scan)
    return {
        "findings": [_finding(words, *pair) for pair in scan.findings],
        "normal": [words.normal(one) for one in scan.normal],
        "not_seen": [_not_seen(words, *one) for one in scan.not_seen],
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


def _not_seen(words: ScanWords, structure: str, limitation: str = "", side: str = "") -> logbook.NotSeen:
    return logbook.NotSeen(structure=words.structure(structure), limitation=limitation, side=side)


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
    return logbook.Audit(
        id=audit.id,
        version=audit.version,
        by=audit.by.name,
        made_at=audit.made_at,
        image=audit.image,
        report=audit.report,
        agreement=small(audits.AGREEMENT_NAMES.get(audit.agreement, "")),
        seen=small(audits.SEEN_NAMES.get(audit.seen, "")),
        how=HOW.get(audit.made, ""),
        comment=audit.comment,
        failed=audit.is_failed,
        void=audit.voided_at is not None,
    )


def _step(move: Move, scan: Scan, *, own: bool) -> logbook.Step:
    words = move.why if own or move.verb not in OWN_ALONE else ""
    return logbook.Step(at=move.at, by=move.by.name, what=summary(move, scan), words=words, version=move.version)
