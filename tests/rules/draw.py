"""What hypothesis draws for the rules: counts of a student, taps of a scan, a student's own sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from rules.programme import Programme
from rules.scan_fields import Entry
from rules.totals import Counts, Placed, StateCounts
from rules.vocabulary import NotSeen, Pair, with_side

NUMBERS = st.integers(0, 400)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def tallies(draw: st.DrawFn) -> StateCounts:
    return StateCounts(*(draw(NUMBERS) for _ in range(4)))


@st.composite
def counts(draw: st.DrawFn, programme: Programme) -> Counts:
    regions = list(programme.vocabulary.regions)
    starts_on = draw(DAYS)
    debt = draw(st.integers(0, 30))
    today = draw(DAYS)
    return Counts(
        aided=draw(tallies()),
        unaided=draw(tallies()),
        regions=draw(st.dictionaries(st.sampled_from(regions), st.integers(0, 60))),
        debt=debt,
        debt_oldest_on=draw(DAYS) if debt else None,
        debt_overdue=draw(st.integers(0, debt)),
        recent={kind: draw(NUMBERS) for kind in ("aided", "unaided")},
        last_logged_on=draw(st.none() | DAYS),
        procedures=draw(st.dictionaries(st.sampled_from(["observed", "assisted", "performed"]), tallies())),
        today=today,
        starts_on=starts_on,
        due_on=starts_on + timedelta(days=draw(st.integers(0, 500))),
        waiting_since=draw(st.none() | DAYS),
        placed=draw(st.sampled_from((Placed(), Placed(None, None, False), Placed(date(2027, 1, 1), date(2027, 9, 1))))),
        absences=tuple(sorted(map(sorted, draw(st.lists(st.tuples(DAYS, DAYS), max_size=2))))),
        remit=draw(st.none() | st.lists(st.sampled_from(regions), unique=True).map(tuple)),
    )


@st.composite
def taps(draw: st.DrawFn, programme: Programme) -> Entry:
    """Anything that can be tapped, half-filled forms included."""
    words = programme.vocabulary
    region = draw(st.sampled_from(list(words.regions.values())))
    pairs = [Pair(one.id, finding) for one in region.structures.values() for finding in one.findings]

    def maybe(values, nothing=""):
        return draw(st.none() | st.sampled_from(values)) if values else None

    def some(values, most=3):
        return tuple(draw(st.lists(st.sampled_from(values), unique=True, max_size=most))) if values else ()

    return Entry(
        region=region.id,
        side=maybe(words.sides),
        protocol=maybe(words.protocols),
        indication=maybe(list(region.indications)),
        findings=some(pairs, 4),
        normal=draw(st.just(("all",)) | st.just(some(list(region.structures)))),
        outcome=maybe(words.outcomes),
        limitations=some(words.limitations),
        modifiers=some(words.modifiers),
        transducer=maybe(words.transducers),
        procedure=maybe(words.procedures),
        procedure_role=maybe(words.procedure_roles),
    )


@st.composite
def sided_taps(draw: st.DrawFn, programme: Programme) -> Entry:
    """What the form sends: in an entry of both sides each word has its side, and none contradicts another."""
    entry = draw(taps(programme))
    structures = list(programme.vocabulary.regions[entry.region].structures)
    limitations = ("", *programme.vocabulary.limitations)
    sides = st.sampled_from(["left", "right", "both"]) if entry.side == "both" else st.just("")
    findings = tuple(replace(pair, side=draw(sides)) for pair in entry.findings)
    found = {pair.structure for pair in findings}
    normal = tuple(with_side(draw(sides), one) for one in entry.normal if one not in found)
    free = [one for one in structures if one not in found | set(entry.normal)]
    limited = draw(st.lists(st.sampled_from(free), unique=True, max_size=2)) if free else []
    not_seen = tuple(NotSeen(one, draw(st.sampled_from(limitations)), draw(sides)) for one in limited)
    return replace(entry, findings=findings, normal=normal, not_seen=not_seen)


TODAY = date(2027, 1, 11)
OWN = [
    "The tear measures 14 x 9 mm.",
    "Retraction to the level of the rim.",
    "Patient tolerated the scan well.",
    "compared with last year, no change",
    "Is there a second opinion?",
]
OWN_SENTENCES = st.sampled_from(OWN)
