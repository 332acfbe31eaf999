"""A portfolio is signed with the course's certificate or our own, and whatever is done to the file afterwards shows."""

from __future__ import annotations

import asyncio
import io
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

import clock
import config
import startup_checks
from tests.portfolio import pdfs
from workflows.portfolio import signing

pytestmark = pytest.mark.slow


@pytest.fixture
def own() -> config.Settings:
    return pdfs.settings()


@pytest.fixture
def page() -> bytes:
    return pdfs.page()


@pytest.fixture
def signed() -> bytes:
    return pdfs.signed()


def courses(folder, *, ends=timedelta(days=365), password=b"a:b@c") -> config.Settings:
    """Settings with a certificate of the course's."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "PgCert MSK Ultrasound")])
    begun = x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=800), now + ends)
    made = begun.sign(key, hashes.SHA256())
    path = folder / "course.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, made, None, BestAvailableEncryption(password)))
    return config.Settings(
        secret_key="x" * 32, instance=folder, signing_p12=str(path), signing_p12_password=password.decode()
    )


def kind_of(pdf: bytes, settings: config.Settings) -> str:
    return signing.check(pdf, [signing.certificate_of(settings)]).kind


def test_our_own_key_is_made_once_for_its_owner_alone_also_by_workers_that_begin_at_once(tmp_path):
    settings = config.Settings(secret_key="x" * 32, instance=tmp_path)
    with ThreadPoolExecutor(4) as workers:
        found = set(workers.map(lambda number: signing.signer_of(settings), range(4)))
    (signer,) = found
    assert signer.own and signer.words == "signed with this installation's own certificate (Sonofolio at 127.0.0.1)"
    (kept,) = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_signed_portfolio_keeps_its_bytes_and_what_it_claims_and_allows_no_change(own, page, signed):
    assert signed.startswith(page) and kind_of(signed, own) == signing.INTACT
    before, after = pikepdf.open(io.BytesIO(page)), pikepdf.open(io.BytesIO(signed))
    assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert after.docinfo == before.docinfo and "/Version" not in after.Root
    (field,) = after.Root.AcroForm.Fields
    assert field.V.SubFilter == "/ETSI.CAdES.detached" and field.V.Reference[0].TransformParams.P == 1
    assert after.Root.Perms.DocMDP.objgen == field.V.objgen
    # PDF/A-3 wants it printed and not hidden; PDF/UA-1 wants what is in no tag outside the page.
    assert field.F == 132 and all(edge < 0 for edge in field.Rect) and field.TU


def test_one_changed_byte_shows_wherever_it_is(own, page, signed):
    places = [*range(0, len(signed), 3999), *range(len(page), len(signed), 421), *range(len(signed) - 6, len(signed))]
    for place in places:
        changed = bytearray(signed)
        changed[place] ^= 1
        assert kind_of(bytes(changed), own) == signing.CHANGED, place
    # The signature itself is in letters of either case, and does not cover itself.
    start = signed.index(b"/Contents <") + len(b"/Contents <")
    for place in [at for at in range(start, start + 30) if signed[at : at + 1].isalpha()]:
        changed = bytearray(signed)
        changed[place] ^= 0x20
        assert kind_of(bytes(changed), own) == signing.CHANGED, place


def test_a_cut_file_one_that_was_added_to_one_without_signature_and_one_of_somebody_else_are_told_apart(
    own, page, signed, tmp_path
):
    assert {kind_of(signed[:length], own) for length in (9, 2000, len(page) + 400, len(signed) - 1)} == {signing.CUT}
    assert kind_of(page, own) == signing.NOT_SIGNED == kind_of(b"Amara's CV", own) == kind_of(b"", own)
    for more in (b"\n", b"x", signed[len(page) :]):
        assert kind_of(signed + more, own) == signing.ADDED_TO
    other = config.Settings(secret_key="x" * 32, instance=tmp_path)
    assert kind_of(signed, other) == signing.OTHER_CERTIFICATE


def test_the_courses_certificate_signs_when_there_is_one_and_says_so(page, tmp_path):
    settings = courses(tmp_path)
    startup_checks.refuse_unusable_certificate(settings)
    signer = signing.signer_of(settings)
    assert not signer.own and signer.words == "signed with the course's certificate (PgCert MSK Ultrasound)"
    signed = signing.sign(page, settings=settings, at=clock.now())
    found = signing.check(signed, [signing.certificate_of(settings)])
    assert (found.kind, found.name) == (signing.INTACT, "PgCert MSK Ultrasound")
    assert found.fingerprint == signer.fingerprint
    assert not (tmp_path / signing.OWN).exists()


def test_a_certificate_that_cannot_sign_stops_the_start_with_one_line_and_an_edition_with_a_sentence(page, tmp_path):
    (tmp_path / "text.p12").write_text("not a key")
    good = courses(tmp_path)
    wrong = {
        "cannot be read": replace(good, signing_p12="/nowhere.p12"),
        "is no PKCS #12 file": replace(good, signing_p12=str(tmp_path / "text.p12")),
        "another password": replace(good, signing_p12_password="wrong"),
    }
    for says, settings in wrong.items():
        with pytest.raises(config.SettingError) as stop:
            startup_checks.refuse_unusable_certificate(settings)
        assert str(stop.value).startswith("SIGNING_P12: ") and says in str(stop.value) and "\n" not in str(stop.value)
        assert "wrong" not in str(stop.value)
    expired = courses(tmp_path, ends=timedelta(days=-1))
    with pytest.raises(config.SettingError, match="ran out on"):
        startup_checks.refuse_unusable_certificate(expired)
    with pytest.raises(signing.UnusableKey, match="ran out on"):
        signing.sign(page, settings=expired, at=clock.now())


def test_it_signs_where_an_event_loop_runs_already(own, page):
    async def within() -> str:
        return kind_of(signing.sign(page, settings=own, at=clock.now()), own)

    with ThreadPoolExecutor(1) as thread:  # a browser's test may have left one running in this
        assert thread.submit(asyncio.run, within()).result() == signing.INTACT
