"""docs/sbom.cdx.json: what the product is made of, as CycloneDX 1.6, from the pins and the vendored files.

    .venv/bin/python -m scripts.sbom            # exit 1 when the pins or the vendored files say otherwise
    .venv/bin/python -m scripts.sbom --write    # write it anew (make sbom)

The same pins give the same bytes: the serial number is made from the content and no time is written. A licence is what
the installed package says of itself; the check, which may run where other packages are installed, leaves it out.
"""

import argparse
import json
import re
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from scripts.vendor import PARTS

ROOT = Path(__file__).resolve().parent.parent
PINS, FILE = ROOT / "requirements.txt", ROOT / "docs" / "sbom.cdx.json"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VIA = re.compile(r"^ +#(?: via)? +(\S.*)$")
OURS = "-r requirements.in"  # who needs what we ask for ourselves
LONGEST_LICENCE = 60  # characters; beyond that it is the licence's text and no name


def packages(pins: str) -> Iterator[Component]:
    """The components that a requirements file pins, each with the hashes of the archives that may be installed."""
    for line in pins.replace("\\\n", " ").splitlines():
        if pin := PIN.match(line):
            yield _component(PackageURL("pypi", None, pin[1].lower(), pin[2]), HASH.findall(line), _licence(pin[1]))


def needed_by(pins: str) -> dict[str, list[str]]:
    """Package -> the packages that need it, as the comments of a requirements file say; `OURS` for ourselves."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in pins.splitlines():
        if pin := PIN.match(line):
            name = pin[1].lower()
        elif (via := VIA.match(line)) and via[1] != "via":
            found.setdefault(name, []).append(via[1])
    return found


def vendored() -> Iterator[Component]:
    """The packages with files in the product: those that are served from static/, and the portfolio's fonts."""
    shipped = [part for part in PARTS if not part.target.startswith("tests/")]
    for package, version, licence in dict.fromkeys((part.package, part.version, part.licence) for part in shipped):
        hashes = [part.sha256 for part in shipped if part.package == package]
        yield _component(PackageURL("npm", None, package, version), hashes, licence)


def _component(purl: PackageURL, hashes: list[str], licence: str) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=purl.name,
        version=purl.version,
        purl=purl,
        bom_ref=str(purl),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
        licenses=[LicenseFactory().make_from_string(licence)] if licence else (),
    )


def _licence(name: str) -> str:
    """What the installed package calls its licence; empty where it is not installed, or says nothing."""
    try:
        says = metadata(name)
    except PackageNotFoundError:
        return ""
    named = says.get("License-Expression") or says.get("License") or ""
    if 0 < len(named) <= LONGEST_LICENCE and "\n" not in named:
        return named
    known = [one.rpartition(" :: ")[2] for one in says.get_all("Classifier", []) if one.startswith("License ::")]
    return known[0] if known else ""


def bill(pins: str) -> dict[str, Any]:
    """The whole bill of materials as plain data."""
    product = Component(type=ComponentType.APPLICATION, name="sonofolio", bom_ref="sonofolio")
    components = {component.name: component for component in (*packages(pins), *vendored())}
    bom, needed = Bom(components=components.values()), needed_by(pins)
    bom.metadata.component = product
    for name, component in components.items():
        for whose in needed.get(name, [OURS]):
            bom.register_dependency(components.get(whose, product), [component])
    made = json.loads(JsonV1Dot6(bom).output_as_string())
    del made["metadata"]["timestamp"]
    made["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(made["components"])).urn
    return made


def written(made: dict[str, Any]) -> str:
    """The file's text: one component a line, so that a new pin is one changed line.

    Raises:
        ValueError: when it is not as the CycloneDX schema wants it.
    """
    listed = ("components", "dependencies")
    text = json.dumps({**made, **dict.fromkeys(listed, "HERE")}, indent=2, sort_keys=True) + "\n"
    for name in listed:
        lines = ",\n".join(f"    {json.dumps(one, sort_keys=True)}" for one in made[name])
        text = text.replace('"HERE"', f"[\n{lines}\n  ]", 1)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"This is no CycloneDX: {wrong}")
    return text


def differences(text: str, pins: str) -> list[str]:
    """What the pins and vendored files say otherwise than the file, one component a line."""
    listed, wanted = ({_known(one) for one in made["components"]} for made in (json.loads(text), bill(pins)))
    lacks = [f"lacks {purl}, or has other hashes of it" for purl, _ in sorted(wanted - listed)]
    return lacks + [f"has {purl}, which is not pinned so" for purl, _ in sorted(listed - wanted)]


def _known(component: dict[str, Any]) -> tuple[str, str]:
    return component["purl"], json.dumps(component.get("hashes"), sort_keys=True)


def main() -> int:
    """Say whether the file is up to date, or write it."""
    wants = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wants.add_argument("--write", action="store_true", help="write it instead of comparing it")
    pins = PINS.read_text(encoding="utf-8")
    if wants.parse_args().write:
        FILE.write_text(written(bill(pins)), encoding="utf-8")
        return 0
    wrong = differences(FILE.read_text(encoding="utf-8"), pins) if FILE.exists() else ["is not there"]
    for line in wrong:
        print(f"docs/sbom.cdx.json {line}", file=sys.stderr)
    if wrong:
        print("Write it anew with: make sbom", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
