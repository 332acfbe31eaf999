"""What a scan says is kept when the vocabulary loses the word, and whoever runs Sonofolio is told how many scans do."""

from __future__ import annotations

import logging
from dataclasses import replace

import startup_checks
from models import Scan
from tests.cast import logged
from workflows.course import programmes
from workflows.scans import unknown_words


def test_recorded_words_that_no_file_knows_are_counted_once_and_told_at_each_start(cast, database, tmp_path, caplog):
    file = tmp_path / unknown_words.FILE
    logged(cast.amara, cast.ravi)
    assert unknown_words.count(file) == []
    assert unknown_words.is_counted(file)
    for number, side in enumerate(("left", "right")):
        scan = logged(cast.amara, cast.ravi, side=side)
        lost = {"findings": [["ssp", "gone"], ["ssp", "tendinosis"]], "normal": ["ghost"], "limitations": ["fog"]}
        Scan.update(region="shoulder", indication="why?" if number else "", **lost).where(Scan.id == scan.id).execute()
    said = unknown_words.count(file)
    assert sorted(said) == [
        "msk-pgcert: 1 scan with the unknown word 'shoulder, indication: why?'",
        "msk-pgcert: 2 scans with the unknown word 'limitations: fog'",
        "msk-pgcert: 2 scans with the unknown word 'shoulder, findings: ssp: gone'",
        "msk-pgcert: 2 scans with the unknown word 'shoulder, normal: ghost'",
    ]
    with caplog.at_level(logging.WARNING, "sonofolio"):
        startup_checks.log_unknown_words(tmp_path)
    assert [one.getMessage() for one in caplog.records] == said


def test_they_are_counted_again_when_a_file_has_changed(cast, database, tmp_path, caplog, monkeypatch):
    file = tmp_path / unknown_words.FILE
    unknown_words.count(file)
    course = programmes.get("msk-pgcert")
    changed = replace(course, vocabulary=replace(course.vocabulary, limitations=("pain",)))
    monkeypatch.setitem(programmes._loaded, "msk-pgcert", changed)
    assert not unknown_words.is_counted(file)
    with caplog.at_level(logging.WARNING, "sonofolio"):
        startup_checks.log_unknown_words(tmp_path)
    assert "files have changed" in caplog.text
