// Texts that were hidden, as they may have named a patient: what this phone keeps of them goes, as soon as the server says
// which they are (GET /phone). `hidden` is [[scan, the version as which it was blanked], ...].
//
// It goes from the outbox (what waits and what was refused), from the drafts, and from the notifications that are shown. The
// kept pages hold no scan's text. What was written since then stays: a correction by its version; a draft, since each hiding
// is obeyed once ("hidden" in the store "phone": {scan: version}).
import { announceChange, transact } from "./store.js";

const versionOf = ({ key, seen }) => seen?.version ?? Number(key.split("@")[1] ?? 0); // 0: of a scan's first sending

export const isOfBefore = (entry, [scan, version]) => entry.scan === scan && versionOf(entry) < version;

// The key of a draft is "new | <scan>", "edit <scan> | <scan>" or "like <another> | <scan>".
export const isDraftOf = (key, [scan]) => key.split(" | ")[1] === scan || key.split(" | ")[0] === `edit ${scan}`;

export async function dropHidden(hidden) {
  if (!hidden?.length) return;
  await closeNotifications(hidden.map(([scan]) => scan));
  const gone = await transact(["outbox", "drafts", "phone"], "readwrite", async (all) => {
    const [outbox, drafts, phone] = ["outbox", "drafts", "phone"].map((name) => all.objectStore(name));
    const dropped = (await phone.get("hidden")) ?? {};
    const fresh = hidden.filter(([scan, version]) => !(dropped[scan] >= version));
    let number = 0;
    for (const entry of await outbox.getAll()) {
      if (!hidden.some((one) => isOfBefore(entry, one))) continue;
      await outbox.delete(entry.number);
      number += 1;
    }
    for (const key of fresh.length ? await drafts.getAllKeys() : []) {
      if (fresh.some((one) => isDraftOf(key, one))) await drafts.delete(key);
    }
    if (fresh.length) await phone.put({ ...dropped, ...Object.fromEntries(fresh) }, "hidden");
    return number;
  });
  if (gone) announceChange();
}

// Whether anything is kept that could be a hidden scan's: then the server is asked, whatever else is fresh.
export async function keepsTexts() {
  const counts = await transact(["outbox", "drafts"], "readonly", (all) =>
    Promise.all([all.objectStore("outbox").count(), all.objectStore("drafts").count()]));
  return counts.some(Boolean) || (await notifications()).length > 0;
}

async function notifications() {
  const worker = self.registration ?? (await navigator.serviceWorker?.getRegistration());
  return (await worker?.getNotifications?.()) ?? [];
}

async function closeNotifications(scans) {
  for (const one of await notifications()) if (scans.some((scan) => one.data?.scan?.id === scan || one.data?.open?.includes(scan))) one.close();
}
