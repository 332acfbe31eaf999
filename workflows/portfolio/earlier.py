"""A student's own logbook from before the course: brought in whole or not at all, undone in one tap. It lives in tables
of its own, so that nothing of it can count.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from peewee import ModelSelect, fn

import clock
from models import Earlier, EarlierBatch, Enrolment, Person, db
from workflows.course import programmes
from workflows.history import history, records
from workflows.portfolio.earlier_file import SPLIT, EarlierFile
from workflows.portfolio.earlier_rows import Problem, Row, rows_of, texts_about
from workflows.refusals import Conflict, Invalid, Refused, or_not_found
from workflows.scans import ownership, screening
from workflows.scans.screening import Match

MOST_SOURCE = 120  # characters of what a logbook is called
# What is screened in one request, within the time of blueprints/time_limit.py: characters of texts that differ, and as
# many for each of them as it costs to begin.
MOST_SCREENED, EACH = 2_000_000, 60
MOST_ASKED = 100  # finds that differ, about which one is asked at once: more is a column that names people
SHOWN_ROWS = 5
SURE = "This looks like {}. Take it out, or leave the column out: nothing here may identify a patient."
ONCE_MORE = "This logbook is there already. Say that it is to be brought in once more."
MANY = "More than {} cells of the file may name a patient. Leave the columns out in which they stand."


@dataclass
class Question:
    """Something that may identify a patient, once for all rows in which it stands; for its writer's eyes alone."""

    match: Match
    heading: str
    rows: list[int] = field(default_factory=list)

    @property
    def where(self) -> str:
        """ "Supervisor, row 3, 8 and 12 more"."""
        if not self.rows[0]:
            return f"{self.heading}, beside the scans"
        more = f" and {len(self.rows) - SHOWN_ROWS:,} more" if len(self.rows) > SHOWN_ROWS else ""
        return f"{self.heading}, row {', '.join(map(str, self.rows[:SHOWN_ROWS]))}{more}"


@dataclass(frozen=True)
class Preview:
    """What would be brought in."""

    file: EarlierFile
    rows: list[Row]
    problems: list[Problem]  # what has to be put right before
    questions: list[Question]  # what may identify a patient, to be answered once for all of them
    mark: str  # names these questions; whoever sends it back says that they name no patient
    same: EarlierBatch | None  # an import of this very logbook that was not undone
    after: int  # scans of a day on which the course had begun already
    begins_on: date

    @property
    def kinds(self) -> list[str]:
        return sorted({question.match.kind for question in self.questions})


def preview(file: EarlierFile, columns: Sequence[str], order: str, *, by: Person) -> Preview:
    """Read and screen every cell, and say what would be brought in. Nothing is written, and nothing waits for it.
    `columns`, `order`: as for `earlier_rows.rows_of`.
    Raises Refused: the person is not enrolled (any more). Invalid: field -> what is wrong in the mapping or the file.
    """
    enrolment = ownership.enrolment_of(by)
    today = programmes.get(enrolment.cohort.programme).today(clock.now())
    rows, problems = rows_of(file, columns, order, today)
    sure, questions = _screened(rows, texts_about(file))
    days = [row.values["scanned_on"] for row in rows]
    return Preview(
        file,
        rows,
        sorted([*problems, *sure], key=lambda problem: (problem.row, problem.column)),
        questions,
        _mark(questions),
        _same(file, enrolment),
        sum(day is not None and day >= enrolment.enrolled_on for day in days),
        enrolment.enrolled_on,
    )


def bring_in(found: Preview, *, source: str, by: Person, named_nobody: str = "", again: bool = False) -> EarlierBatch:
    """Bring the logbook in as it was previewed for this person, all of it or nothing.

    Args:
        source: which logbook it is, in the student's words.
        named_nobody: the preview's mark, and those of what was asked about in `source`, parted by spaces.
        again: the same logbook may be brought in once more.

    Raises Refused: the person is not enrolled (any more). Invalid: "file", "source", "named_nobody" or "again" -> what
    has to be put right, or said, before.
    """
    file = found.file
    source = " ".join(source.split())
    wrong: dict[str, list[str]] = {}
    if found.problems:
        wrong["file"] = [str(problem) for problem in found.problems[:MOST_ASKED]]
    if not 0 < len(source) <= MOST_SOURCE or not source.isprintable():
        wrong["source"] = [f"Say which logbook this is, in 1 to {MOST_SOURCE} characters."]
        source = ""
    if found.questions and found.mark not in named_nobody.split():
        wrong["named_nobody"] = ["Say whether what is shown identifies a patient."]
    if found.same and not again:
        wrong["again"] = [ONCE_MORE]
    warned = screening.screen({"source": source}, named_nobody, problems=wrong)
    kinds = sorted({*warned, *found.kinds})
    with db.atomic():
        enrolment, now = ownership.enrolment_of(by), clock.now()
        if not again and _same(file, enrolment):  # pressed twice, and both were checked before either was written
            raise Invalid({"again": [ONCE_MORE]})
        made = {"enrolment": enrolment, "source": source, "digest": file.digest, "about": file.about()}
        batch = records.create(EarlierBatch, **made, rows=len(found.rows), by=by, made_at=now)
        records.insert_all(Earlier, [{"batch": batch.id, "number": row.number, **row.values} for row in found.rows])
        payload = {"warned": kinds} if kinds else {}
        thing = f"earlier_batch:{batch.id}"
        history.record("import_earlier", thing, by=by, at=now, enrolment=enrolment.id, rows=len(found.rows), **payload)
        return batch


