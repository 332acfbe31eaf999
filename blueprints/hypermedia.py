"""The few htmx words that the server speaks. Nothing else knows htmx's name.

GET answers pages. An answer to POST is a piece for htmx, a redirect for a plain browser, JSON for who asks for JSON.
"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, jsonify, make_response, redirect, render_template
from htmx_flask import Htmx, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException

htmx = Htmx()
# No password is ever written into a page.
NEVER_KEPT = {"csrf_token", "password", "current", "new", "code", "credential"}
STALE = "stale-form"
# What a phone's outbox sends again by itself: what another sign-in came between, and what did not arrive whole.
ANOTHER, CUT_OFF = "another-person", "cut-off"
LONGEST_ADDRESS = 2000  # characters, of a page of ours
KEPT_FOR = "kept_for"  # the field of a form that says whose it is: their id
# A phone says in this header what its request is about (a scan), and takes for our answer only what repeats that
# in the other (static/responses.js). Whoever answers before the application does, does it too (`repeated`).
ABOUT, ANSWER = "Sonofolio-About", "Sonofolio-Answer"
PLAIN = re.compile(r"[\w-]{1,64}", re.ASCII)


def is_htmx() -> bool:
    """The request was made by htmx."""
    return bool(request.htmx)


def page_address() -> str:
    """The path and query of the page from which htmx asked; empty when it was not htmx, or does not say."""
    address = (request.htmx.current_url or "") if request.htmx else ""
    try:
        page = urlsplit(address if len(address) <= LONGEST_ADDRESS else "")
    except ValueError:
        return ""
    return page._replace(scheme="", netloc="", fragment="").geturl() if page.path[1:2] != "/" else ""


def wants_json() -> bool:
    """The caller asked for JSON: the outbox of a phone, never a page. It is never redirected."""
    return prefers_json(request.accept_mimetypes)


def prefers_json(accepts: MIMEAccept) -> bool:
    """Of a page and JSON, it is JSON that these accept rather."""
    return accepts.best_match(["text/html", "application/json"], default="text/html") == "application/json"


def piece(*parts: str, status: int = 200, retarget: str = "", reswap: str = "", push: str = "") -> Response:
    """Rendered pieces, one after the other; those beside the first are swapped out of band by their own ids."""
    response = make_response("\n".join(parts), status)
    if retarget:
        response.headers["HX-Retarget"] = retarget
    if reswap:
        response.headers["HX-Reswap"] = reswap
    if push:
        response.headers["HX-Push-Url"] = push
    return response


def go_to(url: str) -> Response:
    """Send the browser to a page after a POST, with or without htmx."""
    if is_htmx():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def sign_in_first(url: str) -> Response:
    """Nobody is signed in (any more): 401 for htmx and JSON, the sign-in page for a plain browser. A plain form that
    says whose it is (`kept_for`) is kept on a page, from which that person sends it again."""
    if wants_json():
        return json_answer({"error": "signed-out", "message": "Sign in, then go on.", **about()}, 401)
    if is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url
        return response
    if request.method == "POST" and KEPT_FOR in request.form:
        return refusal("You were signed out before this was saved.", 401)
    return redirect(url, 303)


def repeated(about: str) -> dict[str, str]:
    """The header that marks an answer as ours: what the request says it is about, when that is a plain word."""
    return {ANSWER: about} if PLAIN.fullmatch(about) else {}


def json_answer(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def refusal(
    sentence: str, status: int, title: str = "", stands: dict[str, Any] | None = None, apart: bool = False
) -> Response:
    """A refusal as the caller can show it: JSON, the notice area, or a page of its own.

    Args:
        stands: what of a scan stands now, where an action was overtaken: `workflows.scans.transitions.current_state`.
        apart: that scan is a guided procedure that counts apart (R4).
    """
    if wants_json():
        return json_answer({"error": title or "refused", "message": sentence, **about(), **(stands or {})}, status)
    if is_htmx():
        html = render_template("_notice.html", sentence=sentence, kind="bad")
        return piece(html, status=status, retarget="#notice", reswap="innerHTML")
    page = render_template(
        "errors/page.html",
        code=status,
        sentence=sentence,
        unsaved=_unsaved_fields(status, title),
        again=request.full_path,
        stands=stands,
        apart=apart,
    )
    return make_response(page, status)


def about() -> dict[str, str]:
    """Which scan a refusal is about, where that can be read: a phone takes nothing for an answer that does not say."""
    try:
        number = request.form.get("scan_id") or str((request.view_args or {}).get("scan_id", ""))
        return {"scan_id": str(UUID(number))}
    except (ValueError, HTTPException):  # none was sent, or too much to be read
        return {}


def _unsaved_fields(status: int, title: str) -> list[tuple[str, str]]:
    """What a plain form had sent when saving was not possible just now, so that one press sends it again. Without a
    sign-in, or with a form out of date, only one that says whose it is: nobody sends another's by mistake. Nothing of a
    form with a file, which no page can hold."""
    if request.mimetype == "multipart/form-data":
        return []
    ours = status >= 500 or ((status == 401 or title == STALE) and KEPT_FOR in request.form)
    if not ours or request.method != "POST" or request.endpoint is None:  # `//elsewhere/x` is no address of ours
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]
