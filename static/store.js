// What this phone keeps, in one IndexedDB database:
//
//   phone   whose phone this is ("owner": phone-owner.js); how the sending went ("stopped", "pause": outbox.js); which scans
//           left the queue, what became of them, and who was told ("left", "arrived", "news": scan-queue.js); which hidden
//           texts were dropped ("hidden": hidden.js)
//   pages   the owner's log form and list of what is here, sealed: what opens without a network
//   drafts  forms that are being filled in, sealed
//   outbox  what was done here and the server has not answered yet (outbox.js)
//
// A browser may take the database away at any time, or close the connection. Then it is opened again, once for each call.
// Its version stays 1 while a page or a worker of an older release may have it open: they could not open a newer one.
import { openDB } from "./vendor/idb.js";

let opened = null;

function open() {
  opened ??= openDB("sonofolio", 1, {
    upgrade(database) {
      for (const name of ["phone", "pages", "drafts"]) database.createObjectStore(name);
      const outbox = database.createObjectStore("outbox", { keyPath: "number", autoIncrement: true });
      outbox.createIndex("key", "key", { unique: true });
    },
    blocking(current, next, event) {
      opened = null;
      event.target.close();
    },
    terminated: () => (opened = null),
  }).catch((fault) => {
    opened = null;
    throw fault;
  });
  return opened;
}

// `work` gets the transaction and may be called twice; it must await nothing but the transaction's own requests. What was
// written is on the disk when this returns (the browser's "strict"), unless `relaxed`.
export async function transact(stores, mode, work, relaxed = false) {
  for (let again = true; ; again = false) {
    let transaction;
    try {
      const database = await open();
      transaction = database.transaction(stores, mode, { durability: relaxed ? "relaxed" : "strict" });
      const result = await work(transaction);
      await transaction.done;
      return result;
    } catch (fault) {
      transaction?.done.catch(() => {}); // this fault is thrown already
      if (!again || !isLost(fault)) throw fault;
      opened = null;
    }
  }
}

// The browser closed the connection, or threw the database away.
const isLost = (fault) => ["InvalidStateError", "NotFoundError", "AbortError"].includes(fault?.name);

export const read = (store, key) => transact(store, "readonly", (one) => one.store.get(key));
export const readAll = (store) => transact(store, "readonly", (one) => one.store.getAll());
export const write = (store, key, value, relaxed = false) =>
  transact(store, "readwrite", (one) => one.store.put(value, key), relaxed);
export const remove = (store, key) => transact(store, "readwrite", (one) => one.store.delete(key));

export const clear = (...stores) =>
  transact(stores, "readwrite", (all) => Promise.all(stores.map((name) => all.objectStore(name).clear())));

// Whether this browser keeps anything at all (a private window may not): tried, since nothing else says so.
export async function canStore() {
  try {
    await write("drafts", "trial", "", true);
    await remove("drafts", "trial");
    return true;
  } catch {
    return false;
  }
}

// Every tab, the worker, and this page itself learn that the outbox has changed.
const channel = "BroadcastChannel" in self ? new BroadcastChannel("sonofolio") : null;

export function announceChange() {
  channel?.postMessage("outbox");
  self.dispatchEvent(new Event("sonofolio:outbox"));
}

export function onChange(listener) {
  channel?.addEventListener("message", ({ data }) => data === "outbox" && listener());
  self.addEventListener("sonofolio:outbox", listener);
}
