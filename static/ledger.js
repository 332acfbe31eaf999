// What should be on this phone, noted apart from where it is kept: browsers throw their databases away when room is short,
// and a student must be able to tell what is missing. A note is sealed, under a digest, in localStorage:
// {digest: {person, at, sealed: {key, at, about}}}. The worker has no localStorage: it lists the digests of what has left
// the queue (static/outbox.js), and the next page crosses them off.
import { askServer } from "./answers.js";
import { digestOf, packed, seal, unpacked, unseal } from "./seal.js";

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
export const crossOff = (marks) => change((notes) => marks.forEach((mark) => delete notes[mark]));

// Notes the entries that are `here`, crosses off what has `left` (digests), and returns what is left of this person's notes,
// [{mark, key, at, about}]: it was kept, and is not here. It may be on the server all the same.
export async function missing(own, here, left) {
  const marks = await Promise.all(here.map(({ key }) => digestOf(key)));
  const fresh = {};
  const known = crossOff(left);
  for (const [place, { key, entered_at: at, about, aside }] of here.entries()) {
    if (aside || known[marks[place]]?.at === at) continue;
    fresh[marks[place]] = { person: own.person, at, sealed: packed(await seal(own.key, { key, at, about })) };
  }
  const notes = change((now) => Object.assign(now, fresh));
  const gone = Object.entries(notes).filter(([mark, { person }]) => person === own.person && !marks.includes(mark));
  const lines = await Promise.all(gone.map(([mark, note]) => lineOf(own, mark, note)));
  crossOff(lines.filter(({ key }) => !key).map(({ mark }) => mark)); // sealed to a key that is gone: nobody can say what
  return lines.filter(({ key }) => key);
}

async function lineOf(own, mark, { sealed }) {
  try {
    return { mark, ...(await unseal(own.key, unpacked(sealed))) };
  } catch {
    return { mark };
  }
}

// Which of these keys the server has, a Set; null when that cannot be told: no answer of ours, or not to this person.
export async function received(own, keys) {
  const found = new Set();
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const asked = new URLSearchParams(keys.slice(from, from + AT_ONCE).map((key) => ["scan", key]));
    const answer = await askServer(`/scans/received?${asked}`, "received");
    if (answer?.status !== 200 || answer.said?.person !== own.person) return null;
    for (const key of answer.said.received) found.add(key);
  }
  return found;
}
