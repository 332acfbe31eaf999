"""`flask verify-portfolio`: from the file, a certificate and, where there is one, the database."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from peewee import SqliteDatabase

from tests.portfolio import editions, pdfs
from workflows.portfolio import signing

pytestmark = pytest.mark.slow

CODE, OTHERS = "7KQ2M-9XA4D", "AAAAA-AAAAA"


@pytest.fixture
def run(app, settings, tmp_path):
    """`run(content, *options)` asks about a file of these bytes: exit code and what was said."""
    shutil.copy(pdfs.settings().instance / signing.OWN, settings.instance)

    def ask(content: bytes, *options: str) -> tuple[int, str]:
        path = tmp_path / "portfolio.pdf"
        path.write_bytes(content)
        result = app.test_cli_runner().invoke(args=["verify-portfolio", str(path), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return ask


@pytest.fixture
def pdf() -> bytes:
    return pdfs.signed(CODE)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def test_a_changed_byte_a_cut_file_anothers_code_and_a_void_edition_are_told_apart(run, pdf, cast):
    edition = editions.made(cast.amara, pdf, code=CODE)
    editions.made(cast.mei, b"%PDF-1.7 of Mei %%EOF", code=OTHERS)
    for content, options, code, *said in (
        (pdf, [], 0, "The signature is intact", "knows this very file: edition 1", "Amara Okafor", "Genuine."),
        (pdf, ["--code", "7kq2m 9xa4d"], 0, "Genuine."),
        (pdf, ["--code", OTHERS], 1, "the code is not its own", "Not genuine."),
        (flipped(pdf, 3000), [], 1, "the signature does not hold", "this is not the file that was made"),
        (flipped(pdf, len(pdf) - 9), [], 1, "the signature does not hold", "this is not the file that was made"),
        (pdf[:-400], [], 1, "cut off", "shorter than the one that was made"),
        (pdf[:500], [], 1, "cut off", "does not know this file"),
        (pdf + b"x", [], 1, "Something was added", "this is not the file that was made"),
        (pdfs.page(CODE), [], 1, "is not signed", "shorter than the one that was made"),
        (pdfs.signed(OTHERS), [], 1, "The signature is intact", f"knows its code, {OTHERS}"),
        (b"Amara's CV", [], 1, "is not signed", "does not know this file"),
    ):
        exit_code, output = run(content, *options)
        assert exit_code == code and all(one in output for one in said), (options, output)
    editions.void(edition, cast.dana)
    exit_code, output = run(pdf)
    assert exit_code == 1 and "Void since" in output and "The signature is intact" in output
    assert run(pdf, "--code", "7KQ2M")[0] == 2
    assert run(pdf, "--certificate", __file__)[0] == 2


def test_without_a_database_the_signature_is_checked_with_a_certificate_and_what_was_not_checked_is_said(
    run, pdf, app, tmp_path, monkeypatch
):
    monkeypatch.setitem(app.extensions, "database", SqliteDatabase(tmp_path / "empty.sqlite3"))
    mine, others = tmp_path / "mine.pem", tmp_path / "others.pem"
    mine.write_bytes(signing.as_pem(signing.certificate_of(pdfs.settings())))
    exit_code, output = run(pdf, "--certificate", str(mine), "--code", CODE)
    assert exit_code == 0 and "Not checked: whether it is void" in output and f"The code in it is {CODE}" in output
    assert run(pdf, "--certificate", str(mine), "--code", OTHERS)[0] == 1
    assert run(flipped(pdf, 3000), "--certificate", str(mine))[0] == 1
    elsewhere = replace(pdfs.settings(), instance=tmp_path / "elsewhere")
    others.write_bytes(signing.as_pem(signing.certificate_of(elsewhere)))
    exit_code, output = run(pdf, "--certificate", str(others))
    assert exit_code == 1 and "another certificate" in output and "scans.example.ac.uk" in output
