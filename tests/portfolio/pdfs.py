"""Small portfolios for tests: one page, made and signed as an edition is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import typst

import clock
import config
from workflows.portfolio import signing

PAGE = """#set document(
  title: "Portfolio", author: "Amara Okafor", description: "Edition 1, For an employer, code {code}")
#set text(lang: "en")
= Portfolio
One scan."""


@lru_cache
def page(code: str = "7KQ2M-9XA4D") -> bytes:
    """One page that claims to be PDF/UA-1 and PDF/A-3a, with its code among the keywords."""
    source = PAGE.format(code=code).encode()
    return typst.compile(source, format="pdf", pdf_standards=["ua-1", "a-3a"], timestamp=1764000000)


@lru_cache
def settings() -> config.Settings:
    """Settings with an instance folder whose key is made once in a run."""
    folder = Path(mkdtemp(prefix="sonofolio-signing-"))
    made = config.Settings(secret_key="x" * 32, instance=folder, base_url="https://scans.example.ac.uk")
    signing.certificate_of(made)
    return made


def signed(code: str = "7KQ2M-9XA4D", by: config.Settings | None = None) -> bytes:
    """The page as it leaves."""
    return signing.sign(page(code), settings=by or settings(), at=clock.now())
