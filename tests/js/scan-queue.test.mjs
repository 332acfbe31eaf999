// What an answer to a scan means, and the reasons why one was refused.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.self = globalThis;
delete globalThis.BroadcastChannel; // it would keep this process waiting

const { reasonsOf, verdictOf } = await import("../../static/scan-queue.js");
const SCAN = "8f14e45f-ceea-4e7f-9f1b-0c5d3c5f6a11";
const refusal = (error, more = {}) => ({ error, message: "A sentence.", ...more });

const answer = (status, body, wait = 0) => ({ status, body, wait });

test("no answer of ours is no answer", () => assert.equal(verdictOf(null, SCAN).is, "unreached"));

test("only what names the scan is a success", () => {
  assert.equal(verdictOf(answer(201, { scan_id: SCAN, state: "with_mentor" }), SCAN).is, "kept");
  assert.equal(verdictOf(answer(200, { scan_id: SCAN }), SCAN).is, "kept");
  for (const said of [null, {}, { scan_id: "another" }, { ok: true }, "yes", []]) {
    assert.equal(verdictOf(answer(200, said), SCAN).is, "unreached", JSON.stringify(said));
  }
  assert.equal(verdictOf(answer(302, { scan_id: SCAN }), SCAN).is, "unreached");
});

test("only what says why is a refusal: what came in part may pass", () => {
  for (const status of [400, 403, 404, 409, 413, 422]) {
    assert.equal(verdictOf(answer(status, refusal("refused")), SCAN).is, "refused", status);
    for (const said of [null, {}, { error: "x" }, { message: "x" }]) assert.equal(verdictOf(answer(status, said), SCAN).is, "unreached");
  }
});

test("a lapsed sign-in and an old token are told apart from a refusal", () => {
  assert.equal(verdictOf(answer(401, refusal("signed-out")), SCAN).is, "signed-out");
  assert.equal(verdictOf(answer(400, refusal("stale-form")), SCAN).is, "stale");
  assert.equal(verdictOf(answer(401, null), SCAN).is, "unreached");
});

test("what another sign-in came between waits for its person; what was cut off is sent again", () => {
  assert.equal(verdictOf(answer(403, refusal("another-person")), SCAN).is, "other");
  assert.equal(verdictOf(answer(400, refusal("cut-off")), SCAN).is, "fault");
});

test("a server that is busy is asked again, when it says; its fault is the scan's", () => {
  for (const status of [429, 503, 507]) {
    assert.deepEqual(verdictOf(answer(status, refusal("busy"), 5000), SCAN), { is: "busy", wait: 5000 });
  }
  assert.equal(verdictOf(answer(500, refusal("fault")), SCAN).is, "fault");
});

test("the reasons are those of the fields, each once, or else that of the whole", () => {
  const errors = { side: ["Choose a side."], region: ["Choose a region.", "Choose a side."] };
  assert.deepEqual(reasonsOf({ message: "Please look.", errors }), ["Choose a side.", "Choose a region."]);
  for (const none of [{}, undefined]) assert.deepEqual(reasonsOf({ message: "Please look.", errors: none }), ["Please look."]);
  assert.deepEqual([reasonsOf(null), reasonsOf({ error: "conflict" })], [[], []]);
});
