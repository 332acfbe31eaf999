"""The signature of a portfolio's PDF: PAdES, certified so that no change is allowed (ISO 32000-2, 12.8.2.2).

It is made with the course's certificate (settings SIGNING_P12 and SIGNING_P12_PASSWORD), or with a key and a
self-signed certificate of this installation's own, which are made when they are first needed. Why so:
docs/decisions/0044-signed-and-verified.md.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import clock
from workflows.refusals import Refused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

OWN = "signing.p12"  # in the instance folder: the installation's own key with its certificate
OWN_LASTS = timedelta(days=365 * 30)
FIELD = "Sonofolio"  # name of the field that holds the signature
END = b"%%EOF"
END_WITHIN = 64  # bytes from the end of the file
LINE_END = 2  # bytes that may stand behind it
_RANGE = re.compile(rb"/ByteRange ?\[ ?(\d{1,12}) (\d{1,12}) (\d{1,12}) (\d{1,12}) ?\]")
_SUBFILTER = b"/ETSI.CAdES.detached"

# What a signature turns out to be.
INTACT, OTHER_CERTIFICATE, CHANGED = "intact", "other_certificate", "changed"
ADDED_TO, CUT, NOT_SIGNED = "added_to", "cut", "not_signed"


class UnusableKey(Refused):
    """The key with which portfolios are signed cannot be used. `why` is for whoever runs the program."""

    def __init__(self, why: str):
        super().__init__(f"Portfolios cannot be signed just now: {why}. Tell whoever runs Sonofolio.")
        self.why = why


@dataclass(frozen=True)
class Signer:
    """Who signs."""

    name: str  # whom the certificate names
    own: bool  # it is this installation's own, self-signed certificate, and not the course's
    fingerprint: str  # SHA-256 of the certificate, in hex
    until: datetime  # the instant at which the certificate runs out

    @property
    def words(self) -> str:
        whose = "this installation's own certificate" if self.own else "the course's certificate"
        return f"signed with {whose} ({self.name})"


@dataclass(frozen=True)
class Signature:
    """What the signature in a file says. `kind` is one of the words above."""

    kind: str
    name: str = ""  # of the certificate that it was made with; empty where none can be read
    fingerprint: str = ""


def signer_of(settings: Any) -> Signer:
    """With whose certificate portfolios are signed now.
    `settings`: the config.Settings of the program.
    Raises UnusableKey: the file with the key cannot be read or made, or is no such file.
    """
    certificate = certificate_of(settings)
    until = certificate.not_valid_after_utc
    return Signer(_name(certificate), not settings.signing_p12, _fingerprint(certificate), until)


def certificate_of(settings: Any) -> Certificate:
    """The certificate with which portfolios are signed now. Raises UnusableKey as `signer_of`."""
    path = _key_file(settings)
    try:
        changed = path.stat().st_mtime_ns
    except OSError as fault:
        raise UnusableKey(f"the file of the key cannot be read ({fault.strerror})") from None
    return _certificate(path, settings.signing_p12_password if settings.signing_p12 else "", changed)


@lru_cache(maxsize=4)
def _certificate(path: Path, password: str, changed: int) -> Certificate:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode() or None)
    except OSError as fault:
        raise UnusableKey(f"the file of the key cannot be read ({fault.strerror})") from None
    except ValueError:
        raise UnusableKey("the file of the key is no PKCS #12 file, or has another password") from None
    if key is None or certificate is None:
        raise UnusableKey("the file of the key does not hold a key with its certificate")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UnusableKey("the key is neither RSA nor of an elliptic curve")
    return certificate


def as_pem(certificate: Certificate) -> bytes:
    """A certificate as text, for others to check signatures with."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def from_pem(content: bytes) -> list[Certificate]:
    """The certificates in a PEM file. ValueError when there is none."""
    from cryptography.x509 import load_pem_x509_certificates

    return load_pem_x509_certificates(content)


def check_dates(certificate: Certificate, at: datetime) -> None:
    """Whether a certificate may sign at this instant. Raises UnusableKey: it has run out, or does not hold yet."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at >= ends:
        raise UnusableKey(f"the certificate ran out on {ends.day} {ends:%B %Y}")
    if at < begins - clock.AHEAD:
        raise UnusableKey(f"the certificate holds from {begins.day} {begins:%B %Y} on only")


def _key_file(settings: Any) -> Path:
    if settings.signing_p12:
        return Path(settings.signing_p12)
    path = settings.instance / OWN
    if not path.exists():
        try:
            _make_own(path, settings)
        except OSError as fault:
            raise UnusableKey(f"the key cannot be made ({fault.strerror})") from None
    return path


def _make_own(path: Path, settings: Any) -> None:
    """Make the key and its certificate. The file has its name once it is whole; the first of several processes wins."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

    key, now = rsa.generate_private_key(65537, 3072), clock.now()
    host = urlsplit(settings.base_url).hostname or "this machine"
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Sonofolio at {host}"[:64])])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
    ) | {"encipher_only": False, "decipher_only": False}
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + OWN_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, SHA256())
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, part = tempfile.mkstemp(dir=path.parent)  # with mode 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(pkcs12.serialize_key_and_certificates(b"Sonofolio", key, certificate, None, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        Path(part).unlink(missing_ok=True)