def _same(file: EarlierFile, enrolment: Enrolment) -> EarlierBatch | None:
    """The last import of this very logbook that was not undone."""
    same = EarlierBatch.digest == file.digest, EarlierBatch.enrolment == enrolment, EarlierBatch.undone_at.is_null()
    return EarlierBatch.select().where(*same).order_by(EarlierBatch.id.desc()).first()


def undo(batch_id: int, *, by: Person) -> EarlierBatch:
    """Take an import back: its scans go, that there was one stays. An edition that holds them keeps what it says.
    Raises NotFound: no import of this person's. Refused: the enrolment has ended. Conflict: it was undone before.
    """
    with db.atomic():
        own = Enrolment.person == by
        batch = or_not_found(
            EarlierBatch.select(EarlierBatch, Enrolment).join(Enrolment).where(EarlierBatch.id == batch_id, own).first()
        )
        if batch.enrolment.ended_on is not None:
            raise Refused("Your enrolment has ended, so the portfolio stays as it is.")
        if batch.undone_at is not None:
            raise Conflict("This import was undone before. None of its scans is left.")
        now = clock.now()
        records.write(Earlier.delete().where(Earlier.batch == batch))
        records.write(EarlierBatch.update(undone_at=now).where(EarlierBatch.id == batch.id))
        history.record("undo_earlier", f"earlier_batch:{batch.id}", by=by, at=now, enrolment=batch.enrolment_id)
        batch.undone_at = now
        return batch


def batches_of(enrolment_id: int) -> list[EarlierBatch]:
    """The imports into this portfolio that were not undone, the newest first. One query."""
    own = EarlierBatch.enrolment == enrolment_id, EarlierBatch.undone_at.is_null()
    return list(EarlierBatch.select().where(*own).order_by(EarlierBatch.id.desc()))


def scans_of(enrolment_id: int) -> ModelSelect:
    """The scans from before the course, the newest first, those without a day at the end; each with its `batch`, and
    `total`, how many there are.
    """
    return (
        Earlier.select(Earlier, EarlierBatch)
        .select_extend(fn.COUNT(Earlier.id).over().alias("total"))
        .join(EarlierBatch)
        .where(EarlierBatch.enrolment == enrolment_id)
        .order_by(Earlier.scanned_on.is_null(), Earlier.scanned_on.desc(), Earlier.id)
    )


def _screened(rows: Sequence[Row], about: Sequence[tuple[int, str, str]]) -> tuple[list[Problem], list[Question]]:
    """What identifies a patient for sure, cell by cell, and what may. Texts that are alike are screened once.
    Raises Invalid: "file" -> there is too much text, or too much to ask about.
    """
    texts = dict.fromkeys(text for row in [*rows, Row(0, {}, list(about))] for _, _, text in row.screened)
    if sum(len(text) + EACH for text in texts) > MOST_SCREENED:
        raise Invalid({"file": [f"There is more text in it than can be screened at once. {SPLIT}"]})
    found = {text: matches for text in texts if (matches := screening.find_matches(text))}
    sure: list[Problem] = []
    questions: dict[tuple[str, str], Question] = {}
    for row in [*rows, Row(0, {}, list(about))]:
        for at, heading, text in row.screened:
            for match in found.get(text, ()):
                if not match.mark:
                    sure.append(Problem(row.number, at, heading, SURE.format(match.words)))
                else:
                    question = questions.setdefault((match.mark, heading), Question(match, heading))
                    if row.number not in question.rows[-1:]:
                        question.rows.append(row.number)
    if len(questions) > MOST_ASKED:
        raise Invalid({"file": [MANY.format(MOST_ASKED)]})
    return sure, list(questions.values())


def _mark(questions: Sequence[Question]) -> str:
    """Names these questions: other ones have another mark."""
    marks = "\0".join(sorted({question.match.mark for question in questions}))
    return hashlib.sha256(marks.encode()).hexdigest()[:32] if questions else ""
