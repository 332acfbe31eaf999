"""The running product on a database that the tests write to beside it, and Ravi with his inbox open."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest

import clock
from models import Scan
from rules import states
from scripts.demo_server import serve
from tests.browser.approvals.steps import UNREACHABLE
from tests.browser.steps import use_ground
from tests.cast import logged
from tests.faults.ground import prepare


class Product:
    """The running product, which a test may stop and start again."""

    def __init__(self, ground):
        self.ground, self.cast = ground, ground.cast
        self._running = ExitStack()

    def start(self):
        self._running.enter_context(serve(self.ground.env, workers=1))

    def stop(self):
        self._running.close()


@pytest.fixture(scope="session")
def product(tmp_path_factory, databases):
    """One for all the tests of this folder."""
    folder = tmp_path_factory.mktemp("approvals")
    ground = prepare(folder, databases.fresh(folder))
    made = Product(ground)
    made.start()
    yield made
    made.stop()
    ground.app.extensions["database"].close_all()


@pytest.fixture(scope="session")
def server(product):
    """Instead of the demo course: `open_phone` opens this one."""
    return product.ground.env["BASE_URL"]


@pytest.fixture
def cast(product):
    """The cast, with a connection to their database; nothing of an earlier test waits or can be undone."""
    use_ground(product.ground)
    with product.ground.app.extensions["database"].connection_context():
        Scan.update(state=states.WITHDRAWN).where(Scan.state == states.WITH_MENTOR).execute()
        long_ago = clock.now() - timedelta(hours=1)
        Scan.update(approved_at=long_ago).where(Scan.approved_at > long_ago).execute()
        yield product.cast


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi)


@pytest.fixture
def sign_in(product, server):
    """`sign_in(page, person)`: a cookie of their own, as if they had signed in on the page for it."""

    def enter(page, person):
        name, value = product.ground.phone(person).cookie.split("=", 1)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": value, "url": server}])

    return enter


@pytest.fixture
def ravi(open_phone, watch_of, sign_in, cast, scan):
    """Ravi, with his inbox open. What a page waits for is not waited for: its clock is moved on (`page.clock`)."""
    page = open_phone()
    watch_of(page).forgive(UNREACHABLE)
    sign_in(page, cast.ravi)
    page.clock.install()
    page.goto("/inbox")
    return page
