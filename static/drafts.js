// Forms that are being filled in, kept with every tap and keystroke: a call, a crash or a step back loses nothing.
// A draft: {at, cancelled, sealed: [[name, value], ...]}, under the name of its form ("new", "like <scan>", "edit <scan>").
import { seal, unseal } from "./seal.js";
import { opener } from "./who.js";
import { read, remove, write } from "./store.js";

export const GOOD_FOR = 12 * 3600_000; // milliseconds after which a form is offered again, not filled in again

let last = Promise.resolve(); // what is being written: one after the other, the newest wins
let newest = 0;

export function keep(form, pairs) {
  const turn = ++newest;
  last = last.then(async () => {
    if (turn !== newest) return; // something newer is on its way
    const own = await opener();
    if (own) await write("drafts", form, { at: Date.now(), cancelled: false, sealed: await seal(own.key, pairs) }, true);
  });
  return last.catch(() => {}); // a draft is a courtesy: that there is no room is told when it is saved
}

// {at, cancelled, pairs}, or null.
export async function found(form) {
  const [own, draft] = await Promise.all([opener(), read("drafts", form)]);
  if (!own || !draft?.sealed) return null;
  try {
    return { at: draft.at, cancelled: draft.cancelled, pairs: await unseal(own.key, draft.sealed) };
  } catch {
    return null;
  }
}

export function drop(form) {
  newest += 1;
  last = last.catch(() => {}).then(() => remove("drafts", form));
  return last.catch(() => {});
}

// Left on purpose: it is offered when the form is next opened, and not filled in.
export async function cancel(form) {
  newest += 1;
  await last.catch(() => {});
  const draft = await read("drafts", form).catch(() => null);
  if (draft) await write("drafts", form, { ...draft, cancelled: true });
}
