// What is read of a portfolio's PDF on an employer's device: the code that it carries, its end, its SHA-256.
import assert from "node:assert/strict";
import test from "node:test";
import { createHash, webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
const { codeIn, factsOf, hasEnd } = await import("../../static/verify.js");
const bytes = (text) => new Uint8Array(Buffer.from(text, "latin1"));
const wide = (text) => Buffer.from(text, "utf16le").swap16();

test("the code is found among the keywords, however a program has written them", () => {
  assert.equal(codeIn(bytes("%PDF-1.7 /Keywords (Sonofolio edition 7KQ2M-9XA4D) %%EOF")), "7KQ2M-9XA4D");
  assert.equal(codeIn(bytes("/Keywords (Sonofolio edition 7KQ2M\\0559XA4D)")), "7KQ2M-9XA4D");
  assert.equal(codeIn(bytes("/Subject (Edition 12, For an employer, code 7KQ2M-9XA4D)")), "7KQ2M-9XA4D");
  assert.equal(codeIn(Buffer.concat([bytes("%PDF \xfe\xff"), wide("Sonofolio edition 7KQ2M-9XA4D")])), "7KQ2M-9XA4D");
  assert.equal(codeIn(bytes("%PDF-1.7 a letter of application, edition 7KQ2M-9XA4D %%EOF")), "");
  assert.equal(codeIn(bytes("")), "");
});

test("a file without an end is known, and one that was added to has one", () => {
  assert.equal(hasEnd(bytes("%PDF-1.7 %%EOF\n")), true);
  assert.equal(hasEnd(bytes(`%PDF-1.7 %%EOF${" ".repeat(100)}`)), false);
  assert.equal(hasEnd(bytes("%PDF-1.7 %%E")), false);
});

test("the page is asked by the SHA-256, the size, the code and the end, and by nothing else", async () => {
  const content = bytes("%PDF-1.7 (Sonofolio edition 7KQ2M-9XA4D) %%EOF");
  const sha256 = createHash("sha256").update(content).digest("hex");
  const buffer = content.buffer.slice(content.byteOffset, content.byteOffset + content.length);
  assert.deepEqual(await factsOf(buffer), { sha256, inside: "7KQ2M-9XA4D", size: content.length, ended: "yes" });
});
