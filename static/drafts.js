// Forms that are being filled in, kept with every tap and keystroke, so that a call, a crash or a step back loses nothing.
// A form is never filled in again by itself, but for a reload of that very page: what was left is offered (scan-drafts.js).
//
// A draft is {at, sealed}, under the name of its form ("new", "like <scan>", "edit <scan>") and the number of its scan.
// Sealed: {pairs, about, says, aside, dayChosen}; an older release sealed the pairs alone, under the form's name alone.
import { seal, unseal } from "./crypto.js";
import { unlockedOwner } from "./phone-owner.js";
import { remove, transact, write } from "./store.js";

export const RESTORED_FOR = 12 * 3600_000; // milliseconds after which a reload, too, brings back nothing by itself
const KEPT_FOR = 7 * 24 * 3600_000;

export const draftKey = (form, scan) => `${form} | ${scan}`;

let writing = Promise.resolve(); // one after the other, the newest wins
let newest = 0;

export function saveDraft(key, content) {
  const own = ++newest;
  writing = writing.catch(() => {}).then(async () => {
    if (own !== newest) return; // something newer is on its way
    const known = await unlockedOwner();
    if (known) await write("drafts", key, { at: Date.now(), sealed: await seal(known.key, content) }, true);
  });
  return writing.catch(() => {}); // a draft is a courtesy: that there is no room is told when it is saved
}

// The drafts of this form that the owner can open, the newest first: [{key, at, pairs, about, says, ...}, ...].
export async function findDrafts(form) {
  const own = await unlockedOwner();
  if (!own) return [];
  const [keys, records] = await transact("drafts", "readonly", ({ store }) => Promise.all([store.getAllKeys(), store.getAll()]));
  const found = [];
  for (const [place, key] of keys.entries()) {
    const { at, sealed } = records[place];
    if (key !== form && !key.startsWith(draftKey(form, ""))) continue;
    if (Date.now() - at > KEPT_FOR) await removeDraft(key);
    else {
      const content = await unseal(own.key, sealed).catch(() => null);
      if (content) found.push({ key, at, ...(Array.isArray(content) ? { pairs: content } : content) });
    }
  }
  return found.sort((one, other) => other.at - one.at);
}

export function removeDraft(key) {
  newest += 1;
  writing = writing.catch(() => {}).then(() => remove("drafts", key));
  return writing.catch(() => {});
}
