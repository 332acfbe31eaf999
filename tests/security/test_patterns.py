"""No pattern of ours takes more than its share of time, whatever the text: ten times the text, ten times the time."""

import ast
import importlib
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import identifiers
from tests.faults.ground import rounds

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ("rules", "workflows", "blueprints", "commands")  # the demo reads its own texts alone
SIZE = rounds(25_000, 100_000)
TOO_LONG = SIZE / 1e6  # seconds for a tenth of that: then nobody waits for the whole
AT_ONCE = 2 * TOO_LONG  # seconds below which growth cannot be told from noise, and does not matter
READS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
# What makes careless patterns try again and again: runs of one class, of two in turn, and an end that does not fit.
HOSTILE = [
    "a",
    "0",
    " ",
    "\n",
    ".",
    "-",
    "@",
    "(",
    ":",
    "{",
    "é",
    "a ",
    "0 ",
    "a.",
    "0-",
    "a@",
    "01",
    "a1 ",
    "SW1A",
    "1 jan ",
    "dob 1",
    "+44",
    "07 ",
    "{a=",
    "1.1-",
    ". ",
    "born 1/1/",
    "nhs 1 ",
    "mrn a 1/",
    "pt A",
    "Mr A. ",
    "Mr de la ",
    "Mrs ",
    "initials A. ",
    "patient called ",
    "aged 1/1/",
    "AB 12 34 56 ",
    "tel 111 ",
    "1.2.",
    "2024-1",
    "a [at] a.",
    "+1 ",
    "Susan's ",
    "SMITH, ",
    "son of ",
    "oh seven ",
    "a at b dot ",
    "1 The ",
    "works as a ",
]


def patterns() -> dict[str, re.Pattern]:
    """Every regular expression of the house: those in its modules' names, and those written where they are used."""
    found = {}
    for file in sorted(path for folder in HOUSE for path in (ROOT / folder).rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for key, value in vars(importlib.import_module(name)).items():
            for number, pattern in enumerate(_within(value)):
                found[f"{name}.{key}{number}"] = pattern
        for call in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in READS
                and isinstance(call.func.value, ast.Name)
                and call.func.value.id == "re"
                and isinstance(call.args[0], ast.Constant)
            ):
                found[f"{name}:{call.lineno}"] = re.compile(call.args[0].value)
    return {name: found for found, name in {pattern: name for name, pattern in found.items()}.items()}


def _within(value: object):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        yield from _within(list(value.values()))


def seconds(work, text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def grows(work, parts=HOSTILE) -> list[str]:
    """The hostile texts of which ten times the length takes far more than ten times the time."""
    slow = []
    for part in parts:
        short, long = ((part * size)[:size] + "!" for size in (SIZE // 10, SIZE))
        before = seconds(work, short)
        if before < TOO_LONG and seconds(work, long) < AT_ONCE:
            continue
        before = min(seconds(work, short) for _ in range(3))
        after = seconds(work, long) if before < TOO_LONG else 100 * before
        if after > 30 * before:
            slow.append(f"{part!r}...: {before:.3f} s, then {after:.3f} s")
    return slow


PATTERNS = patterns()


@pytest.mark.sample
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_takes_no_more_than_its_share_of_time(name):
    look = PATTERNS[name]

    def tried(text: str) -> None:
        given = text.encode() if isinstance(look.pattern, bytes) else text
        look.fullmatch(given)
        sum(1 for _ in look.finditer(given))

    assert grows(tried) == []


@pytest.mark.sample
def test_the_screen_takes_no_more_than_its_share_of_time():
    assert grows(identifiers.screen) == []


# What the screen's rows look for, whole and begun, to be strung together in any order.
PIECES = [
    *HOSTILE,
    "943 476 591",
    "9 4 3 4 7 6 5 9 1 ",
    "12/03/61 ",
    "1 jan 19",
    "sw1a 1a",
    "no ",
    "id:",
    "\u00a0",
    "É",
]
SHORT, LONG = 25_000, 100_000


def is_linear(work, unit: str) -> bool:
    """Four times the text takes about four times the time, at the quietest of several tries (four squared is 16)."""
    short, long = ((unit * size)[:size] for size in (SHORT, LONG))
    best = {short: float("inf"), long: float("inf")}
    for _ in range(6):
        for text in best:
            best[text] = min(best[text], seconds(work, text))
        if best[long] < 8 * best[short] + 0.002:
            return True
    return False


@settings(suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=4).map("".join).filter(bool))
def test_the_screen_is_linear_in_the_length_of_any_hostile_text(unit):
    assert is_linear(identifiers.screen, unit)


@settings(suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(identifiers.PATTERNS),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join),
)
def test_every_row_of_the_screen_is_linear_on_its_own(pattern, unit):
    """Searched as the screen searches it: after what is no find the search goes on at the next character."""
    assert is_linear(lambda text: identifiers._finds(pattern, text, text.lower()), unit)


def test_what_is_not_linear_would_be_seen():
    assert not is_linear(lambda text: re.search("a+b", text[: len(text) // 5]), "a")


def test_the_patterns_of_the_house_are_all_found():
    assert {name.split(".")[1].split(":")[0] for name in PATTERNS} >= {"identifiers", "own_words"}
    assert len(PATTERNS) >= 15


def test_a_careless_pattern_would_be_found():
    assert grows(lambda text: re.search(r"\s+$", text), [" "])


TEXTS = {
    "one word": "a" * 100_000,
    "many words": "tear of the tendon " * 5_000,
    "sentences": "A. " * 30_000,
    "lines": "\n" * 100_000,
    "digits": "07 " * 33_000,
    "at signs": "a@" * 50_000,
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_far_too_long_is_answered_at_once(world, text):
    """The form's live draft, saving, correcting, returning: a long text must not hold up everybody else."""
    long = TEXTS[text]
    other = "".join(reversed(long))
    sends = {"support": "unaided", "region": "shoulder", "side": "right", "normal": "all", "version": 1}
    sends |= {"report": long, "report_base": other, "why": long, "comment": long, "image": "good", "agreement": "agree"}
    ids = world.ids
    for who, path in (
        ("amara", "/scans"),
        ("amara", "/scans/report"),
        ("amara", f"/scans/{ids['amara.draft']}"),
        ("ravi", f"/scans/{ids['amara.aided']}/return"),
        ("ravi", f"/scans/{ids['amara.counted']}/reopening"),
    ):
        with world.undone():
            start = time.process_time()
            answer = world.ask(who, "POST", path, sends)
            assert time.process_time() - start < 1, path
        assert answer.status_code < 500
