"""What a person does with the phone in every browser test, and the two readers that look over their shoulder."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from models import db
from tests.faults.ground import Ground
from workflows import files
from workflows.scans import hidden_list

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()

# A 4xx is often what the test is about (422, 409, ...); the browser and htmx log it all the same. A 5xx never is.
DELIBERATE = re.compile(r"status of 4\d\d|Response Status Error Code 4\d\d")
# Runs before the page's own code: what the content policy refuses becomes a console error that names the rule.
TELL_REFUSALS = """
document.addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI, sourceFile, lineNumber}) =>
  console.error(`content policy: ${violatedDirective} refused ${blockedURI} at ${sourceFile}:${lineNumber}`)
);
"""
# Before the page's own code, too: a browser that has none.
NO_SERVICE_WORKER = "delete Navigator.prototype.serviceWorker;"


def until(page: Page, ask: Callable[[], Any], holds: Callable[[Any], bool] = bool, seconds: float = 60) -> Any:
    """What `ask` answers once it `holds`. A busy machine is waited for, a browser that never comes to it is not."""
    end = time.monotonic() + seconds
    while not holds(answer := ask()):
        assert time.monotonic() < end, answer
        page.wait_for_timeout(20)
    return answer


class Watch:
    """Collects what went wrong on a page: console errors, uncaught exceptions, refusals of the content policy, 5xx,
    and requests to any other host. `forgive(pattern)` is for a fault that the test causes on purpose.
    """

    def __init__(self, page: Page, server: str):
        self.faults: list[str] = []
        self.forgiven: list[re.Pattern[str]] = [DELIBERATE]
        self.host = urlsplit(server).netloc
        page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on(
            "response", lambda answer: self._note(f"{answer.status} {answer.url}") if answer.status >= 500 else None
        )

    def forgive(self, pattern: str) -> None:
        """Expect, from now on and before, faults that match `pattern`."""
        self.forgiven.append(re.compile(pattern))

    def unforgiven(self) -> list[str]:
        """The faults that nobody expected."""
        return [fault for fault in self.faults if not any(pattern.search(fault) for pattern in self.forgiven)]

    def _note(self, fault: str) -> None:
        self.faults.append(fault)

    def _request(self, request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.host:
            self._note(f"asked another host: {request.url}")


def sign_in(page: Page, name: str, path: str = "") -> None:
    """Sign in as one of the demo people, as their button of /sign-in does, and open `path` if one is given; signs out
    whoever was there before. The two requests are made without loading a page.
    """
    page.context.clear_cookies()
    door = page.context.request.get("/sign-in").text()
    people = re.findall(r'<button [^>]*name="person" value="([^"]+)">(.*?)</button>', door, re.S)
    person = next(email for email, words in people if name in words)
    token = re.search(r'name="csrf_token" value="([^"]+)"', door)[1]
    answer = page.context.request.post("/sign-in/as", form={"csrf_token": token, "person": person}, max_redirects=0)
    assert answer.status in (302, 303), answer.text()
    if path:
        page.goto(path)


def press_sign_in(page: Page, name: str) -> None:
    """Sign in by the button itself, on its page."""
    page.goto("/sign-in")
    page.get_by_role("button", name=re.compile(re.escape(name))).first.click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def counted(page) -> int:
    """The number on a student's home."""
    page.goto("/")
    return int(re.search(r"(\d+)\s*of 250 counted", page.locator("main").inner_text()).group(1))


IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
BUSY = "[aria-busy=true] .button, .htmx-request .button, .button.htmx-request"  # faint until the answer is there
# Ended, not waited for: in a page that draws no frames, as one behind another in a busy browser, they never end.
END_MOTION = """() => {
  const running = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
  running.forEach((one) => one.finish());
}"""


def axe(page: Page, *, colours: bool = False) -> None:
    """Fail, in words, when the page as it now stands has an accessibility fault that axe-core can see; with `colours`
    one of contrast, which is all that differs in the other theme.
    """
    expect(page.locator(BUSY)).to_have_count(0)
    page.evaluate(END_MOTION)  # half-way between two colours the contrast is neither's
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # not a script tag: the content policy refuses those, as it should
    options = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if colours else {})
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    lines = [
        f"  {fault['id']} ({fault['impact']}): {fault['help']}\n" + "\n".join(_place(node) for node in fault["nodes"])
        for fault in found
    ]
    if lines:
        theme = "dark" if page.evaluate(IS_DARK) else "light"
        heading = f"{page.url} has {len(lines)} accessibility faults ({theme}):\n"
        pytest.fail(heading + "\n".join(lines), pytrace=False)


def axe_in_both_themes(page: Page) -> None:
    """The same in the theme that is shown, then of contrast in the other one, on the same load of the page."""
    axe(page)
    shown, other = ("dark", "light") if page.evaluate(IS_DARK) else ("light", "dark")
    page.emulate_media(color_scheme=other)
    axe(page, colours=True)
    page.emulate_media(color_scheme=shown)


def _place(node: dict) -> str:
    """Where one fault is and what would put it right."""
    repair = " ".join(node["failureSummary"].split())
    return f"    {' '.join(map(str, node['target']))}: {repair}"


def use_ground(ground: Ground) -> None:
    """Have the models of this process use the ground's database and files, whatever another test has opened since."""
    settings = ground.app.config["SONOFOLIO"]
    db.initialize(ground.app.extensions["database"])
    files.use(settings.files_url, settings.instance)
    hidden_list.use(settings.instance)


def virtual_authenticator(page: Page) -> tuple[Any, str]:
    """Give the page's browser a passkey device that knows its user, as a phone does; returns how to talk to the browser
    of it, and the device's id.
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]
