"""An employer without an account verifies a portfolio, by the link of its QR and by its file, which stays with them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from scripts.demo_server import ROOT
from tests.browser.steps import axe, axe_in_both_themes, sign_in

CODES = {"current": "VER1F-YAAAA", "void": "VER1F-YVVVV", "tom": "VER1F-YTTTT"}
# In a process of the product's own: Amara's edition and one that was made void, Tom's, and a link to Amara's.
MAKE = """
import json, sys
from app import create_app
from models import Person
from tests.portfolio import editions, pdfs
from workflows.portfolio import shares
app = create_app()
codes, files = json.loads(sys.argv[1]), sys.argv[2:]
with app.extensions["database"].connection_context():
    email = "{}@demo.sonofolio.test".format
    amara, tom, dana = (Person.get(Person.email == email(who)) for who in ("amara", "tom", "director"))
    made = {}
    for (name, code), file in zip(codes.items(), files):
        content = pdfs.signed(code, app.config["SONOFOLIO"])
        open(file, "wb").write(content)
        made[name] = editions.made(tom if name == "tom" else amara, content, code=code)
    editions.void(made["void"], dana)
    print(shares.share(made["current"].id, by=amara, label="Croydon physiotherapy", days=30))
"""


@pytest.fixture(scope="module")
def portfolios(running, tmp_path_factory):
    """The files of these editions, and the path of the link."""
    folder = tmp_path_factory.mktemp("portfolios")
    files = {name: folder / f"{name}.pdf" for name in CODES}
    command = [sys.executable, "-c", MAKE, json.dumps(CODES), *map(str, files.values())]
    done = subprocess.run(command, cwd=ROOT, env=running.environment, capture_output=True, text=True, check=True)
    return files, f"/shared/{done.stdout.strip().splitlines()[-1]}"


def choose(page, path, heading):
    """Choose a file, and see what is said of it."""
    page.get_by_label("The PDF").set_input_files(path)
    found = page.get_by_role("heading", name=heading)
    expect(found).to_be_visible()
    expect(page.locator(".verdict")).to_be_focused()


def test_an_employer_verifies_by_qr_and_by_file_and_every_fraud_is_told_apart(phone, portfolios, tmp_path):
    files, _ = portfolios
    whole = files["current"].read_bytes()
    sent = []
    phone.on("request", lambda request: sent.append((request.method, request.post_data_buffer, request.url)))
    phone.goto(f"/verify/{CODES['current']}")
    expect(phone.get_by_role("heading", name="This code is genuine")).to_be_visible()
    expect(phone.get_by_text("AO (initials")).to_be_visible()
    assert phone.get_by_text("Amara").count() == 0
    axe_in_both_themes(phone)
    choose(phone, files["current"], "This file is genuine")
    expect(phone.get_by_text("Amara Okafor")).to_be_visible()
    axe_in_both_themes(phone)

    flipped, cut = tmp_path / "flipped.pdf", tmp_path / "cut.pdf"
    flipped.write_bytes(whole[:3000] + bytes([whole[3000] ^ 1]) + whole[3001:])
    cut.write_bytes(whole[:-100])
    choose(phone, flipped, "This is not the file that was made")
    assert phone.get_by_text("Amara").count() == 0
    choose(phone, cut, "This file is cut off")
    phone.goto(f"/verify/{CODES['tom']}")
    choose(phone, files["current"], "The file is genuine, but this code is not its own")
    phone.goto("/verify")
    choose(phone, files["void"], "This file is genuine, but void since")
    axe_in_both_themes(phone)

    assert {(method, body) for method, body, _ in sent} == {("GET", None)}, "no file is uploaded"
    assert max(len(address) for _, _, address in sent) < 300


def test_it_works_by_keyboard_on_the_narrowest_screen_and_without_javascript(open_page, portfolios):
    narrow = {"viewport": {"width": 320, "height": 640}}
    page = open_page(**narrow)
    page.goto("/verify")
    page.get_by_label("Code", exact=True).focus()
    page.keyboard.type(CODES["void"].lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This code is genuine, but void since")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    plain = open_page(java_script_enabled=False, **narrow)
    plain.goto("/verify")
    expect(plain.get_by_label("The PDF")).to_be_hidden()
    plain.get_by_label("Code", exact=True).fill(CODES["current"])
    plain.get_by_role("button", name="Verify").click()
    expect(plain.get_by_role("heading", name="This code is genuine")).to_be_visible()


def test_an_employer_opens_a_shared_link(phone, portfolios):
    files, path = portfolios
    phone.goto(path)
    axe(phone, colours=True)
    phone.get_by_role("button", name="Open").click()
    expect(phone.get_by_role("heading", name="Portfolio of Amara Okafor")).to_be_visible()
    axe(phone, colours=True)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download the PDF").click()
    assert download.value.path().read_bytes() == files["current"].read_bytes()


def test_amara_shares_an_edition_sees_that_it_was_opened_and_takes_the_link_back(open_phone, portfolios):
    amara, employer = open_phone(), open_phone("light")
    sign_in(amara, "Amara Okafor", "/portfolio")
    edition = amara.locator(".editions > li", has_text=CODES["current"])
    edition.locator("summary", has_text="Share with an employer").click()
    edition.get_by_label("Whom or what is it for?").fill("Job in Brighton")
    edition.get_by_role("button", name="Share with an employer").click()
    link = amara.get_by_label("Link", exact=True).input_value()
    axe(amara)
    employer.goto(link)
    employer.get_by_role("button", name="Open").click()
    expect(employer.get_by_text("Shared for: Job in Brighton")).to_be_visible()
    amara.goto("/portfolio")
    kept = amara.locator(".shares li", has_text="Job in Brighton").first
    expect(kept).to_contain_text("Opened once, last on")
    kept.get_by_role("button", name="Revoke the link for Job in Brighton").click()
    expect(amara.get_by_role("heading", name="Portfolio", exact=True)).to_be_visible()
    employer.goto(link)
    expect(employer.get_by_role("heading", name="This link opens nothing")).to_be_visible()
