"""The report writes itself from the taps, and never loses a word of the student's."""

from __future__ import annotations

from models import Move, Scan
from rules.entry import REPORT_LIMIT
from tests.scans.steps import abnormal, field_of, fields, log, stored


def draft(client, sent, report="", base=""):
    answer = client.post("/scans/report", {**sent, "report": report, "report_base": base}, htmx=True)
    assert answer.status_code == (422 if len(report) > REPORT_LIMIT else 200)
    return answer


def test_the_draft_follows_the_taps_and_nothing_is_stored(browse, cast):
    amara = browse(cast.amara)
    first = draft(amara, fields(cast, side=None, normal=None))
    assert field_of(first, "report") == "Ultrasound of the knee."
    second = draft(amara, fields(cast), field_of(first, "report"), field_of(first, "report_base"))
    assert field_of(second, "report").startswith("Ultrasound of the right knee.")
    assert "the rest of the knee was not examined" in field_of(second, "report")
    assert Scan.select().count() == Move.select().count() == 0


def test_the_students_own_words_survive_a_further_tap(browse, cast):
    amara = browse(cast.amara)
    one = draft(amara, abnormal(cast))
    written = field_of(one, "report") + " The tear measures 14 mm."
    two = draft(amara, abnormal(cast, side="left", modifier="dynamic"), written, field_of(one, "report_base"))
    assert "The tear measures 14 mm." in field_of(two, "report")
    assert "left shoulder" in field_of(two, "report") and "right shoulder" not in field_of(two, "report")
    assert "dynamic assessment" in field_of(two, "report")


def test_a_composed_sentence_that_was_deleted_stays_away(browse, cast):
    amara = browse(cast.amara)
    one = draft(amara, abnormal(cast, transducer="hockey stick"))
    shorter = field_of(one, "report").replace("Technique: hockey stick transducer. ", "")
    two = draft(amara, abnormal(cast, side="left", transducer="hockey stick"), shorter, field_of(one, "report_base"))
    assert "Technique" not in field_of(two, "report")


def test_taps_after_the_last_draft_reach_the_report_that_is_saved(browse, cast):
    amara = browse(cast.amara)
    one = draft(amara, abnormal(cast))
    sent = abnormal(
        cast, side="left", report=field_of(one, "report") + " 14 mm.", report_base=field_of(one, "report_base")
    )
    log(amara, sent)
    assert "left shoulder" in stored(sent).report and "14 mm." in stored(sent).report
    assert stored(sent).own_words


def test_a_report_that_only_the_taps_wrote_is_no_own_words(browse, cast):
    amara = browse(cast.amara)
    one = draft(amara, abnormal(cast))
    sent = abnormal(cast, report=field_of(one, "report"), report_base=field_of(one, "report_base"))
    log(amara, sent)
    assert not stored(sent).own_words
    assert stored(sent).state == "with_mentor"  # the programme marks it, and sends it


def test_own_words_missing_is_said_while_they_are(browse, cast):
    amara = browse(cast.amara)
    one = draft(amara, abnormal(cast))
    assert "own words missing" in one.text
    assert "own words missing" not in draft(amara, fields(cast)).text  # a normal scan needs none
    written = field_of(one, "report") + " 14 mm wide."
    assert "own words missing" not in draft(amara, abnormal(cast), written, field_of(one, "report_base")).text


def test_a_region_that_has_just_changed_leaves_no_word_of_the_old_one(browse, cast):
    piece = draft(browse(cast.amara), abnormal(cast, region="elbow", indication="painful arc, impingement?"))
    assert field_of(piece, "report") == "Ultrasound of the right elbow."


def test_words_too_many_to_keep_are_left_as_they_are(browse, cast):
    long = "A word. " * 1000
    piece = draft(browse(cast.amara), fields(cast), long)
    assert field_of(piece, "report") == long.strip()
    assert "A report has at most 5,000 characters; this one has 7,999." in piece.text


def test_what_is_written_comes_back_as_text(browse, cast):
    piece = draft(browse(cast.amara), fields(cast), "</textarea><b hx-get='/me'>x</b>")
    assert "<b hx-get" not in piece.text