def _name(certificate: Certificate) -> str:
    from cryptography.x509 import NameOID

    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _fingerprint(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()


def sign(pdf: bytes, *, settings: Any, at: datetime) -> bytes:
    """The PDF with a signature that covers all of it, appended: what was there stays as it was, byte for byte.
    Raises UnusableKey: there is no key, or its certificate does not hold at this instant.
    """
    check_dates(certificate_of(settings), at)
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    class Writer(IncrementalPdfFileWriter):
        """Leaves the file's version and metadata as they are: what they claim (PDF/A-3, PDF/UA-1) stays true."""

        def ensure_output_version(self, version: Any) -> None:
            pass

        def _update_meta(self) -> None:
            pass

    class PdfSigner(signers.PdfSigner):
        """Says the edition's own instant."""

        def init_signing_session(self, *given: Any, **named: Any) -> Any:
            session = super().init_signing_session(*given, **named)
            session.system_time = at
            return session

    password = settings.signing_p12_password.encode() if settings.signing_p12 else None
    simple = signers.SimpleSigner.load_pkcs12_data(_key_file(settings).read_bytes(), [], password or None)
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        name=signer_of(settings).name,
        reason="This portfolio was made by Sonofolio and must not be changed",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
        md_algorithm="sha256",
    )
    # Nothing is drawn: outside the page is where PDF/UA-1 and PDF/A-3 both allow a field without a place in the tags.
    field = fields.SigFieldSpec(
        FIELD,
        readable_field_name="Signature of Sonofolio",
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    )
    signer = PdfSigner(about, simple, new_field_spec=field)
    return bytes(_elsewhere(lambda: signer.sign_pdf(Writer(BytesIO(pdf)))).getbuffer())


def _elsewhere(work: Callable[[], Any]) -> Any:
    """What this does, done in another thread: pyHanko begins an event loop, which is refused where one runs already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def check(pdf: bytes, trusted: list[Certificate]) -> Signature:
    """What the signature of a file says, from the file alone.
    `trusted`: certificates with which portfolios are or were signed.
    """
    found = _RANGE.search(pdf)
    start, length, rest, covered = (int(one) for one in found.groups()) if found else (0, 0, 0, 0)
    over = rest + covered - len(pdf)  # bytes that are missing; below 0: that were added
    if not found or over:
        if not pdf.startswith(b"%PDF-"):
            return Signature(NOT_SIGNED)
        if END not in pdf[-END_WITHIN:] or 0 < over <= LINE_END:
            return Signature(CUT)
        if not found:
            return Signature(CHANGED if _SUBFILTER in pdf else NOT_SIGNED)
    name, fingerprint, signature = _validated(pdf)
    if start != 0 or signature is None or over > 0:
        return Signature(CHANGED, name, fingerprint)
    if fingerprint not in {_fingerprint(one) for one in trusted}:
        return Signature(OTHER_CERTIFICATE, name, fingerprint)
    if over < 0:
        return Signature(ADDED_TO, name, fingerprint)
    written = _as_written(signature).hex().upper().encode()
    whole = pdf[length:rest] == b"<%s>" % written.ljust(rest - length - 2, b"0")
    return Signature(INTACT if whole else CHANGED, name, fingerprint)


def _validated(pdf: bytes) -> tuple[str, str, Any]:
    """Whom the signature's certificate names, its fingerprint, and pyHanko's signature; None in its place when that
    does not hold for what it covers.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    name, fingerprint = "", ""
    try:
        (signature,) = PdfFileReader(BytesIO(pdf), strict=False).embedded_signatures
        signer = signature.signer_cert
        name = signer.subject.native.get("common_name") or signer.subject.human_friendly
        fingerprint = signer.sha256.hex()
        trust = ValidationContext(trust_roots=[signer])
        status = _elsewhere(lambda: validate_pdf_signature(signature, trust, skip_diff=True))
        holds = status.intact and status.valid and signature.docmdp_level == MDPPerm.NO_CHANGES
        return name, fingerprint, signature if holds else None
    except Exception:  # whatever a changed file makes of the reader: the signature does not hold
        return name, fingerprint, None


def _as_written(signature: Any) -> bytes:
    """The signature as `sign` writes it, of the parts that it proves and the certificates. It does not cover itself: a
    byte that was changed in the rest of it would not be found otherwise.
    """
    from asn1crypto import cms

    sha256, info = {"algorithm": "sha256"}, signature.signer_info
    signer = {name: info[name] for name in ("sid", "signature_algorithm", "signed_attrs", "signature")}
    signed = {
        "version": "v1",
        "digest_algorithms": [sha256],
        "encap_content_info": {"content_type": "data"},
        "certificates": signature.signed_data["certificates"],
        "signer_infos": [{"version": "v1", "digest_algorithm": sha256, **signer}],
    }
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump(force=True))
