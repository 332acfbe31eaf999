// What follows from a change in the log form: the findings of the region, with what still applies and the student's own usual
// ones first, and the draft of the report, which never touches what somebody is writing.
import { fill, valueOf } from "./form-fields.js";
import { changeRegion } from "./report-aside.js";
import { beginFindings, refresh } from "./scan-findings.js";

const form = document.getElementById("scan-form");
const currentFindings = () => document.getElementById("findings");
const reportBox = () => document.getElementById("report");

// --- The findings of the region --------------------------------------------------------------------------------

const usual = JSON.parse(form.dataset.usual);
const chosenIn = new Map(); // region -> what was chosen among its findings, for when it is chosen again
let chosen = new Set(); // of that, what is chosen now: of the region before, where this one is new
let region = ""; // as it was before the next tap

const keyOf = (input) => `${input.name}=${input.value}`;

// `before`: {region, side} as the page opened.
export function beginChanges(before) {
  region = before.region;
  currentFindings().dataset.ready = "yes"; // as the server drew them, choices and all
  beginFindings(before.side);
  form.addEventListener("change", followChange, true);
}

// Before anything else hears of the tap, so that the draft and what is kept are of what then stands there.
function followChange({ target }) {
  if (target.name === "region") {
    changeRegion(region, target.value); // own words are set aside with their region
    region = target.value;
  } else if (target.closest("#taps, #about")) refresh();
}

// The pairs that this student finds most often stand right after "All normal", as they do when the server draws them.
function offerUsual(findings) {
  const first = findings.querySelector("#first-findings");
  const inputs = [...findings.querySelectorAll("input[name=finding]")];
  for (const value of (usual[findings.dataset.region] || []).slice().reverse()) {
    const input = inputs.find((one) => one.value === value);
    if (!input) continue;
    if (input.dataset.alone) input.nextElementSibling.textContent = input.dataset.alone;
    first.querySelector(".claims").after(input.closest(".pick"));
  }
}

// Chooses, in findings that were just put in place, what was chosen before.
function chooseAgain() {
  for (const ask of document.querySelectorAll("details:not([open]) .ask")) ask.closest("details").open = true;
  const findings = currentFindings();
  if (!findings.dataset.region || findings.dataset.ready) return;
  findings.dataset.ready = "yes";
  offerUsual(findings);
  refresh();
  for (const input of findings.querySelectorAll("input[type=checkbox], input[type=radio]")) input.checked = chosen.has(keyOf(input));
  for (const select of findings.querySelectorAll("select[name=not_seen]")) {
    select.value = [...select.options].find((one) => one.value && chosen.has(`not_seen=${one.value}`))?.value ?? "";
  }
  for (const fold of findings.querySelectorAll("details")) fold.open = isChosenIn(fold);
  refresh();
}

const isChosenIn = (fold) => [...fold.querySelectorAll("input, select")].some((one) => (one.options ? one.value : one.checked));

document.body.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (target.id !== "findings") return;
  const here = new Set([...target.querySelectorAll("input:checked, select[name=not_seen]")].map(keyOf));
  if (target.dataset.region) chosenIn.set(target.dataset.region, here);
  chosen = chosenIn.get(form.querySelector("input[name=region]:checked")?.value) ?? here;
});
document.body.addEventListener("htmx:afterSwap", chooseAgain);

// Shows these pairs in place of what stands in the form.
export async function show(pairs) {
  const wanted = valueOf(pairs, "region");
  if (wanted) await showFindings(wanted);
  fill(form, pairs.filter(([field]) => field === "side"), ["side"]); // then the findings are of these sides ...
  refresh();
  fill(form, pairs); // ... and what is chosen has its sizes
  refresh();
  fill(form, pairs);
}

// From the server, or from this phone.
async function showFindings(wanted) {
  region = wanted;
  if (currentFindings().dataset.region === wanted) return;
  const answer = await fetch(`/scans/new/findings/${wanted}`).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  if (!html.includes('id="findings"')) return; // somebody else's page
  currentFindings().outerHTML = html;
  chosen = new Set();
  chooseAgain();
}

// --- The draft of the report -----------------------------------------------------------------------------------

let sent = ""; // the report as the last request for a draft took it along
let isLate = false; // a draft came while the report was being written

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "report-watch") sent = reportBox().value;
});

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "report-area") return;
  const box = reportBox();
  isLate = document.activeElement === box;
  if (isLate || box.value !== sent) detail.shouldSwap = false;
  if (!isLate && box.value !== sent) askForDraft();
});

function askForDraft() {
  document.getElementById("taps").dispatchEvent(new Event("change"));
}

// The draft that had to wait is asked for again, with what has been written meanwhile.
form.addEventListener("focusout", (event) => {
  if (event.target.id !== "report" || !isLate) return;
  isLate = false;
  askForDraft();
});

// Without a signal there is no draft: the server writes it from the taps when it gets them, and keeps the own words.
document.body.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.closest("#report-watch")) return;
  document.getElementById("report-hint").textContent = form.dataset.without;
});
