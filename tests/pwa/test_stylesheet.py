"""The stylesheets: every rule lies in a layer, so that an order of rules never decides by accident."""

import re
from pathlib import Path

SHEET = Path(__file__).resolve().parents[2] / "static/app.css"
LAYERS = ["tokens", "elements", "components", "features"]


def outermost(text: str) -> list[str]:
    """What stands at the top of the sheet: each statement, or each block by the words before its brace."""
    found, depth, words = [], 0, ""
    for letter in re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", text, flags=re.DOTALL):
        if letter in "{;" and depth == 0:
            found.append(" ".join(words.split()))
            words = ""
        elif depth == 0 and letter != "}":
            words += letter
        depth += (letter == "{") - (letter == "}")
    assert depth == 0 and not words.strip()
    return found


def test_every_rule_lies_in_a_layer_and_the_layers_are_in_their_order():
    text = SHEET.read_text(encoding="utf-8")
    assert outermost(text) == [f"@layer {', '.join(LAYERS)}", *(f"@layer {name}" for name in LAYERS)]
    assert outermost("a { b: c } @layer x { d { e: f } }") == ["a", "@layer x"], "a rule outside would be seen"


def test_every_rule_of_a_features_own_sheet_lies_in_the_layer_of_features():
    sheets = [sheet for sheet in SHEET.parent.glob("*.css") if sheet != SHEET]
    assert len(sheets) > 5
    for sheet in sheets:
        assert outermost(sheet.read_text(encoding="utf-8")) == ["@layer features"], sheet.name


def test_every_colour_and_measure_that_is_used_is_a_token():
    text = SHEET.read_text(encoding="utf-8")
    tokens = text.partition("@layer tokens {")[2].partition("@layer elements {")[0]
    declared = set(re.findall(r"(--[\w-]+):", tokens)) | {"--shade"}  # of one table's cells alone
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= declared
