// What this phone keeps, in one IndexedDB database:
//
//   phone   whose phone this is ("owner", see who.js), and how the sending went ("stopped", "pause", "arrived", "left", see
//           outbox.js)
//   pages   their own log form and list of what is here, sealed: what opens without a network
//   drafts  forms that are being filled in, sealed
//   outbox  what was saved and is not on the server yet, sealed, in the order of saving
//
// A browser may take the database away at any time, or close the connection. Then it is opened again, once for each call.
import { openDB } from "./vendor/idb.js";

const NAME = "sonofolio";
const VERSION = 1;
let opened = null;

function open() {
  opened ??= openDB(NAME, VERSION, {
    upgrade(database, before) {
      // Each step leaves what is there readable: a queue may be months old when a new release first opens it.
      if (before < 1) {
        database.createObjectStore("phone");
        database.createObjectStore("pages");
        database.createObjectStore("drafts");
        database.createObjectStore("outbox", { keyPath: "number", autoIncrement: true }).createIndex("key", "key", { unique: true });
      }
    },
    blocking: (current, next, event) => close(event.target),
    terminated: () => (opened = null),
  }).catch((fault) => {
    opened = null;
    throw fault;
  });
  return opened;
}

function close(database) {
  opened = null;
  database.close();
}

// `work` gets the transaction and may be asked twice; it must await nothing but the transaction's own requests. What was
// written is on the disk when this returns (the browser's "strict"), unless `hurried`.
export async function within(stores, mode, work, hurried = false) {
  for (let again = true; ; again = false) {
    let transaction;
    try {
      const database = await open();
      transaction = database.transaction(stores, mode, { durability: hurried ? "relaxed" : "strict" });
      const answer = await work(transaction);
      await transaction.done;
      return answer;
    } catch (fault) {
      transaction?.done.catch(() => {}); // told once, here
      if (!again || !isLost(fault)) throw fault;
      opened = null;
    }
  }
}

// The connection was lost on the way: the browser closed it, or threw the database away.
const isLost = (fault) => ["InvalidStateError", "NotFoundError", "AbortError"].includes(fault?.name);

export const read = (store, key) => within(store, "readonly", (one) => one.store.get(key));
export const readAll = (store) => within(store, "readonly", (one) => one.store.getAll());
export const write = (store, key, value, hurried = false) =>
  within(store, "readwrite", (one) => one.store.put(value, key), hurried);
export const remove = (store, key) => within(store, "readwrite", (one) => one.store.delete(key));

export const empty = (...stores) =>
  within(stores, "readwrite", (all) => Promise.all(stores.map((name) => all.objectStore(name).clear())));

// Whether this browser keeps anything at all (a private window may not): tried, since nothing else tells.
export async function keeps() {
  try {
    await write("drafts", "trial", "", true);
    await remove("drafts", "trial");
    return true;
  } catch {
    return false;
  }
}

// Told to every other tab, and to the worker: what is kept here has changed.
const channel = "BroadcastChannel" in self ? new BroadcastChannel("sonofolio") : null;

export function tell(what) {
  channel?.postMessage(what);
}

export function hear(listen) {
  channel?.addEventListener("message", (event) => listen(event.data));
}
