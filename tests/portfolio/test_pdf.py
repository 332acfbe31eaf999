"""The portfolio's PDF: what stands in it is what the logbook holds, everybody can read it, and no text breaks it."""

import json
import re
import shutil
import subprocess
import sys
from io import BytesIO

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from rules import glyphs, portfolio_pages
from rules.logbook import EarlierScan, Logbook, NotSeen, Size
from tests.portfolio.logbooks import FIRST, MADE_AT, audit, edition, logbook, scan
from workflows.portfolio import pdf

pytestmark = pytest.mark.slow

MARKUP = (
    '#import "x": * #read("/etc/passwd") $x^2$ `raw` <label> @ref // comment /* */ \\u{1F600} \\ _x_ *b*\n'
    "= heading\n- item\n+ one\n'q' \"q\" -- --- ... ~ https://x.test [U+0041] &amp;"
)
HEBREW, ARABIC = "שלום עולם", "مرحبا بالعالم"
WAITING = {"counts": False, "approved_at": None, "approved_by": ""}


def everything() -> Logbook:
    """One of each that is hard to print, beside usual scans."""
    scans = [
        *(scan(number) for number in range(1, 7)),
        scan(7, report="word " * 4000),
        scan(8, report=MARKUP, headline=MARKUP, machine=MARKUP, outcome=MARKUP),
        scan(9, report=f"{HEBREW}\n\n{ARABIC} 12 mm", headline=ARABIC),
        scan(10, report="你好 \u202e \U0001f9b4 \x07", region="x" * 200, site="W" * 200, mentor="M" * 200),
        scan(11, audits=[audit(1, MADE_AT, void=True, image=""), audit(2, MADE_AT, failed=True, comment=MARKUP)]),
        scan(12, state="draft", report="", findings=[], sizes=[], normal=[], support="", side="", **WAITING),
        scan(13, state="with_mentor", **WAITING),
        scan(14, state="returned", **WAITING),
        scan(15, state="withdrawn", **WAITING),
        scan(16, procedure="Injection", procedure_part="observed", counts=False),
        scan(
            17,
            sizes=[Size(structure="S" * 90, finding="f" * 90, side="left", measure="Depth", value="9" * 90, unit="mm")],
            not_seen=[NotSeen(structure="Posterior labrum", limitation="pain", side="right")],
            limitations=["movement"],
        ),
    ]
    earlier = EarlierScan(
        id=1,
        source="An older course",
        imported_on=FIRST,
        scanned_on=None,
        region="Shoulder",
        side="",
        supervision="direct",
        finding="",
        report=MARKUP,
        other={"Column " + "c" * 90 + " 你": "v" * 150},
    )
    return logbook(scans, [earlier])


class Made:
    """A rendered logbook, read back."""

    def __init__(self, book: Logbook, facts: pdf.EditionFacts):
        self.book, self.facts = book, facts
        self.rendered = pdf.render(book, facts)
        self.file = pikepdf.open(BytesIO(self.rendered.content))
        self.pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(self.rendered.content)).pages]
        self.text = _squeezed(
            "".join(re.sub(r"^.*7KQ2M-9XA4D\n|\n.*Page \d+ of \d+$", "", page) for page in self.pages)
        )

    def has(self, words: str) -> bool:
        return _squeezed(glyphs.printable(words)) in self.text

    def of(self, number: int) -> str:
        """What stands under the heading of one scan."""
        (found,) = re.findall(rf"Case{number}:.*?(?=Case\d+:|$)", self.text, re.DOTALL)
        return found

    def elements(self, name: str) -> list[pikepdf.Dictionary]:
        """The elements of the structure tree with this tag."""
        return [one for one in self._walk(self.file.Root.StructTreeRoot) if one.get("/S") == f"/{name}"]

    def _walk(self, element: pikepdf.Dictionary):
        yield element
        children = element.get("/K", [])
        for child in children if isinstance(children, pikepdf.Array) else [children]:
            if isinstance(child, pikepdf.Dictionary) and "/S" in child:
                yield from self._walk(child)


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(everything(), edition())


def test_it_is_a_file_for_everybody_and_for_the_archive(made):
    root = made.file.Root
    assert root.MarkInfo.Marked and root.ViewerPreferences.DisplayDocTitle and root.Lang == "en-GB"
    xmp = made.file.open_metadata()
    assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"], xmp["pdfuaid:part"]) == ("3", "A", "1")
    assert xmp["dc:title"] == "Clinical scan portfolio of Amara Okafor" and len(root.OutputIntents) == 1
    assert len(made.file.pages) == made.rendered.pages
    headers = made.elements("TH")
    assert headers and all(_attribute(one, "/Scope") in ("/Column", "/Both") for one in headers)
    figures = made.elements("Figure")
    assert len(figures) >= 4 and all(str(one.get("/Alt", "")) for one in figures)
    assert any(str(one.Alt).startswith("12 of 250 counted: 12 of 100 aided") for one in figures), "the sector in words"
    titles = [one.title for one in made.file.open_outline().root]
    for title in ("What counts, and by which definitions", "Scans that count", "The record, and how to verify it"):
        assert title in titles
    assert len(made.elements("H1")) == len(titles) + 1, "each section is a bookmark, Contents is none"


