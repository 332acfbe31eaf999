// The queue of what was done on this phone and the server has not answered yet. What the app said it saved is never lost
// and never counted twice: it is kept here before anything is sent, sent in the order of saving, one at a time, by one
// sender over all tabs and the worker, and let go only when the server has answered it.
//
// An entry of the store "outbox":
//   number      the order of saving on this phone        key         what it is about: there is one entry for each
//   kind        "scan", "correction" or "approval"       version     of this record's own shape
//   person      whose it is                              entered_at  by this phone's clock; tells it from a later one
//   state       "waiting", or "parked": the server refused it as it is
// and what its kind adds. A kind is registered in `kinds` by the module that knows how it is sent (scan-queue.js,
// approvals.js); where that module is not loaded, its entries wait. It has the functions
//   open(entry)            the entry as it is sent; null when it is not to be sent from here
//   session()              optional: who is signed in, as far as the page knows
//   send(entry, csrf)      sends it: {is: "kept", "refused", "stale", "signed-out", "other", "unreached", "busy", "fault" or
//                          "gone" (taken back meanwhile), wait}
//   settle(entry, answer)  it was kept or refused
//   failed(entry, answer)  it was neither; resolves with whether the others go first
//   stopped(why)           optional: the sending ended
import { askWhoIsSignedIn } from "./phone-owner.js";
import { announceChange, read, readAll, transact, write } from "./store.js";

const LOCK = "sonofolio-outbox";
const FIRST_PAUSE = 5_000; // milliseconds after no answer; doubled with each further one ...
const LONGEST_PAUSE = 40_000; // ... until it is this long (half as much again at most: a minute)
const LONGEST_WHEN_BUSY = 300_000; // ... or this long, when our server said that it has too much to do

export const kinds = {};

// An older release wrote no kind.
export const kindOf = ({ kind, address }) => kind ?? (address === "/scans" ? "scan" : "correction");

// What may be kept in the page alone, as long as it is open (an approval), where the browser keeps nothing.
const inPage = new Map();
let pageOnly = false;
const page = {
  index: () => page,
  get: async (key) => inPage.get(key),
  put: async (entry) => inPage.set(entry.key, { ...entry, number: entry.key }),
  delete: async (key) => inPage.delete(key),
};

export const keepInPageOnly = () => (pageOnly = true);
export const outlivesPage = () => !pageOnly;

// Everything that is here, in order, whoever it belongs to, as it is stored.
export async function entries() {
  try {
    return [...(await readAll("outbox")), ...inPage.values()];
  } catch (fault) {
    if (!pageOnly) throw fault;
    return [...inPage.values()];
  }
}

// Replaces what stands in the place of `entry` (of its number, else of its key) by what `how(what stands there)` returns,
// null for nothing. `besides(phone)` writes to the store "phone" in the same transaction. Resolves with what stands there
// then; rejects when it cannot be kept.
export async function change(entry, how, besides = null) {
  const work = async (outbox, phone) => {
    const { number, key } = entry;
    const before = number === undefined ? await outbox.index("key").get(key) : await outbox.get(number);
    const after = how(before) ?? null;
    if (after && after !== before) await outbox.put(before ? { ...after, number: before.number } : after);
    if (before && !after) await outbox.delete(before.number);
    if (after !== before) await besides?.(phone);
    return after;
  };
  const mayStayInPage = kindOf(entry) === "approval";
  let after;
  try {
    if (mayStayInPage && pageOnly && typeof entry.number !== "number") after = await work(page);
    else after = await transact(["outbox", "phone"], "readwrite", (all) => work(all.objectStore("outbox"), all.objectStore("phone")));
  } catch (fault) {
    if (!mayStayInPage) throw fault;
    pageOnly = true;
    after = await work(page);
  }
  announceChange();
  return after;
}

