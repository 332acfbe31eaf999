// Which of what a phone keeps is of a text that was hidden.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.self = globalThis;
delete globalThis.BroadcastChannel; // it would keep this process waiting
const { isDraftOf, isOfBefore } = await import("../../static/hidden.js");

const HIDDEN = ["a1", 3];

test("a scan's first sending, a correction of an earlier version and a tap on it are", () => {
  assert.ok(isOfBefore({ key: "a1", scan: "a1" }, HIDDEN));
  assert.ok(isOfBefore({ key: "a1@2", scan: "a1" }, HIDDEN));
  assert.ok(isOfBefore({ key: "approval a1", scan: "a1", seen: { version: 2 } }, HIDDEN));
});

test("what was written anew and what is of another scan is not", () => {
  assert.ok(!isOfBefore({ key: "a1@3", scan: "a1" }, HIDDEN));
  assert.ok(!isOfBefore({ key: "approval a1", scan: "a1", seen: { version: 4 } }, HIDDEN));
  assert.ok(!isOfBefore({ key: "b2", scan: "b2" }, HIDDEN));
});

test("its drafts are, and a scan that is logged like it is not", () => {
  assert.deepEqual(["new | a1", "edit a1 | a1", "like b2 | a1"].map((key) => isDraftOf(key, HIDDEN)), [true, true, true]);
  assert.deepEqual(["new | b2", "like a1 | b2", "new"].map((key) => isDraftOf(key, HIDDEN)), [false, false, false]);
});