def test_the_open_data_inside_is_the_logbook_that_was_printed(made):
    (name,) = made.file.attachments
    assert name == "logbook.json"
    assert Logbook.model_validate_json(made.file.attachments[name].get_file().read_bytes()) == made.book
    assert made.file.Root.AF[0].AFRelationship == "/Data"


def test_every_scan_says_what_it_holds(made):
    for one in made.book.scans:
        if one.case_number == 9:  # from right to left: pypdf gives the words in their order on the page
            continue
        text = made.of(one.case_number)
        assert text.startswith(_squeezed(f"Case {one.case_number}: {one.region}{', ' if one.side else ''}{one.side}"))
        said = [one.report, one.headline, one.outcome, one.machine, one.site, one.mentor, one.indication, one.id]
        said += [word for found in one.findings for word in (found.structure, found.finding)]
        said += [f"{size.measure} {size.value} {size.unit}" for size in one.sizes]
        said += [one.age_band, one.sex, one.protocol, one.transducer, one.approved_by]
        said += [*one.normal, *one.limitations, *one.modifiers, one.procedure, one.digest]
        said += [word for missed in one.not_seen for word in (missed.structure, missed.limitation)]
        said += [word for heard in one.audits for word in (heard.by, heard.image, heard.comment)]
        said += [word for step in one.story for word in (step.by, step.what, step.words)]
        assert [word for word in said if _squeezed(glyphs.printable(word)) not in text] == [], one.case_number
    assert all(word in made.text for word in (*HEBREW.split(), *ARABIC.split())), "words from right to left"


def test_what_counts_stands_apart_from_what_does_not(made):
    whole = "\n".join(made.pages)
    starts = [
        _squeezed(whole).rindex(_squeezed(words))
        for words in (
            "Each was approved by a mentor, by case number.",
            "Case 17:",
            "They are recorded apart, with the student’s part",
            "Case 16:",
            "None of these is part of the number of scans that count.",
            "With the mentor: 1",
            "Case 13:",
            "Returned: 1",
            "Case 14:",
            "Drafts: 1",
            "Case 12:",
            "Withdrawn: 1",
            "Case 15:",
            "Before this course, not verified.",
        )
    ]
    assert starts == sorted(starts)
    assert made.has("Void: undone, or the scan was reopened.") and made.has("Failed audit.")


def test_pages_are_numbered_and_the_index_has_them(made):
    assert all(f"Page {number} of {len(made.pages)}" in page for number, page in enumerate(made.pages, 1))
    assert all("Edition 3, For an employer" in page and "7KQ2M-9XA4D" in page for page in made.pages)
    at = next(number for number, page in enumerate(made.pages, 1) if "Case 16: " in page)
    index = made.pages[1]
    assert re.search(rf"16\s*Shoulder, right\s*{at}\b", index), index
    no_heading_alone = [page for page in made.pages if re.search(r"Case \d+: [^\n]*\s*Sonofolio", page)]
    assert no_heading_alone == []


def test_letters_that_no_font_has_are_named_with_where_they_stand(made):
    numbers = {line.split(": ")[0] for line in made.rendered.missing}
    assert numbers == {"U+4F60", "U+597D", "U+202E", "U+1F9B4", "U+0007"}
    assert "U+1F9B4: bone: case 10, report" in made.rendered.missing
    assert "5 letters could not be printed" in made.pages[0]
    assert made.has("[U+1F9B4]") and made.has("Letters that could not be printed") and made.has("case 10, report")


def test_the_same_data_gives_the_same_bytes():
    book = logbook([scan(1), scan(2)])
    assert pdf.render(book, edition()).content == pdf.render(book, edition()).content


def test_nothing_stands_in_the_margins(made, tmp_path):
    """Looked at as pictures, a page each; nothing that somebody wrote runs over the edge."""
    book, _ = pdf.content(made.book, made.facts)
    inputs = {"book": json.dumps(book), "attachment": "{}"}
    pages = pdf.compiled(pdf.TEMPLATES, inputs, 0, "png")
    for number, content in enumerate(pages, 1):
        (tmp_path / f"page-{number:02}.png").write_bytes(content)
        page = Image.open(BytesIO(content)).convert("L")
        wide, high = page.size
        ink = ImageChops.invert(page).point(lambda grey: 255 if grey > 60 else 0).getbbox()
        assert ink, f"page {number} is empty"
        assert ink[0] > 0.08 * wide and ink[2] < 0.92 * wide and ink[1] > 0.02 * high and ink[3] < 0.97 * high, number


