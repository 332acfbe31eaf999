// The screening of a text for patient-identifiable data on this phone: the same rules as the server's, before anything is kept.
// The rules are loaded when there is first a text to screen.
import { toHex } from "./crypto.js";

const AROUND = 32; // characters shown before and after a hit, as the server shows them

let loaded = null;

// `table`: the address of the rules. Resolves with a function from a text to its hits, each with `mark`, `before`, `found`,
// `after` and `sentence`; rejects when the rules cannot be loaded.
export function loadScreening(table) {
  loaded ??= load(table).catch((fault) => {
    loaded = null;
    throw fault;
  });
  return loaded;
}

async function load(table) {
  const [response, { screenWith, sentenceOf }] = await Promise.all([fetch(table), import("./identifiers.js")]);
  const screen = screenWith(await response.json());
  return (text) => Promise.all(screen(text).map((hit) => withWords(Array.from(text), hit, sentenceOf(hit))));
}

async function withWords(letters, hit, sentence) {
  const found = letters.slice(hit.start, hit.end).join("");
  return {
    ...hit,
    found,
    sentence,
    mark: hit.severity === "warn" ? await markOf(hit.kind, found) : "",
    before: lastWords(letters.slice(0, hit.start)),
    after: lastWords(letters.slice(hit.end).reverse(), true),
  };
}

// Names this hit of these words, as workflows/scans/screening.py does: sent back, it says that they name no patient.
async function markOf(kind, found) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${kind}\0${found}`));
  return toHex(new Uint8Array(digest)).slice(0, 12);
}

function lastWords(letters, backwards = false) {
  let shown = letters.join("");
  if (letters.length > AROUND) {
    const last = letters.slice(-AROUND).join("");
    shown = `…${last.slice(last.indexOf(" ") + 1)}`;
  }
  return backwards ? Array.from(shown).reverse().join("") : shown;
}

// The text without what surely identifies a patient: all of it that may be kept, even on this phone.
export function redact(text, hits) {
  const letters = Array.from(text);
  for (const { start, end, severity } of hits) if (severity === "refuse") letters.fill("", start, end);
  return letters.join("");
}
