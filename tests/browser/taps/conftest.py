"""The running product on a database that the tests write to beside it, and Ravi with his inbox open."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from scripts.demo_server import serve
from tests.browser.taps.steps import UNREACHABLE
from tests.cast import logged
from tests.faults.ground import prepare


class House:
    """The running product, and the hand on its plug."""

    def __init__(self, ground):
        self.ground, self.cast = ground, ground.cast
        self._plug = ExitStack()

    def start(self):
        self._plug.enter_context(serve(self.ground.env))

    def stop(self):
        self._plug.close()


@pytest.fixture(scope="module")
def house_of_taps(tmp_path_factory, databases):
    folder = tmp_path_factory.mktemp("taps")
    ground = prepare(folder, databases.fresh(folder))
    running = House(ground)
    running.start()
    yield running
    running.stop()
    ground.app.extensions["database"].close_all()


@pytest.fixture(scope="module")
def server(house_of_taps):
    """Instead of the demo course: `open_phone` opens this one."""
    return house_of_taps.ground.env["BASE_URL"]


@pytest.fixture
def cast(house_of_taps):
    with house_of_taps.ground.app.extensions["database"].connection_context():
        yield house_of_taps.cast


@pytest.fixture
def scan(cast):
    return logged(cast.amara, cast.ravi)


@pytest.fixture
def sign_in(house_of_taps, server):
    """`sign_in(page, person)`: a cookie of their own, as if they had come in by the door."""

    def enter(page, person):
        name, value = house_of_taps.ground.phone(person).cookie.split("=", 1)
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": value, "url": server}])

    return enter


@pytest.fixture
def ravi(request, open_phone, watch_of, sign_in, cast, scan):
    """Ravi, with his inbox open; dark unless the test says otherwise."""
    page = open_phone(getattr(request, "param", "dark"))
    watch_of(page).forgive(UNREACHABLE)
    sign_in(page, cast.ravi)
    page.goto("/inbox")
    return page
