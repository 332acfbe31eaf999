"""A student makes an edition, an employer verifies the file that was downloaded, a scan in it is reopened; a director
asks for a cohort's.
"""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.sync_api import expect

from scripts.demo_server import ROOT
from tests.browser.steps import axe, sign_in

# What the worker and a mentor do, in a process of the product's own.
MAKE = """
from commands import worker
worker.make_editions()
"""
# Of a scan that was never reopened: of another one this would be that reopening, sent again.
REOPEN = """
from models import Edition, Move, Scan
from workflows.reviews import reopening
edition = Edition.select().where(Edition.state == "made").order_by(Edition.made_at.desc()).first()
before = Move.select(Move.scan).where(Move.verb == "reopen")
scan = Scan.select().where(Scan.id.in_(list(edition.scans)), Scan.procedure == "", Scan.id.not_in(before)).first()
reopening.reopen(scan.id, by=scan.mentor, why="Look at the side again.")
"""
FORGET = """
from models import Edition, Share
asked = Edition.select(Edition.id).where(Edition.state == "asked")
Share.delete().where(Share.edition.in_(asked)).execute()
Edition.delete().where(Edition.id.in_(asked)).execute()
"""


def in_the_product(running, action: str) -> None:
    program = f"""
from app import create_app
app = create_app()
with app.app_context(), app.extensions["database"].connection_context():
    exec({action!r})
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=running.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_edition_is_made_verified_and_says_when_a_scan_in_it_is_reopened(open_phone, running, tmp_path):
    in_the_product(running, FORGET)
    phone = open_phone(service_worker=True)
    sign_in(phone, "Amara Okafor", "/")
    phone.get_by_role("link", name="Portfolio").first.tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Portfolio")
    phone.get_by_label("For an employer").check()
    phone.get_by_role("button", name="Make PDF").tap()
    expect(phone.get_by_text("Sign the declaration, or make a working copy.").first).to_be_visible()
    axe(phone)
    phone.get_by_label("I declare this").check()
    phone.get_by_role("button", name="Make PDF").tap()
    expect(phone.get_by_text("Waits for its turn.")).to_be_visible()
    in_the_product(running, MAKE)
    download = phone.get_by_role("link", name=re.compile("^Download edition")).first
    expect(download).to_be_visible()  # the list asks by itself
    axe(phone, colours=True)
    code = phone.locator(".code").first.text_content()
    with phone.expect_download() as saved:
        download.tap()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF-") and code.lower() in file.name

    employer = open_phone("light")
    employer.goto(f"/verify/{code}")
    expect(employer.get_by_role("heading", name="This code is genuine")).to_be_visible()
    employer.get_by_label("The PDF").set_input_files(file)
    expect(employer.get_by_role("heading", name="This file is genuine")).to_be_visible()
    in_the_product(running, REOPEN)
    employer.goto(f"/verify/{code}")
    expect(employer.get_by_text(re.compile("scans? of it (was|were) reopened since"))).to_be_visible()


def test_a_director_asks_for_everybodys_and_sees_how_far_they_are(open_page, running):
    in_the_product(running, FORGET)
    desktop = open_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    sign_in(desktop, "Dana Director", "/")
    everybody = desktop.locator("table.full tbody tr").count()
    assert everybody >= 24  # who came in other tests is there too
    desktop.get_by_role("button", name="Make everybody's portfolio").click()
    expect(desktop.get_by_role("heading", name=f"0 of {everybody} done")).to_be_visible()
    expect(desktop.get_by_role("progressbar")).to_be_visible()
    axe(desktop)
    in_the_product(running, FORGET)
