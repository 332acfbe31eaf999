"""Every function over people's text takes time in proportion to it, or looks at a bounded part: 100 kB of the worst
takes about twice what 50 kB takes. A new one is found by its signature, and is tried here or named with a reason.
"""

from __future__ import annotations

import ast
import gc
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blueprints import devices, field_limits, filters
from blueprints.accounts import forms
from blueprints.reviews import changes
from models import Person
from rules import (
    cells,
    contradictions,
    earlier_columns,
    entry,
    file_names,
    folding,
    glyphs,
    identifiers,
    measures,
    own_words,
    password_strength,
    person_names,
    phrases,
    quiet,
    report,
    roles,
    same_patient,
    scan_fields,
    sides,
    vocabulary,
    word_search,
)
from rules import editions as rules_editions
from rules.scan_fields import Entry
from rules.vocabulary import Pair
from tests.security.not_tried import NOT_TRIED
from workflows import spreadsheets
from workflows.accounts import accounts, passwords, throttle
from workflows.course import programmes
from workflows.history import heads, history
from workflows.notices import digests, mail, subscriptions
from workflows.people import csv_text, invitations, people, people_csv
from workflows.portfolio import earlier_file, earlier_rows, signing, verification
from workflows.refusals import Refused
from workflows.scans import screening

ROOT = Path(__file__).resolve().parents[2]
SHORT, LONG = 50_000, 100_000
PLAINLY = 2.4  # times as long: so far below a square's four that no second look is needed
AT_ONCE = 0.02  # seconds of processor time below which growth cannot be told from noise, and does not matter
KIM = Person(id=1, email="kim.lee@example.ac.uk", name="Kim Lee")


def _cut(text: str, every: int = 5) -> tuple[str, ...]:
    return tuple(text[at : at + every] for at in range(0, len(text), every))


def _pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair(one[:2], one[2:]) for one in _cut(text))


def _taps(text: str) -> Entry:
    words = _cut(text)
    return Entry(region=text[:9], side=text, findings=_pairs(text), normal=words, limitations=words, modifiers=words)


def _entry(text: str) -> Entry:
    return Entry(region="shoulder", findings=_pairs(text), normal=_cut(text), limitations=_cut(text), report=text)


def _known(text: str):
    programme = programmes.get("msk-pgcert")
    return entry.problems(programme, _entry(text), today=date(2027, 1, 1), enrolled_on=date(2026, 9, 1))


def _join_and_part(text: str) -> None:
    course, right, left = (
        programmes.get("msk-pgcert"),
        *(replace(_entry(text), side=side) for side in ("right", "left")),
    )
    both = same_patient.joined(course, right, left, text[::2])
    same_patient.parted(course, both, left, text[::2])
    same_patient.differences(course, right, replace(left, limitations=_cut(text[1:])), text)


def _read_size(text: str) -> None:
    with suppress(ValueError):
        measures.read(programmes.get("msk-pgcert").vocabulary.measures["size"], text)


def _numbered(text: str) -> str:
    """The same text, no two of its sentences alike."""
    return "".join(f"{one}{at}: x. " for at, one in enumerate(_cut(text, 20)))[: len(text)]


def _columns(text: str) -> bytes:
    return ",".join(["email", "role", *_cut(text, 2)]).encode()


def _earlier_rows(text: str) -> None:
    """A logbook in which this is a cell, and many."""
    cells = "\n".join(f'"{one}",03/04/2024'.replace('""', '"') for one in _cut(text.replace('"', ""), 250))
    file = earlier_file.read(f"Report,Date\n{cells}\n".encode())
    earlier_rows.rows_of(
        earlier_file.unpack(earlier_file.pack(file)), ["report", "scanned_on"], "day", date(2027, 1, 1)
    )


# Function -> how it is given a text. Each is tried with the whole text wherever it takes one.
def table_or_none(content: bytes) -> object:
    try:
        return csv_text.table_of(content)
    except csv_text.NotReadable:
        return None