// The same where what stands in the entry's place still is what was sent: saved again meanwhile, it stays, and is sent again.
export const isSame = (stands, entry) => stands?.entered_at === entry.entered_at;
export const changeSame = (entry, how, besides) => change(entry, (stands) => (isSame(stands, entry) ? how(stands) : stands), besides);

// Approvals are nobody's but who made them, while they are signed in: forgets those of everybody else (null: of all).
export async function dropApprovals(person) {
  const others = (await entries()).filter((entry) => kindOf(entry) === "approval" && entry.person !== person);
  for (const entry of others) await change(entry, () => null);
}

// Sends what waits. `now`: a person asked for it, so whoever is sending is waited for. `awake`: something has changed (the
// app was opened, the signal is back), so a pause is cut short, and the next one is short again.
// Resolves with why it ended: "done", "signed-out", "unreached", "busy", "other" (somebody else is signed in), "paused", or
// "elsewhere" (another tab, or the worker, is sending).
export async function send({ now = false, awake = now } = {}) {
  if (!navigator.locks) return sendAll(awake);
  return navigator.locks.request(LOCK, { ifAvailable: !now }, (lock) => (lock ? sendAll(awake) : "elsewhere"));
}

// Does this while nobody sends.
export const whileNobodySends = (work) => (navigator.locks ? navigator.locks.request(LOCK, work) : work());

async function sendAll(awake) {
  const tried = new Set();
  let entry = await next(tried);
  if (!entry) return "done";
  const pause = awake ? null : await read("phone", "pause").catch(() => null);
  if (pause && Date.now() < pause.until) return "paused";
  let [session, why] = [null, "done"];
  for (; entry; entry = await next(tried)) {
    const kind = kinds[kindOf(entry)];
    session ??= kind.session?.() || (await askWhoIsSignedIn());
    let answer = await sendOne(kind, entry, session);
    if (answer.is === "stale") {
      session = await askWhoIsSignedIn(); // the token was older than the sign-in: once more, with a fresh one
      answer = await sendOne(kind, entry, session);
    }
    if (answer.is === "kept" || answer.is === "refused") await kind.settle(entry, answer);
    else if (answer.is !== "gone") {
      why = ["fault", "stale"].includes(answer.is) ? "busy" : answer.is;
      if (!answer.sent || !(await kind.failed(entry, answer))) return stop(why, pause, answer.wait);
    }
  }
  return stop(why, pause);
}

async function sendOne(kind, entry, session) {
  if (session.is !== "here") return session;
  if (session.person !== entry.person) return { is: "other" };
  return { ...(await kind.send(entry, session.csrf)), sent: true };
}

// The next one that waits and was not tried yet, opened.
async function next(tried) {
  for (const entry of await entries()) {
    const kind = kinds[kindOf(entry)];
    if (!kind || entry.state !== "waiting" || tried.has(entry.key)) continue;
    tried.add(entry.key);
    const opened = await kind.open(entry);
    if (opened) return opened;
  }
  return null;
}

// Writes down why the sending ended, for every screen, and until when it pauses.
async function stop(why, before, wait = 0) {
  const tries = before?.tries ?? 0;
  const fails = why === "unreached" || why === "busy";
  const pause = fails ? { tries: tries + 1, until: Date.now() + pauseOf(tries, { wait, busy: why === "busy" }) } : null;
  try {
    await write("phone", "pause", pause, true);
    await write("phone", "stopped", why === "done" ? "" : why, true);
  } catch {
    // a browser that keeps nothing: each try is the first
  }
  for (const kind of Object.values(kinds)) await kind.stopped?.(why);
  announceChange();
  return why;
}

// Milliseconds to wait after so many tries in a row: longer each time, no sooner than the server says (`wait`), and not the
// same for a thousand phones at once.
export function pauseOf(tries, { wait = 0, busy = false, luck = Math.random() } = {}) {
  return Math.max(wait, Math.min(busy ? LONGEST_WHEN_BUSY : LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries) * (0.5 + luck));
}
