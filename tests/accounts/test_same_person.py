"""The same name, in the same place, under a new address: the import asks whether it is the same person."""

import pytest

from models import Enrolment, Party, Person, Placement
from tests.accounts.test_commands import BASE, house, postbox, run  # noqa: F401 - fixtures
from tests.accounts.test_import import HEAD, KIM, everything
from workflows.people import people_import

pytestmark = pytest.mark.usefixtures("database")

HEADINGS = HEAD + ",previous_email"
ANN = "ann@x.ac.uk,Ann O’Roe,mentor,,,,,,,,,kim@x.ac.uk"
MOVED = KIM.replace("kim@x", "kim.new@x")
MENTOR_MOVED = ANN.replace("ann@x", "ann.new@x").replace("’", "'")


def file(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *(row + "," * (HEADINGS.count(",") - row.count(",")) for row in rows), ""]).encode()


@pytest.fixture
def known():
    assert people_import.import_people(file(KIM, ANN)).problems == []
    return Person.get(Person.email == "kim@x.ac.uk"), Person.get(Person.email == "ann@x.ac.uk")


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        (MOVED, True),
        (MOVED.replace("Kim Lee", "KIM\u200b  lee"), True),
        (MOVED.replace("Spring", "SPRING").replace("Ward 3", "ward 3"), True),
        (MOVED.replace("Ward 3", ""), True),
        (MENTOR_MOVED, True),
        (MOVED.replace("Kim Lee", "Kim Leigh"), False),
        (MOVED.replace("Ward 3", "Ward 4"), False),
        (MOVED.replace("Spring", "Autumn"), False),
        (MOVED + ",none", False),
        (MOVED + ",kim@x.ac.uk", False),
        (MENTOR_MOVED + ",ann@x.ac.uk", False),
    ],
)
def test_it_is_asked_about_the_same_name_cohort_and_site(known, row, asked):
    before = everything()
    for preview in (True, False) if asked else (True,):
        outcome = people_import.import_people(file(row), preview=preview)
        assert (outcome.problems, bool(outcome.questions)) == ([], asked), outcome
        assert everything() == before
    if asked:
        (question,) = outcome.questions
        assert question.known in known and question.row == 2


def test_the_file_says_who_it_was_and_all_of_theirs_is_theirs_still(known):
    kim, ann = known
    rows = [
        MOVED.replace("Kim Lee", "Kim Lee-Park") + ",kim@x.ac.uk",
        MENTOR_MOVED.replace("kim@x", "kim.new@x") + ",ann@x.ac.uk",
        "jo@x.ac.uk,Jo Day,mentor,,,,,,,,,kim@x.ac.uk",  # the student's old address still leads to them
    ]
    preview = people_import.import_people(file(*rows), preview=True)
    outcome = people_import.import_people(file(*rows))
    assert outcome.problems == [] and preview.changes == outcome.changes
    assert (2, "Kim Lee is called Kim Lee-Park") in outcome.changes
    assert (2, "Kim Lee-Park has the address kim.new@x.ac.uk, no longer kim@x.ac.uk") in outcome.changes
    assert [person.name for person, _ in outcome.links] == ["Jo Day"]
    assert (Person.get_by_id(kim.id).email, Person.get_by_id(kim.id).name) == ("kim.new@x.ac.uk", "Kim Lee-Park")
    assert Person.get_by_id(ann.id).email == "ann.new@x.ac.uk"
    assert (Person.select().count(), Enrolment.select().count(), Placement.select().count()) == (3, 1, 1)
    assert Party.select().count() == 2
    before = everything()
    again = people_import.import_people(file(*rows))
    assert (again.problems, again.questions, again.changes) == ([], [], [])
    assert everything() == before


def test_two_people_of_one_name_are_two_when_the_file_says_so(known):
    assert people_import.import_people(file(MOVED + ",none")).problems == []
    assert Person.select().where(Person.name == "Kim Lee").count() == 2
    assert people_import.import_people(file(MOVED, KIM)).questions == [], "both are known now"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([MOVED + ",who@x.ac.uk"], "Row 2, previous_email: Nobody here has the address who@x.ac.uk."),
        ([KIM + ",ann@x.ac.uk"], "Row 2, email: kim@x.ac.uk is the address of Kim Lee, who is here as another person."),
        ([MOVED + ",kim@x.ac.uk", KIM], "Row 3, email: kim@x.ac.uk becomes kim.new@x.ac.uk in another row."),
        (
            [MOVED + ",kim@x.ac.uk", MOVED.replace("new", "two") + ",kim@x.ac.uk"],
            "Row 3, previous_email: kim@x.ac.uk becomes kim.new@x.ac.uk in another row.",
        ),
        ([MOVED + ",kim"], "Row 2, previous_email: Write one e-mail address"),
    ],
)
def test_a_previous_address_that_cannot_be_is_said(known, rows, says):
    before = everything()
    outcome = people_import.import_people(file(*rows))
    assert any(str(problem).startswith(says) for problem in outcome.problems), [str(one) for one in outcome.problems]
    assert everything() == before


@pytest.mark.parametrize(("answer", "people"), [("y\n", 2), ("n\n", 3), ("", 2)])
def test_the_command_asks_and_does_what_was_answered(known, run, tmp_path, answer, people):  # noqa: F811
    path = tmp_path / "people.csv"
    path.write_bytes(file(MOVED))
    preview = run("import-people", str(path), "--preview", input=answer)
    assert (
        "Row 2: kim.new@x.ac.uk: Kim Lee is here already as kim@x.ac.uk (Spring, Ward 3). Is it the same person?"
        in (preview.output)
    )
    assert Person.select().count() == 2
    done = run("import-people", str(path), input=answer)
    assert Person.select().count() == people
    if not answer:  # nobody at the terminal
        assert done.exit_code == preview.exit_code == 1
        for output in (preview.output, done.output):
            assert "The same person: write kim@x.ac.uk into previous_email. Somebody else: write none." in output
    else:
        assert done.exit_code == 0, done.output
        assert Person.get_by_id(known[0].id).email == ("kim.new@x.ac.uk" if answer == "y\n" else "kim@x.ac.uk")
        assert ("is new" in preview.output) == (answer == "n\n")


def test_an_import_tells_both_addresses(settings, known, tmp_path, postbox):  # noqa: F811
    from dataclasses import replace

    from app import create_app

    path = tmp_path / "people.csv"
    path.write_bytes(file(MOVED + ",kim@x.ac.uk"))
    mailing = create_app(replace(settings, base_url=BASE, smtp_url=postbox.url)).test_cli_runner()
    done = mailing.invoke(args=["import-people", str(path)])
    assert "2 told of a changed address." in done.output
    assert {one["To"].addresses[0].addr_spec for one in postbox.mails} == {"kim@x.ac.uk", "kim.new@x.ac.uk"}


@pytest.mark.parametrize("site", ["Ward\u200b 3", "WARD 3", "St Mary's", "St Mary’s", "Cafe\u0301", "Caf\u00e9"])
def test_a_site_and_a_cohort_are_known_however_they_are_typed(site):
    for name in ("Ward 3", "St Mary’s", "Café"):
        number = len(name)
        people_import.import_people(
            file(
                KIM.replace("Ward 3", name).replace("kim@", f"k{number}@"),
            )
        )
    sites = Placement.select().count()
    outcome = people_import.import_people(file(KIM.replace("Ward 3", site).replace("kim@", "jo@").replace("Kim", "Jo")))
    assert outcome.problems == [] and Placement.select().count() == sites + 1
    assert Placement.select(Placement.site).distinct().count() == 3
