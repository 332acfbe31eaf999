"""The report that writes itself: plain clinical sentences in the field's order, whatever has been tapped so far."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.own_words import sentences
from rules.programme import Programme, Reports
from rules.report import compose, headline, is_normal, may_send
from rules.scan_fields import Entry
from rules.vocabulary import Pair, parse_pair
from tests.rules import draw


def tapped(region: str, *pairs: str, **more) -> Entry:
    return Entry(region=region, findings=tuple(parse_pair(pair) for pair in pairs), **more)


SHOULDER = tapped(
    "shoulder",
    "sasd: bursitis",
    "ssp: full-thickness tear",
    "ssp: calcification",
    side="right",
    protocol="focused",
    indication="pain, cuff tear?",
    normal=("isp", "ssc"),
    outcome="abnormal, explains symptoms",
    transducer="linear high-frequency",
    modifiers=("dynamic", "power Doppler"),
    limitations=("pain",),
    procedure="subacromial-subdeltoid bursa injection",
    procedure_role="assisted",
)


def test_a_whole_report_stands_in_the_fields_order(msk: Programme):
    assert sentences(compose(msk.vocabulary, SHOULDER)) == (
        "Focused ultrasound of the right shoulder.",
        "Ultrasound-guided subacromial-subdeltoid bursa injection (assisted).",
        "Indication: pain, cuff tear?",
        "Technique: linear high-frequency transducer with dynamic assessment and power Doppler.",
        "Examination limited by pain; which structures were limited was not recorded.",
        "Supraspinatus: full-thickness tear and calcification.",
        "Subacromial-subdeltoid bursa: bursitis.",
        "Within these limits, no abnormality seen in the subscapularis or infraspinatus.",
        "Conclusion: subacromial-subdeltoid bursa injection assisted, right shoulder;"
        " full-thickness tear of the right supraspinatus tendon with calcification, and"
        " right subacromial-subdeltoid bursitis, explaining the symptoms.",
    )


@pytest.mark.parametrize(
    ("region", "side", "reads"),
    [
        ("shoulder", None, "Ultrasound of the shoulder."),
        ("shoulder", "both", "Ultrasound of both shoulders."),
        ("hand", "left", "Ultrasound of the left hand and fingers."),
        ("hand", "both", "Ultrasound of both hands and fingers."),
        ("hip", "right", "Ultrasound of the right hip and groin."),
        ("hip", "both", "Ultrasound of the hip and groin on both sides."),
        ("foot", "both", "Ultrasound of both feet."),
        ("muscle", None, "Ultrasound of muscle and soft tissue."),
        ("muscle", "left", "Ultrasound of muscle and soft tissue on the left."),
        ("muscle", "both", "Ultrasound of muscle and soft tissue on both sides."),
    ],
)
def test_region_and_side_read_well(msk: Programme, region: str, side: str | None, reads: str):
    assert compose(msk.vocabulary, Entry(region=region, side=side)) == reads


def test_nothing_is_written_before_there_is_a_region(programme: Programme):
    assert compose(programme.vocabulary, Entry()) == ""
    assert compose(programme.vocabulary, Entry(side="left", protocol="full")) == ""
    assert headline(programme.vocabulary, Entry()) == "Nothing recorded yet"


def test_all_normal_lists_what_it_claims_and_concludes_no_more(msk: Programme):
    normal = Entry(region="knee", side="left", protocol="focused", normal=("all",), indication="MCL injury?")
    assert sentences(compose(msk.vocabulary, normal))[2:] == (
        "No abnormality seen in the medial collateral ligament.",
        "Conclusion: no medial collateral ligament tear seen in the left knee; the rest of the knee was not examined.",
    )
    assert headline(msk.vocabulary, normal) == "No medial collateral ligament tear seen"
    for_age = replace(normal, outcome="normal for age")
    assert compose(msk.vocabulary, for_age).endswith("was not examined; normal for age.")


def test_a_vessel_that_is_patent_is_no_abnormality(msk: Programme):
    taps = tapped(
        "knee", "vessels: patent", side="left", protocol="focused", indication="DVT? (refer)", normal=("all",)
    )
    text = compose(msk.vocabulary, taps)
    assert "Popliteal vessels: patent. Conclusion: no popliteal thrombus seen in the left knee;" in text


def test_a_full_protocol_names_what_was_normal_and_a_focused_one_only_what_was_picked(msk: Programme):
    full = compose(msk.vocabulary, Entry(region="elbow", protocol="full", normal=("all",)))
    assert "the common extensor origin, radial collateral ligament complex, " in full
    assert "ulnar nerve (cubital tunnel)" in full
    picked = compose(msk.vocabulary, Entry(region="elbow", protocol="focused", normal=("ceo",)))
    assert "No abnormality seen in the common extensor origin." in picked


def test_the_rest_is_normal_beside_a_finding(msk: Programme):
    text = compose(msk.vocabulary, tapped("knee", "recess: effusion", protocol="focused", normal=("all",)))
    assert "Suprapatellar recess: effusion. No abnormality seen in the quadriceps tendon, patellar tendon," in text
    full = compose(msk.vocabulary, tapped("knee", "recess: effusion", protocol="full", normal=("all",)))
    assert "suprapatellar recess" not in full.split("No abnormality seen")[1].split("Conclusion")[0]


@pytest.mark.parametrize(
    ("region", "pairs", "reads"),
    [
        ("shoulder", ["sasd: bursitis", "ssp: full-thickness tear"],
         "Full-thickness supraspinatus tear, subacromial-subdeltoid bursitis"),
        ("shoulder", ["lhb: partial tear"], "Partial tear of the long head of biceps"),
        ("ankle", ["achilles: mid-portion tendinosis"], "Mid-portion Achilles tendinosis"),
        ("ankle", ["achilles: full-thickness tear"], "Full-thickness Achilles tendon tear"),
        ("knee", ["mm: extrusion", "recess: effusion"], "Suprapatellar recess effusion, medial meniscal extrusion"),
        ("knee", ["baker: ruptured Baker cyst"], "Ruptured Baker cyst"),
        ("knee", ["vessels: patent"], "Popliteal vessels: patent"),
        ("hip", ["troch-b: bursitis"], "Trochanteric bursitis"),
        ("foot", ["spaces: Morton's neuroma"], "Morton's neuroma"),
        ("foot", ["spaces: enlargement"], "Intermetatarsal spaces: enlargement"),
        ("hand", ["soft: glomus tumour?"], "Possible glomus tumour"),
        ("muscle", ["hamstrings: partial tear"], "Partial hamstring tear"),
        ("elbow", ["joint: effusion"], "Elbow joint effusion"),
        ("foot", ["fat-pad: lipoma", "plantar-f: hernia"], "Plantar fascia hernia; Heel fat pad: lipoma"),
        ("shoulder", ["lhb: tendinosis", "ssc: tendinosis", "ssp: tendinosis", "isp: tendinosis", "acj: effusion"],
         "Long head of biceps tendinosis, subscapularis tendinosis, supraspinatus tendinosis and 2 more"),
    ],
)  # fmt: skip
def test_a_headline_is_what_a_sonographer_would_say(msk: Programme, region: str, pairs: list[str], reads: str):
    assert headline(msk.vocabulary, tapped(region, *pairs)) == reads


def test_a_procedure_alone_is_the_headline(msk: Programme):
    assert headline(msk.vocabulary, Entry(region="knee", procedure="barbotage")) == "Barbotage"


def test_every_procedure_reads_well_in_its_conclusion(msk: Programme):
    for procedure in msk.vocabulary.procedures:
        taps = Entry(region="hip", side="left", procedure=procedure, procedure_role="observed")
        guided, concluded = sentences(compose(msk.vocabulary, taps))
        assert concluded.endswith(" observed, left hip and groin."), concluded
        assert " or " not in guided + concluded and "observed observed" not in concluded, concluded
        assert guided.startswith(f"Ultrasound-guided {concluded.removeprefix('Conclusion: ').split(' observed')[0]}")


def test_every_finding_has_a_headline_that_names_its_place(programme: Programme):
    for region in programme.vocabulary.regions.values():
        for structure in region.structures.values():
            for finding in structure.findings:
                taps = Entry(region=region.id, findings=(Pair(structure.id, finding),))
                line = headline(programme.vocabulary, taps)
                assert line[0].isupper() and len(line) <= 90 and "  " not in line
                assert line.count(":") <= 1 and not line.endswith((".", "?"))
                text = compose(programme.vocabulary, taps)
                assert structure.name in text and "Conclusion:" in text or is_normal(taps)
                assert text.count("Conclusion:") == 1 and "::" not in text


@given(data=st.data())
def test_any_taps_make_plain_sentences_and_always_the_same(data, programme):
    taps = data.draw(draw.taps(programme))
    text = compose(programme.vocabulary, taps)
    assert text == compose(programme.vocabulary, replace(taps, findings=tuple(taps.findings)))
    assert text == text.strip() and "\n" not in text and "  " not in text
    assert text.endswith((".", "?"))
    assert not re.search(r"\.\.|\?\.|,,| ,| \.|\bNone\b|[{}]|, and or|: \.", text)
    assert all(one[0].isupper() or one[0] == "(" for one in sentences(text))
    assert len(set(sentences(text))) == len(sentences(text))
    for pair in taps.findings:
        structure = programme.vocabulary.regions[taps.region].structures[pair.structure]
        assert f"{structure.name}: " in text
    if taps.side == "both":
        assert "both" in text.split(".")[0]
    elif taps.side:
        assert taps.side in text.split(".")[0]


@given(data=st.data())
def test_findings_stand_in_the_regions_order_whatever_order_they_were_tapped_in(data, programme):
    taps = data.draw(draw.taps(programme))
    shuffled = tuple(data.draw(st.permutations(taps.findings)))
    names = [
        one.partition(":")[0] for one in sentences(compose(programme.vocabulary, replace(taps, findings=shuffled)))
    ]
    order = [structure.name for structure in programme.vocabulary.regions[taps.region].structures.values()]
    found = [order.index(name) for name in names if name in order]
    assert found == sorted(found)


def test_words_of_an_older_form_stand_as_they_were_sent(msk: Programme):
    old = Entry(region="jaw", side="left", findings=(Pair("disc", "displacement"),), outcome="seen before")
    text = compose(msk.vocabulary, old)
    assert text.startswith("Ultrasound of the left jaw. Disc: displacement. Conclusion: displacement in the left disc;")
    assert text.endswith("seen before.")
    assert headline(msk.vocabulary, old) == "Disc: displacement"


def test_normal_is_something_recorded_and_nothing_abnormal():
    assert not is_normal(Entry(region="knee"))
    assert is_normal(Entry(region="knee", normal=("all",)))
    assert not is_normal(tapped("knee", "recess: effusion", normal=("all",)))
    assert is_normal(tapped("knee", "vessels: patent", normal=("all",)))


@pytest.mark.parametrize("normal", ["send", "mark", "hold"])
@pytest.mark.parametrize("abnormal", ["send", "mark", "hold"])
def test_the_programme_says_whether_a_composed_report_may_be_sent(programme: Programme, normal: str, abnormal: str):
    asks = replace(programme, reports=Reports(normal, abnormal))
    region = next(iter(programme.vocabulary.regions.values()))
    fine, ill = Entry(region=region.id, normal=("all",)), Entry(region=region.id, findings=region.common[:1])
    for taps, says in ((fine, normal), (ill, abnormal)):
        assert may_send(asks, taps, own=False) == says
        assert may_send(asks, taps, own=True) == "send"


def test_the_real_course_sends_a_normal_report_and_marks_an_abnormal_one(msk: Programme):
    assert (msk.reports.composed_normal, msk.reports.composed_abnormal) == ("send", "mark")


def test_a_structure_is_named_once_where_that_reads_well(msk: Programme):
    def concluded(region: str, *pairs: str) -> str:
        taps = Entry(region=region, findings=tuple(parse_pair(pair) for pair in pairs))
        return sentences(compose(msk.vocabulary, taps))[-1]

    assert concluded("wrist", "median-n: enlargement", "median-n: compression") == (
        "Conclusion: median nerve enlargement with compression."
    )
    assert concluded("ankle", "achilles: mid-portion tendinosis", "achilles: hyperaemia on Doppler") == (
        "Conclusion: mid-portion Achilles tendinosis with hyperaemia."
    )
    assert concluded("knee", "recess: effusion", "mcl: sprain") == (
        "Conclusion: suprapatellar recess effusion and medial collateral ligament sprain."
    )
