"""What is looked at before the application serves anybody: that no real course runs on the demo course's database, that
people can sign out whatever becomes of the database, that portfolios can be signed and files stored.
"""

import logging
from pathlib import Path

from peewee import Database, PeeweeException

import clock
import config
from workflows import files
from workflows.accounts import signed_out
from workflows.course import demo_course
from workflows.portfolio import signing
from workflows.scans import hidden_list, unknown_words

log = logging.getLogger("sonofolio")


def run(settings: config.Settings, database: Database) -> None:
    """Look at all of it; SystemExit when something stops us."""
    if settings.production:
        refuse_demo_course(database)
    refuse_unusable_certificate(settings)
    open_files(settings)
    open_signed_out(settings.instance / "signed-out")


def refuse_demo_course(database: Database) -> None:
    """Stop on a database with the demo course in it, or one that cannot be asked whether it has."""
    try:
        opened = database.connect(reuse_if_open=True)
        found = demo_course.is_here()
        if opened:
            database.close()
    except PeeweeException as fault:
        line = str(fault).partition("\n")[0]
        raise config.SettingError("DATABASE_URL", f"names a database that does not answer ({line})") from None
    if found:
        raise config.SettingError(
            "DATABASE_URL",
            "names a database that holds the demo course, whose password everybody knows; "
            "name a new one, which `flask --app app migrate` makes, for the real course",
        )


def open_signed_out(path: Path) -> None:
    """Use this file for who signs out while the database cannot be written; a warning when it cannot be made."""
    try:
        signed_out.open_file(path)
    except OSError as fault:
        log.warning("%s cannot be made (%s): nobody can sign out while the database cannot be written", path, fault)


def refuse_unusable_certificate(settings: config.Settings) -> None:
    """Stop when the course's own certificate cannot sign portfolios: unreadable, of another password, or run out."""
    if not settings.signing_p12:
        return
    try:
        signing.check_dates(signing.certificate_of(settings), clock.now())
    except signing.UnusableKey as no:
        raise config.SettingError("SIGNING_P12", f"takes a PKCS #12 file that can sign: {no.why}") from None


def open_files(settings: config.Settings) -> None:
    """Store files where the setting says; stop when that is not possible."""
    try:
        files.use(settings.files_url, settings.instance)
        hidden_list.use(settings.instance)
    except OSError as fault:
        raise config.SettingError("FILES_URL", f"names a folder that cannot be used ({fault.strerror})") from None
    except ValueError as fault:
        raise config.SettingError("FILES_URL", f"takes s3://bucket/prefix that can be opened ({fault})") from None


def log_unknown_words(folder: Path) -> None:
    """Log what `flask migrate` found of recorded words that no file knows, or that the files have changed since."""
    file = folder / unknown_words.FILE
    for line in unknown_words.lines(file):
        log.warning("%s", line)
    if file.exists() and not unknown_words.is_counted(file):
        log.warning("the programmes' files have changed: `flask --app app migrate` says which recorded words they lost")
