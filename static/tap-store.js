// Where taps wait on this device: the IndexedDB database "sonofolio-taps", one tap a scan. Where a browser keeps nothing
// (private mode) they wait in the page, as long as it is open.

const NAME = "taps";
const memory = new Map();
let open = null; // the connection, once there is one
let refused = false; // this browser keeps nothing

const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function connection() {
  if (open) return open;
  const request = indexedDB.open("sonofolio-taps", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(NAME, { keyPath: "id" });
  open = await answer(request);
  open.onclose = () => (open = null);
  open.onversionchange = () => {
    open.close();
    open = null;
  };
  return open;
}

const inMemory = {
  get: async (id) => memory.get(id),
  getAll: async () => [...memory.values()],
  put: async (tap) => memory.set(tap.id, tap),
  delete: async (id) => memory.delete(id),
};

// One transaction: `work` gets get, getAll, put and delete. It is over once all is on the disk.
async function within(mode, work) {
  if (refused) return work(inMemory);
  let transaction;
  try {
    transaction = (await connection()).transaction(NAME, mode, { durability: "strict" });
  } catch {
    open = null; // the browser dropped the connection, as iOS does in the background: open it anew, once
    try {
      transaction = (await connection()).transaction(NAME, mode);
    } catch {
      refused = true;
      return work(inMemory);
    }
  }
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  const shelf = transaction.objectStore(NAME);
  const ask = (name) => (value) => answer(shelf[name](value));
  const result = await work({ get: ask("get"), getAll: ask("getAll"), put: ask("put"), delete: ask("delete") });
  await done;
  return result;
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

// Forget every tap, at once: with an open connection all is asked for before the page can go away.
export function clear() {
  memory.clear();
  if (!open) return keepOnly(null);
  const transaction = open.transaction(NAME, "readwrite");
  transaction.objectStore(NAME).clear();
  transaction.commit?.();
  return undefined;
}
