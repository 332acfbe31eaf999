"""Every refusal and every fault as a sentence for the person; nothing answers 500 with a trace."""

import errno
import logging
from collections.abc import Iterator

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError
from peewee import IntegrityError, InterfaceError, InternalError, OperationalError, PeeweeException
from playhouse.pool import MaxConnectionsExceeded
from werkzeug.exceptions import HTTPException

import clock
from blueprints import refusal_log, uploads
from blueprints.access import me, somebody
from blueprints.hypermedia import STALE, refusal
from models import Scan
from workflows.accounts.accounts import StillOpen
from workflows.accounts.password_queue import Busy
from workflows.accounts.throttle import TooMany
from workflows.course import programmes
from workflows.files import ErasedFile, MissingFile
from workflows.refusals import Conflict, Invalid, Later, NotFound, Refused
from workflows.scans import transitions

log = logging.getLogger("sonofolio")

SENTENCES = {
    400: "The request was cut off or not understood. Try again.",
    404: "There is nothing here that you can open.",
    405: "That cannot be done here.",
    413: "That is too much at once. Shorten it and try again.",
    429: "Too many tries. Wait a little and try again.",
}
STATUS = {
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Busy: 503,
    MissingFile: 503,
    ErasedFile: 410,
    StillOpen: 507,
}
NO_ROOM = "There is no room left to save this. Nothing was changed; keep it and try again later."
NOT_NOW = "Saving is not possible just now. Nothing was changed; keep it and try again later."
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # of a disk, a quota, what a process may write
FAILING = (errno.EROFS, errno.EIO, errno.EAGAIN)
BUSY_AGAIN_SECONDS = 5


def init_app(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    for fault in (OperationalError, InterfaceError, InternalError, IntegrityError, MaxConnectionsExceeded):
        app.register_error_handler(fault, _database)
    app.register_error_handler(OSError, _file)
    app.register_error_handler(Exception, _unforeseen)


def _refused(error: Refused) -> Response:
    status = STATUS.get(type(error), 403)
    current = getattr(error, "current", None)
    stands, apart = None, False
    if isinstance(current, Scan):
        stands = transitions.current_state(current, me().id, clock.now())
        apart = programmes.get(current.enrolment.cohort.programme).counts_apart(current.procedure)
    response = refusal(error.sentence, status, stands=stands, apart=apart)
    if isinstance(error, Later):
        return come_back(response, error)
    if status == 403:
        refusal_log.refused("not allowed")
    return response


def come_back(response: Response, later: Later) -> Response:
    """An answer to what is not done now: when it may be tried again; and a line in the log."""
    refusal_log.refused("too many tries" if isinstance(later, TooMany) else "too many at once")
    response.status_code = STATUS[type(later)]
    response.headers["Retry-After"] = str(later.seconds)
    return response


def _stale_form(error: CSRFError) -> Response:
    refusal_log.refused("form out of date, or of another site (CSRF)")
    return refusal("This form is out of date. Reload the page and send it again.", 400, STALE)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    own = error.description if code == 403 else None
    if code == 403:
        refusal_log.refused(own or "not allowed")
    if code == 413 and (takes := uploads.taken_here()):
        own = takes.too_large
    response = refusal(own or SENTENCES.get(code, "That did not work. Try again."), code)
    if error.response is None and code == 405:
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return response


def _database(error: Exception) -> Response:
    """A database that is full, read-only or held by somebody else: say so, keep reading, ask to come back."""
    words = " ".join(_chain(error)).lower()
    _who_if_possible()
    log.error("database: %s %s: %s", request.method, _where(), words.replace("\n", " "))
    if "disk is full" in words or "disk i/o" in words or "no space left" in words:
        return refusal(NO_ROOM, 507)
    if "readonly" in words or "read-only" in words:
        return refusal(NOT_NOW, 503)
    if isinstance(error, IntegrityError):
        return refusal("Somebody changed this at the same moment. Look at it again.", 409)
    return busy()


def _file(error: OSError) -> Response:
    """A file that cannot be written or read, or a disk that is full while one comes in."""
    if error.errno not in (*FULL, *FAILING):
        return _unforeseen(error)
    _who_if_possible()
    log.error("file: %s %s: %s", request.method, _where(), error.strerror)
    if error.errno in FULL:
        return refusal(NO_ROOM, 507)
    return refusal("This cannot be read just now. Try again later." if request.method == "GET" else NOT_NOW, 503)


def busy() -> Response:
    """It cannot be done just now, and when to come back."""
    response = refusal("Sonofolio is busy. Nothing was changed; try again in a few seconds.", 503)
    response.headers["Retry-After"] = str(BUSY_AGAIN_SECONDS)
    return response


def _unforeseen(error: Exception) -> Response:
    number = refusal_log.request_id()
    _who_if_possible()
    log.exception("fault %s: %s %s", number, request.method, _where())
    return refusal(f"Something went wrong on our side; nothing was half-saved. If you report it, say {number}.", 500)


def _where() -> str:
    """The route, not the address: that may hold a secret (a one-time link) or the end of a line."""
    return str(request.url_rule or "no route")


def _chain(error: BaseException | None) -> Iterator[str]:
    """The error's words and those of what led to it: a full disk ends the transaction, and rolling back fails then.

    Their first line alone: below it PostgreSQL repeats the row, which may be somebody's words.
    """
    while error is not None:
        yield str(error).partition("\n")[0]
        error = error.__cause__ or error.__context__


def _who_if_possible() -> None:
    """Whose page it is, when the database still says; an error page must not ask it again in vain."""
    try:
        somebody()
    except (PeeweeException, MaxConnectionsExceeded):
        g.nobody = True
