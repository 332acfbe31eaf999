"""Sizes, grades and levels of findings: what a person types, as it is kept ("14x9x3") and as it is shown."""

import re
from decimal import Decimal

from rules.phrases import listed
from rules.vocabulary_terms import Measure

_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?")
_TIMES = re.compile(r" ?[x×*#/] ?| by | ")  # "*", "#": what the number pad of a phone has
LONGEST = 60  # characters of what is typed


def read(measure: Measure, text: str) -> str:
    """What is kept of "14", "14x9" or "14 x 9 x 3 mm", or of one of the measure's words.
    Raises ValueError: with a sentence for the person, when it cannot be read or cannot be meant.
    """
    text = " ".join(text.lower().replace("mm2", "mm²").split())
    if measure.words:
        known = {word.lower(): word for word in measure.words}
        if text not in known:
            raise ValueError(f"Choose {listed(measure.words, 'or')}.")
        return known[text]
    axes = "a number" if measure.axes == 1 else f"up to {measure.axes} numbers"
    example = " x ".join(("14", "9", "3")[: measure.axes])
    takes = f'Give {axes} of {measure.unit}, such as "{example}", each more than 0 and at most {measure.most:g}.'
    unit = re.escape(measure.unit.lower())
    bare = re.sub(rf"(?<=[0-9]) ?{unit}(?![0-9])", "", text[:LONGEST]).replace(",", ".")
    numbers = _TIMES.split(bare)
    if len(text) > LONGEST or len(numbers) > measure.axes or not all(map(_NUMBER.fullmatch, numbers)):
        raise ValueError(takes)
    values = [Decimal(one) for one in numbers]
    if not all(0 < value <= Decimal(str(measure.most)) for value in values):
        raise ValueError(takes)
    return "x".join(f"{value.normalize():f}" for value in values)


def shown(measure: Measure, value: str) -> str:
    """How a page shows what is kept: "14 x 9 x 3 mm", "grade 2"."""
    return f"{value.replace('x', ' x ')} {measure.unit}" if measure.unit else value


def phrase(measure: Measure, value: str) -> str:
    """How a sentence says it: "14 x 9 mm", "retracted by 12 mm"."""
    return measure.phrase.replace("{}", shown(measure, value))


def numbers(value: str) -> tuple[float, ...]:
    """The numbers of a kept value; none of a word."""
    return tuple(float(one) for one in value.split("x")) if re.fullmatch(r"[0-9.x]+", value) else ()
