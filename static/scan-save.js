// Saving the log form from a phone: every tap is kept as a draft; a saved scan is kept on the phone first, then sent. What
// the server refuses is shown by the server's own page. Where nothing can be kept, the form is a plain form.
import * as drafts from "./drafts.js";
import { element } from "./elements.js";
import { fill, pairsOf, valueOf } from "./form-fields.js";
import { formatAgo, formatDay, formatTime } from "./formats.js";
import { send } from "./outbox.js";
import { askWhoIsSignedIn, unlockedOwner } from "./phone-owner.js";
import { reasonsOf, removeScan, saveScan, scanOf } from "./scan-queue.js";
import { loadScreening, redact } from "./screening.js";
import { askToPersist } from "./storage-permission.js";
import { canStore } from "./store.js";

const HELD = 120; // characters that an offer shows of a report
const PATIENCE = 5000; // milliseconds that somebody waits for the server before the list of what is here says it all

const aside = import("./report-aside.js"); // needed after the first taps
const form = document.getElementById("scan-form");
const place = document.getElementById("form-said");
const { draft: name, screen: rules } = form.dataset;
const { kept } = document.documentElement.dataset; // when this page was kept, if it came out of the phone
const asked = new URLSearchParams(location.search);
const notices = document.getElementById("form-notices").content;
const keyOf = (pairs) => [valueOf(pairs, "scan_id"), valueOf(pairs, "version")].filter(Boolean).join("@");

// --- Notices at the top of the form -------------------------------------------------------------------------------

// One of the notices of the page, by its class; `parts` are put into what has that class in it.
function showNotice(look, parts = {}) {
  const notice = notices.querySelector(`.${look}`).cloneNode(true);
  for (const [where, what] of Object.entries(parts)) notice.querySelector(`.${where}`).replaceChildren(...[what].flat());
  place.replaceChildren(notice);
  return notice;
}

// --- The form as it opens --------------------------------------------------------------------------------------

export async function begin(showFindings, refresh) {
  const show = async (pairs) => {
    const region = valueOf(pairs, "region");
    if (region) await showFindings(region);
    fill(form, pairs.filter(([field]) => field === "side"), ["side"]); // then the findings are of these sides ...
    refresh();
    fill(form, pairs); // ... and what is chosen has its sizes
    refresh();
    fill(form, pairs);
  };
  addEventListener("input", (event) => form.contains(event.target) && keepDraft().catch(() => {}));
  addEventListener("change", (event) => form.contains(event.target) && keepDraft().catch(() => {}));
  if (kept) asNewScan();
  followClock();
  for (const event of ["visibilitychange", "focusin"]) document.addEventListener(event, followClock);
  const shown = asked.has("put-right")
    ? putRight(asked.get("put-right"), show)
    : asked.has("batch") || (kept && asked.has("like"))
      ? (await import("./scan-again.js")).copy(asked, show)
      : form.dataset.restore === "yes" && bringBack(show);
  await Promise.resolve(shown).catch(() => {}); // what cannot be read cannot be shown; it is told below
  form.dataset.ready = "yes";
  if (kept) await (await import("./scan-again.js")).list().catch(() => {});
  if (document.body.dataset.keeps === "yes" && !(await canStore())) showNotice("keeps-nothing");
}

// A page out of the phone was drawn some time ago: its scan is a new one, and of today by this phone's clock.
function asNewScan() {
  form.elements.scan_id.value = crypto.randomUUID();
  const back = document.querySelector(".top .back");
  back.href = "/offline";
}

// --- The day of the scan ---------------------------------------------------------------------------------------

const loaded = Date.now();
const day = form.elements.scanned_on;
const dayChosen = () => day.value !== day.defaultValue;

// Today by the programme's clock. How far this phone's clock is off does not matter, but for a page out of the phone.
function today() {
  const now = kept ? Date.now() : Number(form.dataset.now) + Date.now() - loaded;
  return new Intl.DateTimeFormat("en-CA", { timeZone: form.dataset.zone }).format(now);
}

