// What the phone's queue makes of an answer, and how long it waits after none.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.self = globalThis;
delete globalThis.BroadcastChannel; // it would keep this process waiting

const { pauseOf, reasonsOf, verdict } = await import("../../static/outbox.js");
const SCAN = "8f14e45f-ceea-4e7f-9f1b-0c5d3c5f6a11";
const refusal = (error, more = {}) => ({ error, message: "A sentence.", ...more });

test("only our own JSON that names the scan is a success", () => {
  assert.equal(verdict(201, { scan_id: SCAN, state: "with_mentor" }, SCAN).is, "kept");
  assert.equal(verdict(200, { scan_id: SCAN }, SCAN).is, "kept");
  for (const said of [null, {}, { scan_id: "another" }, { ok: true }, "yes", []]) {
    assert.notEqual(verdict(200, said, SCAN).is, "kept", JSON.stringify(said));
  }
  assert.notEqual(verdict(302, { scan_id: SCAN }, SCAN).is, "kept");
});

test("only our own sentence is a refusal; anything else may pass", () => {
  for (const status of [400, 403, 404, 409, 413, 422]) {
    assert.equal(verdict(status, refusal("refused"), SCAN).is, "refused", status);
    for (const said of [null, {}, { error: "x" }, { message: "x" }]) assert.equal(verdict(status, said, SCAN).is, "unreached");
  }
});

test("a lapsed sign-in and an old token are told apart from a refusal", () => {
  assert.equal(verdict(401, refusal("signed-out"), SCAN).is, "signed-out");
  assert.equal(verdict(400, refusal("stale-form"), SCAN).is, "stale");
  assert.equal(verdict(401, null, SCAN).is, "unreached");
});

test("what another sign-in came between waits for its person; what was cut off is sent again", () => {
  assert.equal(verdict(403, refusal("another-person"), SCAN).is, "other");
  assert.equal(verdict(400, refusal("cut-off"), SCAN).is, "fault");
});

test("a server that is busy is asked again, when it says; its fault is the scan's", () => {
  for (const status of [429, 503, 507]) assert.deepEqual(verdict(status, refusal("busy"), SCAN, 5000), { is: "busy", wait: 5000 });
  assert.equal(verdict(500, refusal("fault"), SCAN).is, "fault");
  assert.equal(verdict(503, null, SCAN).is, "busy");
  assert.equal(verdict(502, null, SCAN).is, "unreached");
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
