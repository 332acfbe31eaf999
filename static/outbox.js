// The queue of scans that were saved on this phone. The promise: what the app said it saved is never lost and never
// counted twice. So a scan is kept here before anything is sent, sent under the number that it got when its form was
// opened, in the order of saving, one at a time by one sender, and let go only when the server has said that it has it.
//
// An entry: {number, key, version, form, person, scan, address, entered_at, state, why, faults, sealed}
//   number      the order of saving on this phone           key         the scan, or the scan and the version corrected
//   version     of this record's own shape                  form      version of the form that it was entered in
//   address     where it is sent                            entered_at  by this phone's clock
//   state       "waiting", or "parked": the server will not have it as it is; why: {error, message, errors, ...}
//   faults      how often the server failed at it, or did not get the whole of it
//   sealed      {pairs: [[name, value], ...], about: "Shoulder · right", says: "All normal", mentor: their name}
import * as ledger from "./ledger.js";
import { seal, unseal } from "./seal.js";
import { ask, opener, ours } from "./who.js";
import { read, readAll, remove, tell, within, write } from "./store.js";

export const SHAPE = 1;
const LOCK = "sonofolio-outbox";
const PATIENCE = 20_000; // milliseconds that one sending may take
const SOON = 5_000; // the first pause after no answer; it doubles
const LATEST = 300_000; // the longest pause
const MOST_TOLD = 50;
const ENOUGH = 3; // so often may a scan meet a fault of the server's before the others go first

// Keeps a scan; one with the same key is replaced, in its place. Throws when the browser has no room, or nobody's key.
export async function keep({ key, scan, address, form, entered_at, ...what }) {
  const own = await opener();
  if (!own) throw new Error("Nobody is signed in on this phone.");
  const sealed = await seal(own.key, what);
  const entry = { key, scan, address, form, entered_at, version: SHAPE, person: own.person, state: "waiting", why: null };
  await within("outbox", "readwrite", async ({ store }) => {
    const before = await store.index("key").getKey(key);
    return store.put({ ...entry, faults: 0, sealed, ...(before === undefined ? {} : { number: before }) });
  });
  ledger.add(key, own.person, entered_at);
  await announce();
}

// Everything that is here, in order, whoever it belongs to: sealed.
export const entries = () => readAll("outbox");

// What this person's entry says: what is sealed in it; null when it is somebody else's.
export async function opened(entry) {
  const own = await opener();
  return own?.person === entry.person ? unseal(own.key, entry.sealed) : null;
}

export const entryOf = async (key) => (await entries()).find((entry) => entry.key === key);

// Why the server would not have an entry, in its own sentences: of each field, or of the whole.
export function reasonsOf(why) {
  const sentences = Object.values(why?.errors || {}).flat();
  return [...new Set(sentences.length ? sentences : [why?.message])].filter(Boolean);
}

export async function forget(entry) {
  ledger.crossOff(entry.key);
  await remove("outbox", entry.number);
  await announce();
}

// {waiting, parked} of this person's, {others} of somebody else's, `stopped`: why the last sending ended, and {lost}: what
// the browser has thrown away.
export async function count(person) {
  const [all, stopped, sent] = [await entries(), await read("phone", "stopped"), (await read("phone", "sent")) || []];
  const mine = all.filter((entry) => entry.person === person);
  const parked = mine.filter((entry) => entry.state === "parked").length;
  const lost = ledger.missing(person, all, sent);
  return { waiting: mine.length - parked, parked, others: all.length - mine.length, stopped: stopped || "", lost };
}

// Sends what waits, in order. `now` is a person's own tap: whoever is sending is waited for. `awake`: something has changed
// (the app was opened, the signal is back), so a pause is cut short, as it is by a tap.
// Resolves with why it ended: "done", "signed-out", "unreached", "busy", "other" (somebody else is signed in),
// "paused" (after no answer, for a while), or "elsewhere" (another tab, or the worker, is sending).
export async function send({ now = false, awake = now } = {}) {
  if (!navigator.locks) return sendAll(awake);
  return navigator.locks.request(LOCK, { ifAvailable: !now }, (lock) => (lock ? sendAll(awake) : "elsewhere"));
}

