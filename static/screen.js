// The screen against patient-identifiable data on this phone: the same rules as the server's, before anything is kept.
import { screenWith, sentenceOf } from "./identifiers.js";

const AROUND = 32; // characters shown before and after a find, as the server shows them

let ready = null;

// `table` is the address of the rules. Resolves with text -> finds: hits with `mark`, `before`, `found`, `after`, `sentence`.
export function screen(table) {
  ready ??= fetch(table)
    .then((answer) => answer.json())
    .then(screenWith)
    .catch((fault) => {
      ready = null;
      throw fault;
    });
  return ready.then((hits) => (text) => Promise.all(hits(text).map((hit) => findOf(Array.from(text), hit))));
}

async function findOf(letters, hit) {
  const between = (start, end) => letters.slice(start, end).join("");
  const found = between(hit.start, hit.end);
  return {
    ...hit,
    found,
    sentence: sentenceOf(hit),
    mark: hit.severity === "warn" ? await markOf(hit.kind, found) : "",
    before: lastWords(letters.slice(0, hit.start)),
    after: lastWords(letters.slice(hit.end).reverse(), true),
  };
}

// Names this find of these words, as workflows/scans/screening.py does: sent back, it says that they name no patient.
async function markOf(kind, found) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${kind}\0${found}`));
  return [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0")).join("").slice(0, 12);
}

function lastWords(letters, backwards = false) {
  let shown = letters.join("");
  if (letters.length > AROUND) {
    const last = letters.slice(-AROUND).join("");
    shown = `…${last.slice(last.indexOf(" ") + 1)}`;
  }
  return backwards ? Array.from(shown).reverse().join("") : shown;
}

// The text with what surely identifies a patient taken out: all of it that may be kept, even on this phone.
export function without(text, finds) {
  const letters = Array.from(text);
  for (const { start, end, severity } of finds) if (severity === "refuse") letters.fill("", start, end);
  return letters.join("");
}
