// The queue of scans that were saved on this phone. The promise: what the app said it saved is never lost and never
// counted twice. So a scan is kept here before anything is sent, sent under the number that it got when its form was
// opened, in the order of saving, one at a time by one sender, and let go only when the server has said that it has it.
//
// An entry: {number, key, version, form, person, scan, address, entered_at, state, why, faults, sealed}
//   number      the order of saving on this phone           key         the scan, or the scan and the version corrected
//   version     of this record's own shape                  form      version of the form that it was entered in
//   address     where it is sent                            entered_at  by this phone's clock
//   state       "waiting", or "parked": the server will not have it as it is; why, sealed: {error, message, errors, ...}
//   faults      how often the server failed at it, did not get the whole of it, or gave no answer
//   sealed      {pairs: [[name, value], ...], about: "Shoulder · right", says: "All normal", mentor: their name}
// Opened, what was sealed stands beside the rest. What cannot be sent is set aside while the others go:
//   aside       "newer": of a shape that this release does not know; "broken": sealed to a key that is gone, or damaged
import { askServer } from "./answers.js";
import { digestOf, seal, unseal } from "./seal.js";
import { ask, opener } from "./who.js";
import { read, readAll, tell, within, write } from "./store.js";

export const SHAPE = 1;
const LOCK = "sonofolio-outbox";
const PATIENCE = 20_000; // milliseconds that one sending may take
const SOON = 5_000; // the first pause after no answer; it doubles
const LATEST = 300_000; // the longest pause
const ENOUGH = 5; // so often may a scan meet a fault, or no answer, before the others go first

// Keeps a scan; one with the same key is replaced, in its place. Throws when the browser has no room, or nobody's key.
export async function keep({ key, scan, address, form, entered_at, ...what }) {
  const own = await opener();
  if (!own) throw new Error("Nobody is signed in on this phone.");
  const sealed = await seal(own.key, what);
  const mark = await digestOf(key);
  const entry = { key, scan, address, form, entered_at, version: SHAPE, person: own.person, state: "waiting", why: null };
  await within(["outbox", "phone"], "readwrite", async (stores) => {
    const [outbox, phone] = [stores.objectStore("outbox"), stores.objectStore("phone")];
    const before = await outbox.index("key").getKey(key);
    const left = await phone.get("left");
    if (left?.includes(mark)) await phone.put(left.filter((one) => one !== mark), "left");
    return outbox.put({ ...entry, faults: 0, sealed, ...(before === undefined ? {} : { number: before }) });
  });
  await announce();
}

// Everything that is here, in order, whoever it belongs to: sealed.
export const entries = () => readAll("outbox");

// This person's entries in order, opened. What names nobody is whose phone it is: they can remove it.
export async function mine() {
  const [own, all] = [await opener(), await entries()];
  if (!own) return [];
  return Promise.all(all.filter(({ person }) => person === own.person || !Number.isInteger(person)).map((one) => open(one, own)));
}

export async function entryOf(key) {
  const [own, all] = [await opener(), await entries()];
  const entry = all.find((one) => one.key === key);
  return entry && open(entry, own);
}

async function open(entry, own) {
  const newer = entry.version > SHAPE;
  try {
    const what = await unseal(own.key, entry.sealed);
    const why = entry.why?.iv ? await unseal(own.key, entry.why) : entry.why; // an older release kept it readable
    return { ...entry, ...what, why, aside: newer ? "newer" : isWhole(entry, what) && entry.person === own.person ? "" : "broken" };
  } catch {
    return { ...entry, why: null, aside: newer ? "newer" : "broken" };
  }
}

const isWhole = ({ scan, address }, { pairs }) =>
  /^[\w-]{1,64}$/.test(scan) && /^\/scans\b/.test(address) && Array.isArray(pairs) && pairs.every(Array.isArray);

// Why the server would not have an entry, in its own sentences: of each field, or of the whole.
export function reasonsOf(why) {
  const sentences = Object.values(why?.errors || {}).flat();
  return [...new Set(sentences.length ? sentences : [why?.message])].filter(Boolean);
}

export const forget = (entry) => leave(entry);

// {waiting, parked} of this person's, parked what was set aside, too; {others} of somebody else's; `stopped`: why the last
// sending ended.
export async function count(person) {
  const [all, opened, stopped] = await Promise.all([entries(), mine(), read("phone", "stopped")]);
  const asides = new Set(opened.filter(({ aside }) => aside).map(({ number }) => number));
  const own = all.filter((entry) => entry.person === person || asides.has(entry.number));
  const parked = own.filter(({ state, number }) => state === "parked" || asides.has(number)).length;
  return { waiting: own.length - parked, parked, others: all.length - own.length, stopped: stopped || "" };
}

// Sends what waits, in order. `now` is a person's own tap: whoever is sending is waited for. `awake`: something has changed
// (the app was opened, the signal is back), so a pause is cut short, as it is by a tap.
// Resolves with why it ended: "done", "signed-out", "unreached", "busy", "other" (somebody else is signed in),
// "paused" (after no answer, for a while), or "elsewhere" (another tab, or the worker, is sending).
export async function send({ now = false, awake = now } = {}) {
  if (!navigator.locks) return sendAll(awake);
  return navigator.locks.request(LOCK, { ifAvailable: !now }, (lock) => (lock ? sendAll(awake) : "elsewhere"));
}

