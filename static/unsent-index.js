// What should be on this phone, noted apart from where it is kept: browsers throw their databases away when room is short,
// and a student must be able to tell what is missing. A note is sealed, under a digest, in localStorage:
// {digest: {person, at, sealed: {key, at, about}}}. The worker has no localStorage: it lists the digests of what has left
// the outbox (scan-queue.js), and the next page removes their notes.
import { digestOf, fromText, seal, toText, unseal } from "./crypto.js";
import { formatDayAndTime, formatScans } from "./formats.js";
import { whileNobodySends } from "./outbox.js";
import { unlockedOwner } from "./phone-owner.js";
import { requestJSON } from "./responses.js";
import { digestsOfLeft, ownScans, removeScan } from "./scan-queue.js";

const NAME = "sonofolio-notes";
const AT_ONCE = 50; // scans that the server is asked about in one request

function change(how) {
  let notes = {};
  try {
    localStorage.removeItem("sonofolio-unsent"); // as an older release noted it: readable, and it raised false alarms
    notes = JSON.parse(localStorage.getItem(NAME)) || {};
  } catch {
    // nothing was noted, or nothing that can be read
  }
  const before = JSON.stringify(notes);
  how(notes);
  const after = JSON.stringify(notes);
  try {
    if (after !== before) localStorage.setItem(NAME, after);
  } catch {
    // this browser keeps nothing
  }
  return notes;
}

// `marks`: the digests under which they were noted.
const removeNotes = (marks) => change((notes) => marks.forEach((mark) => delete notes[mark]));

// Notes what is `here`, removes the notes of what has left, and returns what is left of this person's notes,
// [{mark, key, at, about}]: it was kept, and is not here. It may be on the server all the same.
async function missing(own, here) {
  const marks = await Promise.all(here.map(({ key }) => digestOf(key)));
  const fresh = {};
  const known = removeNotes(await digestsOfLeft());
  for (const [place, { key, entered_at: at, about, aside }] of here.entries()) {
    if (aside || known[marks[place]]?.at === at) continue;
    fresh[marks[place]] = { person: own.person, at, sealed: toText(await seal(own.key, { key, at, about })) };
  }
  const notes = change((now) => Object.assign(now, fresh));
  const gone = Object.entries(notes).filter(([mark, { person }]) => person === own.person && !marks.includes(mark));
  const lines = await Promise.all(gone.map(([mark, note]) => opened(own, mark, note)));
  removeNotes(lines.filter(({ key }) => !key).map(({ mark }) => mark)); // sealed to a key that is gone: nobody can say what
  return lines.filter(({ key }) => key);
}

async function opened(own, mark, { sealed }) {
  try {
    return { mark, ...(await unseal(own.key, fromText(sealed))) };
  } catch {
    return { mark };
  }
}

// Which of these keys the server has, a Set; null when that cannot be told: no answer of ours, or not to this person.
async function received(own, keys) {
  const found = new Set();
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const asked = new URLSearchParams(keys.slice(from, from + AT_ONCE).map((key) => ["scan", key]));
    const answer = await requestJSON(`/scans/received?${asked}`, "received");
    if (answer?.status !== 200 || answer.body?.person !== own.person) return null;
    for (const key of answer.body.received) found.add(key);
  }
  return found;
}

// What was noted and is not here any more, and what is here and cannot be opened, with whose it is.
async function doubtful() {
  const own = await unlockedOwner();
  const here = own ? await ownScans() : [];
  const gone = own ? await missing(own, here) : [];
  return { own, gone, broken: here.filter(({ aside, address }) => aside === "broken" && address === "/scans") };
}

// Only what the server does not have is lost. Until it has said so, nothing is called lost; nor while a scan is on its way.
// `person`: who is signed in.
export async function lookForLost(person) {
  const { own, gone, broken } = await doubtful();
  if (!gone.length) showLost([]);
  if (gone.length + broken.length && person === own.person && navigator.onLine) asking ??= askServer();
}

let asking = null;
const askServer = () =>
  whileNobodySends(async () => {
    const { own, gone, broken } = await doubtful();
    const there = await received(own, [...gone, ...broken].map(({ key }) => key));
    if (!there) return;
    removeNotes(gone.filter(({ key }) => there.has(key)).map(({ mark }) => mark));
    showLost(gone.filter(({ key }) => !there.has(key)));
    for (const entry of broken) if (there.has(entry.key)) await removeScan(entry);
  }).catch(() => {}).finally(() => (asking = null));

function showLost(lost) {
  const strip = document.getElementById("lost");
  strip.hidden = lost.length === 0;
  if (strip.hidden) return;
  const [was, is, it] = lost.length === 1 ? ["was", "is", "it"] : ["were", "are", "them"];
  const what = lost.map(({ key, at, about }) => `${about || "A scan"}${key.includes("@") ? ", corrected" : ""}, saved ${formatDayAndTime(at)}`);
  strip.querySelector("span").textContent =
    `${formatScans(lost.length)} that ${was} kept on this phone ${is} gone, and not on the server: ${what.join("; ")}. ` +
    `The browser threw its storage away before it could be sent. Please enter ${it} again.`;
  strip.querySelector("button").onclick = () => {
    removeNotes(lost.map(({ mark }) => mark));
    strip.hidden = true;
  };
}
