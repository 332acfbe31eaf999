"""A course from a file: read as spreadsheets write it, all of it or nothing, again and again."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from models import TABLES, Cohort, Enrolment, History, Link, Machine, Party, Person, Placement, Site, Staff
from tests.client import Client
from workflows.history import verification
from workflows.people import links, people, people_import
from workflows.people.people_csv import MOST_ROWS

DOC = Path(__file__).resolve().parents[2] / "docs/import.md"
EXAMPLE = re.search(r"```csv\n(.*?)```", DOC.read_text(), re.DOTALL).group(1)
HEAD = "email,name,role,programme,cohort,starts_on,due_on,enrolled_on,site,machines,placement_starts_on,student_email"
KIM = "kim@x.ac.uk,Kim Lee,student,,Spring,2027-01-11,2027-09-30,,Ward 3,,,"
pytestmark = pytest.mark.usefixtures("database")


def file(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def problems(*rows: str, head: str = HEAD) -> list[str]:
    """What is wrong with these rows; nothing of them may have been kept."""
    before = everything()
    outcome = people_import.import_people(file(*rows, head=head))
    assert everything() == before
    assert outcome.links == []
    return [str(problem) for problem in outcome.problems]


def everything() -> list:
    return [list(table.select().tuples()) for table in TABLES]


def test_a_cell_of_a_file_of_ours_is_read_as_it_was_typed():
    """What our files put before a formula is taken away again: in another program it stays."""
    rows = [KIM.replace("Ward 3", "'=Ward 3"), KIM.replace("kim@", "lee@").replace("Ward 3", '"East;\'-3"')]
    assert people_import.import_people(file(*rows)).problems == []
    assert {site.name for site in Site.select()} == {"=Ward 3", "East;-3"}


def test_the_documented_example_makes_a_course():
    outcome = people_import.import_people(EXAMPLE.encode())
    assert outcome.problems == []
    assert {person.email for person, _ in outcome.links} == {
        f"{name}@example.ac.uk" for name in ("amara", "tom", "ravi", "helen", "esther", "ian")
    }
    cohort = Cohort.get()
    assert (cohort.programme, cohort.name) == ("msk-pgcert", "September 2026")
    assert (cohort.starts_on, cohort.due_on) == (date(2026, 9, 21), date(2027, 7, 31))
    amara = people.by_email("Amara@example.ac.uk")
    placement = Placement.select().join(Enrolment).where(Enrolment.person == amara).get()
    assert placement.site.name == "Croydon MSK clinic"
    assert {machine.name for machine in Machine.select()} == {"Esaote MyLab X8", "GE Logiq E10"}
    parties = {(party.person.name, party.role) for party in placement.parties}
    assert parties == {
        ("Ravi Patel", "mentor"),
        ("Helen Ward", "clinical_manager"),
        ("Esther Blake", "external_assessor"),
    }
    assert Staff.get().role == "internal_assessor"
    assert verification.verify().sound


def test_a_second_run_changes_nothing_and_says_so():
    people_import.import_people(EXAMPLE.encode())
    before = everything()
    again = people_import.import_people(EXAMPLE.encode())
    assert (again.problems, again.changes, again.links) == ([], [], [])
    assert again.unchanged == again.rows == 7
    assert everything() == before


def test_a_name_that_begins_with_an_accent_is_known_again():
    content = file("kim@x.ac.uk,Kim Lee,student,,Été,2027-01-11,2027-09-30,,Élan clinic,,,")
    assert people_import.import_people(content).problems == []
    assert people_import.import_people(content).changes == []


def test_a_preview_shows_what_would_be_done_and_does_nothing():
    before = everything()
    preview = people_import.import_people(EXAMPLE.encode(), preview=True)
    assert everything() == before
    assert preview.links == []
    assert preview.changes == people_import.import_people(EXAMPLE.encode()).changes
    assert (2, "Amara Okafor is placed at Croydon MSK clinic from 2026-09-21") in preview.changes
    assert (4, "Ravi Patel becomes mentor of Amara Okafor") in preview.changes


def test_a_row_more_makes_that_row_alone():
    people_import.import_people(file(KIM))
    outcome = people_import.import_people(file(KIM, "ann@x.ac.uk,Ann Roe,mentor,,,,,,,,,kim@x.ac.uk"))
    assert [person.name for person, _ in outcome.links] == ["Ann Roe"]
    assert outcome.unchanged == 1
    assert Party.select().count() == 1


def test_a_link_from_the_import_works(app):
    outcome = people_import.import_people(file(KIM))
    ((person, token),) = outcome.links
    assert Client(app).get(f"/welcome/{token}").status_code == 200
    assert links.owner(token) == person


@pytest.mark.parametrize(
    "content",
    [
        file(KIM).decode().encode("utf-8-sig"),
        file(KIM).decode().encode("utf-16"),
        file(KIM).replace(b",", b";"),
        file(KIM).replace(b",", b"\t"),
        file(KIM).replace(b"\n", b"\r\n"),
        file(KIM.replace("2027-01-11", "11/01/2027").replace("2027-09-30", "30/9/2027")),
        file(KIM.replace("kim@x.ac.uk,Kim Lee,student", " KIM@X.AC.UK ,  Kim   Lee , Student ")),
        file("", KIM, "", ",,,,,,,,,,,"),
        file(KIM, head=HEAD.upper().replace("_", " ")),
        file(KIM + ",,", head=HEAD + ",,"),
    ],
    ids=[
        "bom",
        "utf-16",
        "semicolons",
        "tabs",
        "crlf",
        "british-days",
        "spaces-capitals",
        "blank",
        "headings",
        "tails",
    ],
)
def test_a_file_is_read_as_spreadsheets_write_it(content):
    outcome = people_import.import_people(content)
    assert outcome.problems == []
    person = Person.get()
    assert (person.email, person.name) == ("kim@x.ac.uk", "Kim Lee")
    assert (Cohort.get().starts_on, Cohort.get().due_on) == (date(2027, 1, 11), date(2027, 9, 30))


def test_the_old_windows_alphabet_is_read():
    people_import.import_people(file(KIM.replace("Kim Lee", "Zoë Müller")).decode().encode("cp1252"))
    assert Person.get().name == "Zoë Müller"


def test_rows_may_stand_in_any_order():
    outcome = people_import.import_people(file("ann@x.ac.uk,Ann Roe,mentor,,,,,,,,,kim@x.ac.uk", KIM))
    assert outcome.problems == []
    assert Party.get().person.name == "Ann Roe"


def test_a_cohorts_days_and_a_persons_name_may_stand_once():
    other = "jo@x.ac.uk,Jo Day,student,,spring,,,,ward 3,,,"
    again = "jo@x.ac.uk,,internal assessor,,,,,,,,,"
    assert people_import.import_people(file(again, other, KIM)).problems == []
    assert Cohort.select().count() == 1
    assert Placement.select(Placement.site).distinct().count() == 1


def test_a_spreadsheets_row_number_is_the_one_that_is_told():
    two_lines = KIM.replace("Kim Lee", '"Kim\nLee"')
    assert problems(two_lines, "", "nobody,,,,,,,,,,,")[-1].startswith("Row 4, ")


WRONG = [
    ("no address", "kim,Kim Lee,student,,Spring,2027-01-11,2027-09-30,,,,,", "Row 2, email: Write one e-mail"),
    ("no address at all", ",Kim Lee,student,,Spring,2027-01-11,2027-09-30,,,,,", "Row 2, email: Write the person's"),
    ("no name", "kim@x.ac.uk,,student,,Spring,2027-01-11,2027-09-30,,,,,", "Row 2, name: Write the person's full"),
    ("no role", "kim@x.ac.uk,Kim Lee,,,,,,,,,,", "Row 2, role: Write one of: student, mentor"),
    ("unknown role", "kim@x.ac.uk,Kim Lee,boss,,,,,,,,,", "Row 2, role: Write one of: student, mentor"),
    ("unknown programme", KIM.replace("student,,", "student,nope,"), "Row 2, programme: There is no programme 'nope'."),
    ("no cohort", KIM.replace("Spring", ""), "Row 2, cohort: Write the student's cohort"),
    ("a new cohort without days", KIM.replace("2027-09-30", ""), "Row 2, due_on: Spring is a new cohort"),
    ("no day", KIM.replace("2027-01-11", "soon"), "Row 2, starts_on: 'soon' is not a day. Write it as 2026-09-21."),
    ("no such day", KIM.replace("2027-01-11", "2027-02-30"), "Row 2, starts_on: '2027-02-30' is not a day."),
    ("due before the start", KIM.replace("2027-09-30", "2026-09-30"), "Row 2, due_on: The scans are due after"),
    ("enrolled too late", KIM.replace("09-30,,", "09-30,2028-01-01,"), "Row 2, enrolled_on: The scans of Spring are"),
    ("placed too early", KIM.replace("Ward 3,,,", "Ward 3,,2026-01-01,"), "Row 2, placement_starts_on: The student"),
    ("machines of no site", KIM.replace("Ward 3,,", ",Esaote,"), "Row 2, site: Write the site"),
    ("whose mentor", "ann@x.ac.uk,Ann Roe,mentor,,,,,,,,,", "Row 2, student_email: Write the e-mail address of the"),
    ("nobody's mentor", "ann@x.ac.uk,Ann Roe,mentor,,,,,,,,,who@x.ac.uk", "Row 2, student_email: No student with a"),
    ("a cell too many", KIM + ",more", "Row 2: There are more cells than headings."),
    ("a line break", KIM.replace("Ward 3", '"Ward\n3"'), "Row 2, site: Write plain text on one line"),
    ("a formula of a name", KIM.replace("Kim Lee", "x" * 101), "Row 2, name: Write the person's full name"),
]


@pytest.mark.parametrize(("row", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_told_with_its_row_and_column_and_the_repair(row, says):
    found = problems(row)
    assert len(found) == 1
    assert found[0].startswith(says)


def test_all_problems_are_told_at_once_and_nothing_is_kept():
    found = problems(
        KIM,
        "jo@x.ac.uk,Jo Day,student,,Spring,tomorrow,never,,,,,",
        "ann@x.ac.uk,Ann Roe,boss,,,,,,,,,",
        "bo@x.ac.uk,Bo Hay,mentor,,,,,,,,,who@x.ac.uk",
    )
    assert [line.split(":")[0] for line in found] == [
        "Row 3, starts_on",
        "Row 3, due_on",
        "Row 4, role",
        "Row 5, student_email",
    ]


def test_a_students_problem_is_not_told_again_at_their_mentors_row():
    found = problems(KIM.replace("2027-01-11", "soon"), "ann@x.ac.uk,Ann Roe,mentor,,,,,,,,,kim@x.ac.uk")
    assert len(found) == 1


@pytest.mark.parametrize("role", ["mentor", "external assessor", "clinical manager"])
def test_nobody_is_their_own_mentor_assessor_or_manager(role):
    (found,) = problems(KIM, f"kim@x.ac.uk,,{role},,,,,,,,,KIM@x.ac.uk")
    assert found == f"Row 3, student_email: Nobody can be their own {role}. Write the student's address."


def test_two_names_for_one_address_are_a_slip():
    (found,) = problems(KIM, "kim@x.ac.uk,Kim Low,internal assessor,,,,,,,,,")
    assert found.startswith("Row 3, name: kim@x.ac.uk is Kim Lee in another row.")
    people_import.import_people(file(KIM))
    (found,) = problems(KIM.replace("Kim Lee", "Kim Low"))
    assert found.startswith("Row 2, name: kim@x.ac.uk is already here as Kim Lee.")


def test_a_name_that_is_typed_another_way_is_the_same_name():
    kim = KIM.replace("Kim Lee", "José O'Brien")
    people_import.import_people(file(kim))
    for name in ("Jose\u0301 O’Brien", "José\u200b  O'Brien", "JOSÉ O’BRIEN"):
        outcome = people_import.import_people(file(kim.replace("José O'Brien", name)))
        assert (outcome.problems, outcome.changes) == ([], []), name
    assert Person.get().name == "José O'Brien"


def test_a_cohort_a_site_and_a_machine_that_are_typed_another_way_are_the_same():
    kim = "kim@x.ac.uk,Kim Lee,student,,{},2027-01-11,2027-09-30,,{},{},,"
    people_import.import_people(file(kim.format("Été 2027", "Guy’s Łódź", "MyLab Œ")))
    rows = kim.format("ETE 2027", "guy's lodz", "mylab œ|MYLAB OE"), kim.format("Été 2027", "Guy's Łódź", "")
    outcome = people_import.import_people(file(*rows, "ann@x.ac.uk,Ann,mentor,,,,,,GUYS LODZ,,,kim@x.ac.uk"))
    assert outcome.problems == [] and [line for _, line in outcome.changes] == [
        "Ann (ann@x.ac.uk) is new",
        "Ann becomes mentor of Kim Lee",
    ]
    cohort, enrolment, site = Cohort.get(), Enrolment.get(), Site.get()
    assert people.open_cohort(cohort.programme, "ÉTÉ 2027", None, None) == (cohort, False)
    assert people.place(enrolment, "Guys Łodz") == (Placement.get(), False)
    assert people.equip(site, ["MYLAB œ", "GE"]) == ["GE"]
    Site.create(name="Guys Lodz")  # of two that differ in what is folded, the one that is written so
    assert people.place(enrolment, "Guy’s Łódź")[1] is False and people.place(enrolment, "Guys Lodz")[1]


def test_an_import_adds_and_does_not_move_days():
    people_import.import_people(file(KIM))
    found = problems(KIM.replace("2027-01-11", "2027-01-12").replace("2027-09-30,,", "2027-09-30,2027-02-01,"))
    assert found == ["Row 2, starts_on: Spring starts on 2027-01-11. Write that day, or leave it empty."]


def test_of_several_placements_one_must_be_named():
    both = (KIM, KIM.replace("Ward 3", "Ward 4").replace("Spring,2027-01-11,2027-09-30", "Spring,,"))
    mentor = "ann@x.ac.uk,Ann Roe,mentor,,,,,,{},,,kim@x.ac.uk"
    assert problems(*both, mentor.format("")) == [
        "Row 4, site: kim@x.ac.uk has several placements. Write which site: Ward 3 or Ward 4."
    ]
    assert problems(*both, mentor.format("Ward 5"))[0].startswith("Row 4, site: kim@x.ac.uk has no placement at Ward 5")
    assert people_import.import_people(file(*both, mentor.format("ward 4"))).problems == []
    assert Party.get().placement.site.name == "Ward 4"


def test_a_part_that_ended_is_not_opened_again_by_an_old_file():
    rows = (KIM, "ann@x.ac.uk,Ann Roe,mentor,,,,,,,,,kim@x.ac.uk")
    people_import.import_people(file(*rows))
    Party.update(ended_on=date(2027, 3, 1)).execute()
    assert people_import.import_people(file(*rows)).changes == []
    assert Party.get().ended_on == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The first row must hold the headings"),
        (b"\n\n", "The first row must hold the headings"),
        (HEAD.encode(), "There is nobody in the file"),
        (b"mail,name\nx,y\n", "Mail: This heading is not known."),
        (b"email,email,role\n", "Email: This heading is there twice."),
        (b"name,cohort\n", "Email: This heading is missing"),
        (b'email,role\n"kim@x.ac.uk,student\n', "This does not read as CSV"),
        (b"\x00\x01\x02\x03", "The file is not text."),
        (b"PK\x03\x04\x00\x00 spreadsheet", "The file is not text."),
        (b"email,role\n" + b"a@x.uk,mentor\n" * (MOST_ROWS + 1), f"The file has more than {MOST_ROWS:,} rows."),
        (b"x" * 5_000_001, "The file is larger than 5 MB."),
    ],
    ids=range(11),
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, says):
    outcome = people_import.import_people(content)
    assert any(str(problem).startswith(says) for problem in outcome.problems), [str(p) for p in outcome.problems]
    assert Person.select().count() == 0


def test_an_import_is_in_the_history_without_names():
    people_import.import_people(file(KIM))
    rows = list(History.select().order_by(History.seq))
    assert [row.verb for row in rows] == ["register", "open_cohort", "enrol", "place", "make_link", "import"]
    assert not any("kim" in (row.payload + row.object).lower() for row in rows)
    assert Link.select().count() == 1


def test_a_later_failure_leaves_nothing(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the disk went away")

    before = everything()
    monkeypatch.setattr(links, "make_all", broken)
    with pytest.raises(RuntimeError):
        people_import.import_people(file(KIM))
    assert everything() == before


def test_a_whole_year_of_students_is_quick(monkeypatch):
    day = date(2027, 1, 11)
    rows = [
        f"s{n}@x.ac.uk,Student {n},student,,Spring,{day},{day + timedelta(days=200)},,Ward 3,,," for n in range(200)
    ]
    seen = []
    outcome = people_import.import_people(file(*rows), each=lambda: seen.append(1))
    assert (len(outcome.links), len(seen)) == (200, 200)


def test_a_site_may_be_called_after_a_person_and_a_patient_is_refused():
    row = "kim@x.ac.uk,Kim Lee,student,,Spring,2027-01-11,2027-07-11,,{},,,"
    assert "This looks like" in str(problems(row.format("Ward 3 NHS 943 476 5919")))
    for site in ("St Mary's Hospital", "Guy's", "John Radcliffe Hospital", "St. James's University Hospital"):
        people_import.import_people(file(row.format(site)))
