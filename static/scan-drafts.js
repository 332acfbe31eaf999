// The draft of the log form: every tap is kept on the phone; what was left is offered again, and what a reload broke off, what
// waits here and is copied, or what the server refused is filled in.
import * as drafts from "./drafts.js";
import { element } from "./elements.js";
import { pairsOf, scanKeyOf, valueOf } from "./form-fields.js";
import { showError, showNotice } from "./form-notices.js";
import { formatAgo, formatDay, formatTime } from "./formats.js";
import { setAside, showAside } from "./report-aside.js";
import { reasonsOf, scanOf } from "./scan-queue.js";
import { redactedOf } from "./scan-screening.js";
import { canStore } from "./store.js";

const REPORT_SHOWN = 120; // characters that an offer shows of a report

const form = document.getElementById("scan-form");
const { draft: name } = form.dataset;
const fromPhone = "kept" in document.documentElement.dataset; // this page came out of the phone
const asked = new URLSearchParams(location.search);
const ownDraft = () => drafts.draftKey(name, form.elements.scan_id.value);

let left = []; // the drafts that were here before this page; a promise while they are looked for
let closed = false; // saved, or left: nothing more is kept of it

// --- The form as it opens --------------------------------------------------------------------------------------

// `show`: fills pairs into the form. Resolves when it is as it should open; never rejects.
export async function beginDrafts(show) {
  if (form.dataset.restore === "yes") left = findLeft().catch(() => []); // what cannot be read cannot be shown
  addEventListener("input", keep);
  addEventListener("change", keep);
  await open(show).catch(() => {});
  if (fromPhone) await (await import("./scan-again.js")).list().catch(() => {});
  if (document.body.dataset.keeps === "yes" && !(await canStore())) showNotice("keeps-nothing");
}

async function open(show) {
  if (asked.has("put-right")) await putRight(asked.get("put-right"), show);
  else if (asked.has("batch") || (fromPhone && asked.has("like"))) await (await import("./scan-again.js")).copy(asked, show);
  else if (form.dataset.restore === "yes") await bringBack(show);
}

// --- What was left ---------------------------------------------------------------------------------------------

async function findLeft() {
  const found = [];
  for (const draft of await drafts.findDrafts(name)) {
    if (await scanOf(scanKeyOf(draft.pairs))) await drafts.removeDraft(draft.key); // it was saved after all
    else found.push(draft);
  }
  return found;
}

// The draft of this very page, which was reloaded, is shown again; any other is offered, with what it holds.
async function bringBack(show) {
  const found = await left;
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  const isThisPage = ({ at, pairs }) =>
    type !== "navigate" && history.state?.scan === scanKeyOf(pairs) && Date.now() - at < drafts.RESTORED_FOR;
  const own = found.find(isThisPage);
  if (own) await showAgain(own, show);
  else if (found.length) offer(found[0], show);
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
  const held = [draft.says, valueOf(draft.pairs, "report").replace(/\s+/g, " ").slice(0, REPORT_SHOWN)].filter(Boolean).join(" · ");
  const notice = showNotice("offered", { about: draft.about || "a form", time: formatAgo(draft.at), held });
  const [back, gone] = notice.querySelectorAll("button");
  back.addEventListener("click", async () => {
    await showDraft(draft, show);
    const { value: day, max: today } = form.elements.scanned_on;
    if (day === today) showNotice(null);
    else showNotice("of-a-day", { day: formatDay(day) });
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
  showAside(draft.aside || []);
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
  for (const [field, sentences] of Object.entries(entry.why?.errors || {})) showError(field, sentences[0]);
  notice.focus();
}

// --- Every tap is kept -----------------------------------------------------------------------------------------

let redacted = ["", ""]; // the report, and what of it may be kept
let newest = 0; // the number of the last change

const keep = (event) => form.contains(event.target) && keepDraft().catch(() => {});

async function keepDraft() {
  const own = ++newest;
  form.dataset.kept = "no";
  await left; // an edit's draft takes the place of the one before, which is read first
  const pairs = pairsOf(form);
  const report = pairs.find(([field]) => field === "report");
  if (report[1] !== redacted[0]) redacted = [report[1], await redactedOf(report[1])];
  report[1] = redacted[1];
  const aside = await Promise.all(setAside().map(async (one) => ({ ...one, report: await redactedOf(one.report) })));
  const day = form.elements.scanned_on;
  const draft = { pairs, ...summary(), aside, dayChosen: day.value !== day.defaultValue };
  if (closed) return;
  history.replaceState({ ...history.state, scan: scanKeyOf(pairs) }, "");
  await drafts.saveDraft(ownDraft(), draft);
  if (own === newest) form.dataset.kept = "yes";
}

// It was saved: nothing more is kept of it.
export function dropDraft() {
  closed = true;
  return drafts.removeDraft(ownDraft());
}

// What the list of unsent scans calls it: its region and side, and what was found.
export function summary() {
  const label = (field) => form.querySelector(`input[name=${field}]:checked`)?.nextElementSibling?.textContent || "";
  const found = [...form.querySelectorAll("input[name=finding]:checked, input[name=normal]:checked")];
  const says = found.map((one) => one.ariaLabel || one.dataset.alone || one.nextElementSibling.textContent);
  const about = [label("region"), label("side").toLowerCase()].filter(Boolean).join(" · ");
  const mentor = form.elements.mentor?.value ? form.elements.mentor.selectedOptions[0].text : "";
  return { about, says: says.join(", "), mentor };
}
