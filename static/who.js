// Whose phone this is: the person whose form, drafts and scans it keeps, and the key that opens them.
import { empty, read, remove, write } from "./store.js";
import { keyOf } from "./seal.js";

// {person, name, logs, key, findings, at, locked}, or undefined.
// `findings`: the ETag of the findings that are kept. `at`: when everything was last kept, in milliseconds; 0 when a
// newer release has come since.
// `locked`: somebody signed in or out since, and no page has shown yet who it is; nothing is opened until one does.
export const owner = () => read("phone", "owner");

// The owner whose things may be opened now.
export async function opener() {
  const known = await owner();
  return known?.key && !known.locked ? known : null;
}

export const remember = (known) => write("phone", "owner", known);

// Asks the server who is signed in here. {is: "here", person, name, logs, csrf, seal}, or {is: "signed-out"} or
// {is: "unreached"}: no answer, or one that is not ours (a wireless network's own sign-in page says 200 to everything).
export async function ask() {
  try {
    const answer = await fetch("/phone", {
      headers: { Accept: "application/json" },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(15_000),
    });
    const said = await ours(answer);
    if (answer.ok && Number.isInteger(said?.person)) return { is: "here", ...said };
    return { is: answer.status === 401 && said?.error === "signed-out" ? "signed-out" : "unreached" };
  } catch {
    return { is: "unreached" };
  }
}

// The JSON of an answer, or null when it has none.
export async function ours(answer) {
  if (!/^application\/json\b/.test(answer.headers.get("Content-Type") || "")) return null;
  return answer.json().catch(() => null);
}

// Makes this the phone of who is signed in. What it kept of somebody else is gone, but for their unsent scans: those stay
// sealed until they sign in here again. Without a seal (a shared computer) it is nobody's, and keeps nothing.
export async function settle(here) {
  const known = await owner();
  if (known && (known.person !== here.person || !here.seal)) await wipe();
  if (!here.seal) return null;
  const before = known?.person === here.person ? known : {};
  const key = await keyOf(here.seal);
  const now = { ...before, person: here.person, name: here.name, logs: here.logs, key, locked: false };
  await remember(now);
  return now;
}

// Forgets the owner: their key, form, list and drafts, and the vocabulary of their course.
export async function wipe() {
  await empty("pages", "drafts");
  await remove("phone", "owner");
  await self.caches?.delete("findings");
}

// Somebody is signing in or out: see `locked`.
export async function lock() {
  const known = await owner();
  if (known) await remember({ ...known, locked: true });
}
