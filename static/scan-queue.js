// Scans and corrections in the outbox: sealed to who entered them, sent by a page or by the worker under the number that the
// scan got when its form was opened, and parked with the reason when the server refuses them. To an entry they add:
//   key      the scan's number, or number@version of a correction      scan    the scan's number
//   form     the version of the form                                   address where it is sent
//   faults   how often the server failed at it, did not get the whole of it, or gave no answer
//   sealed   {pairs: [[name, value], ...], about: "Shoulder · right", says: "All normal", mentor: their name}
//   why      sealed: {error, message, errors, ...}, why it was refused
// Opened, what was sealed stands beside the rest, with
//   aside    "newer": of a shape that this release does not know; "broken": sealed to a key that is gone, or damaged. It is
//            set aside: it stays, with a sentence, while the others go.
import { digestOf, seal, unseal } from "./crypto.js";
import { change, changeSame, entries, kindOf, kinds } from "./outbox.js";
import { unlockedOwner } from "./phone-owner.js";
import { requestJSON } from "./responses.js";
import { read } from "./store.js";

const SHAPE = 1; // of these entries: the worker of an older release, which may still send them, reads it
const TIMEOUT = 20_000; // milliseconds that one sending may take
const ENOUGH_FAULTS = 5; // so often may a scan meet a fault, or no answer, before the others go first

// Keeps a scan; one with the same key is replaced. Rejects when the browser has no room, or the phone has no owner.
export async function saveScan({ key, scan, address, form, entered_at, ...content }) {
  const own = await unlockedOwner();
  if (!own) throw new Error("Nobody is signed in on this phone.");
  const [sealed, mark] = [await seal(own.key, content), await digestOf(key)];
  const kind = kindOf({ address });
  const entry = { key, kind, scan, address, form, entered_at, version: SHAPE, person: own.person, state: "waiting", why: null };
  await change(entry, () => ({ ...entry, faults: 0, sealed }), async (phone) => {
    const left = await phone.get("left");
    if (left?.includes(mark)) await phone.put(left.filter((one) => one !== mark), "left");
  });
}

// All scans that are here, whoever they belong to: sealed.
export const allScans = async () => (await entries()).filter((entry) => kindOf(entry) !== "approval");

// This person's, opened. An entry that names nobody is whose phone it is: they can remove it.
export async function ownScans() {
  const [own, all] = [await unlockedOwner(), await allScans()];
  if (!own) return [];
  return Promise.all(all.filter(({ person }) => person === own.person || !Number.isInteger(person)).map((one) => open(one, own)));
}

export async function scanOf(key) {
  const [own, all] = [await unlockedOwner(), await allScans()];
  const entry = all.find((one) => one.key === key);
  return entry && open(entry, own);
}

async function open(entry, own) {
  const newer = entry.version > SHAPE;
  try {
    const content = await unseal(own.key, entry.sealed);
    const why = entry.why?.iv ? await unseal(own.key, entry.why) : entry.why; // an older release kept it readable
    return { ...entry, ...content, why, aside: newer ? "newer" : isWhole(entry, content) && entry.person === own.person ? "" : "broken" };
  } catch {
    return { ...entry, why: null, aside: newer ? "newer" : "broken" };
  }
}

const isWhole = ({ scan, address }, { pairs }) =>
  /^[\w-]{1,64}$/.test(scan) && /^\/scans\b/.test(address) && Array.isArray(pairs) && pairs.every(Array.isArray);

// Why the server refused an entry, in its own sentences: of each field, or of the whole.
export function reasonsOf(why) {
  const sentences = Object.values(why?.errors || {}).flat();
  return [...new Set(sentences.length ? sentences : [why?.message])].filter(Boolean);
}

// {waiting, parked} of this person's, parked what was set aside, too; {others} of somebody else's; `stopped`: why the last
// sending ended.
export async function countScans(person) {
  const [all, opened, stopped] = await Promise.all([allScans(), ownScans(), read("phone", "stopped")]);
  const asides = new Set(opened.filter(({ aside }) => aside).map(({ number }) => number));
  const own = all.filter((entry) => entry.person === person || asides.has(entry.number));
  const parked = own.filter(({ state, number }) => state === "parked" || asides.has(number)).length;
  return { waiting: own.length - parked, parked, others: all.length - own.length, stopped: stopped || "" };
}

// An entry leaves for good: the server has it (`receipt`, sealed: what became of it), or the person removed it. That it left
// is remembered as a digest, so that nobody takes it for lost; what became of it until the list was looked at.
export async function removeScan(entry, receipt = null) {
  const mark = await digestOf(entry.key);
  await changeSame(entry, () => null, async (phone) => {
    await phone.put([...((await phone.get("left")) || []), mark], "left");
    if (!receipt) return;
    await phone.put([...((await phone.get("arrived")) || []), receipt], "arrived");
    await phone.put([...((await phone.get("news")) || []), { scan: entry.scan, receipt }], "news");
  });
}

// The digests of what has left.
export const digestsOfLeft = async () => (await read("phone", "left")) || [];

// What has arrived of this person's since the list was looked at: [{scan, state, question, gone}].
export async function arrivedScans() {
  const [own, all] = [await unlockedOwner(), await read("phone", "arrived")];
  const opened = await Promise.all((all || []).map((one) => unseal(own?.key, one).catch(() => null)));
  return opened.filter(Boolean);
}

const update = (entry, changes) => changeSame(entry, (stands) => ({ ...stands, ...changes }));

kinds.scan = kinds.correction = {
  async open(entry) {
    const own = await unlockedOwner();
    const opened = own?.person === entry.person ? await open(entry, own) : null;
    return opened?.aside === "" ? { ...opened, owner: own } : null;
  },

  async send(entry, csrf) {
    const body = new URLSearchParams(entry.pairs.filter(([name]) => name !== "csrf_token"));
    body.set("csrf_token", csrf);
    body.set("kept_for", entry.person);
    body.set("entered_at", entry.entered_at);
    body.set("form", entry.form);
    return verdictOf(await requestJSON(entry.address, entry.scan, { method: "POST", body, timeout: TIMEOUT }), entry.scan);
  },

  async settle(entry, { is, body }) {
    const { key } = entry.owner; // who may have signed out meanwhile
    if (is === "refused") return update(entry, { state: "parked", why: await seal(key, body) });
    const { state, question, mentor_gone } = body;
    const said = { state, question: Boolean(question), gone: Boolean(mentor_gone) };
    return removeScan(entry, await seal(key, { scan: entry.scan, about: entry.about, ...said }));
  },

  async failed(entry, { is }) {
    if (is !== "fault" && is !== "unreached") return false;
    if (entry.faults >= ENOUGH_FAULTS) return true;
    await update(entry, { faults: entry.faults + 1 });
    return false;
  },
};

// What an answer of ours means; null is none. A success names the scan, a refusal says why.
export function verdictOf(answer, scan) {
  const { status, body, wait } = answer ?? {};
  if (status === 200 || status === 201) return body?.scan_id === scan ? { is: "kept", body } : { is: "unreached" };
  if (typeof body?.error !== "string" || typeof body.message !== "string") return { is: "unreached" };
  if (status === 401) return { is: "signed-out" };
  if (body.error === "stale-form") return { is: "stale" };
  if (body.error === "another-person") return { is: "other" };
  if (body.error === "cut-off" || status === 500) return { is: "fault" };
  if (status === 429 || status > 500) return { is: "busy", wait };
  return status >= 400 ? { is: "refused", body } : { is: "unreached" };
}