TRIED: dict[str, Callable[[str], object]] = {
    "rules.glyphs.printable": glyphs.printable,
    "workflows.people.invitations.checked_name": invitations.checked_name,
    "rules.own_words.sentences": own_words.sentences,
    "rules.own_words.own_words": lambda text: own_words.own_words(text, text[::-1]),
    "rules.own_words.own_words, numbered": lambda text: own_words.own_words(_numbered(text), _numbered(text[1:])),
    "rules.own_words.has_own_words": lambda text: own_words.has_own_words(f"{text}. {text[::-1]}", text),
    "rules.own_words.recompose": lambda text: own_words.recompose(text, text[::-1], text[1:]),
    "rules.own_words.recompose, numbered": lambda text: own_words.recompose(
        _numbered(text) + text, _numbered(text), _numbered(text[1:]) + _numbered(text)
    ),
    "rules.own_words.recompose, from nothing": lambda text: own_words.recompose(text, "", _numbered(text)),
    "rules.identifiers.screen": identifiers.screen,
    "rules.entry.too_long": entry.too_long,
    "rules.entry.problems": _known,
    "rules.entry.missing": lambda text: entry.missing(programmes.get("msk-pgcert"), _entry(text)),
    "rules.phrases.listed": lambda text: phrases.listed(_cut(text)),
    "rules.phrases.capital": phrases.capital,
    "rules.phrases.small": phrases.small,
    "rules.phrases.stop": phrases.stop,
    "rules.phrases.guided": phrases.guided,
    "rules.phrases.place": phrases.place,
    "rules.phrases.places": lambda text: phrases.places(_cut(text)),
    "rules.phrases.finding_words": phrases.finding_words,
    "rules.phrases.pair_phrase": lambda text: phrases.pair_phrase(None, Pair(text, text)),
    "rules.phrases.pair_phrases": lambda text: phrases.pair_phrases(None, _pairs(text)),
    "rules.report.compose": lambda text: report.compose(programmes.get("msk-pgcert").vocabulary, _taps(text)),
    "rules.report.headline": lambda text: report.headline(programmes.get("msk-pgcert").vocabulary, _taps(text)),
    "rules.report.plain": report.plain,
    "rules.report.write": lambda text: report.write(programmes.get("msk-pgcert"), _entry(text)),
    "rules.entry.only_of_its_region": lambda text: entry.only_of_its_region(
        programmes.get("msk-pgcert").vocabulary, _entry(text)
    ),
    "rules.report.is_normal": lambda text: report.is_normal(_taps(text)),
    "rules.vocabulary.parse_pair": lambda text: vocabulary.parse_pair(text),
    "rules.quiet.minute": quiet.minute,
    "rules.roles.named": roles.named,
    "workflows.scans.screening.find_matches": screening.find_matches,
    "workflows.scans.screening.screen": lambda text: screening.screen({"report": text}, text, known=text[::-1]),
    "workflows.history.history.canonical": history.canonical,
    "workflows.history.history.digest": history.digest,
    "workflows.people.people.plain_email": people.plain_email,
    "workflows.people.people.plain_name": people.plain_name,
    "workflows.people.people.check_name": lambda text: people.check_name(KIM, text),
    "workflows.people.people_csv.read": lambda text: people_csv.read(text.encode()),
    "workflows.people.people_csv.read, as headings": lambda text: people_csv.read(_columns(text)),
    "workflows.people.people_csv.read, one heading": lambda text: people_csv.read(
        b"email,role," + b"email," * len(text[::9])
    ),
    "workflows.people.people_csv.read, as cells": lambda text: people_csv.read(
        b"email,role,site,machines\n" + b"\n".join(f'a@b.uk,student,"{one}",{one}'.encode() for one in _cut(text, 250))
    ),
    "workflows.accounts.passwords.judge": lambda text: passwords.judge(text, KIM),
    "workflows.accounts.accounts.hash_of": accounts.hash_of,
    "workflows.accounts.accounts.account_of": accounts.account_of,
    "workflows.history.heads.of_text": heads.of_text,
    "workflows.notices.digests.owner_of": lambda text: digests.owner_of(text, "secret"),
    "workflows.notices.digests.owner_of, number": lambda text: digests.owner_of(f"{'9' * len(text)}-{text}", "secret"),
    "workflows.notices.subscriptions.is_endpoint": subscriptions.is_endpoint,
    "workflows.notices.subscriptions._size": subscriptions._size,
    "workflows.accounts.throttle.address_key": throttle.address_key,
    "workflows.notices.mail.compose": lambda text: mail.compose(
        KIM, "Subject", text, text, base_url="https://a.example.uk"
    ),
    "rules.cells.neutral": cells.neutral,
    "rules.person_names.first_name": person_names.first_name,
    "rules.person_names.short_name": person_names.short_name,
    "rules.person_names.without_invisible": person_names.without_invisible,
    "rules.person_names.comparable": person_names.comparable,
    "rules.person_names.distinct_names": lambda text: person_names.distinct_names(
        [("A", text), ("Á", text[::-1])], lambda _: text
    ),
    "rules.person_names.distinct_first_names": lambda text: person_names.distinct_first_names(
        [(text, "a@x.uk"), (text[::-1], "b@x.uk")]
    ),
    "rules.folding.fold": folding.fold,
    "workflows.people.csv_text.table_of": lambda text: table_or_none(text.encode("cp1252", "replace")),
    "workflows.people.csv_text.is_unicode": lambda text: csv_text.is_unicode(text.encode("utf-16")),
    "rules.earlier_columns.day_of": earlier_columns.day_of,
    "rules.earlier_columns.is_day": earlier_columns.is_day,
    "rules.earlier_columns.order_of": lambda text: earlier_columns.order_of([text, *_cut(text, 10)]),
    "rules.earlier_columns.has_headings": lambda text: earlier_columns.has_headings([text, *_cut(text, 10)]),
    "rules.earlier_columns.names_a_patient": earlier_columns.names_a_patient,
    "rules.earlier_columns.guess": lambda text: earlier_columns.guess(
        [text] * 9, [[text] * 9, _cut(text)]
    ),  # of at most 100 columns
    "workflows.portfolio.earlier_file.read": lambda text: earlier_file.read(text.encode("utf-8", "replace")),
    "workflows.portfolio.earlier_file.read, JSON": lambda text: earlier_file.read(b"[" + text.encode()),
    "workflows.portfolio.earlier_file.unpack": lambda text: earlier_file.unpack(f"csv.{text}"),
    "workflows.portfolio.earlier_rows.rows_of": _earlier_rows,
    "rules.word_search.words_of": word_search.words_of,
    "rules.word_search.matching": lambda text: word_search.matching(
        [folding.fold(text)], word_search.words_of(text[: field_limits.SEARCH_LIMIT]), str
    ),
    "rules.vocabulary.split_side": vocabulary.split_side,
    "rules.vocabulary.parse_not_seen": vocabulary.parse_not_seen,
    "rules.vocabulary.parse_measured": lambda text: vocabulary.parse_measured(f"a: b | c = {text}"),
    "rules.measures.read": _read_size,
    "rules.contradictions.contradictions": lambda text: contradictions.contradictions(
        programmes.get("msk-pgcert"), _entry(text)
    ),
    "rules.sides.widened": lambda text: sides.narrowed(sides.widened(replace(_entry(text), side="left")), "left"),
    "rules.own_words.own_sentences": lambda text: own_words.own_sentences(text, text[::2]),
    "rules.same_patient.parted": _join_and_part,
    "rules.cells.original": cells.original,
    "rules.password_strength.strength": lambda text: password_strength.strength(text, {text[:9]}),
    "blueprints.filters.search": lambda text: filters.search({"q": text}),
    "blueprints.filters.from_back": filters.from_back,
    "blueprints.accounts.forms.safe_path": lambda text: forms.safe_path("/" + text),
    "blueprints.devices.device_name": devices.device_name,
    "blueprints.reviews.changes.changed": lambda text: changes.changed(
        text, SimpleNamespace(__data__=dict.fromkeys(scan_fields.CONTENT, text))
    ),
    "workflows.spreadsheets._text": lambda text: spreadsheets._fitting(str(spreadsheets._text(text))),
    "rules.editions.code_of": rules_editions.code_of,
    "workflows.portfolio.verification.read_code": verification.read_code,
    "workflows.portfolio.verification.read_sha256": verification.read_sha256,
    "workflows.portfolio.verification.code_in": lambda text: verification.code_in(text.encode()),
    "workflows.portfolio.verification.read_size": verification.read_size,
    "workflows.portfolio.signing.check": lambda text: signing.check(f"%PDF-{text}%%EOF".encode(), []),
    "workflows.portfolio.signing.from_pem": lambda text: signing.from_pem(text.encode()),
    "rules.file_names.plain": file_names.plain,
}
PIECES = [
    *(
        " ",
        "\n",
        ". ",
        "a",
        "a. ",
        "A: b. ",
        "a b ",
        "é",
        "\u0301\u0316",
        "943 476 5919 ",
        "01/02/1960 ",
        "Mr A ",
        "=",
        "-",
    ),
    *(
        ",",
        '"',
        "@",
        "a@b.uk ",
        "a@b.uk,",
        ";",
        "|",
        "%25",
        "/",
        "x: y ",
        "Supraspinatus: tear. ",
        "Conclusion: no. ",
        "0",
    ),
]
HOSTILE = [". ", "a ", "".join(PIECES)]  # the others are drawn below


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time of one try, without the garbage collector, as timeit measures: a collection of everything that
    the other tests left behind falls into the long text and not into the short one.
    """
    gc.disable()
    try:
        start = time.thread_time()
        with suppress(Refused, ValueError):
            work(text)
        return time.thread_time() - start
    finally:
        gc.enable()


def grows(work: Callable[[str], object], unit: str) -> str:
    """Why the time grows faster than the text, by the median of pairs of tries, one beside the other; empty when it
    does not. Four times the time for twice the text is a square's.
    """
    short, long = ((unit * (size // len(unit) + 1))[:size] for size in (SHORT, LONG))
    ratios: list[float] = []
    for tried in range(1, 16):
        lasting = seconds(work, long)
        if lasting < AT_ONCE:
            return ""
        ratios.append(lasting / max(seconds(work, short), 1e-9))
        if tried == 1 and ratios[0] < PLAINLY:
            return ""
        if tried in (3, 7, 15) and median(ratios) < 3:  # at once, or when the machine is quieter
            return ""
    return f"{unit[:20]!r}...: {median(ratios):.1f} times as long, {lasting:.3f} s"


def takers() -> set[str]:
    """Every function of the rules and workflows that takes text, by its signature: "rules.phrases.capital". What begins
    with an underscore is reached through these.
    """
    found = set()
    for file in sorted([*ROOT.glob("rules/*.py"), *ROOT.glob("workflows/**/*.py")]):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(file.read_text()).body:
            for function in [node, *getattr(node, "body", [])] if isinstance(node, ast.ClassDef) else [node]:
                if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
                    given = [*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs]
                    kinds = " ".join(ast.unparse(one.annotation) for one in given if one.annotation)
                    if any(kind in kinds for kind in ("str", "bytes", "Entry", "Pair")):
                        found.add(f"{module}.{function.name}")
    return found


@pytest.fixture(scope="module", autouse=True)
def course():
    programmes.load_all(ROOT / "programmes")


def excused() -> set[str]:
    found = set()
    for names in NOT_TRIED.values():
        for of_module in names.split("; "):
            first, *others = of_module.split()
            found |= {first, *(f"{first.rpartition('.')[0]}.{other}" for other in others)}
    return found


def test_every_function_over_text_is_tried_or_said_to_need_none():
    known = excused() | {name.partition(",")[0] for name in TRIED}
    new = sorted(takers() - known)
    assert not new, f"Try these in TRIED with a long text, or say in NOT_TRIED why not: {new}"
    assert excused() <= takers(), "NOT_TRIED names what is no more"


@pytest.mark.parametrize("name", TRIED)
def test_twice_the_text_takes_about_twice_the_time(name):
    assert [why for unit in HOSTILE if (why := grows(TRIED[name], unit))] == []


@settings(suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(TRIED)),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=5).map("".join).filter(bool),
)
def test_so_does_any_mixture(name, unit):
    assert grows(TRIED[name], unit) == ""


def test_a_square_would_be_seen():
    assert grows(lambda text: [text.count(one) for one in text[::50]], "ab") != ""
