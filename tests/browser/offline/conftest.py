"""A scanning room in a backend: the real server on a database with the cast, a network that can fail, phones.

def test_something(backend, open_phone_of):
    phone = open_phone_of("amara")          # signed in, and ready: it needs no network to log a scan
    backend.network.down()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

import clock
from models import Enrolment, Party, Person, Placement, Scan, db
from scripts.demo_server import serve
from tests.browser.conftest import PATIENCE, PHONE
from tests.browser.offline.network import BadNetwork, bad_network
from tests.browser.steps import TELL_REFUSALS, Watch, use_ground
from tests.faults.ground import Ground, prepare
from workflows.history import history, records

# What a browser says of a network that is not there; the tests cause it on purpose.
NO_NETWORK = r"net::ERR_|htmx:sendError|htmx:afterRequest|htmx:timeout|Failed to fetch|503"


@dataclass
class Backend:
    """The ground, and the network between it and the phones."""

    ground: Ground
    network: BadNetwork
    students: list[str] = field(default_factory=lambda: ["amara", "tom", "mei"])

    def scans_of(self, name: str) -> list:
        """The student's scans on the server, in the order in which they came."""
        person = getattr(self.ground.cast, name)
        with self.ground.app.extensions["database"].connection_context():
            return list(Scan.select().join(Enrolment).where(Enrolment.person == person).order_by(Scan.case_number))

    def sign_in(self, context: BrowserContext, name: str) -> None:
        """Give this browser the cookie of somebody who has just signed in."""
        name_, _, value = self.ground.phone(getattr(self.ground.cast, name)).cookie.partition("=")
        context.add_cookies([{"name": name_, "value": value, "url": self.network.url, "httpOnly": True}])

    def newcomer(self) -> str:
        """Enrol one more student, mentored by Ravi and Priya, of whom nothing was logged before; returns the name for
        `open_phone_of` and the others.
        """
        cast, now, name = self.ground.cast, clock.now(), f"student{len(self.students)}"
        with self.ground.app.extensions["database"].connection_context(), db.atomic():
            facts = {"email": f"{name}@example.test", "name": name.title(), "password": cast.amara.password}
            student = records.create(Person, **facts, made_at=now)
            first_day = cast.cohort.starts_on
            enrolment = records.create(Enrolment, person=student, cohort=cast.cohort, enrolled_on=first_day)
            placement = records.create(Placement, enrolment=enrolment, site=cast.croydon, starts_on=first_day)
            for mentor in (cast.ravi, cast.priya):
                records.create(Party, placement=placement, person=mentor, role="mentor")
            history.record("gather", f"cohort:{cast.cohort.id}", by=None, at=now)
        setattr(cast, name, student)
        self.students.append(name)
        return name


@pytest.fixture(scope="session")
def served(tmp_path_factory, databases) -> Iterator[Backend]:
    """One for all the tests of this folder."""
    folder = tmp_path_factory.mktemp("offline")
    ground = prepare(folder, databases.fresh(folder))
    with serve(ground.env), bad_network(ground.env["BASE_URL"]) as network:
        yield Backend(ground, network)


@pytest.fixture
def backend(served) -> Iterator[Backend]:
    """With a calm network, and all that was acknowledged before still there."""
    use_ground(served.ground)
    served.network.calm()
    yield served
    served.network.calm()
    served.ground.reckon({scan.id for name in served.students for scan in served.scans_of(name)})


@pytest.fixture
def watched(request):
    """Watch a page's faults, those of a missing network forgiven; told at the end of the test."""
    seen: list[tuple[Page, Watch]] = []

    def watch(page: Page, address: str) -> Watch:
        found = Watch(page, address)
        found.forgive(NO_NETWORK)
        seen.append((page, found))
        return found

    yield watch
    faults = [f"{page.url}: {fault}" for page, found in seen for fault in found.unforgiven()]
    if faults:
        pytest.fail("A page complained while it was used:\n  " + "\n  ".join(faults), pytrace=False)


@pytest.fixture
def open_phone_of(browser, backend, watched):
    """Open somebody's phone on their home page: `open_phone_of("amara", color_scheme="light")`."""
    contexts = []

    def open_one(name: str, ready: bool = True, forgives: str = "", **options) -> Page:
        context = browser.new_context(base_url=backend.network.url, **{"color_scheme": "dark", **PHONE, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_REFUSALS)
        backend.sign_in(context, name)
        page = context.new_page()
        watch = watched(page, backend.network.url)
        if forgives:
            watch.forgive(forgives)
        page.goto("/")
        if ready:
            until_ready(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


def until_ready(page: Page) -> None:
    """The phone has what it needs to log a scan without a network."""
    page.wait_for_selector("html[data-ready=yes]", timeout=PATIENCE)


def address_of(page: Page) -> str:
    return urlsplit(page.url).path
