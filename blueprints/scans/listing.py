"""The student's own scans: searched, filtered by what stands in the address, newest first, a page at a time."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from peewee import JOIN, Expression, ModelSelect, fn

import clock
from blueprints import presenters
from blueprints.filters import ScanFilters
from models import Enrolment, Move, Party, Person, Placement, Scan, Site
from rules import states
from rules.folding import fold
from rules.phrases import capital
from rules.programme import Programme
from rules.word_search import case_words, day_words, matching, words_of
from visibility import FAILED_COUNTS, MENTORS_NOW, scans_of_student
from workflows.course import programmes

PAGE = 50
TO_FINISH = 5  # shown on top of the list; all of them under their own filter

# Still open, so that the words can be added.
WORDS_MISSING = Scan.words_missing & Scan.state.in_((states.DRAFT, states.WITH_MENTOR, states.RETURNED))
UNFINISHED = (Scan.state == states.DRAFT) | WORDS_MISSING


@dataclass(frozen=True)
class Row:
    """One scan in the list."""

    id: str
    case: str
    headline: str
    place: str
    day: str
    support: str
    state: str
    mentor: str
    words_missing: bool
    failed_counts: bool
    apart: bool  # a guided procedure that counts apart


@dataclass(frozen=True)
class ScanPage:
    """A page of the list, and how many scans there are on all its pages."""

    rows: list[Row]
    total: int
    page: int

    @property
    def last_page(self) -> int:
        return max(1, -(-self.total // PAGE))


def page_of(person: int, programme: Programme, filters: ScanFilters, today: date) -> ScanPage:
    """The page asked for of the scans that pass the filters. One query, or two for a search."""
    scans = _rows(_filtered(scans_of_student(person), filters))
    if filters.q:
        found = _search(list(scans.select_extend(Scan.report).tuples()), person, programme, filters.q, today)
        rows, total = found[(filters.page - 1) * PAGE : filters.page * PAGE], len(found)
    else:
        rows = list(scans.paginate(filters.page, PAGE).tuples())
        total = rows[0][-1] if rows else 0
    return ScanPage([_row(programme, row, today) for row in rows], total, filters.page)


def to_finish(person: int, programme: Programme, today: date) -> ScanPage:
    """The scans to finish that were logged last. One query."""
    rows = list(_rows(scans_of_student(person).where(UNFINISHED)).limit(TO_FINISH).tuples())
    return ScanPage([_row(programme, row, today) for row in rows], rows[0][-1] if rows else 0, 1)


def everything_of(person: int) -> ModelSelect:
    """All the student's scans with mentor, site and who counted them, oldest first, for an export; `.first_sent_at`
    is when it first came to a mentor, `.failed_counts` whether a failed audit counts. One query.
    """
    sent = Move.select(fn.MIN(Move.at)).where(
        Move.scan == Scan.id, Move.verb.in_(states.SENDING), Move.after == states.WITH_MENTOR
    )
    mentor, counter = Person.alias(), Person.alias()
    return (
        scans_of_student(person)
        .select(Scan, Placement, Site, mentor.id, mentor.name, counter.id, counter.name)
        .select_extend(sent.alias("first_sent_at"), failed_counts().alias("failed_counts"))
        .join_from(Scan, Placement, JOIN.LEFT_OUTER)
        .join(Site, JOIN.LEFT_OUTER)
        .join_from(Scan, mentor, JOIN.LEFT_OUTER, on=(Scan.mentor == mentor.id), attr="mentor")
        .join_from(Scan, counter, JOIN.LEFT_OUTER, on=(Scan.approved_by == counter.id), attr="approved_by")
        .order_by(Scan.enrolment, Scan.case_number)
    )


def failed_counts() -> Expression:
    """A failed audit counts, and the student is told of it: the mentor cannot undo it any more."""
    return FAILED_COUNTS & (Scan.approved_at <= clock.now() - programmes.longest_undo())


def _filtered(scans: ModelSelect, filters: ScanFilters) -> ModelSelect:
    for column, value in ((Scan.state, filters.state), (Scan.support, filters.support), (Scan.region, filters.region)):
        if value:
            scans = scans.where(column == value)
    if not (filters.state or filters.q):
        scans = scans.where(Scan.state != states.WITHDRAWN)
    if filters.finish:
        scans = scans.where(UNFINISHED)
    if filters.words:
        scans = scans.where(WORDS_MISSING)
    if filters.audit:
        scans = scans.where(failed_counts())
    return scans


def _search(rows: list[tuple], person: int, programme: Programme, typed: str, today: date) -> list[tuple]:
    """The rows in which all the words stand. They are compared here, since no database folds letters as we do."""

    @cache  # many scans are of few places, days and mentors
    def place(region: str, side: str) -> str:
        in_sentence = presenters.place_in_sentence(programme, region, side)
        return fold(f"{presenters.place(programme, region, side)} {in_sentence}")

    @cache
    def day(on: date) -> str:
        return fold(f"{presenters.day(on, today)} {day_words(on)}")

    @cache
    def facts(support: str, procedure: str, mentor: str | None) -> str:
        named = programme.support(support).name if support else ""
        return fold(f"{support} {named} {procedure} {mentor or ''}")

    def searched(row: tuple) -> str:
        """What a row is found by: its report, and all that the list shows of it but the state."""
        _, number, headline, region, side, on, support, _, procedure, mentor, *_, report = row
        shown = f"{place(region, side)} {day(on)} {facts(support, procedure, mentor)} {case_words(number)}"
        return f"{fold(headline)} {fold(report)} {shown}"

    places = matching([searched(row) for row in rows], words_of(typed), lambda: _mentor_names(person))
    return [rows[place][:-1] for place in places]


def _mentor_names(person: int) -> str:
    """The names of the student's mentors now, folded. One query."""
    mentors = Party.select(Person.name).join(Person).join_from(Party, Placement).join(Enrolment)
    return fold(" ".join(name for (name,) in mentors.where(Enrolment.person == person, MENTORS_NOW).tuples()))


def _rows(scans: ModelSelect) -> ModelSelect:
    return (
        scans.select(Scan.id, Scan.case_number, Scan.headline, Scan.region, Scan.side, Scan.scanned_on)
        .select_extend(Scan.support, Scan.state, Scan.procedure, Person.name)
        .select_extend(WORDS_MISSING.alias("words_missing"), failed_counts().alias("failed_counts"))
        .select_extend(fn.COUNT(Scan.id).over())
        .join_from(Scan, Enrolment)
        .join_from(Scan, Person, JOIN.LEFT_OUTER, on=(Scan.mentor == Person.id))
        .order_by(Enrolment.enrolled_on.desc(), Scan.case_number.desc())
    )


def _row(programme: Programme, row: tuple, today: date) -> Row:
    scan_id, number, headline, region, side, on, support, state, procedure, mentor, words_missing, failed, _ = row
    place, day = presenters.place(programme, region, side), capital(presenters.day(on, today))
    marks = bool(words_missing), bool(failed), programme.counts_apart(procedure)
    return Row(scan_id, f"{number:04}", headline, place, day, support, state, mentor or "", *marks)
