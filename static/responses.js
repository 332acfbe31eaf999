// Requests to our own server. Only it repeats, in a header of its own, what a request says it is about
// (blueprints/hypermedia.py): any other answer, with whatever status and body, is somebody else's.

const TIMEOUT = 15_000; // milliseconds; a request on a dying signal hangs for minutes

// `about`: the id of a scan, or another word for what is asked. Resolves with {ours, status, text, header(name)}, or with
// null when nobody answered.
export async function request(path, about, { headers, timeout = TIMEOUT, ...options } = {}) {
  try {
    const signal = AbortSignal.timeout(timeout);
    const named = { "Sonofolio-About": about, ...headers };
    const response = await fetch(path, { cache: "no-store", redirect: "error", signal, headers: named, ...options });
    const header = (name) => response.headers.get(name);
    return { ours: header("Sonofolio-Answer") === about, status: response.status, text: await response.text(), header };
  } catch {
    return null;
  }
}

// Asks for JSON. Resolves with {status, body, wait} of an answer of ours, else with null. `body` is null when not the whole
// of it came; `wait`: the milliseconds after which to come back.
export async function requestJSON(path, about, options = {}) {
  const response = await request(path, about, { headers: { Accept: "application/json" }, ...options });
  if (!response?.ours) return null;
  const wait = Number(response.header("Retry-After")) * 1000 || 0;
  try {
    return { status: response.status, body: JSON.parse(response.text), wait };
  } catch {
    return { status: response.status, body: null, wait };
  }
}
