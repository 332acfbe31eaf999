"""A text was hidden, as it may have named a patient: with their next answer the phones of its student and of its mentor
keep nothing of it, whether it waits, was refused, is a draft or is shown as a notification; what is of others stays.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.approvals.steps import card_of, tap_without_signal
from tests.browser.offline.log_form import expect_unsent, log
from tests.browser.offline.queue import OWN, save_scans
from tests.browser.steps import axe
from tests.cast import logged
from workflows.scans import hiding

WORD = "quokkaleen"
KEEPS = """async ([scan, word]) => {
  OWN
  const { saveScan } = await own("./scan-queue.js");
  const { saveDraft, draftKey } = await own("./drafts.js");
  const pairs = [["version", "1"], ["report", word]], at = new Date().toISOString();
  const address = `/scans/${scan}`;
  await saveScan({ key: `${scan}@1`, scan, address, form: 1, entered_at: at, pairs, about: "Shoulder", says: word });
  const said = { pairs, about: "Shoulder", says: word };
  for (const form of [`edit ${scan}`, "new", "new of another"]) {
    await saveDraft(draftKey(form, form.endsWith("another") ? "another" : scan), said);
  }
}""".replace("OWN", OWN)
HERE = """async () => {
  OWN
  const { readAll, transact } = await own("./store.js");
  const outbox = (await readAll("outbox")).map(({ key }) => key);
  return [...outbox, ...(await transact("drafts", "readonly", ({ store }) => store.getAllKeys()))].sort();
}""".replace("OWN", OWN)


def until_here(phone: Page, wanted: list[str]) -> None:
    """These, and no other, are what the phone keeps."""
    for _ in range(400):
        if phone.evaluate(HERE) == sorted(wanted):
            return
        phone.wait_for_timeout(50)
    raise AssertionError(phone.evaluate(HERE))


def hide(backend, scan: str) -> None:
    with backend.ground.app.extensions["database"].connection_context():
        hiding.hide(scan, by=backend.ground.cast.dana)


def test_the_students_phone_drops_what_it_keeps_of_it_and_nothing_else(backend, open_phone_of):
    name = backend.newcomer()
    phone = open_phone_of(name)
    scan = log(phone, region="shoulder")
    backend.network.down()
    (other,) = save_scans(phone, backend.ground.cast.ravi.id)
    phone.evaluate(KEEPS, [scan, WORD])
    until_here(phone, [other, f"{scan}@1", f"edit {scan} | {scan}", f"new | {scan}", "new of another | another"])
    hide(backend, scan)

    backend.network.calm()
    phone.goto("/scans")

    until_here(phone, ["new of another | another"])
    expect_unsent(phone, 0)
    assert [found.report for found in backend.scans_of(name) if found.id == scan] == [""]


def test_the_mentors_phone_drops_the_tap_that_waits(backend, open_phone_of):
    cast = backend.ground.cast
    with backend.ground.app.extensions["database"].connection_context():
        found = logged(cast.amara, cast.ravi)
    scan = found.id
    phone = open_phone_of("ravi", ready=False)
    phone.clock.install()
    phone.goto(f"/scans/{scan}/hiding")
    expect(phone.get_by_role("button", name="Hide now")).to_be_visible()
    axe(phone)
    phone.goto("/inbox")
    tap_without_signal(phone, found)
    until_here(phone, [f"approval {scan}"])
    hide(backend, scan)

    phone.context.set_offline(False)
    phone.goto("/inbox")

    until_here(phone, [])
    expect(card_of(phone, found)).to_have_count(0)
