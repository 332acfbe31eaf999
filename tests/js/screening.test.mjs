// What may be kept on the phone of a text in which the screen found something.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const { loadScreening, redact } = await import("../../static/screening.js");
const table = readFileSync(new URL("../../rules/identifiers.json", import.meta.url), "utf8");
globalThis.fetch = async () => ({ json: async () => JSON.parse(table) });
const screened = await loadScreening("/static/identifiers.json");

test("what surely identifies a patient is cut out, the rest stays as it was written", async () => {
  const text = "Tear of 14 mm. NHS 943 476 5919. No fluid 🙂 seen.";
  const kept = redact(text, await screened(text));
  assert.ok(!kept.includes("5919") && kept.startsWith("Tear of 14 mm.") && kept.endsWith("No fluid 🙂 seen."));
});

test("what is only likely stays, with a mark that names it and a few words around", async () => {
  const text = "A long report on the left shoulder that goes on and on, seen by Mr Baker in the clinic, all well after that.";
  const finds = (await screened(text)).filter((find) => find.severity === "warn");
  assert.deepEqual(finds.map(({ found }) => found), ["Mr Baker"]);
  for (const find of finds) {
    assert.match(find.mark, /^[0-9a-f]{12}$/);
    assert.ok(find.before.startsWith("…") && find.before.length <= 33 && text.includes(find.found));
  }
  assert.equal(redact(text, finds), text);
});

test("a number is found whatever parts it, in any digits, and where it stands among what nobody sees", async () => {
  for (const found of ["943,476,5919", "943) 476 5919", "943_476_5919", "9,434,765,919", "\u{1d7d7}434765919", "94\u200b34765919"]) {
    const [hit, ...others] = await screened(`🙂 (${found}, tear`);
    assert.deepEqual([hit.kind, hit.severity, hit.found, others.length], ["nhs_number", "refuse", found, 0]);
  }
});

test("an ordinary report is left alone", async () => {
  for (const text of ["14 x 9 x 3 mm", "Hill-Sachs, grade 12/10, L4/5", "PRP 3 ml, 10-15 MHz, 2/52 history", "12, 14, 9 x 3 mm"]) {
    assert.deepEqual(await screened(text), []);
  }
});

test("a name is likely where it is used as a person, and never where it is a thing or staff", async () => {
  for (const text of ["Susan's knee", "Pt: Susan", "Mrs Śliwińska", "SMITH, John", "son of Dr Whitfield", "scan for JB"]) {
    assert.deepEqual((await screened(text)).map(({ severity }) => severity), ["warn"], text);
  }
  for (const text of ["Baker's cyst", "Hoffa's pad", "Kager's triangle", "Dr Susan Holt agrees", "Thanks, Susan", "L25xp", "Pt RC tear", "SNOMED 57406009"]) {
    assert.deepEqual(await screened(text), [], text);
  }
});
