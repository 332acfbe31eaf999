"""Every setting, read from the environment once and checked at start.

A wrong setting stops the program with one line that names it and says what it takes.
"""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from email_validator import EmailNotValidError, validate_email

ROOT = Path(__file__).resolve().parent
# Said when a setting or a mail server seems to have read a part of the password as something else.
RESERVED = "in its user and password, @ : / ? # [ ] % and space are written as %40 %3A %2F %3F %23 %5B %5D %25 %20"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingError(SystemExit):
    """A setting that cannot be used; its message is the line shown to whoever started the program."""

    def __init__(self, name: str, takes: str):
        super().__init__(f"{name}: {takes}")


@dataclass(frozen=True)
class Settings:
    """What the product was started with. `README.md` has the same table in words."""

    env: str = "development"
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str = ""
    mail_from: str = ""
    queue_url: str = ""
    files_url: str = ""
    trust_proxy: int = 0
    instance: Path = ROOT / "instance"
    programmes: Path = ROOT / "programmes"
    backup_folder: Path | None = None  # none: no backup is made by itself
    backup_recipient: str = ""
    vapid_private_key: str = ""
    vapid_subject: str = ""
    push_test_origin: str = ""
    signing_p12: str = ""
    signing_p12_password: str = ""

    @property
    def vapid_public_key(self) -> str:
        """What browsers know us by when they are told something; empty when nobody is told by push."""
        return _public_key(self.vapid_private_key) if self.vapid_private_key else ""

    @property
    def production(self) -> bool:
        return self.env == "production"


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises:
        SettingError: when one is wrong; it names the setting and what it takes.
    """
    given = os.environ if environ is None else environ
    env = given.get("SONOFOLIO_ENV", "development")
    if env not in ("development", "production"):
        raise SettingError("SONOFOLIO_ENV", f"takes development or production, not {env!r}")
    if env == "production" and given.get("FLASK_DEBUG", "0").lower() not in ("", "0", "false", "no"):
        raise SettingError("FLASK_DEBUG", "shows the inside of the program and takes nothing in production")
    instance = Path(given.get("SONOFOLIO_INSTANCE") or ROOT / "instance")
    vapid_private_key, vapid_subject = _vapid(given)
    return Settings(
        env=env,
        secret_key=_secret_key(given.get("SECRET_KEY", ""), env, instance),
        secret_key_fallbacks=_fallbacks(given.get("SECRET_KEY_FALLBACKS", "")),
        database_url=_database_url(given.get("DATABASE_URL", ""), env, instance),
        base_url=_base_url(given, env),
        smtp_url=_smtp_url(given.get("SMTP_URL", "")),
        mail_from=_mail_from(given.get("MAIL_FROM", "")),
        queue_url=_queue_url(given.get("QUEUE_URL") or f"sqlite:///{instance / 'jobs.sqlite3'}"),
        files_url=_files_url(given.get("FILES_URL", "")),
        trust_proxy=_count("TRUST_PROXY", given.get("TRUST_PROXY", "0")),
        instance=instance,
        programmes=_folder("SONOFOLIO_PROGRAMMES", given.get("SONOFOLIO_PROGRAMMES") or str(ROOT / "programmes")),
        backup_folder=Path(given.get("BACKUP_FOLDER") or instance / "backups"),
        backup_recipient=_backup_recipient(given.get("BACKUP_RECIPIENT", "").strip()),
        vapid_private_key=vapid_private_key,
        vapid_subject=vapid_subject,
        push_test_origin=_push_test_origin(given.get("PUSH_TEST_ORIGIN", ""), env),
        signing_p12=_signing_p12(given),
        signing_p12_password=given.get("SIGNING_P12_PASSWORD", ""),
    )


def _signing_p12(given: Mapping[str, str]) -> str:
    """The file of the key that signs portfolios. Whether it can be used is looked at by startup_checks.py."""
    path = given.get("SIGNING_P12", "")
    if given.get("SIGNING_P12_PASSWORD") and not path:
        raise SettingError("SIGNING_P12", "is missing beside SIGNING_P12_PASSWORD")
    return path


def _vapid(given: Mapping[str, str]) -> tuple[str, str]:
    """Our key for push messages and where its services reach us: both or neither."""
    key, subject = given.get("VAPID_PRIVATE_KEY", ""), given.get("VAPID_SUBJECT", "")
    if key:
        try:
            _public_key(key)
        except ValueError:
            takes = "takes what `flask --app app vapid-keys` prints: 32 bytes as base64url"
            raise SettingError("VAPID_PRIVATE_KEY", takes) from None
    if (key or subject) and not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+", subject):
        raise SettingError(
            "VAPID_SUBJECT", "takes mailto: and the address of whoever runs this, with VAPID_PRIVATE_KEY"
        )
    if subject and not key:
        raise SettingError(
            "VAPID_PRIVATE_KEY", "is missing beside VAPID_SUBJECT; `flask --app app vapid-keys` makes one"
        )
    return key, subject


@lru_cache
def _public_key(private: str) -> str:
    """The public half, base64url, as browsers take it (an uncompressed point of P-256). ValueError for no key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw = base64.urlsafe_b64decode(private + "=" * (-len(private) % 4))
    if len(raw) != 32:
        raise ValueError("32 bytes")
    public = ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1()).public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _push_test_origin(origin: str, env: str) -> str:
    """The tests' own push service. It would let a browser send us anywhere, so a real course refuses it."""
    if origin and env == "production":
        raise SettingError("PUSH_TEST_ORIGIN", "is for tests alone and takes nothing in production")
    parts = _split("PUSH_TEST_ORIGIN", origin, takes := "takes an origin, such as http://127.0.0.1:9999")
    if origin and (f"{parts.scheme}://{parts.netloc}" != origin or parts.scheme not in ("http", "https")):
        raise SettingError("PUSH_TEST_ORIGIN", takes)
    return origin


