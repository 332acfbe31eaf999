// A mentor's taps: what an answer means, what is left when one is taken back, how long to wait.
import assert from "node:assert/strict";
import { test } from "node:test";

import { address, chosen, counted, meaning, pause, takenBack } from "../../static/tap-rules.js";

const ID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const CARD = `<article class="card scan" id="scan-${ID}">...</article>`;
const tap = { id: ID, version: 2, step: 7, choice: "approve", person: "5", made: 1000, tries: 0 };
const answer = (status, text = "", headers = {}) => ({ ours: true, status, text, header: (name) => headers[name] ?? null });
const ours = { "HX-Retarget": "#notice" };

test("our card of the scan is success", () => assert.equal(meaning(answer(200, CARD), ID), "done"));

test("nothing else that says 200 is", () => {
  assert.equal(meaning(answer(200, "<html>Welcome to the hospital's guest network</html>"), ID), "nobody");
  assert.equal(meaning(answer(200, `<a href="/scans/${ID}/approval">Sign on</a>`), ID), "nobody");
  assert.equal(meaning(answer(200, CARD.replace("0f8", "1f8")), ID), "nobody");
  assert.equal(meaning(answer(200, "", ours), ID), "nobody");
  assert.equal(meaning(answer(204), ID), "nobody");
  assert.equal(meaning(answer(0), ID), "nobody");
});

test("whatever somebody else says, with whatever status, is no answer", () => {
  const said = ["", CARD, "<html>proxy</html>", JSON.stringify({ error: "refused", message: "No.", scan_id: ID })];
  const marks = [{}, ours, { "HX-Redirect": "/sign-in?next=/inbox" }];
  for (let status = 200; status < 600; status += 1) {
    for (const text of said) {
      for (const headers of marks) assert.equal(meaning({ ...answer(status, text, headers), ours: false }, ID), "nobody");
    }
  }
});

test("our card with a conflict is a scan that has changed", () => {
  assert.equal(meaning(answer(409, CARD), ID), "changed");
});

test("a refusal ends it only when it is ours", () => {
  for (const status of [403, 404, 409, 422]) {
    assert.equal(meaning(answer(status, "no", ours), ID), "refused");
    assert.equal(meaning(answer(status, "<html>proxy</html>"), ID), "nobody");
  }
});

test("a fault of ours is tried again, and so is one on the way", () => {
  assert.equal(meaning(answer(503, "busy", ours), ID), "busy");
  assert.equal(meaning(answer(429, "slowly", ours), ID), "busy");
  assert.equal(meaning(answer(502, "<html>bad gateway</html>"), ID), "nobody");
});

test("a lapsed sign-in is ours when it leads to our door", () => {
  assert.equal(meaning(answer(401, "", { "HX-Redirect": "/sign-in?next=/inbox" }), ID), "signed-out");
  assert.equal(meaning(answer(401, "proxy"), ID), "nobody");
});

test("a token out of date is told apart", () => assert.equal(meaning(answer(400, "", ours), ID), "stale"));

test("a tap that never left is taken back whole, one that may have arrived is undone there", () => {
  assert.equal(takenBack(tap, 2000), null);
  const undo = takenBack({ ...tap, tries: 1 }, 2000);
  assert.deepEqual(undo, { ...tap, choice: "undo", made: 2000, tries: 0 }, "it names the step that was seen");
});

test("a second tap is the first; another choice, or another person's, takes its place", () => {
  const second = { ...tap, made: 1500 };
  assert.equal(chosen(undefined, tap), tap);
  assert.equal(chosen(tap, second), tap);
  assert.equal(chosen({ ...tap, choice: "undo" }, second), second);
  assert.equal(chosen({ ...tap, person: "6" }, second), second);
});

test("it waits longer after each failure, a minute at most", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 60].map(pause), [3, 6, 12, 24, 48, 60, 60].map((seconds) => seconds * 1000));
});

test("it goes to the address of its choice", () => {
  assert.equal(address(tap), `/scans/${ID}/approval`);
  assert.equal(address({ ...tap, choice: "undo" }, "?support=aided"), `/scans/${ID}/approval/undo?support=aided`);
});

test("what waits is counted in words", () => {
  const undo = { ...tap, choice: "undo" };
  assert.equal(counted([tap]), "an approval");
  assert.equal(counted([tap, tap]), "2 approvals");
  assert.equal(counted([undo]), "an undo");
  assert.equal(counted([tap, undo, undo]), "3 taps");
});
