// How many scans, and when, in words.
import assert from "node:assert/strict";
import test from "node:test";

process.env.TZ = "Europe/London";
const { formatDayAndTime, formatScans } = await import("../../static/formats.js");

test("one scan is one, and any other number is many", () => {
  assert.deepEqual([0, 1, 2, 250].map(formatScans), ["0 scans", "1 scan", "2 scans", "250 scans"]);
});

test("a moment is told by the phone's own clock", () => {
  assert.match(formatDayAndTime("2026-01-12T14:05:00.000Z"), /^12 January\b.* 14:05$/);
  assert.match(formatDayAndTime("2026-07-01T23:30:00.000Z"), /^2 July\b.* 00:30$/);
});

test("a moment that was not written down is said to be unknown", () => {
  for (const none of [undefined, null, "", "yesterday"]) assert.equal(formatDayAndTime(none), "at a time that is not known");
});