def test_the_bars_are_told_apart_in_grey():
    look = (pdf.TEMPLATES / "look.typ").read_text()
    colours = {name: _luminance(value) for name, value in re.findall(r'#let ([a-z-]+) = rgb\("#(\w{6})"\)', look)}
    assert _contrast(colours["aided"], colours["unaided-ground"]) > 3
    assert _contrast(colours["unaided"], colours["unaided-ground"]) > 3, "the hatching on its ground"
    for words, ground in (("ink", "warn-ground"), ("ink", "soft"), ("aided", "soft")):
        assert _contrast(colours[words], colours[ground]) > 4.5
    assert _contrast(colours["dim"], 1.0) > 4.5
    for name, value in (("aided", portfolio_pages.AIDED), ("unaided", portfolio_pages.UNAIDED)):
        assert colours[name] == _luminance(value.strip("#"))


def test_a_portfolio_without_a_scan_is_one_too():
    bare = logbook([], placements=[], definitions=[], complete=False)
    bare = bare.model_copy(update={"course": bare.course.model_copy(update={"remit": None})})
    empty = Made(bare, edition(declared_on=None, purpose="Working copy"))
    assert "Working copy. This portfolio is not complete: 0 of 250 scans count." in " ".join(empty.pages[0].split())
    for words in (
        "100 more aided scans must count.",
        "150 more unaided scans must count.",
        "Drafts and withdrawn scans are not in this edition.",
        "No scope of practice is signed.",
        "No placement is recorded.",
        "No scan counts yet.",
        "Not declared. The student has not declared that these scans are their own work.",
    ):
        assert empty.has(words), words
    assert not empty.has("Before this course, not verified.") and not empty.has("These scans are my own work")


def test_a_section_is_one_file_and_one_row(tmp_path):
    templates = tmp_path / "pdf"
    shutil.copytree(pdf.TEMPLATES, templates)
    (templates / "sections/hours.typ").write_text("#let section(book) = [#book.student.name has #(7 * 2) hours.]")
    page = templates / "portfolio.typ"
    row = '  ("key", "Key to states and words", false),\n'
    page.write_text(page.read_text().replace(row, f'  ("hours", "Supervised hours", true),\n{row}'))
    content = pdf.render(logbook([scan(1)]), edition(), templates).content
    assert "Supervised hours" in [one.title for one in pikepdf.open(BytesIO(content)).open_outline().root]
    assert "Amara Okafor has 14 hours." in pypdf.PdfReader(BytesIO(content)).pages[-1].extract_text()


def test_a_pdf_that_cannot_be_made_says_why(tmp_path, monkeypatch):
    templates = tmp_path / "pdf"
    shutil.copytree(pdf.TEMPLATES, templates)
    (templates / "sections/key.typ").write_text('#let section(book) = panic("no key")')
    with pytest.raises(pdf.PdfError, match="The PDF could not be made: .*no key"):
        pdf.render(logbook([]), edition(), templates)
    run = subprocess.run
    for command, options, says in (
        ("import time; time.sleep(9)", {"timeout": 0.2}, "took too long"),
        ("import os; os.kill(os.getpid(), 9)", {}, "more time or memory"),
        ("pass", {}, "nothing came back"),
    ):
        child = lambda _, command=command, options=options, **more: run(  # noqa: E731
            [sys.executable, "-c", command], **{**more, **options}
        )
        monkeypatch.setattr(pdf.subprocess, "run", child)
        with pytest.raises(pdf.PdfError, match=says):
            pdf.render(logbook([]), edition())


@settings(max_examples=6)
@given(st.lists(st.text(max_size=60), min_size=12, max_size=12))
def test_any_text_can_be_printed(texts):
    """In the file's own standards, which refuse a letter without a glyph."""
    one, two, three, four, five, six, seven, eight, *others = texts
    book = logbook(
        [
            scan(1, report=one, headline=two, region=three, site=four, mentor=five, normal=[six], outcome=seven),
            scan(2, approved_by=eight, audits=[audit(1, MADE_AT, comment=others[0])], machine=others[2]),
        ]
    )
    book, _ = pdf.content(book, edition(declaration=others[3], purpose=others[0][:20]))
    made = pdf.compiled(pdf.TEMPLATES, {"book": json.dumps(book), "attachment": "{}"}, 0)
    assert made.startswith(b"%PDF-")


def _squeezed(text: str) -> str:
    """Without spaces and line ends: where a line breaks says nothing."""
    return re.sub(rf"[\s{glyphs.BREAK}]", "", text)


def _attribute(element: pikepdf.Dictionary, name: str) -> str:
    found = element.get("/A", [])
    for one in found if isinstance(found, pikepdf.Array) else [found]:
        if name in one:
            return str(one[name])
    return ""


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)
