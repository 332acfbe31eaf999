// On every page: makes this the phone of who is signed in, says what is not sent yet, sends it, and guards signing out.
// Without it, and without a service worker, everything works that needs no phone to remember anything.
import { count, entries, forget, left, mine, send, whileNobodySends } from "./outbox.js";
import { crossOff, missing, received } from "./ledger.js";
import { hear } from "./store.js";
import { ask, opener, owner, remember, settle, wipe } from "./who.js";
import { dayAndTime, soManyScans } from "./words.js";

const { person, keeps } = document.body.dataset;
const isKept = "kept" in document.documentElement.dataset; // this very page came out of the phone
const AGAIN = 3600_000; // milliseconds after which the kept pages are asked for again
const EVERY = 30_000;

const line = document.getElementById("unsent");

// --- What is not sent yet, on every screen ---------------------------------------------------------------------

const WHY = {
  "signed-out": "Sign in to send",
  other: "Sign in as yourself to send",
  unreached: "Waiting for the signal",
  busy: "The server is busy, it is tried again",
};

let waited = 0;

async function show() {
  const own = await owner();
  const { waiting, parked, others, stopped } = await count(Number(person) || own?.person);
  const mine = waiting + parked;
  const number = person || mine ? mine : others;
  document.documentElement.dataset.unsent = number;
  const silent = !navigator.onLine && own?.logs;
  line.hidden = number === 0 && !silent;
  const words = [silent && "No signal", number ? `${number} not yet sent` : "what you save stays here"];
  if (parked) words.push(`${parked} to put right`);
  else if (stopped && waiting && !silent) words.push(WHY[stopped] || "");
  line.querySelector("a").textContent = words.filter(Boolean).join(" · ");
  line.querySelector("button").hidden = !person || waiting === 0;
  // Once for each that came: asked again after each failure, the browser would have the worker try without a pause.
  if (waiting > waited && navigator.serviceWorker?.controller) {
    (await navigator.serviceWorker.ready).sync?.register("outbox").catch(() => {});
  }
  waited = waiting;
  const unread = Number.parseInt(document.querySelector("#bell b")?.textContent, 10) || 0;
  if (number + unread) await navigator.setAppBadge?.(number + unread).catch(() => {});
  else await navigator.clearAppBadge?.().catch(() => {});
  await lookForLost();
}

// --- What the browser has thrown away --------------------------------------------------------------------------

// What was noted and is not here any more, and what is here and cannot be opened, with whose it is.
async function doubtful() {
  const own = await opener();
  const here = own ? await mine() : [];
  const gone = own ? await missing(own, here, await left()) : [];
  return { own, gone, broken: here.filter(({ aside, address }) => aside === "broken" && address === "/scans") };
}

// Only what the server does not have is lost. Until it has said so, nothing is told; nor while a scan is on its way.
async function lookForLost() {
  const { own, gone, broken } = await doubtful();
  if (!gone.length) tellOfLost([]);
  if (gone.length + broken.length && Number(person) === own.person && navigator.onLine) looking ??= askForThem();
}

let looking = null;
const askForThem = () =>
  whileNobodySends(async () => {
    const { own, gone, broken } = await doubtful();
    const there = await received(own, [...gone, ...broken].map(({ key }) => key));
    if (!there) return;
    crossOff(gone.filter(({ key }) => there.has(key)).map(({ mark }) => mark));
    tellOfLost(gone.filter(({ key }) => !there.has(key)));
    for (const entry of broken) if (there.has(entry.key)) await forget(entry);
  }).catch(() => {}).finally(() => (looking = null));

