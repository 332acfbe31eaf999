"""R8 in a file of people, and the command that runs the screen over its corpus."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from models import Site
from rules import identifiers_corpus as corpus
from rules.identifiers import screen
from tests.accounts.test_import import KIM, file
from workflows.people import people_import


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("site", "Clinic of 943 476 5919", "an NHS number"),
        ("site", "Mrs Smith", "a title with a name"),
        ("machines", "Esaote MyLab X8|GE MRN 123456", "a hospital number"),
        ("cohort", "Born 12/03/1961", "a date of birth"),
        ("site", "Ward 3, SW1A 1AA", "a full postcode"),
    ],
)
def test_a_files_free_cells_are_refused_with_their_row_and_column(database, column, cell, words):
    row = KIM.replace(",Spring,", f",{cell},") if column == "cohort" else KIM.replace(",,Ward 3,,", ",,Ward 3,,")
    if column == "site":
        row = KIM.replace("Ward 3", f'"{cell}"')
    elif column == "machines":
        row = KIM.replace("Ward 3,", f"Ward 3,{cell}")
    outcome = people_import.import_people(file(row))
    (problem,) = outcome.problems
    assert (problem.row, problem.column) == (2, column)
    assert problem.sentence == f"This looks like {words}. Write it without: nothing here may identify a patient."
    assert cell not in str(problem)
    assert Site.select().count() == 0


def test_people_of_the_course_are_named_in_their_own_columns(database):
    assert people_import.import_people(file(KIM.replace("Kim Lee", "Dr Kim Lee"))).problems == []


@pytest.fixture
def run(app):
    return lambda *words: app.test_cli_runner().invoke(args=["screen-corpus", *words])


def test_the_corpus_holds_and_the_command_says_how_much(run):
    ran = run()
    assert ran.exit_code == 0, ran.output
    lines = {line.split()[0]: line.split()[1:] for line in ran.output.splitlines()[1:-1]}
    assert set(lines) == {case.kind for case in corpus.read() if case.kind}
    assert all(line[2:] == ["100.0%", "0"] and line[0] == line[1] for line in lines.values())
    assert ran.output.splitlines()[-1].endswith("0 wrong.")


def test_a_case_that_fails_is_told_and_ends_the_command_with_one(run, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[true]]\nkind = "phone"\nseverity = "refuse"\ntexts = ["07700 900123", "nothing here"]\n'
        '[[false]]\nabout = "mistaken"\ntexts = ["SW1A 1AA", "14 x 9 mm"]\n'
    )
    ran = run("--file", str(mine))
    assert ran.exit_code == 1
    lines = {line.split()[0]: line.split()[1:] for line in ran.output.splitlines()}
    assert lines["phone"] == ["2", "1", "50.0%", "0"]
    assert lines["postcode"][-1] == "1"
    assert "'nothing here': wanted phone (refuse), found nothing" in ran.output
    assert "'SW1A 1AA': wanted nothing, found postcode (refuse)" in ran.output


def test_what_is_no_corpus_is_said_so(run, tmp_path):
    mine = tmp_path / "mine.toml"
    for text in ('[[true]]\ntexts = ["x"]\n', "[[true]\n", "true = 1\n"):
        mine.write_text(text)
        ran = run("--file", str(mine))
        assert ran.exit_code == 2 and "mine.toml is no corpus" in ran.output, text


def strings(value):
    """Every text within lists and tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def test_nothing_that_a_mentor_of_the_demo_says_trips_the_screen():
    said = tomllib.loads((Path(__file__).parents[2] / "demo/comments.toml").read_text("utf-8"))
    lines = list(strings(said))
    assert len(lines) > 50
    assert [line for line in lines if screen(line)] == []
