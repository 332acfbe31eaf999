"""The pack for a register: one zip file, made while it is sent, with an index of what is in it."""

import io
from collections.abc import Iterator
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from flask import Response

from blueprints.exports import csv_file, streamed
from rules.file_kinds import KINDS
from rules.file_names import plain
from rules.programme import Programme
from workflows import files
from workflows.portfolio.register_pack import DONE, NOT_YET, Checklist, PackFile

LINE = "-" * 72


class _Sink(io.RawIOBase):
    """Where the zip file is written: what was written since it was last asked."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part) -> int:  # type: ignore[no-untyped-def, override]
        self.parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def pack(checklist: Checklist, programme: Programme, student: str, now: datetime) -> Response:
    """The zip file as an answer.

    Raises:
        MissingFile: one of its files cannot be read; nothing is sent then.
    """
    contents = [(one, files.read(one.file)) for one in checklist.files]
    index = _index(checklist, programme, student, now).encode()
    table = csv_file("index.csv", _table(checklist, programme)).get_data()
    made = _zipped([("index.txt", index), ("index.csv", table)], contents, programme, now)
    response = Response(made, mimetype="application/zip")
    return streamed(response, f"{plain(student)}, {plain(checklist.register.name)}.zip")


def _zipped(
    own: list[tuple[str, bytes]],
    contents: list[tuple[PackFile, Iterator[bytes]]],
    programme: Programme,
    now: datetime,
) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as made:  # type: ignore[call-overload]
        for name, text in own:
            made.writestr(_entry(name, programme.local(now)), text)
        yield sink.taken()
        for one, pieces in contents:
            with made.open(_entry(one.name, programme.local(one.at)), "w", force_zip64=False) as target:
                for piece in pieces:
                    target.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _entry(name: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(name, at.timetuple()[:6])
    entry.external_attr = 0o600 << 16
    return entry


def _table(checklist: Checklist, programme: Programme) -> Iterator[list[str | int]]:
    """A row for each file of the pack, the headings first."""
    yield ["item", "file", "kind", "bytes", "sha256", "date", "about"]
    for one in checklist.files:
        day = programme.local(one.at).date().isoformat()
        kind = KINDS[one.file.kind].name
        yield [one.item.name, one.name, kind, one.file.bytes, one.file.sha256, day, one.about]


def _index(checklist: Checklist, programme: Programme, student: str, now: datetime) -> str:
    """The index in words: what the register asks, what is in the pack, and what is not."""
    register = checklist.register
    lines = [
        f"{student}: application to the {register.name}",
        *([register.route] if register.route else []),
        f"{programme.name}, {programme.institution}. Put together on {programme.local(now):%d %B %Y} with Sonofolio.",
        "The files were added by the applicant; Sonofolio has not judged them. SHA-256 shows that one is unchanged.",
    ]
    for entry in checklist.entries:
        item = entry.item
        lines += [LINE, f"{item.name}. {item.what}"]
        lines.append(f"Asked on {item.source}" if item.source else "Not on the register's page: ask the register.")
        if entry.state != DONE:
            lines.append("NOT IN THIS PACK" + (": Sonofolio records no awards yet." if entry.state == NOT_YET else "."))
        for one in entry.files:
            lines += [f"  {one.name}", f"    {one.about}, {programme.local(one.at):%d %B %Y}, {one.file.bytes:,} bytes"]
            lines.append(f"    SHA-256 {one.file.sha256}")
    return "\n".join([*lines, ""])
