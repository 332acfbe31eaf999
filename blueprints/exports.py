"""Files to download, never opened as a page of ours: CSV or Excel (workflows/spreadsheets.py), and stored files."""

import io
from collections.abc import Iterable, Sequence

from flask import Response, current_app, request

from blueprints.request_checks import STREAMED
from models import File
from rules.file_names import plain
from workflows import files
from workflows.history import heads
from workflows.spreadsheets import Book, Cell, CsvTable, write_all

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(name: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """These rows as a CSV file of this name."""
    out = io.StringIO()
    write_all(CsvTable(out), rows)
    return attachment(out.getvalue().encode(), CSV, name)


def xlsx_file(name: str, sheet: str, rows: Iterable[Sequence[Cell]], about: Iterable[Sequence[Cell]]) -> Response:
    """A workbook of two sheets: these rows, the headings first, and "About", which says what they are."""
    out = io.BytesIO()
    with Book(out) as book:
        write_all(book.sheet(sheet), rows)
        write_all(book.sheet("About", headings=False), about)
    return attachment(out.getvalue(), XLSX, name)


def history_head() -> str:
    """Where history ends, which proves later that nothing was cut off (docs/running.md)."""
    return heads.exported(current_app.config["SONOFOLIO"].instance / heads.FILE)


def attachment(content: bytes, kind: str, name: str) -> Response:
    """This file, to be kept under this name."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def stored_file(file: File, name: str) -> Response:
    """A stored file under this name, with its ending. Who may have it is the view's to say.

    Raises:
        MissingFile: it is not there, or not as it was stored.
    """
    response = Response(files.read(file), mimetype=file.kind)
    response.content_length = file.bytes
    response.set_etag(file.sha256)
    return streamed(response, name).make_conditional(request.environ)


def streamed(response: Response, name: str) -> Response:
    """This answer as a download whose pieces are sent as they are read: each perhaps in another thread, so none may
    come from the database.
    """
    response.headers.set("Content-Disposition", "attachment", filename=plain(name))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    request.environ[STREAMED] = True
    return response