// A form may be open overnight: a day that nobody chose follows the clock.
function followClock() {
  const now = today();
  if (now === day.max) return;
  const untouched = !dayChosen() && !form.elements.batch; // the day of several is theirs
  day.max = day.defaultValue = now;
  if (untouched) day.value = now;
}

// --- What was left ---------------------------------------------------------------------------------------------

// The draft of this very page, which was reloaded, is shown again; any other is offered, with what it holds.
async function bringBack(show) {
  const left = [];
  for (const draft of await drafts.findDrafts(name)) {
    if (await scanOf(keyOf(draft.pairs))) await drafts.removeDraft(draft.key); // it was saved after all
    else left.push(draft);
  }
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  const isThisPage = ({ at, pairs }) =>
    type !== "navigate" && history.state?.scan === keyOf(pairs) && Date.now() - at < drafts.RESTORED_FOR;
  const own = left.find(isThisPage);
  if (own) await showAgain(own, show);
  else if (left.length) offer(left[0], show);
}

async function showAgain(draft, show) {
  await showDraft(draft, show, draft.dayChosen === false ? ["scanned_on"] : []);
  const notice = showNotice("brought-back", { time: formatTime(draft.at) });
  notice.querySelector("button").addEventListener("click", async () => {
    closed = true;
    await drafts.removeDraft(draft.key);
    location.replace(location.href);
  });
}

function offer(draft, show) {
  const held = [draft.says, valueOf(draft.pairs, "report").replace(/\s+/g, " ").slice(0, HELD)].filter(Boolean).join(" · ");
  const notice = showNotice("offered", { about: draft.about || "a form", time: formatAgo(draft.at), held });
  const [back, gone] = notice.querySelectorAll("button");
  back.addEventListener("click", async () => {
    await showDraft(draft, show);
    place.replaceChildren(...(day.value === today() ? [] : [showNotice("of-a-day", { day: formatDay(day.value) })]));
    await keepDraft();
    if (draft.key !== ownDraft()) await drafts.removeDraft(draft.key);
  });
  gone.addEventListener("click", async () => {
    await drafts.removeDraft(draft.key);
    notice.remove();
  });
}

async function showDraft(draft, show, but = []) {
  await show(draft.pairs.filter(([field]) => !but.includes(field)));
  (await aside).showAside(draft.aside || []);
}

// A scan of the queue that the server would not have, with its reason; saved again it takes its own place.
async function putRight(key, show) {
  const entry = await scanOf(key);
  const pairs = !entry?.aside && entry?.pairs;
  if (!pairs) return;
  const [stands, step] = ["version", "step"].map((field) => form.elements[field]?.value); // now on the server, of an edit
  await show(pairs);
  if (stands) [form.elements.version.value, form.elements.step.value] = [stands, step];
  const reasons = reasonsOf(entry.why).map((sentence) => element("li", {}, sentence));
  const notice = showNotice("to-put-right", { reasons });
  const another = notice.querySelector("button");
  another.hidden = entry.why?.error !== "conflict" || Boolean(stands);
  const own = crypto.randomUUID(); // of a scan of its own beside the one that stands: one, however often it is tapped
  another.addEventListener("click", () => {
    form.elements.scan_id.value = own;
    form.requestSubmit();
  });
  for (const [field, sentences] of Object.entries(entry.why?.errors || {})) mark(field, sentences[0]);
  notice.focus();
}

