// Makes this the phone of who is signed in: from then on it needs no network to log a scan. Installs the service worker.
import { dropApprovals } from "./outbox.js";
import { askWhoIsSignedIn, becomeOwner, forgetOwner, owner, saveOwner } from "./phone-owner.js";
import { request } from "./responses.js";
import { announceChange } from "./store.js";

const KEEP_AFRESH = 3600_000; // milliseconds after which the kept pages are asked for again

const { keeps } = document.body.dataset;
const person = Number(document.body.dataset.person);
const fromPhone = "kept" in document.documentElement.dataset; // this very page came out of the phone

// Rejects when this browser keeps nothing, or has no worker.
export async function beginPhone() {
  register().catch(() => {});
  if (!person || fromPhone) return;
  const keeper = keeps === "no" ? null : person; // a shared computer keeps nothing of anybody's
  await dropApprovals(keeper);
  await emptyOlderDatabases(keeper);
  const known = await owner();
  if (!keeper) {
    if (known) await forgetOwner();
    return;
  }
  if (known && known.person !== person) await forgetOwner();
  else if (known?.locked) await saveOwner({ ...known, locked: false }).then(announceChange);
  const isFresh = known?.person === person && Date.now() - known.at < KEEP_AFRESH;
  if (isFresh && !(await (await import("./hidden.js")).keepsTexts())) return;
  const session = await askWhoIsSignedIn();
  if (isFresh) return;
  if (session.is !== "here" || session.person !== person) return;
  const own = await becomeOwner(session);
  if (!own) return;
  announceChange(); // what is here can be opened now
  const all = await keepAll(own).catch(() => false); // if not, the next page asks for it again
  document.documentElement.dataset.ready = all ? "yes" : "no";
}

async function emptyOlderDatabases(keeper) {
  const known = await indexedDB.databases?.(); // not every browser lists them
  if (known && !known.some(({ name }) => name === "sonofolio-taps")) return;
  await (await import("./older-databases.js")).emptyTaps(keeper);
}

// Whether everything is kept that a scan without a network needs.
async function keepAll(own) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  active.postMessage({ keep: own.logs ? "form" : "list" }, [port2]);
  const findings = own.logs ? await keepFindings(own.findings) : "";
  if ((await answered) !== "kept") return false;
  await saveOwner({ ...own, findings, at: Date.now() });
  return true;
}

// The findings of every region, in one answer, each kept under the address that the form asks for. Returns the answer's
// ETag; throws when they could not be kept.
async function keepFindings(known) {
  const held = await caches.has("findings");
  const answer = await request("/scans/new/findings", "findings", { headers: held && known ? { "If-None-Match": known } : {} });
  if (answer?.ours && answer.status === 304) return known;
  if (!answer?.ours || answer.status !== 200) throw new Error("The findings did not come");
  const cache = await caches.open("findings");
  for (const [address, html] of Object.entries(JSON.parse(answer.text))) {
    await cache.put(address, new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
  }
  return answer.header("ETag") || "";
}

// --- The worker, and a newer release of it ---------------------------------------------------------------------

async function register() {
  if (!navigator.serviceWorker) return;
  const found = await navigator.serviceWorker.register("/service-worker.js", { type: "module", updateViaCache: "none" });
  const offer = () => navigator.serviceWorker.controller && found.waiting && offerNewer(found);
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", offer));
  offer();
}

// Never without being asked while a page is open; see makeWay() in the worker for the next page.
function offerNewer(found) {
  const newer = document.getElementById("newer");
  newer.hidden = false;
  newer.querySelector("button").onclick = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    found.waiting?.postMessage("take over");
  };
}