async function sendAll(awake) {
  const [own, pause] = await Promise.all([opener(), read("phone", "pause")]);
  let entry = own && (await next(own.person, 0));
  if (!entry) return "done";
  if (pause && !awake && Date.now() < pause.until) return "paused";
  let here = await ask();
  if (here.is === "here" && here.person !== own.person) here = { is: "other" };
  if (here.is !== "here") return stop(here.is, pause);
  for (; entry; entry = await next(own.person, entry.number)) {
    let answer = await sendOne(entry, own, here.csrf);
    if (answer.is === "stale") {
      // The token was older than the sign-in: once more, with a fresh one.
      here = await ask();
      if (here.is !== "here" || here.person !== own.person) return stop(here.is === "here" ? "other" : here.is, pause);
      answer = await sendOne(entry, own, here.csrf);
    }
    if (answer.is === "kept") await arrived(entry, answer.said);
    else if (answer.is === "refused") await settle(entry, { state: "parked", why: answer.why });
    else if (answer.is === "fault" && entry.faults >= ENOUGH) continue; // the others go first
    else {
      if (answer.is === "fault") await settle(entry, { faults: entry.faults + 1 });
      return stop(answer.is === "fault" || answer.is === "stale" ? "busy" : answer.is, pause, answer.wait);
    }
  }
  return stop("done");
}

// The next of this person's that waits, after this number.
async function next(person, number) {
  const rest = (await entries()).filter((entry) => entry.person === person && entry.number > number);
  return rest.find((entry) => entry.state === "waiting");
}

// Why the sending ended, for every screen; and when it goes on by itself, when nobody answered.
async function stop(why, before = null, wait = 0) {
  const tries = before?.tries ?? 0;
  const again = why === "unreached" || why === "busy" ? { tries: tries + 1, until: Date.now() + pauseOf(tries, wait) } : null;
  await write("phone", "pause", again, true);
  await write("phone", "stopped", why === "done" ? "" : why, true);
  await announce();
  return why;
}

// Milliseconds to wait after so many tries in a row: longer each time, and not the same for a thousand phones at once.
export function pauseOf(tries, wait = 0, luck = Math.random()) {
  return Math.max(wait, Math.min(LATEST, SOON * 2 ** tries) * (0.5 + luck));
}

// What is done to an entry is done to the one that was sent: saved again meanwhile, it stays, and is sent again.
async function settle(entry, changes) {
  await within("outbox", "readwrite", async ({ store }) => {
    const stands = await store.get(entry.number);
    if (stands?.entered_at !== entry.entered_at) return;
    await (changes ? store.put({ ...stands, ...changes }) : store.delete(entry.number));
  });
  await announce();
}

// The server has it. What became of it is told when the list is next looked at: [{key, scan, state, question}], no words.
async function arrived(entry, said) {
  const told = { key: entry.key, scan: entry.scan, state: said.state, question: Boolean(said.question) };
  await within("phone", "readwrite", async ({ store }) => {
    await store.put([...((await store.get("sent")) || []), told].slice(-MOST_TOLD), "sent");
  });
  await settle(entry, null);
}

async function sendOne(entry, own, csrf) {
  const { pairs } = await unseal(own.key, entry.sealed);
  const body = new URLSearchParams(pairs.filter(([name]) => name !== "csrf_token"));
  body.set("csrf_token", csrf);
  body.set("kept_for", entry.person);
  body.set("entered_at", entry.entered_at);
  body.set("form", entry.form);
  try {
    const answer = await fetch(entry.address, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return verdict(answer.status, await ours(answer), entry.scan, Number(answer.headers.get("Retry-After")) * 1000);
  } catch {
    return { is: "unreached" };
  }
}

// What an answer means. Only our own JSON that names the scan is a success; only our own JSON is a refusal.
export function verdict(status, said, scan, wait = 0) {
  if (said === null || typeof said !== "object") return { is: status >= 500 && status !== 502 ? "busy" : "unreached", wait };
  if (status === 200 || status === 201) return said.scan_id === scan ? { is: "kept", said } : { is: "unreached" };
  if (typeof said.error !== "string" || typeof said.message !== "string") return { is: "unreached" };
  if (status === 401) return { is: "signed-out" };
  if (said.error === "stale-form") return { is: "stale" };
  if (said.error === "another-person") return { is: "other" };
  if (said.error === "cut-off") return { is: "fault" };
  if (status === 500) return { is: "fault" };
  if (status === 429 || status > 500) return { is: "busy", wait };
  if (status >= 400) return { is: "refused", why: said };
  return { is: "unreached" };
}

// Every tab, and this one, learns that what is here has changed.
async function announce() {
  tell("outbox");
  self.dispatchEvent(new Event("sonofolio:outbox"));
}
