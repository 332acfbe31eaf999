"""What every answer says to the browser: where things may come from, and that pages are not kept; and to a
phone, that it is ours."""

from flask import Flask, Response, current_app, request

from blueprints.hypermedia import ABOUT, repeated

CSP = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect", "manifest", "worker")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def init_app(app: Flask) -> None:
    app.after_request(_protect)


def keep_out_of_indexes(response: Response) -> Response:
    """For pages whose address is a secret, or says what was asked: no other page is told it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CSP)  # a view may be stricter
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers.setdefault("Referrer-Policy", "same-origin")  # likewise
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
    if current_app.config["SONOFOLIO"].production:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    response.headers.update(repeated(request.headers.get(ABOUT, "")))
    if request.endpoint != "static" or response.status_code >= 400:  # the page of an error names who is signed in
        response.headers["Cache-Control"] = "no-store"
    return response
