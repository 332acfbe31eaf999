// Forms that are being filled in, kept with every tap and keystroke: a call, a crash or a step back loses nothing.
// A draft: {at, cancelled, sealed: [[name, value], ...]}, under the name of its form ("new", "like <scan>", "edit <scan>").
import { seal, unseal } from "./crypto.js";
import { unlockedOwner } from "./phone-owner.js";
import { read, remove, write } from "./store.js";

export const RESTORED_FOR = 12 * 3600_000; // milliseconds after which a form is offered again, not filled in again

let writing = Promise.resolve(); // one after the other, the newest wins
let newest = 0;

export function saveDraft(form, pairs) {
  const own = ++newest;
  writing = writing.catch(() => {}).then(async () => {
    if (own !== newest) return; // something newer is on its way
    const known = await unlockedOwner();
    if (known) await write("drafts", form, { at: Date.now(), cancelled: false, sealed: await seal(known.key, pairs) }, true);
  });
  return writing.catch(() => {}); // a draft is a courtesy: that there is no room is told when it is saved
}

// {at, cancelled, pairs}, or null.
export async function findDraft(form) {
  const [own, draft] = await Promise.all([unlockedOwner(), read("drafts", form)]);
  if (!own || !draft?.sealed) return null;
  try {
    return { at: draft.at, cancelled: draft.cancelled, pairs: await unseal(own.key, draft.sealed) };
  } catch {
    return null;
  }
}

export function removeDraft(form) {
  newest += 1;
  writing = writing.catch(() => {}).then(() => remove("drafts", form));
  return writing.catch(() => {});
}

// Left on purpose: it is offered when the form is next opened, and not filled in.
export async function cancelDraft(form) {
  newest += 1;
  await writing.catch(() => {});
  const draft = await read("drafts", form).catch(() => null);
  if (draft) await write("drafts", form, { ...draft, cancelled: true });
}
