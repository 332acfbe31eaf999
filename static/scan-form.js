// The log form takes taps from the moment that this small file is here: each shows at once. What follows from one (the
// findings of a region, the report, the draft on the phone, saving) is loaded when nobody waits, or with the first tap, and
// then gets all that came before it, in order. The form works without.

const form = document.getElementById("scan-form");
const chosen = (name) => form.querySelector(`input[name=${name}]:checked`)?.value ?? "";
const chosenAtFirst = { region: chosen("region"), side: chosen("side") };
const fromPhone = "kept" in document.documentElement.dataset; // this page came out of the phone

// --- What is entered before what follows is loaded -------------------------------------------------------------

const early = []; // its events, in order
let isLoaded = false;

function hold(event) {
  if (isLoaded) return;
  event.stopImmediatePropagation();
  if (event.type === "submit") {
    event.preventDefault();
    form.setAttribute("aria-busy", "true");
  } else form.dataset.kept = "no";
  early.push(event);
  start();
}

function letGo() {
  isLoaded = true;
  form.removeAttribute("aria-busy");
  for (const { type, target, submitter } of early.splice(0)) {
    if (type === "submit") form.requestSubmit(submitter);
    else if (target.type !== "radio" || target.checked) target.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

for (const type of ["input", "change", "submit"]) form.addEventListener(type, hold, true);

// --- What follows ----------------------------------------------------------------------------------------------

const isParsed = new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));

const addScript = (name, type) =>
  new Promise((resolve, reject) => {
    const src = new URL(name, import.meta.url).href;
    document.head.append(Object.assign(document.createElement("script"), { src, type, onload: resolve, onerror: reject }));
  });

// htmx asks the server for what follows. It begins at DOMContentLoaded, which is over when it arrives: so it is sent again.
async function startHtmx() {
  await isParsed;
  if (globalThis.htmx) return; // a form that an older release kept on the phone
  await addScript("./vendor/htmx.min.js", "");
  document.dispatchEvent(new Event("DOMContentLoaded"));
}

async function load() {
  const parts = Promise.all([import("./scan-changes.js"), import("./scan-drafts.js"), import("./scan-save.js")]);
  const [{ value }] = await Promise.allSettled([parts, startHtmx()]);
  try {
    if (!value) return; // what cannot be loaded leaves a plain form
    const [{ beginChanges, show }, { beginDrafts }] = value;
    beginChanges(chosenAtFirst);
    followClock();
    const isFilled = beginDrafts(show);
    if (fillsItself) await isFilled; // else an early press would save the form as it was before
  } finally {
    letGo();
  }
}

let starting = null;
const start = () => (starting ??= load());

// A page out of the phone was drawn some time ago: its scan is a new one.
if (fromPhone) {
  form.elements.scan_id.value = crypto.randomUUID();
  document.querySelector(".top .back").href = "/offline";
}

// What fills itself in (a page that was reloaded, a scan to copy or to put right) is ready when it has: that replaces taps.
const [{ type } = {}] = performance.getEntriesByType("navigation");
const fillsItself = type !== "navigate" || location.search !== "";

// A second later at most.
const whenIdle = () =>
  new Promise((resolve) => {
    if (globalThis.requestIdleCallback) requestIdleCallback(resolve, { timeout: 1000 });
    else setTimeout(resolve, 200); // Safari
  });

async function begin() {
  const isFilled = fillsItself ? start() : isParsed;
  isFilled.catch(() => {}).then(() => (form.dataset.ready = "yes"));
  if (navigator.serviceWorker?.controller) await whenIdle(); // else all is fetched at once, while there is a signal
  start();
  if (!document.querySelector("script[src$='/phone.js']")) await addScript("./phone.js", "module"); // an older page has it
}

// --- The day of the scan ---------------------------------------------------------------------------------------

const loadedAt = Date.now();

// Today by the programme's clock. How far this phone's clock is off does not matter, but for a page out of the phone.
function today() {
  const now = fromPhone ? Date.now() : Number(form.dataset.now) + Date.now() - loadedAt;
  return new Intl.DateTimeFormat("en-CA", { timeZone: form.dataset.zone }).format(now);
}

// A form may be open overnight: a day that nobody chose follows the clock; its `max` is today.
function followClock() {
  const day = form.elements.scanned_on;
  const now = today();
  if (now === day.max) return;
  const untouched = day.value === day.defaultValue && !form.elements.batch; // the day of several is theirs
  day.max = day.defaultValue = now;
  if (untouched) day.value = now;
}

for (const event of ["visibilitychange", "focusin", "submit"]) document.addEventListener(event, followClock, true);

// ---------------------------------------------------------------------------------------------------------------

begin().catch(() => {}); // the next page tries again

// The browser puts taps back after a step back or a reload: then the findings follow the region.
addEventListener("pageshow", () => {
  const input = form.querySelector("input[name=region]:checked");
  const shown = document.getElementById("findings").dataset.region;
  if (input && input.value !== shown) input.dispatchEvent(new Event("change", { bubbles: true }));
});