// The field's own error, as the server writes it.
function mark(field, sentence) {
  const control = form.elements[field];
  const first = control?.length && !control.options ? control[0] : control;
  if (!first?.closest) return first;
  document.getElementById(`${field}-error`)?.remove();
  const place = first.closest(".field, .group");
  const line = element("p", { className: "error", id: `${field}-error` }, sentence);
  place.querySelector(".hint, .tiles, .segments, .chips, input, select, textarea")?.before(line);
  first.setAttribute("aria-invalid", "true");
  for (let fold = first.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  return first;
}

// --- Every tap is kept -----------------------------------------------------------------------------------------

let closed = false; // saved, or left: nothing more is kept of it
let redacted = ["", ""]; // the report, and what of it may be kept

const ownDraft = () => drafts.draftKey(name, form.elements.scan_id.value);

async function keepDraft() {
  form.dataset.kept = "no";
  const pairs = pairsOf(form);
  const report = pairs.find(([field]) => field === "report");
  if (report[1] !== redacted[0]) redacted = [report[1], await redactedOf(report[1])];
  report[1] = redacted[1];
  const words = (await aside).setAside().map(async (one) => ({ ...one, report: await redactedOf(one.report) }));
  const said = { pairs, ...summary(), aside: await Promise.all(words), dayChosen: dayChosen() };
  if (closed) return;
  history.replaceState({ ...history.state, scan: keyOf(pairs) }, "");
  await drafts.saveDraft(ownDraft(), said);
  form.dataset.kept = "yes";
}

// --- Saving ----------------------------------------------------------------------------------------------------

let plain = false; // the form goes to the server as it would without this file
let busy = false;

form.addEventListener("submit", (event) => {
  const recast = event.submitter?.hasAttribute("formaction") && event.submitter.name !== "named_nobody";
  if (plain || recast) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  form.setAttribute("aria-busy", "true");
  save(event.submitter)
    .catch(() => submitPlainly(event.submitter))
    .finally(() => {
      busy = false;
      form.removeAttribute("aria-busy");
    });
});

async function save(submitter) {
  followClock();
  const pairs = pairsOf(form, submitter);
  if (saysNothing(pairs)) return mark("region", "Choose a region: there is nothing to save yet.").focus();
  if (submitter?.dataset.later) pairs.push(["later", "yes"]);
  if (await mayIdentify(pairs, submitter)) return;
  if (!(await unlockedOwner())) return submitPlainly(submitter); // a shared computer, or before this phone knows whose it is
  const [scan, key] = [valueOf(pairs, "scan_id"), keyOf(pairs)];
  const address = new URL(form.action).pathname;
  const sent = pairs.filter(([field]) => field !== "csrf_token");
  try {
    const version = Number(form.dataset.version);
    const entered_at = new Date().toISOString();
    await saveScan({ key, scan, address, form: version, entered_at, pairs: sent, ...summary() });
  } catch (fault) {
    return noRoom(fault, submitter);
  }
  askToPersist().catch(() => {});
  if (asked.has("put-right") && asked.get("put-right") !== key) {
    const before = await scanOf(asked.get("put-right"));
    if (before) await removeScan(before); // refused as it was, it goes as an edit of a newer version or as another scan
  }
  closed = true;
  await drafts.removeDraft(ownDraft());
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.race([send({ now: true }), late]);
  const left = await scanOf(key);
  if (!left) await (await import("./sent-news.js")).takeNews(scan); // the page that follows says it
  const widened = valueOf(pairs, "widened");
  const next = valueOf(pairs, "batch") && `/scans/new?batch=${scan}`;
  if (next && left?.state !== "parked") location.assign(next);
  else if (!left) location.assign(`/scans/${scan}?saved=1${widened && `&widened=${encodeURIComponent(widened)}`}`);
  else if (left.state === "parked") await refused(left, submitter);
  else location.assign(`/offline?saved=${encodeURIComponent(key)}`);
}

// Nothing that says anything about a scan, as the server judges it (rules/scan_fields.py).
const SAYING = ["support", "region", "side", "finding", "normal", "report", "indication", "procedure"];
const saysNothing = (pairs) => !pairs.some(([field, value]) => SAYING.includes(field) && value.trim());

// The person is here: the server's own page says it best, beside the fields. Words that it refused are not kept.
async function refused(entry, submitter) {
  const hits = Object.values(entry.why?.hits || {}).flat();
  if (hits.length) await removeScan(entry);
  submitPlainly(submitter);
}

function submitPlainly(submitter) {
  plain = true;
  const pressed = [[submitter?.name, submitter?.value], submitter?.dataset.later && ["later", "yes"]];
  for (const [field, value] of pressed.filter((pair) => pair?.[0])) {
    form.append(element("input", { type: "hidden", name: field, value }));
  }
  HTMLFormElement.prototype.submit.call(form);
}

// The browser would not keep it: with a network it goes as a plain form, else it stays here, to be copied.
async function noRoom(fault, submitter) {
  if ((await askWhoIsSignedIn()).is === "here") return submitPlainly(submitter);
  showNotice("no-room").focus();
}

// What the list of unsent scans calls it: its region and side, and what was found.
function summary() {
  const label = (field) => form.querySelector(`input[name=${field}]:checked`)?.nextElementSibling?.textContent || "";
  const found = [...form.querySelectorAll("input[name=finding]:checked, input[name=normal]:checked")];
  const says = found.map((one) => one.ariaLabel || one.dataset.alone || one.nextElementSibling.textContent);
  const about = [label("region"), label("side").toLowerCase()].filter(Boolean).join(" · ");
  const mentor = form.elements.mentor?.value ? form.elements.mentor.selectedOptions[0].text : "";
  return { about, says: says.join(", "), mentor };
}

// --- The screen against patient-identifiable data --------------------------------------------------------------

const redactedOf = async (text) => redact(text, await hitsOf(text));

const hitsOf = async (text) => (text.trim() ? (await loadScreening(rules))(text.replaceAll("\r\n", "\n").trim()) : []);

// Whether the report may name a patient; then it says so, and nothing is kept.
async function mayIdentify(pairs, submitter) {
  const hits = await hitsOf(valueOf(pairs, "report")).catch(() => []); // the server looks in any case
  const past = new Set(pairs.filter(([field]) => field === "named_nobody").flatMap(([, marks]) => marks.split(" ")));
  for (const hit of await hitsOf(form.elements.report.defaultValue).catch(() => [])) past.add(hit.mark);
  const shown = hits.filter((hit) => !hit.mark || !past.has(hit.mark));
  for (const old of document.querySelectorAll("#report-error, #report-area .finds")) old.remove();
  if (!shown.length) return false;
  const sure = shown.some((hit) => hit.severity === "refuse");
  const marks = [...new Set([...past, ...shown.map((hit) => hit.mark)])].filter(Boolean).join(" ");
  const sentences = [...new Set(shown.map((hit) => hit.sentence))];
  const notice = showNotice(sure ? "identifies" : "may-identify", { list: sure ? sentences.map(linkTo) : shown.map(lineOf) });
  const beside = notices.querySelector(".finds").cloneNode(true);
  beside.querySelector("ul").append(...shown.map(lineOf));
  if (sure) beside.querySelector("button").remove();
  for (const button of [notice, beside].map((part) => part.querySelector("button")).filter(Boolean)) {
    button.textContent = "It names no patient: save it"; // as the server says it, and only where it is true
    button.value = marks;
    button.setAttribute("form", form.id);
    if (valueOf(pairs, "later")) button.dataset.later = "yes";
  }
  form.elements.report.before(beside);
  mark("report", sentences[0]);
  notice.focus();
  return true;
}

// A sentence that leads to the field that it is about.
const linkTo = (sentence) => element("li", {}, element("a", { href: "#report" }, sentence));

function lineOf({ words, mark, before, found, after }) {
  const kind = element("b", {}, `${words[0].toUpperCase()}${words.slice(1)}${mark ? "?" : ""}`);
  return element("li", {}, kind, " ", element("q", {}, before, element("mark", {}, found), after));
}
