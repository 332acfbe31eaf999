"""What the portfolio's pages say that is worked out from a logbook: which scans stand where, case mix, who mentored.

Every function is pure and reads nothing but the logbook, so that no number on a page says more than it holds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from rules import states
from rules.logbook import Counts, Finding, Logbook, Scan, Size
from rules.sector import sector_of_counts

NOT_STATED = "not stated"
STATES = {  # in the order of the pages: state -> its heading, what it means
    states.COUNTED: ("Recorded", "A mentor approved it; it does not count towards the total."),
    states.HELD: (
        "Held",
        "A mentor approved it whom the course has not confirmed for that day: it does not count until it has.",
    ),
    states.WITH_MENTOR: ("With the mentor", "Sent, and not answered yet: nobody has approved it."),
    states.RETURNED: ("Returned", "The mentor returned it, to be put right and sent again."),
    states.DRAFT: ("Drafts", "Not sent to a mentor: nobody has reviewed it."),
    states.WITHDRAWN: ("Withdrawn", "The student took it back."),
}
# Colours of the drawings: those of static/app.css by day, which are told apart in grey too.
AIDED, UNAIDED, EMPTY = "#08625e", "#8f4a00", "#aab6be"


def views(logbook: Logbook) -> dict[str, Any]:
    """Everything that is worked out, as the templates in templates/pdf/ read it."""
    counted = [scan for scan in logbook.scans if scan.counts]
    return {
        "complete": logbook.counts.counted >= logbook.counts.total,
        "missing": missing(logbook.counts),
        "sector": sector_of_counts(logbook.counts).text,
        "groups": groups(logbook),
        "case_mix": case_mix(counted),
        "findings": finding_mix(counted),
        "months": months(counted),
        "mentors": mentors(counted),
        "scans": [
            {"rows": rows(scan), "state_word": states.name_of(scan.state, apart=not scan.counts).capitalize()}
            for scan in logbook.scans
        ],
    }


def missing(counts: Counts) -> list[str]:
    """What is missing, a sentence a kind of support; empty when the portfolio is complete."""
    sentences = []
    for part in counts.supports:
        short = part.total - part.counted
        if short > 0:
            still = [f"{part.with_mentor} with the mentor"] * bool(part.with_mentor)
            still += [f"{part.returned} returned"] * bool(part.returned)
            still += [f"{part.held} held"] * bool(part.held)
            aside = f" ({' and '.join(still)})" if still else ""
            sentences.append(f"{short} more {part.name.lower()} {'scan' if short == 1 else 'scans'} must count{aside}.")
    return sentences


def groups(logbook: Logbook) -> dict[str, Any]:
    """The places of the scans in `logbook.scans`: those that count, guided procedures that do not, the others by
    state."""
    found: dict[str, Any] = {"counted": [], "procedures": [], "open": []}
    by_state: dict[str, list[int]] = defaultdict(list)
    for place, scan in enumerate(logbook.scans):
        if scan.counts:
            found["counted"].append(place)
        elif scan.procedure:
            found["procedures"].append(place)
        else:
            by_state[scan.state].append(place)
    for state, (title, text) in STATES.items():
        if by_state[state]:
            found["open"].append({"title": title, "text": text, "scans": by_state[state]})
    return found


# What the tables of the case mix are about -> what of a scan.
MIXES: dict[str, Callable[[Scan], str]] = {
    "Region and side": lambda scan: f"{scan.region}, {scan.side}" if scan.side else scan.region,
    "Findings recorded": lambda scan: "with findings" if scan.findings else "no finding recorded",
    "Indication": lambda scan: scan.indication,
    "Outcome": lambda scan: scan.outcome,
    "Protocol": lambda scan: scan.protocol,
    "Age band of the patient": lambda scan: scan.age_band,
    "Sex of the patient": lambda scan: scan.sex,
    "Site": lambda scan: scan.site,
    "Machine": lambda scan: scan.machine,
}


def case_mix(scans: list[Scan]) -> list[dict[str, Any]]:
    """A table for each of `MIXES`: what, how many aided, unaided and both, the most frequent first."""
    return [{"title": title, "rows": _mix([(key(scan), scan) for scan in scans])} for title, key in MIXES.items()]


def finding_mix(scans: list[Scan]) -> list[list[Any]]:
    """Each structure with a finding: in how many scans, aided, unaided and both."""
    pairs = [(pair, scan) for scan in scans for pair in {f"{one.structure}: {one.finding}": 0 for one in scan.findings}]
    return _mix(pairs)


def months(scans: Iterable[Scan]) -> list[list[Any]]:
    """Each month from the first scan to the last: how many aided, unaided and both; a month without any is 0."""
    by_month = Counter((scan.scanned_on.year * 12 + scan.scanned_on.month - 1, scan.support) for scan in scans)
    if not by_month:
        return []
    first, last = min(by_month)[0], max(by_month)[0]
    return [
        [f"{date(month // 12, month % 12 + 1, 1):%b %Y}", aided, unaided, aided + unaided]
        for month in range(first, last + 1)
        for aided, unaided in [(by_month[month, "aided"], by_month[month, "unaided"])]
    ]


def mentors(scans: Iterable[Scan]) -> list[dict[str, Any]]:
    """Who approved how many of the counted scans at which site, from the first day to the last."""
    found: dict[tuple[str, str], list[Scan]] = defaultdict(list)
    for scan in scans:
        found[scan.approved_by, scan.site].append(scan)
    return [
        {
            "mentor": mentor or NOT_STATED,
            "site": site or NOT_STATED,
            "aided": sum(scan.support == "aided" for scan in of),
            "unaided": sum(scan.support == "unaided" for scan in of),
            "first": min(scan.scanned_on for scan in of),
            "last": max(scan.scanned_on for scan in of),
        }
        for (mentor, site), of in sorted(found.items())
    ]


def rows(scan: Scan) -> list[list[str]]:
    """Findings with their sizes: structure, finding, side, and each size as "Depth 4 mm"; a size of no finding that
    stands there has a row of its own."""
    found: dict[tuple[str, str, str], list[str]] = {_key(one): [] for one in scan.findings}
    for size in scan.sizes:
        found.setdefault(_key(size), []).append(" ".join(filter(None, (size.measure, size.value, size.unit))))
    return [[*key, "; ".join(sizes)] for key, sizes in found.items()]


def sector_svg(counts: Counts) -> str:
    """The sector as a picture: filled counts, a ring is with the mentor, faint is to come."""
    sector = sector_of_counts(counts)
    paths = []
    for shape in sector.shapes:
        colour = AIDED if shape.support == "aided" else UNAIDED
        look = {
            "counted": f'fill="{colour}"',
            "with_mentor": f'fill="none" stroke="{colour}" stroke-width="1.3"',
            "to_come": f'fill="{EMPTY}"',
        }[shape.state]
        paths.append(f'<path {look} d="{shape.d}"/>')
    box = f'width="{sector.width}" height="{sector.height}" viewBox="0 0 {sector.width} {sector.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{"".join(paths)}</svg>'


def _key(one: Finding | Size) -> tuple[str, str, str]:
    return one.structure, one.finding, one.side


def _mix(pairs: Iterable[tuple[str, Scan]]) -> list[list[Any]]:
    by_support: Counter[tuple[str, str]] = Counter((what or NOT_STATED, scan.support) for what, scan in pairs)
    whats = {what for what, _ in by_support}
    table = [(what, by_support[what, "aided"], by_support[what, "unaided"]) for what in whats]
    return [
        [what, aided, unaided, aided + unaided]
        for what, aided, unaided in sorted(table, key=lambda row: (-row[1] - row[2], row[0]))
    ]
