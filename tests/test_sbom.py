"""docs/sbom.cdx.json says what the product is made of, and is noticed when it does not."""

import json
import re
from urllib.parse import quote

import pytest

from scripts import sbom
from scripts.vendor import PARTS

pytestmark = pytest.mark.slow

PINS = sbom.PINS.read_text(encoding="utf-8")
TEXT = sbom.FILE.read_text(encoding="utf-8")


def test_the_bill_has_every_pin_and_every_vendored_file_of_the_product_with_its_checksum():
    kept = {one["purl"]: {two["content"] for two in one["hashes"]} for one in json.loads(TEXT)["components"]}
    pinned = re.findall(r"(?m)^([a-z0-9._-]+)(?:\[.*\])?==(\S+)", PINS)
    files = [part for part in PARTS if not part.target.startswith("tests/")]
    assert len(kept) == len(pinned) + len({part.package for part in files}) > 40
    assert {f"pkg:pypi/{name}@{version}" for name, version in pinned} < set(kept)
    assert all(part.sha256 in kept[f"pkg:npm/{quote(part.package)}@{part.version}"] for part in files)
    assert sum(map(len, kept.values())) == PINS.count("--hash=sha256:") + len(files)


def test_the_bill_is_up_to_date_and_the_same_pins_make_the_same_one():
    assert sbom.differences(TEXT, PINS) == [], "run: make sbom"
    assert sbom.written(sbom.bill(PINS)) == sbom.written(sbom.bill(PINS))
    assert "timestamp" not in TEXT and "://" not in TEXT.replace("http://cyclonedx.org/schema/", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("flask==", "flask==99."),
        (PINS.partition("--hash=")[2][:71], "sha256:" + "0" * 64),
        ("aiohappyeyeballs==", "another-package==1\naiohappyeyeballs=="),
    ],
)
def test_another_version_hash_or_package_is_noticed(old, new):
    assert old in PINS
    assert sbom.differences(TEXT, re.sub(rf"(?m)(^|=){re.escape(old)}", rf"\g<1>{new}", PINS, count=1))


def test_the_bill_says_who_needs_what():
    needs = {one["ref"]: one.get("dependsOn", []) for one in json.loads(TEXT)["dependencies"]}
    ours = [one.partition("@")[0] for one in needs["sonofolio"]]
    assert "pkg:pypi/flask" in ours and "pkg:npm/htmx.org" in ours and "pkg:pypi/werkzeug" not in ours
    flask = next(one for ref, one in needs.items() if ref.startswith("pkg:pypi/flask@"))
    assert any(one.startswith("pkg:pypi/werkzeug@") for one in flask)
