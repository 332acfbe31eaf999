"""The ASVS sheet has every requirement, and a test that it names and that is not there is noticed."""

import copy

import pytest

from scripts import asvs

SHEET = asvs.read()


def test_every_requirement_of_level_one_and_two_is_answered_and_every_named_test_exists():
    assert asvs.faults(SHEET) == []
    assert [len(SHEET["levels"][level].split()) for level in ("1", "2")] == [70, 183]
    assert asvs.PAGE.read_text(encoding="utf-8") == asvs.page(SHEET), "run: python -m scripts.asvs --write"


def test_the_page_shows_every_row():
    page = asvs.page(SHEET)
    assert all(page.count(f"| {row['id']} | {row['level']} | ") == 1 for row in SHEET["requirement"])


WRONG = [
    (
        {"test": "tests/test_asvs.py::test_that_nobody_wrote"},
        "names tests/test_asvs.py::test_that_nobody_wrote, and there",
    ),
    ({"test": ["tests/nowhere.py::test_a"]}, "names tests/nowhere.py::test_a, and there is no such test"),
    ({"test": "tests/test_asvs.py::SHEET"}, "there is no such test"),
    ({"test": []}, "says nothing under test"),
    ({"answer": "sentence", "words": ""}, "says nothing under words"),
    ({"answer": "not applicable", "words": ""}, "says nothing under words"),
    ({"answer": "not yet", "words": "As docs/nowhere.md says"}, "names docs/nowhere.md, and there is no such file"),
    ({"answer": "probably"}, "takes one of test, sentence, not yet, not applicable"),
    ({"asks": ""}, "says nothing under asks"),
    ({"level": 1}, "is not of level 1 of the standard"),
    ({"id": "V1.1.99"}, "V1.1.1: is not in the sheet"),
    ({"id": "V1.1.2"}, "V1.1.2: is there 2 times"),
    ({"reason": "none"}, "has a key that nobody reads: reason"),
]


@pytest.mark.parametrize(("change", "says"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_a_slip_in_the_sheet_is_noticed(change, says):
    sheet = copy.deepcopy(SHEET)
    assert sheet["requirement"][0]["id"] == "V1.1.1" and sheet["requirement"][0]["answer"] == "test"
    sheet["requirement"][0] |= change
    assert says in "\n".join(asvs.faults(sheet))


def test_the_command_ends_with_one_and_says_what_is_wrong(monkeypatch, capsys):
    sheet = copy.deepcopy(SHEET)
    sheet["requirement"][0]["test"] = "tests/test_asvs.py::test_that_nobody_wrote"
    monkeypatch.setattr("sys.argv", ["asvs"])
    assert asvs.main() == 0
    assert "253 requirements (70 of level 1, 183 of level 2)" in capsys.readouterr().out
    monkeypatch.setattr(asvs, "read", lambda: sheet)
    assert asvs.main() == 1
    assert "V1.1.1: names tests/test_asvs.py::test_that_nobody_wrote" in capsys.readouterr().err
