// A mentor's taps: what an answer means, and what is left when one is taken back.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.self = globalThis;
delete globalThis.BroadcastChannel; // it would keep this process waiting

const { addressOf, approvalOf, chosen, counted, takenBack, verdictOf } = await import("../../static/approvals.js");

const ID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const CARD = `<article class="card scan" id="scan-${ID}">...</article>`;
const MADE = Date.UTC(2026, 2, 2, 14, 5);
const tap = approvalOf({ tap: "approve", scan: ID, version: "2", step: "7" }, 5, MADE);
const answer = (status, text = "", headers = {}) => ({ ours: true, status, text, header: (name) => headers[name] ?? null });
const ours = { "HX-Retarget": "#notice" };
const meaning = (given) => verdictOf(given, ID).is;

test("what is kept is what was seen, and nothing else", () => {
  const seen = { version: 2, step: 7 };
  const entry = { key: `approval ${ID}`, kind: "approval", version: 2, person: 5, scan: ID, seen, choice: "approve" };
  assert.deepEqual(tap, { ...entry, tries: 0, state: "waiting", entered_at: "2026-03-02T14:05:00.000Z" });
});

test("our card of the scan is success", () => assert.equal(meaning(answer(200, CARD)), "kept"));

test("nothing else that says 200 is", () => {
  assert.equal(meaning(answer(200, "<html>Welcome to the hospital's guest network</html>")), "unreached");
  assert.equal(meaning(answer(200, `<a href="/scans/${ID}/approval">Sign on</a>`)), "unreached");
  assert.equal(meaning(answer(200, CARD.replace("0f8", "1f8"))), "unreached");
  assert.equal(meaning(answer(200, "", ours)), "unreached");
  assert.equal(meaning(answer(204)), "unreached");
  assert.equal(meaning(answer(0)), "unreached");
});

test("whatever somebody else says, with whatever status, is no answer", () => {
  const said = ["", CARD, "<html>proxy</html>", JSON.stringify({ error: "refused", message: "No.", scan_id: ID })];
  const marks = [{}, ours, { "HX-Redirect": "/sign-in?next=/inbox" }];
  for (let status = 200; status < 600; status += 1) {
    for (const text of said) {
      for (const headers of marks) assert.equal(meaning({ ...answer(status, text, headers), ours: false }), "unreached");
    }
  }
});

test("our card with a conflict is a scan that has changed", () => {
  assert.deepEqual(verdictOf(answer(409, CARD), ID), { is: "kept", text: CARD, changed: true });
});

test("a refusal ends it only when it is ours", () => {
  for (const status of [403, 404, 409, 422]) {
    assert.equal(meaning(answer(status, "no", ours)), "refused");
    assert.equal(meaning(answer(status, "<html>proxy</html>")), "unreached");
  }
});

test("a fault of ours is tried again, and so is one on the way", () => {
  assert.equal(meaning(answer(503, "busy", ours)), "busy");
  assert.equal(meaning(answer(429, "slowly", ours)), "busy");
  assert.equal(meaning(answer(502, "<html>bad gateway</html>")), "unreached");
});

test("a lapsed sign-in is ours when it leads to our door", () => {
  assert.equal(meaning(answer(401, "", { "HX-Redirect": "/sign-in?next=/inbox" })), "signed-out");
  assert.equal(meaning(answer(401, "proxy")), "unreached");
});

test("a token out of date is told apart", () => assert.equal(meaning(answer(400, "", ours)), "stale"));

test("nobody answered, or somebody else: the next tap is tried only when there is a network", () => {
  assert.deepEqual(verdictOf(null, ID), { is: "unreached", answered: false });
  assert.deepEqual(verdictOf({ ...answer(403), ours: false }, ID), { is: "unreached", answered: true });
});

test("a tap that never left is taken back whole, one that may have arrived is undone there", () => {
  assert.equal(takenBack(tap, MADE + 1), null);
  assert.equal(takenBack(undefined, MADE + 1), null);
  const undo = takenBack({ ...tap, tries: 1 }, MADE + 1);
  assert.deepEqual(undo, { ...tap, choice: "undo", entered_at: "2026-03-02T14:05:00.001Z", tries: 0 }, "it names the step that was seen");
});

test("a second tap is the first; another choice, or another person's, takes its place", () => {
  const second = { ...tap, entered_at: "2026-03-02T14:06:00.000Z" };
  assert.equal(chosen(undefined, tap), tap);
  assert.equal(chosen(tap, second), tap);
  assert.equal(chosen({ ...tap, choice: "undo" }, second), second);
  assert.equal(chosen({ ...tap, person: 6 }, second), second);
});

test("it goes to the address of its choice", () => {
  assert.equal(addressOf(tap), `/scans/${ID}/approval`);
  assert.equal(addressOf({ ...tap, choice: "undo" }, "?support=aided"), `/scans/${ID}/approval/undo?support=aided`);
});

test("what waits is counted in words", () => {
  const undo = { ...tap, choice: "undo" };
  assert.equal(counted([tap]), "an approval");
  assert.equal(counted([tap, tap]), "2 approvals");
  assert.equal(counted([undo]), "an undo");
  assert.equal(counted([tap, undo, undo]), "3 taps");
});
