// How long the outbox waits after it was not answered.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.self = globalThis;
delete globalThis.BroadcastChannel; // it would keep this process waiting

const { kindOf, pauseOf } = await import("../../static/outbox.js");

test("pauses grow, and differ from phone to phone", () => {
  assert.deepEqual([0, 1, 2].map((tries) => pauseOf(tries, { luck: 0.5 })), [5000, 10_000, 20_000]);
  assert.deepEqual([0, 1].map((luck) => pauseOf(0, { luck })), [2500, 7500]);
});

test("nobody waits longer than a minute for a signal, and some minutes for a server that is busy", () => {
  for (let tries = 0; tries < 60; tries += 1) assert.ok(pauseOf(tries, { luck: 1 }) <= 60_000);
  assert.equal(pauseOf(50, { busy: true, luck: 0.5 }), 300_000);
  assert.equal(pauseOf(0, { wait: 70_000, busy: true, luck: 0 }), 70_000, "no sooner than the server says");
});

test("what an older release kept has no kind, and is known by its address", () => {
  assert.deepEqual(["/scans", "/scans/1"].map((address) => kindOf({ address })), ["scan", "correction"]);
  assert.equal(kindOf({ kind: "approval" }), "approval");
});
