"""Cookies, signed as Flask signs them, by what is made once.

Flask makes a serializer anew for each cookie that it reads or writes. It holds nothing but the secrets and the way of
signing, so it is kept by these: another secret has its own.
"""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions of one application."""

    kept: tuple[tuple, URLSafeTimedSerializer | None] = (), None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        secrets = (app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ()))
        of, serializer = self.kept
        if of != secrets:
            serializer = super().get_signing_serializer(app)
            self.kept = secrets, serializer
        return serializer


def init_app(app: Flask) -> None:
    app.session_interface = Sessions()
