// What a phone keeps sealed: another key, another byte, and it is nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { importKey, seal, unseal } from "../../static/crypto.js";

const [HERS, HIS] = ["0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4)];
const SCAN = { about: "Shoulder right", pairs: [["report", "The supraspinatus is thickened."]] };

test("what is sealed is opened by the same key, and is noise to anybody else", async () => {
  const sealed = await seal(await importKey(HERS), SCAN);
  assert.deepEqual(await unseal(await importKey(HERS), sealed), SCAN);
  assert.ok(!new TextDecoder("latin1").decode(sealed.data).includes("supraspinatus"));
  await assert.rejects(unseal(await importKey(HIS), sealed));
});

test("one altered or missing byte, and it does not open", async () => {
  const key = await importKey(HERS);
  const { iv, data } = await seal(key, SCAN);
  for (const place of [0, 7, data.byteLength - 1]) {
    const altered = new Uint8Array(data.slice(0));
    altered[place] ^= 1;
    await assert.rejects(unseal(key, { iv, data: altered }));
  }
  await assert.rejects(unseal(key, { iv, data: data.slice(0, -1) }));
  await assert.rejects(unseal(key, { iv: iv.map((one) => one ^ 1), data }));
});

test("the same twice is not the same sealed, and the key cannot be read back", async () => {
  const key = await importKey(HERS);
  const [one, two] = [await seal(key, SCAN), await seal(key, SCAN)];
  assert.notDeepEqual(one.iv, two.iv);
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});