function tellOfLost(lost) {
  const told = document.getElementById("lost");
  told.hidden = lost.length === 0;
  if (told.hidden) return;
  const [was, is, it] = lost.length === 1 ? ["was", "is", "it"] : ["were", "are", "them"];
  const what = lost.map(({ key, at, about }) => `${about || "A scan"}${key.includes("@") ? ", corrected" : ""}, saved ${dayAndTime(at)}`);
  told.querySelector("span").textContent =
    `${soManyScans(lost.length)} that ${was} kept on this phone ${is} gone, and not on the server: ${what.join("; ")}. ` +
    `The browser threw its storage away before it could be sent. Please enter ${it} again.`;
  told.querySelector("button").onclick = () => {
    crossOff(lost.map(({ mark }) => mark));
    told.hidden = true;
  };
}

let showing = Promise.resolve();
const showAgain = () => (showing = showing.then(show).catch(() => {}));

hear((what) => what === "outbox" && showAgain());
for (const change of ["sonofolio:outbox", "online", "offline"]) addEventListener(change, showAgain);

// --- Sending it ------------------------------------------------------------------------------------------------

const trySending = (how) => person && !document.hidden && send(how).catch(() => {});
const awake = () => trySending({ awake: true });

addEventListener("online", awake);
document.addEventListener("visibilitychange", awake);
setInterval(trySending, EVERY, {});
line.querySelector("button").addEventListener("click", () => send({ now: true }).catch(() => {}));

// --- Whose phone this is ---------------------------------------------------------------------------------------

const changed = () => dispatchEvent(new Event("sonofolio:outbox")); // what is here can be opened now

async function meet() {
  if (!person || isKept) return;
  const known = await owner();
  if (keeps === "no") {
    if (known) await wipe();
    return;
  }
  if (known && known.person !== Number(person)) await wipe();
  else if (known?.locked) await remember({ ...known, locked: false }).then(changed);
  if (known?.person === Number(person) && Date.now() - known.at < AGAIN) return;
  const here = await ask();
  if (here.is !== "here" || here.person !== Number(person)) return;
  const own = await settle(here);
  if (!own) return;
  changed();
  const all = await keepAll(own).catch(() => false); // if not, the next page asks for it again
  document.documentElement.dataset.ready = all ? "yes" : "no";
}

// Whether everything is kept: from then on this phone needs no network to log a scan.
async function keepAll(own) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const said = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  active.postMessage({ keep: own.logs ? "form" : "list" }, [port2]);
  const findings = own.logs ? await keepFindings(own.findings) : "";
  if ((await said) !== "kept") return false;
  await remember({ ...own, findings, at: Date.now() });
  return true;
}

// The findings of every region, in one answer, each kept under the address that the form asks for. Returns the answer's
// ETag; throws when they could not be kept.
async function keepFindings(known) {
  const held = await caches.has("findings");
  const answer = await fetch("/scans/new/findings", { headers: held && known ? { "If-None-Match": known } : {} });
  if (answer.status === 304) return known;
  if (!answer.ok) throw new Error(`The findings answer ${answer.status}`);
  const cache = await caches.open("findings");
  for (const [address, html] of Object.entries(await answer.json())) {
    await cache.put(address, new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
  }
  return answer.headers.get("ETag") || "";
}

// --- The worker, and a newer release of it ---------------------------------------------------------------------

async function register() {
  if (!navigator.serviceWorker) return;
  const found = await navigator.serviceWorker.register("/service-worker.js", { type: "module", updateViaCache: "none" });
  const offer = () => navigator.serviceWorker.controller && found.waiting && tellOfNewer(found);
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", offer));
  offer();
}

// Never without being asked while a page is open; see makeWay() in the worker for the next page.
function tellOfNewer(found) {
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
    const unsent = (await entries().catch(() => [])).filter((entry) => entry.person === Number(person)).length;
    if (unsent && !(await agreed(unsent))) return form.removeAttribute("aria-busy");
    await wipe().catch(() => {});
    HTMLFormElement.prototype.submit.call(form);
  });
}

// What is only here stays here, sealed, until the same person signs in again: said before, and they choose.
function agreed(unsent) {
  const dialog = document.getElementById("signing-out");
  dialog.querySelector("h2").textContent = `${soManyScans(unsent)} ${unsent === 1 ? "is" : "are"} only on this phone`;
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
  .then(awake);
