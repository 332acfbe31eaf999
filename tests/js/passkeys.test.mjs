// What is said when a browser makes or uses no passkey. The rest is tried in Chromium (tests/browser/test_passkeys.py).
import assert from "node:assert/strict";
import { test } from "node:test";

import { sentenceFor } from "../../static/passkeys.js";

test("each refusal of a browser is said in words of its own", () => {
  const names = ["InvalidStateError", "NotAllowedError", "SecurityError", "NotSupportedError", "TypeError"];
  const said = names.map(sentenceFor);
  assert.equal(new Set(said).size, names.length);
  assert.equal(sentenceFor("AbortError"), sentenceFor("NotAllowedError"));
  for (const sentence of said) assert.match(sentence, /^[A-Z].+\.$/);
});
