"""What is signed is what Flask itself signs and reads, though its signer is kept."""

from __future__ import annotations

from time import time

import pytest
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface

from blueprints import signing

OLD, NEW, ANOTHERS = ("the secret of last year", "the secret of this year", "the secret of somebody else")
WHO = {"_user_id": "amara", "_fresh": True, "_permanent": True}


@pytest.fixture
def app():
    app = Flask(__name__)
    app.config.update(SECRET_KEY=OLD, WTF_CSRF_TIME_LIMIT=None)
    signing.init_app(app)
    return app


def by_flask(secret):
    """A cookie as Flask signs it with this secret."""
    plain = Flask(__name__)
    plain.secret_key = secret
    return SecureCookieSessionInterface().get_signing_serializer(plain).dumps(WHO)


def read(app, cookie):
    with app.test_request_context(headers={"Cookie": f"session={cookie}"}):
        return dict(session)


def test_a_cookie_is_the_one_that_flask_signs_and_reads(app, monkeypatch):
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: 1_800_000_000)
    for _ in range(2):
        assert app.session_interface.get_signing_serializer(app).dumps(WHO) == by_flask(OLD)
        assert read(app, by_flask(OLD)) == WHO


def test_a_cookie_that_was_signed_with_another_secret_or_altered_is_nobodys(app):
    cookie = by_flask(OLD)
    assert read(app, cookie) == WHO
    for forged in (by_flask(ANOTHERS), cookie[:-1], "x" + cookie, cookie.rpartition(".")[0], cookie.replace(".", "..")):
        assert read(app, forged) == {}


def test_a_cookie_ends_with_its_time(app, monkeypatch):
    cookie = by_flask(OLD)
    assert read(app, cookie) == WHO
    late = app.permanent_session_lifetime.total_seconds() + 5
    now = time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + late)
    assert read(app, cookie) == {}


def test_from_a_changed_secret_on_the_old_one_is_worth_nothing_unless_it_is_named_as_one_of_before(app):
    cookie = by_flask(OLD)
    assert read(app, cookie) == WHO
    app.secret_key = NEW
    assert read(app, cookie) == {}
    assert read(app, by_flask(NEW)) == WHO
    app.config["SECRET_KEY_FALLBACKS"] = [OLD]
    assert read(app, cookie) == WHO
    signed = app.session_interface.get_signing_serializer(app).dumps(WHO)
    app.config["SECRET_KEY_FALLBACKS"] = []
    assert read(app, signed) == WHO, "what is signed now is signed with the newest"
    assert read(app, cookie) == {}


def test_without_a_secret_nothing_is_signed(app):
    read(app, by_flask(OLD))
    app.secret_key = None
    assert app.session_interface.get_signing_serializer(app) is None


def test_two_applications_do_not_read_each_others(app):
    other = Flask(__name__)
    other.secret_key = ANOTHERS
    signing.init_app(other)
    for _ in range(2):
        assert read(app, by_flask(OLD)) == WHO and read(other, by_flask(ANOTHERS)) == WHO
        assert read(app, by_flask(ANOTHERS)) == {} and read(other, by_flask(OLD)) == {}


def test_a_serializer_is_made_once_for_each_secret(app):
    with app.test_request_context():
        first = app.session_interface.get_signing_serializer(app)
        assert app.session_interface.get_signing_serializer(app) is first
        app.secret_key = NEW
        assert app.session_interface.get_signing_serializer(app) is not first
