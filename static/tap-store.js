// Where taps wait on this device: the IndexedDB database "sonofolio-taps", one tap a scan. Where a browser keeps nothing
// (a private window, a shared computer) they wait in the page, as long as it is open.
import { openDB } from "./vendor/idb.js";

const NAME = "taps";
const memory = new Map();
const inMemory = {
  get: async (id) => memory.get(id),
  getAll: async () => [...memory.values()],
  put: async (tap) => memory.set(tap.id, tap),
  delete: async (id) => memory.delete(id),
};
let database = null; // the connection, once there is one
let refused = false; // nothing is kept here

async function connection() {
  database ??= await openDB("sonofolio-taps", 1, {
    upgrade: (made) => made.createObjectStore(NAME, { keyPath: "id" }),
    blocking: () => (database.close(), (database = null)),
    terminated: () => (database = null),
  });
  return database;
}

// One transaction; what was written is on the disk when this returns. A connection that the browser dropped is opened
// anew, once.
async function within(mode, work) {
  for (let again = true; !refused; again = false) {
    try {
      const transaction = (await connection()).transaction(NAME, mode, { durability: "strict" });
      const result = await work(transaction.store);
      await transaction.done;
      return result;
    } catch {
      database = null;
      refused = !again;
    }
  }
  return work(inMemory);
}

// Whether what is put here outlives the page.
export const lasts = () => !refused;

// This person's waiting taps, oldest first.
export async function of(person) {
  const taps = await within("readonly", (shelf) => shelf.getAll());
  return taps.filter((tap) => tap.person === person).sort((one, other) => one.made - other.made);
}

// Replace the tap on scan `id` by what `how(tap or undefined)` says, null for none; answers what is there now.
export const change = (id, how) =>
  within("readwrite", async (shelf) => {
    const before = await shelf.get(id);
    const after = how(before) ?? null;
    if (after && after !== before) await shelf.put(after);
    if (before && !after) await shelf.delete(id);
    return after;
  });

// Forget every tap that is not this person's.
export const keepOnly = (person) =>
  within("readwrite", async (shelf) => {
    for (const tap of await shelf.getAll()) if (tap.person !== person) await shelf.delete(tap.id);
  });

// From now on nothing is kept here, and nothing is left.
export async function keepNothing() {
  await keepOnly(null);
  refused = true;
}

// Forget every tap, as the page goes away: asked for at once, on the connection that is open.
export function clear() {
  memory.clear();
  const transaction = database?.transaction(NAME, "readwrite");
  transaction?.store.clear();
  transaction?.commit();
}
