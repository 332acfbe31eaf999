"""A real server, a real Chromium, a phone in the hand and a screen on the desktop.

    def test_something(phone):                                     # a Page, 390 x 844, touch, dark
        sign_in(phone, "Amara Okafor")                             # from tests.browser.steps

    def test_both_themes(phone): axe_in_both_themes(phone)

    def test_two_people(open_phone):                               # as many people at once as a test needs
        amara, ravi = open_phone(), open_phone()

Every page is watched: a console error, a refusal of the content policy, a 5xx or a request to another host fails the
test at its end. `watch_of(page).forgive("...")` is for a fault that the test causes on purpose.
"""

import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from scripts import chromium
from scripts.demo_server import environment, flask, free_port, serve
from tests.browser.steps import NO_SERVICE_WORKER, TELL_REFUSALS, Watch
from tests.cast import SECRET
from tests.notices.conftest import KEY, SUBJECT

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PUSH_ORIGIN = "http://127.0.0.1:9"  # nothing is sent: no worker runs beside the server
PUSH = {"VAPID_PRIVATE_KEY": KEY, "VAPID_SUBJECT": SUBJECT, "PUSH_TEST_ORIGIN": PUSH_ORIGIN}
PATIENCE = 60_000  # milliseconds before a missing thing is a fault: long, since a busy machine is none
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    """Whatever lives in this folder needs a browser; without one it is skipped, saying what to install."""
    missing = chromium.find() is None
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))  # why: docs/dependencies.md
            if missing:
                item.add_marker(pytest.mark.skip(reason=chromium.HOW))


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def headless_shell(playwright):
    """One Chromium for all, light and without windows; each page gets a profile of its own."""
    running = chromium.launch(playwright, shell=True)
    yield running
    running.close()


@pytest.fixture(scope="module")
def whole_browser(playwright):
    """One with notifications and all that people have, for tests that are marked so; it keeps half a core busy, so it
    ends with the file.
    """
    running = chromium.launch(playwright)
    yield running
    running.close()


@pytest.fixture
def browser(request):
    """The browser of this test."""
    marked = request.node.get_closest_marker("whole_browser")
    return request.getfixturevalue("whole_browser" if marked else "headless_shell")


@pytest.fixture(scope="session")
def demo_courses():
    """The folder of the demo course on each kind of database, filled when it is first wanted; nobody has it open."""
    return {}


@pytest.fixture(scope="session")
def serve_demo(tmp_path_factory, databases, demo_courses):
    """`with serve_demo("joining") as server`: the product on a demo course of its own, with keys for push messages."""
    kind = databases.name

    def settings(folder, url):
        return environment(folder, free_port(), url) | {"SECRET_KEY": SECRET} | PUSH

    def seed():
        folder = tmp_path_factory.mktemp("demo")
        url = databases.fresh(folder)
        flask("seed-demo", env=settings(folder, url))
        return folder, url

    @contextmanager
    def serving(name):
        if kind not in demo_courses:
            demo_courses[kind] = seed()
        course, url = demo_courses[kind]
        folder = tmp_path_factory.mktemp(name)
        shutil.copytree(course, folder, dirs_exist_ok=True)
        with serve(settings(folder, databases.copy(url, folder))) as server:
            yield server

    return serving


@pytest.fixture(scope="session")
def running_already():
    """The product on each kind of database, started when it is first wanted and ended with the run."""
    with ExitStack() as all_of_them:
        yield all_of_them, {}


@pytest.fixture(scope="session")
def running(databases, serve_demo, running_already):
    """The product, running on its own database with the demo course: a scripts.demo_server.Server."""
    all_of_them, servers = running_already
    if databases.name not in servers:
        servers[databases.name] = all_of_them.enter_context(serve_demo("product"))
    return servers[databases.name]


@pytest.fixture(scope="session")
def server(running):
    """The running product's address."""
    return running.url


@pytest.fixture
def open_page(browser, server):
    """Open a page in a fresh profile, `open_page(color_scheme="light", **options)`; read for faults at the end.

    A service worker is installed only where the test says `service_worker=True`: it costs each profile as much
    processor time as five pages. The story, what is pushed, downloaded or kept on the phone, and offline/ have one.
    """
    opened = []

    def open_one(service_worker=False, **options):
        context = browser.new_context(base_url=server, **options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_REFUSALS)
        if not service_worker:
            context.add_init_script(NO_SERVICE_WORKER)
        page = context.new_page()
        opened.append((page, Watch(page, server)))
        return page

    open_one.opened = opened
    yield open_one
    faults = [f"{page.url}: {fault}" for page, watch in opened for fault in watch.unforgiven()]
    for page, _ in opened:
        page.context.close()
    if faults:
        pytest.fail("A page complained while it was used:\n  " + "\n  ".join(faults), pytrace=False)


@pytest.fixture
def watch_of(open_page):
    """The Watch of a page: `watch_of(page).forgive("net::ERR_")`."""
    return lambda page: next(watch for known, watch in open_page.opened if known is page)


@pytest.fixture
def open_phone(open_page):
    """Open another phone: `open_phone(color_scheme="dark", **context_options)`."""
    return lambda color_scheme="dark", **options: open_page(color_scheme=color_scheme, **PHONE, **options)


@pytest.fixture
def phone(request, open_phone):
    """A phone in one hand; dark unless the test says otherwise."""
    return open_phone(getattr(request, "param", "dark"))


@pytest.fixture
def desktop(request, open_page):
    """A screen on a desktop; light unless the test says otherwise."""
    return open_page(color_scheme=getattr(request, "param", "light"), **DESKTOP)
