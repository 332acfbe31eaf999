// Asking our own server. Only it repeats, in a header of its own, what a request says it is about
// (blueprints/hypermedia.py): whatever else answers, with whatever status and body, is no answer.

const PATIENCE = 15_000; // milliseconds; a request on a dying signal hangs for minutes

export const saying = (about) => ({ "Sonofolio-About": about });
export const isOurs = (answer, about) => answer.headers.get("Sonofolio-Answer") === about;

// `about`: the id of a scan, or another word for what is asked. Resolves with our {status, said, wait}: `said` is the JSON,
// null when not the whole of it came, `wait` the milliseconds after which to come back. With null: no answer of ours.
export async function askServer(path, about, how = {}) {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const headers = { Accept: "application/json", ...saying(about) };
    const answer = await fetch(path, { cache: "no-store", redirect: "error", signal, headers, ...how });
    if (!isOurs(answer, about)) return null;
    const said = await answer.json().catch(() => null);
    return { status: answer.status, said, wait: Number(answer.headers.get("Retry-After")) * 1000 || 0 };
  } catch {
    return null;
  }
}