// Does this while nobody sends.
export const whileNobodySends = (work) => (navigator.locks ? navigator.locks.request(LOCK, work) : work());

async function sendAll(awake) {
  const [own, pause] = await Promise.all([opener(), read("phone", "pause")]);
  let entry = own && (await next(own, 0));
  if (!entry) return "done";
  if (pause && !awake && Date.now() < pause.until) return "paused";
  let here = await ask();
  if (here.is === "here" && here.person !== own.person) here = { is: "other" };
  if (here.is !== "here") return stop(here.is, pause);
  let why = "done";
  for (; entry; entry = await next(own, entry.number)) {
    let answer = await sendOne(entry, here.csrf);
    if (answer.is === "stale") {
      // The token was older than the sign-in: once more, with a fresh one.
      here = await ask();
      if (here.is !== "here" || here.person !== own.person) return stop(here.is === "here" ? "other" : here.is, pause);
      answer = await sendOne(entry, here.csrf);
    }
    if (answer.is === "kept") {
      const { state, question } = answer.said;
      await leave(entry, await seal(own.key, { scan: entry.scan, state, question: Boolean(question) }));
    } else if (answer.is === "refused") {
      await settle(entry, { state: "parked", why: await seal(own.key, answer.why) });
    } else {
      const counts = answer.is === "fault" || answer.is === "unreached"; // it may be this one that does not get through
      why = answer.is === "fault" || answer.is === "stale" ? "busy" : answer.is;
      if (!counts || entry.faults < ENOUGH) {
        if (counts) await settle(entry, { faults: entry.faults + 1 });
        return stop(why, pause, answer.wait);
      }
    }
  }
  return stop(why, pause);
}

// The next of this person's that waits, after this number, opened.
async function next(own, number) {
  for (const entry of await entries()) {
    if (entry.number <= number || entry.person !== own.person || entry.state !== "waiting") continue;
    const opened = await open(entry, own);
    if (!opened.aside) return opened;
  }
  return null;
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
const isStill = (stands, entry) => stands?.entered_at === entry.entered_at;

async function settle(entry, changes) {
  await within("outbox", "readwrite", async ({ store }) => {
    const stands = await store.get(entry.number);
    if (stands && isStill(stands, entry)) await store.put({ ...stands, ...changes });
  });
  await announce();
}

// An entry leaves for good: the server has it (`told`, sealed: what became of it), or the person removed it. That it left
// is remembered as a digest, so that nobody takes it for lost; what became of it until the list was looked at.
async function leave(entry, told = null) {
  const mark = await digestOf(entry.key);
  await within(["outbox", "phone"], "readwrite", async (stores) => {
    const [outbox, phone] = [stores.objectStore("outbox"), stores.objectStore("phone")];
    const stands = await outbox.get(entry.number);
    if (stands && !isStill(stands, entry)) return;
    await outbox.delete(entry.number);
    await phone.put([...((await phone.get("left")) || []), mark], "left");
    if (told) await phone.put([...((await phone.get("arrived")) || []), told], "arrived");
  });
  await announce();
}

// The digests of what has left.
export const left = async () => (await read("phone", "left")) || [];

// What has arrived of this person's since the list was looked at: [{scan, state, question}].
export async function arrived() {
  const [own, all] = [await opener(), await read("phone", "arrived")];
  const opened = await Promise.all((all || []).map((one) => unseal(own?.key, one).catch(() => null)));
  return opened.filter(Boolean);
}

async function sendOne(entry, csrf) {
  const body = new URLSearchParams(entry.pairs.filter(([name]) => name !== "csrf_token"));
  body.set("csrf_token", csrf);
  body.set("kept_for", entry.person);
  body.set("entered_at", entry.entered_at);
  body.set("form", entry.form);
  const signal = AbortSignal.timeout(PATIENCE);
  return verdict(await askServer(entry.address, entry.scan, { method: "POST", body, signal }), entry.scan);
}

// What an answer of ours means; null is none. A success names the scan, a refusal says why.
export function verdict(answer, scan) {
  const { status, said, wait } = answer ?? {};
  if (status === 200 || status === 201) return said?.scan_id === scan ? { is: "kept", said } : { is: "unreached" };
  if (typeof said?.error !== "string" || typeof said.message !== "string") return { is: "unreached" };
  if (status === 401) return { is: "signed-out" };
  if (said.error === "stale-form") return { is: "stale" };
  if (said.error === "another-person") return { is: "other" };
  if (said.error === "cut-off" || status === 500) return { is: "fault" };
  if (status === 429 || status > 500) return { is: "busy", wait };
  return status >= 400 ? { is: "refused", why: said } : { is: "unreached" };
}

// Every tab, and this one, learns that what is here has changed.
async function announce() {
  tell("outbox");
  self.dispatchEvent(new Event("sonofolio:outbox"));
}
