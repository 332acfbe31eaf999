"""Sonofolio, put together: settings, database, who may come in, the rooms, error pages, commands."""

import gc
import os
from datetime import timedelta
from typing import Any

from flask import Flask, g
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import import_string

import config
import permissions
import startup_checks
from blueprints import access, assets, errors, field_limits, headers, navigation, request_checks, templating, time_limit
from blueprints.hypermedia import htmx
from blueprints.logs import begin_logging
from database import open_database
from models import db
from workflows.course import programmes
from workflows.history import keys

csrf = CSRFProtect()
# Each feature, by where its blueprint is.
BLUEPRINTS = (
    "accounts.address_views:addresses",
    "accounts.joining:joining",
    "accounts.mail_link_views:mail_links",
    "accounts.passkey_views:passkeys",
    "accounts.views:accounts",
    "cohort.views:cohort",
    "confirmations.views:confirmations",
    "earlier.views:earlier",
    "home.views:home",
    "invitations.views:invitations",
    "notices.views:notices",
    "open_data.views:open_data",
    "people.adding:adding",
    "people.views:people",
    "placements.views:placements",
    "portfolio.views:portfolio",
    "privacy.views:privacy",
    "pwa.views:pwa",
    "register_pack.views:register_pack",
    "reviews.views:reviews",
    "scans.views:scans",
    "students.views:students",
    "study.views:study",
    "verify.views:verify",
)


def create_app(settings: config.Settings | None = None, *, with_commands: bool = True) -> Flask:
    """The Flask application, for any WSGI server: `app:create_app()`. Ours is `asgi:create_app()` (asgi.py). Without
    `settings` they are read from the environment; without the commands a process takes 3 MB less.

    Raises:
        SystemExit: naming a wrong setting, a file that others can read, or a route that does not say who may open it.
    """
    served = settings is None and "FLASK_RUN_FROM_CLI" not in os.environ  # by a server, and no command of ours
    if settings is None:
        os.umask(0o077)  # a process of its own: whatever it writes from now on is for its account alone
        settings = config.from_environment()
        begin_logging()
    permissions.keep_private(settings.instance, settings.database_url)
    app = Flask(__name__)
    app.config.update(_flask_settings(settings))
    app.url_map.merge_slashes = False  # no redirect of the router's own: it would repeat a forged Host header
    templating.init_app(app)
    if settings.trust_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trust_proxy, x_proto=settings.trust_proxy, x_host=0)  # type: ignore[method-assign]
    programmes.load_all(settings.programmes)
    keys.use(settings.secret_key, settings.secret_key_fallbacks)
    app.extensions["database"] = open_database(settings.database_url)
    startup_checks.run(settings, app.extensions["database"])
    _give_back_connections(app)
    time_limit.init_app(app)
    request_checks.init_app(app)  # a request is here, whole, before anybody asks the database
    htmx.init_app(app)
    access.init_app(app)  # before CSRF: a lapsed sign-in is told as such
    request_checks.init_owner_check(app)
    field_limits.init_app(app)
    csrf.init_app(app)
    Compress(app)
    headers.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    navigation.init_app(app)
    _register(app, with_commands)
    access.check_declared(app)
    if served:
        startup_checks.log_unknown_words(settings.instance)
        templating.compile_all(app)
    gc.freeze()  # what was made here stays: a full collection that walked it kept a request waiting for 60 ms
    return app


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    return {
        "SONOFOLIO": settings,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SESSION_COOKIE_NAME": "__Host-sonofolio" if settings.production else "sonofolio",
        "SESSION_COOKIE_SECURE": settings.production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=60),
        "SESSION_REFRESH_EACH_REQUEST": False,  # access does it once a minute; signing it costs more than reading
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the sign-in; a phone comes back after days
        "WTF_CSRF_SSL_STRICT": False,  # a one-time link's page sends no referrer; the guard reads Sec-Fetch-Site
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 3,  # half the time of 4, for a twentieth more
    }


def _give_back_connections(app: Flask) -> None:
    """A request takes a connection with its first query, so one that asks the database nothing takes none."""

    @app.before_request
    def remember() -> None:
        g.connected_before = not db.is_closed()

    @app.teardown_request
    def give_back(error: BaseException | None) -> None:
        if not g.pop("connected_before", True):
            db.close()


def _register(app: Flask, with_commands: bool) -> None:
    from blueprints.notices.views import stop_mail

    for name in BLUEPRINTS:
        app.register_blueprint(import_string(f"blueprints.{name}"))
    csrf.exempt(stop_mail)  # a mail program presses it: its address is the proof
    if with_commands:
        import commands

        commands.init_app(app)
