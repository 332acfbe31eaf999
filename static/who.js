// Whose phone this is: the person whose form, drafts and scans it keeps, and the key that opens them.
import { askServer } from "./answers.js";
import { empty, read, remove, write } from "./store.js";
import { keyOf } from "./seal.js";

// {person, name, logs, key, findings, at, locked}, or undefined.
// `findings`: the ETag of the findings that are kept. `at`: when everything was last kept, in milliseconds; 0 when a
// newer release has come since.
// `locked`: somebody signed in or out since, and no page has shown yet who it is; nothing is opened until one does.
export const owner = () => read("phone", "owner");

// The owner whose things may be opened now.
export async function opener() {
  const known = await owner();
  return known?.key && !known.locked ? known : null;
}

export const remember = (known) => write("phone", "owner", known);

// Asks the server who is signed in here. {is: "here", person, name, logs, csrf, seal}, or {is: "signed-out"} or
// {is: "unreached"}: no answer of ours.
export async function ask() {
  const answer = await askServer("/phone", "phone");
  if (answer?.status === 200 && Number.isInteger(answer.said?.person)) return { is: "here", ...answer.said };
  return { is: answer?.status === 401 ? "signed-out" : "unreached" };
}

// Makes this the phone of who is signed in. What it kept of somebody else is gone, but for their unsent scans: those stay
// sealed until they sign in here again. Without a seal (a shared computer) it is nobody's, and keeps nothing.
export async function settle(here) {
  const known = await owner();
  if (known && (known.person !== here.person || !here.seal)) await wipe();
  if (!here.seal) return null;
  const before = known?.person === here.person ? known : {};
  const key = await keyOf(here.seal);
  const now = { ...before, person: here.person, name: here.name, logs: here.logs, key, locked: false };
  await remember(now);
  return now;
}

// Forgets the owner: their key, form, list and drafts, what arrived ("sent": as an older release listed it), the vocabulary
// of their course, and what this device has shown them of the news.
export async function wipe() {
  await empty("pages", "drafts");
  for (const what of ["owner", "arrived", "sent"]) await remove("phone", what);
  await self.caches?.delete("findings");
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const one of (await worker?.getNotifications?.()) ?? []) one.close();
}

// Somebody is signing in or out: see `locked`.
export async function lock() {
  const known = await owner();
  if (known) await remember({ ...known, locked: true });
}
