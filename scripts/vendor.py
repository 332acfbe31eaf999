"""Fetch the browser code and the fonts that others made, and keep it beside ours with its checksum.

    .venv/bin/python -m scripts.vendor

Nothing needs Node at run time: the files are committed. Moving to a newer version is two edits here (version and
checksums), one run of this script, and the tests. A download that is not what is written down here is never kept.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Part:
    """One file out of one published package.

    `integrity` is the registry's sha512 of the whole package, in base64; `sha256` is of the one file, in hex.
    """

    package: str
    version: str
    member: str
    target: str
    licence: str
    purpose: str
    integrity: str
    sha256: str


PARTS = (
    Part(
        package="htmx.org",
        version="2.0.11",
        member="package/dist/htmx.min.js",
        target="static/vendor/htmx.min.js",
        licence="0BSD",
        purpose="swaps pieces of a page; every form works without it",
        integrity="Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        sha256="d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    ),
    Part(
        package="idiomorph",
        version="0.7.4",
        member="package/dist/idiomorph-ext.min.js",
        target="static/vendor/idiomorph-ext.min.js",
        licence="0BSD",
        purpose="swaps only what differs, so that the focus and the reading position stay",
        integrity="uCdSpLo3uMfqOmrwXTpR1k/sq4sSmKC7l4o/LdJOEU+MMMq+wkevRqOQYn3lP7vfz9Mv+USBEqPvi0XhdL9ENw==",
        sha256="a6437e55b1b6a07bc421f0d230266a39399b6826c6ed19e0ed9c63b707444a5f",
    ),
    Part(
        package="idb",
        version="8.0.4",
        member="package/build/index.js",
        target="static/vendor/idb.js",
        licence="ISC",
        purpose="asks IndexedDB with promises; what the phone keeps is ours (static/store.js)",
        integrity="jd0ITCrN+Zah4J7R/Z2jnR3W7A4BXDAjmo62MwWuSjxCiueUAf7X5rbodEdidWzeknwXHmLpdZkoiiCppNi30Q==",
        sha256="e01b45d2e088a7197e8b41ba9b51a0876969da67cc08e6efbc3d5d7ab6ac836c",
    ),
    Part(
        package="@simplewebauthn/browser",
        version="14.0.0",
        member="package/dist/bundle/index.umd.min.js",
        target="static/vendor/simplewebauthn.js",
        licence="MIT",
        purpose="makes and uses passkeys in browsers that cannot read WebAuthn as JSON; loaded by those alone",
        integrity="1odWVqeEBTl7lJ9zMKLEsmTlnyrDO5iRcTvfMKKk1WThUnp/i8JJdffdj2icP+tty159s4PgwE3BiMoEW9NFow==",
        sha256="29bb0699b45bc39a350d992a13bfc1a4d40d89531390581e1f57f1142c6e221d",
    ),
    Part(
        package="axe-core",
        version="4.14.1",
        member="package/axe.min.js",
        target="tests/browser/vendor/axe.min.js",
        licence="MPL-2.0",
        purpose="reads a page for accessibility faults, in the tests alone",
        integrity="FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        sha256="29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
    ),
    Part(
        package="dejavu-fonts-ttf",
        version="2.37.3",
        member="package/ttf/DejaVuSansCondensed.ttf",
        target="templates/pdf/fonts/DejaVuSansCondensed.ttf",
        licence="Bitstream-Vera",
        purpose="the portfolio's letters: Latin, Greek, Cyrillic, Arabic, Hebrew and signs",
        integrity="f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
        sha256="8550cd5ca1acb65a8fc7877c46939cd0b4d909f8e7bc1e24716873d918c5e549",
    ),
    Part(
        package="dejavu-fonts-ttf",
        version="2.37.3",
        member="package/ttf/DejaVuSansCondensed-Bold.ttf",
        target="templates/pdf/fonts/DejaVuSansCondensed-Bold.ttf",
        licence="Bitstream-Vera",
        purpose="its headings",
        integrity="f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
        sha256="38098d0b8edd8430a0f53fb2831b5d36037563a998a620d3c87a4d7591766d20",
    ),
)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def folders() -> list[Path]:
    """The folders, from the project's root, that hold vendored files and nothing else."""
    return sorted({Path(part.target).parent for part in PARTS})


def listing(folder: Path) -> str:
    """What VENDOR.md in `folder` says: which file, from where, under which licence, with which checksum."""
    lines = ["# Written by others, kept here unchanged", "", "Made by `scripts/vendor.py`; edit that, not these.", ""]
    for part in PARTS:
        if Path(part.target).parent == folder:
            lines += [
                f"## {Path(part.target).name}",
                "",
                f"- {part.package} {part.version}, `{part.member.removeprefix('package/')}`: {part.purpose}",
                f"- licence: {part.licence}",
                f"- sha256: `{part.sha256}`",
                "",
            ]
    return "\n".join(lines)


def fetch(part: Part) -> bytes:
    """The bytes of `part`: the package checked by its sha512, the file by its sha256. Exits when they differ."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"{part.package}@{part.version}"
        subprocess.run(["npm", "pack", name, "--pack-destination", folder, "--silent"], check=True, capture_output=True)
        package = next(Path(folder).glob("*.tgz"))
        found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        if found != part.integrity:
            sys.exit(f"{name} is not the package that was reviewed: sha512-{found}")
        with tarfile.open(package) as archive:
            member = archive.extractfile(part.member)
            data = member.read() if member else b""
    if hashlib.sha256(data).hexdigest() != part.sha256:
        sys.exit(f"{part.member} of {name} is not the file that was reviewed: {hashlib.sha256(data).hexdigest()}")
    return data


def main() -> None:
    """Write every vendored file and the listing beside it."""
    for part in PARTS:
        target = ROOT / part.target
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(fetch(part))
        print(f"{part.target}  {part.package} {part.version}")
    for folder in folders():
        (ROOT / folder / "VENDOR.md").write_text(listing(folder))


if __name__ == "__main__":
    main()
