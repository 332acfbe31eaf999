"""The real vocabulary: no recorded word is lost, and what is offered can be said of what it is offered for."""

from __future__ import annotations

import tomllib

from rules.programme import Programme
from rules.vocabulary import Pair
from tests.rules.conftest import ROOT

# A finding that is offered of none of these structures, whatever was done: it cannot be there.
IMPOSSIBLE = [
    ("foot", "fat-pad", "lymph node"),
    ("foot", "spaces", "subluxation"),
    ("foot", "metatarsals", "cartilage thinning"),
    ("shoulder", "post-labrum", "parameniscal cyst"),
    ("knee", "mm", "paralabral cyst"),
    ("knee", "trochlea", "periosteal reaction"),
    ("wrist", "median-n", "subluxation"),
    ("hand", "palmar", "hernia"),
    ("muscle", "artery", "thrombus suspected (refer)"),
]
# What an examiner looks for, by the name that is shown.
EXPECTED = {
    "shoulder": "Sternoclavicular joint, Acromion, Humeral head cortex, Spinoglenoid notch",
    "elbow": "Lateral ulnar collateral ligament, Bicipitoradial bursa, Posterior interosseous nerve",
    "wrist": "Lunotriquetral ligament, Triangular fibrocartilage complex, Distal radioulnar joint",
    "hand": "Pulleys, Thumb ulnar collateral ligament, Volar plate",
    "hip": "Inguinal region, Pubic symphysis, Periprosthetic tissues",
    "knee": "Hoffa's fat pad, Medial patellofemoral ligament, Prepatellar bursa, Deep infrapatellar bursa",
    "ankle": "Kager's triangle, Posterior talofibular ligament, Subtalar joint, Sural nerve, "
    "Superficial peroneal nerve, Retrocalcaneal bursa, Retro-Achilles bursa",
    "foot": "Baxter's nerve, Sesamoids, Metatarsals",
    "muscle": "Deep veins, Artery",
}


def test_every_word_that_a_scan_could_hold_is_known_still(msk: Programme):
    words = msk.vocabulary
    before = tomllib.loads((ROOT / "tests/rules/known_words.toml").read_text(encoding="utf-8"))
    for key in ("sides", "protocols", "outcomes", "modifiers", "limitations", "transducers", "procedures"):
        assert set(before[key]) <= set(getattr(words, key)), key
    for region, its in before["regions"].items():
        assert set(its["indications"]) <= words.regions[region].indications.keys(), region
        for structure, findings in its["structures"].items():
            lost = [one for one in findings if not words.known_pair(region, Pair(structure, one))]
            assert not lost, (region, structure, lost)


def test_what_an_examiner_expects_is_offered_in_every_region(msk: Programme):
    for region in msk.vocabulary.regions.values():
        names = {one.name for one in region.structures.values() if not one.retired}
        assert set(EXPECTED[region.id].split(", ")) <= names, region.id
        assert region.structures["soft"].is_there(), region.id
        assert [one for one in region.indications.values() if not one.retired and "lump" in one.shown], region.id


def test_no_term_that_is_offered_leaves_the_diagnosis_open_or_is_impossible(msk: Programme):
    words = msk.vocabulary
    for region in words.regions.values():
        for structure in region.structures.values():
            for finding in words.offered(structure, words.modifiers):
                assert " or " not in f" {words.finding(finding).shown} ", (region.id, structure.id)
    for region, structure, finding in IMPOSSIBLE:
        of = words.regions[region].structures[structure]
        assert finding not in words.offered(of, words.modifiers), (region, structure, finding)


def test_only_what_is_offered_is_claimed_or_offered_first(msk: Programme):
    words = msk.vocabulary
    for region in words.regions.values():
        named = [*region.short_list, *(one for asked in region.indications.values() for one in asked.structures)]
        assert not [one for one in named if region.structures[one].retired], region.id
        for pair in region.common:
            assert pair.finding in words.offered(region.structures[pair.structure]), pair


def test_all_normal_stands_for_what_was_asked_about_and_is_there(msk: Programme):
    words = msk.vocabulary
    knee = words.regions["knee"]
    full = words.claimed("knee", "full")
    assert set(full) == {one.id for one in knee.structures.values() if one.is_there()}
    assert words.claimed("shoulder", "focused", "pain, cuff tear?") == ("ssc", "ssp", "isp", "tmin")
    assert words.claimed("knee", "focused") == knee.short_list
    assert words.claimed("knee", "", "DVT? (refer)") == knee.short_list
    after = words.claimed("knee", "full", modifiers=("after arthroplasty",))
    assert {"mm", "lm", "trochlea"} & set(full)
    assert not {"mm", "lm", "trochlea"} & set(after)
    assert "prosthesis" in after
    assert "prosthesis" not in full
    assert words.claimed("muscle", "full") == words.claimed("the moon", "full") == ()


def test_what_was_repaired_has_its_own_findings_after_a_repair_alone(msk: Programme):
    words = msk.vocabulary
    supraspinatus = words.regions["shoulder"].structures["ssp"]
    own = {"intact repair", "re-tear", "suture anchor", "collection at the repair"}
    assert not own & set(words.offered(supraspinatus))
    assert own <= set(words.offered(supraspinatus, ["after repair"]))


def test_an_artificial_joint_has_no_findings_of_bone_and_cartilage(msk: Programme):
    words = msk.vocabulary
    native = {"osteophytes", "erosion", "loose body", "crystal deposition", "capsular thickening"}
    joints = {
        "shoulder": "ghj", "elbow": "joint", "wrist": "radiocarpal", "hip": "joint", "knee": "recess", "ankle": "joint",
    }  # fmt: skip
    for region, structure in joints.items():
        joint = words.regions[region].structures[structure]
        assert native <= set(words.offered(joint)), region
        after = set(words.offered(joint, ["after arthroplasty"]))
        assert not native & after, region
        assert {"effusion", "synovitis"} <= after, region
    neighbour = words.regions["shoulder"].structures["acj"]
    assert native <= set(words.offered(neighbour, ["after arthroplasty"]))


def test_what_ultrasound_shows_in_part_says_so(msk: Programme):
    limited = {"shoulder": ["post-labrum"], "wrist": ["tfcc"], "hip": ["labrum"], "knee": ["mm", "lm", "trochlea"]}
    for region, structures in limited.items():
        for one in structures:
            assert msk.vocabulary.regions[region].structures[one].caveat, one


def test_a_lump_a_tear_and_a_nerve_have_the_sizes_that_an_examiner_wants(msk: Programme):
    of = msk.vocabulary.measures_of
    assert {"tear", "retraction"} <= set(of("shoulder", Pair("ssp", "full-thickness tear")))
    assert {"area", "area compared"} <= set(of("wrist", Pair("median-n", "enlargement")))
    assert {"doppler grade", "synovial grade", "ray"} <= set(of("hand", Pair("mcp", "synovitis")))
    assert "web space" in of("foot", Pair("spaces", "Morton's neuroma"))
    assert "level" in of("ankle", Pair("achilles", "tendinosis"))
    for advice in msk.vocabulary.advice:
        assert advice.source
        for finding in advice.findings:
            sizes = msk.vocabulary.finding(finding).measures
            assert {advice.measure, "fascia", "vascularity", "growth", "lump pain"} <= set(sizes), finding
