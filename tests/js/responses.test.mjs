// What is taken for an answer of our own server: only what repeats what the request is about.
import assert from "node:assert/strict";
import test from "node:test";

const { requestJSON } = await import("../../static/responses.js");
const SCAN = "8f14e45f-ceea-4e7f-9f1b-0c5d3c5f6a11";
const SAID = { error: "refused", message: "A sentence.", scan_id: SCAN, id: SCAN, state: "counted", person: 4, received: [SCAN] };

const answered = async (status, body, headers) => {
  globalThis.fetch = async () => new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
  return requestJSON("/scans", SCAN);
};

test("whatever somebody on the way says, with whatever status, is no answer", async () => {
  const bodies = ["", "{}", "null", "<html>Welcome</html>", "Blocked.", JSON.stringify(SAID)];
  for (let status = 200; status < 600; status += 1) {
    for (const body of bodies) {
      for (const marks of [{}, { "Sonofolio-Answer": "" }, { "Sonofolio-Answer": "1" }, { "Sonofolio-About": SCAN }]) {
        const headers = { "Content-Type": "application/json", ...marks };
        assert.equal(await answered(status, body, headers), null, `${status} ${body}`);
      }
    }
  }
});

test("ours about another scan is no answer about this one", async () => {
  assert.equal(await answered(404, JSON.stringify(SAID), { "Sonofolio-Answer": SCAN.replace("8f", "9f") }), null);
});

test("ours is its status, its JSON and when to come back", async () => {
  const headers = { "Sonofolio-Answer": SCAN, "Retry-After": "5" };
  assert.deepEqual(await answered(503, JSON.stringify(SAID), headers), { status: 503, body: SAID, wait: 5000 });
  assert.deepEqual(await answered(201, '{"cut', { "Sonofolio-Answer": SCAN }), { status: 201, body: null, wait: 0 });
});

test("no network is no answer", async () => {
  globalThis.fetch = async () => { throw new TypeError("Failed to fetch"); };
  assert.equal(await requestJSON("/scans", SCAN), null);
});
