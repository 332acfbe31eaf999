"""The student's own words are told apart from the taps', and no tap ever loses one of them."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.own_words import has_own_words, own_words, recompose, sentences
from rules.programme import Programme
from rules.report import compose
from rules.scan_fields import Entry
from rules.vocabulary import parse_pair
from tests.rules import draw
from tests.rules.conftest import PROGRAMMES

pytestmark = pytest.mark.slow

texts = st.text(alphabet=st.sampled_from(list("ab .?!\n\r\té14,:()")) | st.characters(), max_size=80)


@st.composite
def edited(draw_: st.DrawFn, composed: str) -> str:
    """A composed report after a student was at it: sentences kept, deleted, reworded, own ones put in between."""
    text = []
    for sentence in sentences(composed):
        text += draw_(st.lists(draw.OWN_SENTENCES, max_size=1))
        what = draw_(st.sampled_from(["keep", "keep", "keep", "delete", "reword"]))
        if what == "keep":
            text.append(sentence)
        elif what == "reword":
            text.append(sentence.rstrip(".?") + ", which I measured twice.")
    text += draw_(st.lists(draw.OWN_SENTENCES, max_size=1))
    return draw_(st.sampled_from([" ", "\n", "\n\n"])).join(text)


def own_sentences(report: str, composed: str) -> list[str]:
    return [one for one in sentences(report) if one not in sentences(composed)]


# Whose words


@given(texts, texts)
def test_the_pieces_put_together_are_the_report_exactly(report, composed):
    pieces = own_words(report, composed)
    assert "".join(piece.text for piece in pieces) == report
    assert all(piece.text for piece in pieces)
    assert all(one.own != other.own for one, other in zip(pieces, pieces[1:], strict=False))


@given(data=st.data())
def test_a_report_that_only_the_taps_wrote_has_no_own_words(data, programme):
    composed = compose(programme.vocabulary, data.draw(draw.taps(programme)))
    assert not has_own_words(composed, composed)
    assert not has_own_words("", composed)
    assert not has_own_words(f"  {composed}\n", composed)
    kept = " ".join(one for one in sentences(composed) if data.draw(st.booleans()))
    assert not has_own_words(kept, composed)


@given(data=st.data())
def test_an_own_sentence_is_own_wherever_it_stands(data, programme):
    composed = compose(programme.vocabulary, data.draw(draw.taps(programme)))
    lines = list(sentences(composed))
    own = data.draw(draw.OWN_SENTENCES)
    lines.insert(data.draw(st.integers(0, len(lines))), own)
    report = "\n".join(lines)
    assert has_own_words(report, composed)
    assert [piece.text.strip() for piece in own_words(report, composed) if piece.own] == [own]


@given(data=st.data())
def test_whether_there_are_own_words_is_what_the_pieces_say(data, programme):
    composed = compose(programme.vocabulary, data.draw(draw.taps(programme)))
    shuffled = st.lists(st.sampled_from(composed.split())).map(" ".join)
    for report, of in (
        (data.draw(edited(composed)), composed),
        (data.draw(shuffled), composed),
        (data.draw(texts), composed),
        (data.draw(texts), data.draw(texts)),
    ):
        assert has_own_words(report, of) == any(piece.own for piece in own_words(report, of))


def test_within_a_reworded_sentence_only_the_new_words_are_own():
    composed = "Focused ultrasound of the right shoulder. Supraspinatus: full-thickness tear."
    report = "Focused ultrasound of the right shoulder. Supraspinatus: 14 mm full-thickness tear."
    assert [piece.text.strip() for piece in own_words(report, composed) if piece.own] == ["14 mm"]


def test_a_sentence_in_other_words_is_own_as_a_whole():
    composed = "Supraspinatus: full-thickness tear."
    report = "There is a complete defect of the supraspinatus."
    assert [piece.own for piece in own_words(report, composed)] == [True]


def test_a_comma_is_not_a_word():
    assert not has_own_words("Supraspinatus, full-thickness tear.", "Supraspinatus: full-thickness tear.")


def test_a_long_report_does_not_take_long_to_compare():
    composed = compose(PROGRAMMES["msk"].vocabulary, Entry(region="knee", protocol="full", normal=("all",)))
    all_its_words = sentences(composed)[1].rstrip(".") + " "
    for hostile in (all_its_words, "No abnormality seen in the . ", "a ", "?", ". ", "\n", "Conclusion: normal ", "  "):
        times = []
        for length in (5_000, 40_000):
            report = (hostile * length)[:length]
            gc.disable()  # the collector's time grows with everything that the other tests left
            start = time.process_time()
            own_words(report, composed)
            recompose(report, composed, composed + " Conclusion: new.")
            times.append(time.process_time() - start)
            gc.enable()
        assert times[1] < 24 * max(times[0], 0.005)  # eight times the text: linear is 8, quadratic 64


# A draft follows the taps


@given(data=st.data())
def test_an_unedited_draft_is_composed_afresh(data, programme):
    was, now = (compose(programme.vocabulary, data.draw(draw.taps(programme))) for _ in range(2))
    assert recompose(was, was, now) == now
    assert recompose("", "", now) == now


@given(texts, texts)
def test_the_same_taps_change_nothing(report, composed):
    assert recompose(report, composed, composed) == report


@given(data=st.data())
def test_own_sentences_are_never_lost_and_keep_their_order(data, programme):
    was, now = (compose(programme.vocabulary, data.draw(draw.taps(programme))) for _ in range(2))
    report = data.draw(edited(was))
    after = list(sentences(recompose(report, was, now)))
    place = 0
    for own in own_sentences(report, was):
        assert own in after[place:]
        place = after.index(own, place) + 1


@given(data=st.data())
def test_own_words_survive_a_whole_form_of_taps(data, programme):
    drafts = [compose(programme.vocabulary, data.draw(draw.taps(programme))) for _ in range(4)]
    report = data.draw(edited(drafts[0]))
    own = own_sentences(report, drafts[0])
    for was, now in zip(drafts, drafts[1:], strict=False):
        report = recompose(report, was, now)
    assert [one for one in sentences(report) if one in own and one not in drafts[-1]] == [
        one for one in own if one not in drafts[-1]
    ]


@given(data=st.data())
def test_a_sentence_that_the_student_deleted_stays_away_while_its_taps_stand(data, programme):
    was, now = (compose(programme.vocabulary, data.draw(draw.taps(programme))) for _ in range(2))
    report = data.draw(edited(was))
    gone = [one for one in sentences(was) if one not in sentences(report)]
    after = sentences(recompose(report, was, now))
    assert not [one for one in gone if one in sentences(now) and one in after]


@given(data=st.data())
def test_what_the_taps_no_longer_say_goes_and_what_they_newly_say_comes(data, programme):
    was, now = (compose(programme.vocabulary, data.draw(draw.taps(programme))) for _ in range(2))
    report = data.draw(edited(was))
    after = sentences(recompose(report, was, now))
    for one in sentences(was):
        if one not in sentences(now):
            assert one not in after
    for one in sentences(now):
        if one not in sentences(was) and not one.startswith("Conclusion"):
            assert one in after
    composed = [one for one in after if one in sentences(now)]
    assert len(set(composed)) == len(composed)


@given(data=st.data())
def test_the_composed_sentences_stand_in_the_order_of_the_taps(data, programme):
    was, now = (compose(programme.vocabulary, data.draw(draw.taps(programme))) for _ in range(2))
    after = sentences(recompose(data.draw(edited(was)), was, now))
    composed = [one for one in after if one in sentences(now)]
    assert composed == [one for one in sentences(now) if one in composed]


@given(texts, texts, texts)
def test_no_text_breaks_the_merge_or_loses_an_own_word(report, was, now):
    after = recompose(report, was, now)
    if was != now and report != was:
        own = own_sentences(report, was)
        assert all(one in after for one in own)


def taps(*pairs: str, **more) -> Entry:
    return Entry(region="shoulder", side="right", findings=tuple(parse_pair(pair) for pair in pairs), **more)


def test_own_words_stay_beside_the_finding_that_they_are_about(msk: Programme):
    was = compose(msk.vocabulary, taps("ssp: full-thickness tear"))
    now = compose(msk.vocabulary, taps("ssp: full-thickness tear", "sasd: bursitis"))
    report = was.replace("full-thickness tear. C", "full-thickness tear. It measures 14 x 9 mm. C")
    assert sentences(recompose(report, was, now)) == (
        "Ultrasound of the right shoulder.",
        "Supraspinatus: full-thickness tear.",
        "It measures 14 x 9 mm.",
        "Subacromial-subdeltoid bursa: bursitis.",
        "Conclusion: full-thickness tear of the right supraspinatus tendon and right subacromial-subdeltoid bursitis.",
    )


def test_a_changed_sentence_takes_the_place_of_the_one_it_replaces(msk: Programme):
    was = compose(msk.vocabulary, taps("ssp: full-thickness tear"))
    now = compose(msk.vocabulary, taps("ssp: full-thickness tear", "ssp: calcification"))
    report = was.replace(" Conclusion", " It measures 14 x 9 mm.\n\nConclusion")
    assert recompose(report, was, now) == (
        "Ultrasound of the right shoulder. Supraspinatus: full-thickness tear and calcification. "
        "It measures 14 x 9 mm.\n\n"
        "Conclusion: full-thickness tear of the right supraspinatus tendon with calcification."
    )


def test_a_conclusion_that_the_student_took_over_stays_theirs(msk: Programme):
    was = compose(msk.vocabulary, taps("ssp: full-thickness tear"))
    now = compose(msk.vocabulary, taps("ssp: full-thickness tear", "sasd: bursitis"))
    report = was.split("Conclusion")[0] + "Conclusion: large cuff tear, for surgical opinion."
    after = recompose(report, was, now)
    assert after.count("Conclusion") == 1
    assert after.endswith("Conclusion: large cuff tear, for surgical opinion.")
    assert "Subacromial-subdeltoid bursa: bursitis." in after


def test_words_typed_before_the_first_tap_stay_in_front(msk: Programme):
    now = compose(msk.vocabulary, Entry(region="knee"))
    assert recompose("seen with Dr P", "", now) == "seen with Dr P\nUltrasound of the knee."


def test_a_half_typed_sentence_is_not_run_into_the_next(msk: Programme):
    was = compose(msk.vocabulary, taps("ssp: full-thickness tear"))
    now = compose(msk.vocabulary, taps("sasd: bursitis"))
    report = was + " 14 mm lo"
    after = recompose(report, was, now)
    assert "14 mm lo" in sentences(after)
