"""Cookies and form tokens, signed as Flask and Flask-WTF sign them, by what is made once.

Both make a serializer anew for each cookie that they read and for each token. It holds nothing but the secrets, the
salt and the way of signing, so it is kept by these: another secret has its own.
"""

from __future__ import annotations

from functools import lru_cache

import flask_wtf.csrf
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

# As Flask-WTF calls it, with the secret and the salt of its tokens.
of_tokens = lru_cache(maxsize=8)(URLSafeTimedSerializer)


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
    flask_wtf.csrf.URLSafeTimedSerializer = of_tokens
