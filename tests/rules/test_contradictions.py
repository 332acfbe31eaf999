"""What cannot, or can hardly, be true together is asked about, once a structure and side; nothing else is."""

from __future__ import annotations

from rules.contradictions import contradictions
from rules.programme import Programme
from rules.scan_fields import Entry
from rules.vocabulary import NotSeen, Pair

ALL = ("all",)
POPLITEAL = ("patent", "thrombus suspected (refer)")


def pairs(structure: str, *findings: str, side: str = "") -> tuple[Pair, ...]:
    return tuple(Pair(structure, finding, side) for finding in findings)


def shoulder(*findings: str, **changes) -> Entry:
    return Entry(**{"region": "shoulder", "protocol": "full", "findings": pairs("ssp", *findings), **changes})


ASKED = [
    (shoulder("full-thickness tear", outcome="normal for age"), "ssp: tear in a normal for age"),
    (shoulder("re-tear", outcome="normal for age"), "ssp: tear in a normal for age"),
    (shoulder(normal=ALL, outcome="abnormal, explains symptoms"), "normal explains"),
    (shoulder(normal=("ssp", "isp"), outcome="abnormal, explains symptoms"), "normal explains"),
    (shoulder(normal=ALL, outcome="urgent pathway"), "normal urgent"),
    (shoulder("full-thickness tear", "bursal-side partial tear"), "ssp: full and partial"),
    (shoulder(findings=pairs("ssp", "full-thickness tear", "partial-thickness tear", side="left")), "left | ssp: full"),
    (shoulder("massive retracted tear", "full-thickness tear"), "ssp: massive and full"),
    (shoulder(not_seen=(NotSeen("ssp", "pain"),), outcome="normal for age"), "normal of nothing seen"),
    (shoulder("intact repair", "re-tear", modifiers=("after repair",)), "ssp: intact and torn"),
    (shoulder("hyperaemia on Doppler"), "ssp: hyperaemia without Doppler"),
    (Entry(region="knee", findings=pairs("vessels", *POPLITEAL)), "vessels: patent with thrombus"),
    (Entry(region="ankle", findings=pairs("atfl", "sprain", "complete tear")), "atfl: sprain and tear"),
    (Entry(region="knee", normal=ALL, protocol="focused", side="left", indication=""), ""),
    (Entry(region="knee", normal=ALL, indication="DVT? (refer)"), "indication"),
    (Entry(region="knee", normal=ALL, protocol="focused", indication="after arthroplasty"), "indication"),
    (Entry(region="muscle", normal=ALL, protocol="focused", indication="muscle tear?"), "nothing named"),
]
NOT_ASKED = [
    Entry(),
    shoulder(normal=ALL),
    shoulder(normal=ALL, outcome="normal for age", indication="pain, cuff tear?"),
    shoulder("tendinosis", outcome="normal for age"),
    shoulder(normal=("isp",), not_seen=(NotSeen("ssp", "pain"),), outcome="normal for age"),
    shoulder("full-thickness tear", outcome="abnormal, explains symptoms"),
    shoulder("hyperaemia on Doppler", modifiers=("power Doppler",)),
    shoulder(findings=(*pairs("ssp", "full-thickness tear"), *pairs("ssc", "partial-thickness tear"))),
    shoulder(
        side="both",
        findings=(
            *pairs("ssp", "full-thickness tear", side="left"),
            *pairs("ssp", "partial-thickness tear", side="right"),
        ),
    ),
    Entry(region="knee", normal=ALL, protocol="focused", indication="DVT? (refer)"),
    Entry(region="knee", normal=ALL, indication="DVT? (refer)", not_seen=(NotSeen("vessels", "pain"),)),
    Entry(region="knee", normal=("all", "vessels"), indication="DVT? (refer)"),
    Entry(region="knee", normal=ALL, protocol="full", indication="medial pain", modifiers=("after arthroplasty",)),
    Entry(region="muscle", normal=("soleus",), indication="muscle tear?"),
    Entry(region="the moon", normal=ALL, outcome="normal for age"),
]


def test_what_contradicts_itself_is_asked_about_beside_its_field(msk: Programme):
    for entry, key in ASKED:
        found = {key: field for field, key, _ in contradictions(msk, entry)}
        assert any(one.startswith(key) for one in found) if key else not found, (entry, found)
        assert set(found.values()) <= {"finding", "normal", "outcome", "modifier"}


def test_what_can_be_true_together_is_not_asked_about(msk: Programme):
    for entry in NOT_ASKED:
        assert contradictions(msk, entry) == [], entry


def test_what_an_operation_has_put_in_is_asked_about_with_the_modifier_that_offers_it(msk: Programme):
    hip = Entry(region="hip", normal=ALL, protocol="focused", indication="after arthroplasty")
    ((_, _, sentence),) = contradictions(msk, hip)
    assert sentence.startswith("The indication asks about the periprosthetic tissues, which All normal")
    assert sentence.endswith("It is offered after the modifier after arthroplasty.")


def test_every_exclusion_has_a_reason_and_is_met_by_an_entry(msk: Programme):
    asked = {key.rpartition(": ")[2] for entry, _ in ASKED for _, key, _ in contradictions(msk, entry)}
    for one in msk.vocabulary.exclusions.values():
        assert one.reason.endswith(".")
    assert len(asked & msk.vocabulary.exclusions.keys()) >= 8
