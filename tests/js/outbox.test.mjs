// What the phone's queue makes of an answer, and how long it waits after none.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.self = globalThis;
delete globalThis.BroadcastChannel; // it would keep this process waiting

const { pauseOf, reasonsOf, verdict } = await import("../../static/outbox.js");
const SCAN = "8f14e45f-ceea-4e7f-9f1b-0c5d3c5f6a11";
const refusal = (error, more = {}) => ({ error, message: "A sentence.", ...more });

const answer = (status, said, wait = 0) => ({ status, said, wait });

test("no answer of ours is no answer", () => assert.equal(verdict(null, SCAN).is, "unreached"));

test("only what names the scan is a success", () => {
  assert.equal(verdict(answer(201, { scan_id: SCAN, state: "with_mentor" }), SCAN).is, "kept");
  assert.equal(verdict(answer(200, { scan_id: SCAN }), SCAN).is, "kept");
  for (const said of [null, {}, { scan_id: "another" }, { ok: true }, "yes", []]) {
    assert.equal(verdict(answer(200, said), SCAN).is, "unreached", JSON.stringify(said));
  }
  assert.equal(verdict(answer(302, { scan_id: SCAN }), SCAN).is, "unreached");
});

test("only what says why is a refusal: what came in part may pass", () => {
  for (const status of [400, 403, 404, 409, 413, 422]) {
    assert.equal(verdict(answer(status, refusal("refused")), SCAN).is, "refused", status);
    for (const said of [null, {}, { error: "x" }, { message: "x" }]) assert.equal(verdict(answer(status, said), SCAN).is, "unreached");
  }
});

test("a lapsed sign-in and an old token are told apart from a refusal", () => {
  assert.equal(verdict(answer(401, refusal("signed-out")), SCAN).is, "signed-out");
  assert.equal(verdict(answer(400, refusal("stale-form")), SCAN).is, "stale");
  assert.equal(verdict(answer(401, null), SCAN).is, "unreached");
});

test("what another sign-in came between waits for its person; what was cut off is sent again", () => {
  assert.equal(verdict(answer(403, refusal("another-person")), SCAN).is, "other");
  assert.equal(verdict(answer(400, refusal("cut-off")), SCAN).is, "fault");
});

test("a server that is busy is asked again, when it says; its fault is the scan's", () => {
  for (const status of [429, 503, 507]) {
    assert.deepEqual(verdict(answer(status, refusal("busy"), 5000), SCAN), { is: "busy", wait: 5000 });
  }
  assert.equal(verdict(answer(500, refusal("fault")), SCAN).is, "fault");
});

test("the reasons are those of the fields, each once, or else that of the whole", () => {
  const errors = { side: ["Choose a side."], region: ["Choose a region.", "Choose a side."] };
  assert.deepEqual(reasonsOf({ message: "Please look.", errors }), ["Choose a side.", "Choose a region."]);
  for (const none of [{}, undefined]) assert.deepEqual(reasonsOf({ message: "Please look.", errors: none }), ["Please look."]);
  assert.deepEqual([reasonsOf(null), reasonsOf({ error: "conflict" })], [[], []]);
});

test("pauses grow, differ, and end at some minutes", () => {
  const middle = [0, 1, 2, 3].map((tries) => pauseOf(tries, 0, 0.5));
  assert.deepEqual(middle, [5000, 10_000, 20_000, 40_000]);
  assert.equal(pauseOf(50, 0, 0.5), 300_000);
  assert.ok(pauseOf(0, 0, 0) >= 2500 && pauseOf(0, 0, 1) <= 7500);
  assert.equal(pauseOf(0, 60_000, 0), 60_000, "no sooner than the server says");
});