def _secret_key(key: str, env: str, instance: Path) -> str:
    if key:
        if len(key) < 32:
            raise SettingError("SECRET_KEY", "takes at least 32 characters, for example from `openssl rand -hex 32`")
        return key
    if env == "production":
        raise SettingError("SECRET_KEY", "is required in production: at least 32 random characters")
    # Kept in a file so that a restart, and a second worker, go on with the same sign-ins.
    key_file = instance / "secret_key"
    if not key_file.exists():
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
    return key_file.read_text().strip()


def _fallbacks(text: str) -> tuple[str, ...]:
    """Earlier secret keys, the newest first: what was signed with them still holds."""
    keys = tuple(text.replace(",", " ").split())
    if any(len(key) < 32 for key in keys):
        raise SettingError("SECRET_KEY_FALLBACKS", "takes earlier keys of at least 32 characters, parted by commas")
    return keys


def _database_url(url: str, env: str, instance: Path) -> str:
    """The database; by default a file, of which the demo course has one and a real course another."""
    url = url or f"sqlite:///{instance / ('sonofolio.sqlite3' if env == 'production' else 'demo.sqlite3')}"
    takes = "takes sqlite:///path/to/file or postgresql://user@host/name"
    if _split("DATABASE_URL", url, takes).scheme not in ("sqlite", "postgres", "postgresql"):
        raise SettingError("DATABASE_URL", takes)
    return url


def _base_url(given: Mapping[str, str], env: str) -> str:
    """Scheme, host and port; our pages begin at its root. In production it is said, and https: over plain http no
    browser keeps the cookies, but for one on this very machine.
    """
    takes = "takes the address people open, such as https://scans.example.ac.uk"
    own = f"http://{given.get('HOST') or '127.0.0.1'}:{_port(given.get('PORT', '8000'))}"
    url = (given.get("BASE_URL") or ("" if env == "production" else own)).strip().removesuffix("/")
    if not url:
        raise SettingError("BASE_URL", f"is required in production; it {takes}")
    parts = _split("BASE_URL", url, takes)
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", url, re.IGNORECASE):
        raise SettingError("BASE_URL", f"{takes}, without a path")
    if env == "production" and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingError("BASE_URL", f"{takes}; in production it begins with https")
    return url


def _port(text: str) -> int:
    port = _count("PORT", text)
    if not 0 < port < 65536:
        raise SettingError("PORT", f"takes a number from 1 to 65535, not {text!r}")
    return port


def _smtp_url(url: str) -> str:
    takes = "takes smtp://user:password@host:port or smtps://..."
    if "@" in url:
        takes += f"; {RESERVED}"
    parts = _split("SMTP_URL", url, takes)
    # "smtp://user:12/34@host" can be taken apart, as the path "/34@host" of a machine that is called "user".
    rest = parts.path.strip("/") or parts.query or parts.fragment
    if url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname or rest):
        raise SettingError("SMTP_URL", takes)
    if re.search(r"%(?![0-9A-Fa-f]{2})", parts.netloc):
        raise SettingError("SMTP_URL", takes)
    return url


def _mail_from(text: str) -> str:
    """Whom our mail is from: an address, a name before it where one is wanted; empty for the one made of BASE_URL."""
    text = text.strip()
    try:
        if text:
            validate_email(
                text, allow_display_name=True, allow_smtputf8=False, check_deliverability=False, test_environment=True
            )
    except EmailNotValidError:
        takes = "takes an address, such as scans@example.ac.uk, or Sonofolio <scans@example.ac.uk>"
        raise SettingError("MAIL_FROM", takes) from None
    return text


def _queue_url(url: str) -> str:
    scheme = _split("QUEUE_URL", url, takes := "takes sqlite:///path, postgresql://... or redis://...").scheme
    if scheme not in ("sqlite", "postgres", "postgresql", "redis", "rediss"):
        raise SettingError("QUEUE_URL", takes)
    if scheme.startswith("redis") and find_spec("redis") is None:
        raise SettingError("QUEUE_URL", "redis://... wants the package redis, which is not installed")
    return url


def _backup_recipient(text: str) -> str:
    """Whose key opens our backups; empty for backups that are not encrypted."""
    if not text:
        return ""
    from pyrage import RecipientError, x25519

    try:
        x25519.Recipient.from_str(text)
    except RecipientError:
        takes = "takes a public key of age, age1..., as `age-keygen` prints it"
        raise SettingError("BACKUP_RECIPIENT", takes) from None
    return text


def _files_url(url: str) -> str:
    """Where stored files are; empty for the folder `files` of the instance."""
    parts = _split("FILES_URL", url, takes := "takes file:///path/of/a/folder or s3://bucket/prefix")
    folder = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
    bucket = parts.scheme == "s3" and bool(parts.netloc)
    if url and (not (folder or bucket) or parts.query or parts.fragment):
        raise SettingError("FILES_URL", takes)
    if bucket and find_spec("obstore") is None:
        raise SettingError("FILES_URL", "s3://... wants the package obstore, which is not installed")
    return url


def _split(name: str, url: str, takes: str) -> SplitResult:
    """The parts of an address that can be taken apart, its port included."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read, since it is only then that a port that is no number is noticed
    except ValueError:
        raise SettingError(name, takes) from None
    return parts


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise SettingError(name, f"takes a whole number, not {text!r}")
    return int(text)


def _folder(name: str, path: str) -> Path:
    if not Path(path).is_dir():
        raise SettingError(name, f"takes a folder of programme files; {path!r} is none")
    return Path(path)
