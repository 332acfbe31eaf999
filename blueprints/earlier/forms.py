"""The forms that bring an earlier logbook in: choosing it, mapping its columns, and the last word."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField

from blueprints.field_limits import TYPED, AtMost
from rules import earlier_columns
from rules.earlier_columns import DAY_FIRST, LEAVE, MONTH_FIRST, OTHER
from workflows.portfolio.earlier_file import EarlierFile

ORDERS = [
    SelectChoice("", "Choose…"),
    SelectChoice(DAY_FIRST, "Day first: 31/03/2024"),
    SelectChoice(MONTH_FIRST, "Month first: 03/31/2024"),
]
CHOICES = [
    *(SelectChoice(*field) for field in earlier_columns.FIELDS.items()),
    SelectChoice(OTHER, "Keep it under its own heading"),
    SelectChoice(LEAVE, "Leave it out"),
]
SAMPLES = 5  # cells of a column that are shown beside its choice
LONGEST_SAMPLE = 60


class ChooseForm(FlaskForm):
    """The file, or its text, and which logbook it is."""

    file = FileField("File")
    text = TextAreaField("Or paste the table here", [AtMost(TYPED["text"])])
    source = StringField("Which logbook is it?", [AtMost(TYPED["source"])])


class ColumnsForm(FlaskForm):
    """The file on its way, and how its days are written. The fields of its columns are added by `columns_form`."""

    draft = HiddenField()
    source = HiddenField()
    day_order = SelectField("Days are written", choices=ORDERS, validate_choice=False)

    def columns(self, file: EarlierFile) -> list[str]:
        """What was chosen for each column."""
        return [self[name_of(at)].data or "" for at in range(len(file.headings))]


class LastForm(FlaskForm):
    """What is asked before it is brought in."""

    again = BooleanField("Bring it in once more")


def name_of(at: int) -> str:
    return f"column_{at}"


def columns_form(file: EarlierFile, *, sent: bool) -> ColumnsForm:
    """The form for the columns of this file, with what was chosen, or with a guess."""
    fields = {
        name_of(at): SelectField(heading, choices=CHOICES, validate_choice=False)
        for at, heading in enumerate(file.headings)
    }
    form_class = type("FileColumnsForm", (ColumnsForm,), fields)
    return form_class() if sent else form_class(formdata=None, data=guessed(file))


def guessed(file: EarlierFile) -> dict[str, str]:
    """What each column is likely to be, and in which order days are written, where the cells show it."""
    rows = [cells for _, cells in file.cells]
    columns = earlier_columns.guess(file.headings if file.headed else [""] * len(file.headings), rows)
    days = columns.index("scanned_on") if "scanned_on" in columns else len(columns)
    order = earlier_columns.order_of([row[days] for row in rows if days < len(row)])
    return {**{name_of(at): column for at, column in enumerate(columns)}, "day_order": order}


def samples(file: EarlierFile, at: int) -> str:
    """The first cells of a column, as they are read."""
    return " · ".join(_short(cells[at]) if at < len(cells) and cells[at] else "–" for _, cells in file.cells[:SAMPLES])


def _short(cell: str) -> str:
    text = " ".join(cell[: 2 * LONGEST_SAMPLE].split())
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE].rstrip()}…"


def problems_by_column(problems: Sequence, shown: int = 5) -> dict[int, list[str]]:
    """The first problems of each column as sentences, and how many more there are."""
    found: dict[int, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.column, []).append(str(problem))
    return {
        at: [*sentences[:shown], *([f"… and {len(sentences) - shown:,} more."] if len(sentences) > shown else [])]
        for at, sentences in found.items()
    }
