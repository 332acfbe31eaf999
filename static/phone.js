// On every page: makes this the phone of who is signed in, says what is not sent yet, sends it, and guards signing out.
// Without it, and without a service worker, everything works that needs no phone to remember anything.
import { formatScans } from "./formats.js";
import { dropApprovals, send } from "./outbox.js";
import { askWhoIsSignedIn, becomeOwner, forgetOwner, owner, saveOwner } from "./phone-owner.js";
import { request } from "./responses.js";
import { allScans, countScans } from "./scan-queue.js";
import { announceChange, onChange, read } from "./store.js";

const { keeps } = document.body.dataset;
const person = Number(document.body.dataset.person);
const isKept = "kept" in document.documentElement.dataset; // this very page came out of the phone
const KEEP_AFRESH = 3600_000; // milliseconds after which the kept pages are asked for again
const RETRY = 30_000;

const strip = document.getElementById("unsent");

// --- What is not sent yet, on every screen ---------------------------------------------------------------------

const WHY = {
  "signed-out": "Sign in to send",
  other: "Sign in as yourself to send",
  unreached: "Waiting for the signal",
  busy: "The server is busy, it is tried again",
};

let waitedBefore = 0;
let retry = 0;

async function show() {
  const own = await owner();
  const { waiting, parked, others, stopped } = await countScans(person || own?.person);
  const mine = waiting + parked;
  const number = person || mine ? mine : others;
  document.documentElement.dataset.unsent = number;
  const silent = !navigator.onLine && own?.logs;
  strip.hidden = number === 0 && !silent;
  const words = [silent && "No signal", number ? `${number} not yet sent` : "what you save stays here"];
  if (parked) words.push(`${parked} to put right`);
  else if (stopped && waiting && !silent) words.push(WHY[stopped] || "");
  strip.querySelector("a").textContent = words.filter(Boolean).join(" · ");
  strip.querySelector("button").hidden = !person || waiting === 0;
  // Once for each that came: asked again after each failure, the browser would have the worker try without a pause.
  if (waiting > waitedBefore && navigator.serviceWorker?.controller) {
    (await navigator.serviceWorker.ready).sync?.register("outbox").catch(() => {});
  }
  waitedBefore = waiting;
  clearTimeout(retry);
  const pause = await read("phone", "pause");
  if (pause) retry = setTimeout(trySending, pause.until - Date.now() + 50);
  const unread = Number.parseInt(document.querySelector("#bell b")?.textContent, 10) || 0;
  if (number + unread) await navigator.setAppBadge?.(number + unread).catch(() => {});
  else await navigator.clearAppBadge?.().catch(() => {});
  if (!document.hidden && (await read("phone", "news"))?.length) await (await import("./sent-news.js")).tellSent();
  const noted = ["sonofolio-notes", "sonofolio-unsent"].some((name) => (localStorage.getItem(name) ?? "{}") !== "{}");
  if (number || noted) await (await import("./unsent-index.js")).lookForLost(person);
}

let showing = Promise.resolve();
const showAgain = () => (showing = showing.then(show).catch(() => {}));

onChange(showAgain);
addEventListener("online", showAgain);
addEventListener("offline", showAgain);

// --- Sending it ------------------------------------------------------------------------------------------------

async function trySending(how = {}) {
  if (person && !document.hidden) await send(how).catch(() => {});
}
const onWaking = () => trySending({ awake: true });

addEventListener("online", onWaking);
addEventListener("pageshow", ({ persisted }) => persisted && onWaking());
document.addEventListener("visibilitychange", onWaking);
setInterval(trySending, RETRY);
strip.querySelector("button").addEventListener("click", () => send({ now: true }).catch(() => {}));

// --- Whose phone this is ---------------------------------------------------------------------------------------

async function meet() {
  if (!person || isKept) return;
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

// Whether everything is kept: from then on this phone needs no network to log a scan.
async function keepAll(own) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const said = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  active.postMessage({ keep: own.logs ? "form" : "list" }, [port2]);
  const findings = own.logs ? await keepFindings(own.findings) : "";
  if ((await said) !== "kept") return false;
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

// --- Signing out -----------------------------------------------------------------------------------------------

for (const form of document.querySelectorAll("form[data-signs-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const unsent = (await allScans().catch(() => [])).filter((entry) => entry.person === person).length;
    if (unsent && !(await agreed(unsent))) return form.removeAttribute("aria-busy");
    await Promise.allSettled([forgetOwner(), dropApprovals(null)]);
    HTMLFormElement.prototype.submit.call(form);
  });
}

// What is only here stays here, sealed, until the same person signs in again: said before, and they choose.
function agreed(unsent) {
  const dialog = document.getElementById("signing-out");
  dialog.querySelector("h2").textContent = `${formatScans(unsent)} ${unsent === 1 ? "is" : "are"} only on this phone`;
  dialog.returnValue = "";
  for (const button of dialog.querySelectorAll("button")) button.onclick = () => dialog.close(button.value);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// ---------------------------------------------------------------------------------------------------------------

showAgain();
register().catch(() => {});
meet()
  .catch(() => {}) // no storage, or no worker: then nothing is kept, and the form says so
  .then(onWaking);
