"""Browser code and fonts that others made are exactly what was reviewed: nothing altered, nothing slipped in."""

import pytest

from scripts.vendor import PARTS, ROOT, folders, listing, sha256


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.target)
def test_a_vendored_file_is_the_one_that_was_reviewed(part):
    file = ROOT / part.target
    assert file.exists(), f"{part.target} is missing: run `python -m scripts.vendor`"
    assert sha256(file) == part.sha256, f"{part.target} was changed: run `python -m scripts.vendor` to restore it"


@pytest.mark.parametrize("folder", folders(), ids=str)
def test_a_vendor_folder_says_what_it_holds_and_holds_nothing_else(folder):
    expected = {ROOT / part.target for part in PARTS} | {ROOT / folder / "VENDOR.md"}
    strangers = sorted(str(file) for file in (ROOT / folder).iterdir() if file not in expected)
    assert not strangers, f"{strangers} came from nowhere: name them in scripts/vendor.py with their checksums"
    assert (ROOT / folder / "VENDOR.md").read_text() == listing(folder), "run `python -m scripts.vendor`"
