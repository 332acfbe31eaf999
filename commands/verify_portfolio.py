"""Whether a portfolio's PDF is genuine, from the file, a certificate and, where it is there, the database."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext
from peewee import PeeweeException

from commands import cli
from rules.editions import code_of
from rules.phrases import day
from workflows.course import programmes
from workflows.portfolio import signing, verification
from workflows.portfolio.verification import Asked, Verdict

if TYPE_CHECKING:
    from cryptography.x509 import Certificate  # 2 MB of every process that knows the commands

SIGNATURES = {
    signing.INTACT: "The signature is intact and covers the whole file. Signed with the certificate of {name}.",
    signing.OTHER_CERTIFICATE: "The signature is intact, but it is of another certificate than ours: {name},"
    " SHA-256 {fingerprint}. Somebody else signed this file, or we did before our certificate was changed.",
    signing.CHANGED: "The file was changed after it was signed: the signature does not hold.",
    signing.ADDED_TO: "Something was added to the file after it was signed. The signature allows no change.",
    signing.CUT: "The file is cut off: its end is missing.",
    signing.NOT_SIGNED: "The file is not signed.",
}
RECORDS = {
    verification.GENUINE: "The record knows this very file: edition {number}, code {code}, made on {day}.",
    verification.OTHER_CODE: "The record knows this very file, but the code is not its own: it is edition {number},"
    " code {code}, made on {day}.",
    verification.CHANGED: "The record knows its code, {code}, but this is not the file that was made.",
    verification.CUT: "The record knows its code, {code}, and this file is shorter than the one that was made.",
    verification.UNKNOWN_FILE: "The record does not know this file.",
}


@click.command("verify-portfolio")
@click.argument("file", type=cli.FILE)
@click.option("--code", default="", help="The code that you were given with it.")
@click.option(
    "--certificate",
    type=cli.FILE,
    help="PEM file with the certificates to trust, in the place of this installation's own.",
)
@with_appcontext
def verify_portfolio(file: Path, code: str, certificate: Path | None) -> None:
    """Say whether a portfolio's PDF is genuine; exits with 0 when it is, 1 when it is not, 2 when misused.

    Its signature is checked with the file alone. What is true of the edition now is in the database: where that cannot
    be asked, it is said that it was not checked.
    """
    wanted = code_of(code)
    if code and wanted is None:
        raise click.BadParameter("A code has ten letters and digits, such as 7KQ2M-9XA4D.", param_hint="--code")
    pdf = file.read_bytes()
    signature = signing.check(pdf, _trusted(certificate))
    click.echo(SIGNATURES[signature.kind].format(name=signature.name, fingerprint=signature.fingerprint))
    verdict = _asked_of_record(pdf, wanted or "", signature)
    if verdict is None or (certificate and verdict.edition is None):
        genuine = _say_unrecorded(pdf, wanted) and signature.kind == signing.INTACT
    else:
        genuine = _say(verdict)
    click.echo("Genuine." if genuine else "Not genuine.")
    if not genuine:
        raise SystemExit(1)


def _say_unrecorded(pdf: bytes, wanted: str | None) -> bool:
    """Print what cannot be checked without the record; whether the code in the file is the one that was given."""
    click.echo("Not checked: whether it is void, or was changed or followed since. No database here knows it.")
    inside = verification.code_in(pdf)
    click.echo(f"The code in it is {inside}." if inside else "There is no code in it.")
    if wanted in (None, inside):
        return True
    click.echo("That is not the code that you were given: this is another edition.")
    return False


def _say(verdict: Verdict) -> bool:
    """Print what the record says; whether the file is genuine and not void."""
    edition, status = verdict.edition, verdict.status
    if edition is None or status is None:
        click.echo(RECORDS[verification.UNKNOWN_FILE])
        return False
    local = programmes.get(edition.enrolment.cohort.programme).local
    facts = {"number": edition.number, "code": edition.code, "day": day(local(edition.made_at))}
    click.echo(RECORDS[verdict.kind].format(**facts))
    if not verdict.by_file:
        return False
    click.echo(f"Student: {edition.enrolment.person.name}. Scans that counted then: {edition.counted}.")
    if status.void_at:
        click.echo(f"Void since {day(local(status.void_at))}: do not rely on it.")
    if status.superseded_by:
        click.echo(f"Edition {status.superseded_by} has followed it.")
    if status.reopened or status.changed:
        click.echo(
            f"Since then {status.reopened} of its scans were reopened and do not count, {status.changed} say"
            " something else."
        )
    return verdict.kind == verification.GENUINE and not status.void_at


def _trusted(certificate: Path | None) -> list[Certificate]:
    if certificate is None:
        try:
            return [signing.certificate_of(cli.settings())]
        except signing.UnusableKey as no:
            raise click.UsageError(f"No certificate: {no.why}. Give one with --certificate.") from None
    try:
        return signing.from_pem(certificate.read_bytes())
    except ValueError:
        raise click.BadParameter(f"There is no certificate in {certificate}.", param_hint="--certificate") from None


def _asked_of_record(pdf: bytes, code: str, signature: signing.Signature) -> Verdict | None:
    """What the record says of the file; None when there is no database, or none that is in order."""
    asked = Asked(
        code, hashlib.sha256(pdf).hexdigest(), verification.code_in(pdf), len(pdf), ended=signature.kind != signing.CUT
    )
    with suppress(PeeweeException), cli.database():
        return verification.verify(asked)
    return None
