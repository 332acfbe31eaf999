// Whose phone this is: the person whose form, drafts and scans it keeps, and the key that opens them.
import { importKey } from "./crypto.js";
import { requestJSON } from "./responses.js";
import { clear, read, remove, write } from "./store.js";

// {person, name, logs, key, findings, at, locked}, or undefined.
//   findings  the ETag of the findings that are kept
//   at        when everything was last kept, in milliseconds; 0 when a newer release has come since
//   locked    somebody signed in or out since, and no page has shown yet who it is; nothing is opened until one does
export const owner = () => read("phone", "owner");

// The owner, while their things may be opened; else null.
export async function unlockedOwner() {
  const known = await owner();
  return known?.key && !known.locked ? known : null;
}

export const saveOwner = (known) => write("phone", "owner", known);

// Drops texts that were hidden; the worker, which cannot load later, hands in how at once.
let dropHidden = async (hidden) => (await import("./hidden.js")).dropHidden(hidden);
export const dropHiddenWith = (how) => (dropHidden = how);

// Asks the server who is signed in here, and drops what it says is hidden. Resolves with {is: "here", person, name, logs, csrf,
// seal}, or {is: "signed-out"}, or {is: "unreached"}: no answer of ours.
export async function askWhoIsSignedIn() {
  const answer = await requestJSON("/phone", "phone");
  if (answer?.status === 200 && Number.isInteger(answer.body?.person)) {
    if (answer.body.hidden?.length) await dropHidden(answer.body.hidden).catch(() => {}); // a browser that keeps nothing
    return { is: "here", ...answer.body };
  }
  return { is: answer?.status === 401 ? "signed-out" : "unreached" };
}

// Makes this the phone of who is signed in. What it kept of somebody else is gone, but for their unsent scans: those stay
// sealed until they sign in here again. Without a seal (a shared computer) it is nobody's, and keeps nothing: null.
export async function becomeOwner({ person, name, logs, seal }) {
  const known = await owner();
  if (known && (known.person !== person || !seal)) await forgetOwner();
  if (!seal) return null;
  const before = known?.person === person ? known : {};
  const now = { ...before, person, name, logs, key: await importKey(seal), locked: false };
  await saveOwner(now);
  return now;
}

// Forgets the owner: their key, form, list and drafts, what arrived ("sent": as an older release listed it), the vocabulary
// of their course, and the notifications that were shown.
export async function forgetOwner() {
  for (const what of ["owner", "arrived", "news", "sent"]) await remove("phone", what); // the key first
  await clear("pages", "drafts");
  await self.caches?.delete("findings");
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const one of (await worker?.getNotifications?.()) ?? []) one.close();
}

// Somebody is signing in or out: see `locked`.
export async function lockOwner() {
  const known = await owner();
  if (known) await saveOwner({ ...known, locked: true });
}
