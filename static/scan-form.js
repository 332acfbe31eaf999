// The log form: keeps what still applies when the region changes, offers the student's own usual findings first, and
// never touches the report while somebody is writing it. What it keeps on the phone is scan-save.js. The form works without.
import { begin } from "./scan-save.js";

const scanForm = document.getElementById("scan-form");
const taps = document.getElementById("taps");
const usual = JSON.parse(scanForm.dataset.usual);
const chosenIn = new Map(); // region -> what was chosen among its findings, for when it is chosen again
let kept = new Set(); // of that, what is chosen now: of the region before, where this one is new
let sent = ""; // the report as the last request for a draft took it along
let late = false; // a draft came while the report was being written
document.getElementById("findings").dataset.ready = "yes"; // as the server drew them, choices and all

// What can be tapped, after each tap: it comes after the first taps are taken.
let refresh = () => {};
const loaded = import("./scan-findings.js").then(
  (findings) => {
    refresh = findings.refresh;
    refresh();
  },
  () => {}, // without it, the chips stay as the server drew them
);

const chosenRegion = () => scanForm.querySelector("input[name=region]:checked")?.value ?? "";
let region = chosenRegion(); // as it was before the next tap

const keyOf = (input) => `${input.name}=${input.value}`;
const reportBox = () => document.getElementById("report");

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

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "report-watch") sent = reportBox().value;
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  if (target.id === "findings") {
    const chosen = new Set([...target.querySelectorAll("input:checked, select[name=not_seen]")].map(keyOf));
    if (target.dataset.region) chosenIn.set(target.dataset.region, chosen);
    kept = chosenIn.get(chosenRegion()) ?? chosen;
  } else if (target.id === "report-area") {
    const box = reportBox();
    late = document.activeElement === box;
    if (late || box.value !== sent) event.detail.shouldSwap = false;
    if (!late && box.value !== sent) askForDraft();
  }
});

document.body.addEventListener("htmx:afterSwap", drawn);

async function drawn() {
  for (const ask of document.querySelectorAll("details:not([open]) .ask")) ask.closest("details").open = true;
  const findings = document.getElementById("findings");
  if (!findings.dataset.region || findings.dataset.ready) return;
  findings.dataset.ready = "yes";
  offerUsual(findings);
  await loaded;
  refresh();
  for (const input of findings.querySelectorAll("input[type=checkbox], input[type=radio]")) input.checked = kept.has(keyOf(input));
  for (const select of findings.querySelectorAll("select[name=not_seen]")) {
    select.value = [...select.options].find((one) => one.value && kept.has(`not_seen=${one.value}`))?.value ?? "";
  }
  for (const fold of findings.querySelectorAll("details")) fold.open = isChosenIn(fold);
  refresh();
}

const isChosenIn = (fold) => [...fold.querySelectorAll("input, select")].some((one) => (one.options ? one.value : one.checked));

// Before anything else hears of the tap, so that the draft and what is kept are of what then stands there.
function followTap({ target }) {
  if (target.name === "region") {
    changeRegion(region, target.value);
    region = target.value;
  } else if (target.closest("#taps, #about")) refresh();
}
scanForm.addEventListener("change", followTap, true);

// Own words are set aside with their region; the first choice of one changes nothing.
let changeRegion = () => {};
import("./report-aside.js").then((aside) => (changeRegion = aside.changeRegion), () => {});

// The findings of a region, for a form that is filled in again: from the server, or from this phone.
async function showFindings(wanted) {
  await loaded;
  region = wanted;
  if (document.getElementById("findings").dataset.region === wanted) return;
  const answer = await fetch(`/scans/new/findings/${wanted}`).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  if (!html.includes('id="findings"')) return; // somebody else's page
  document.getElementById("findings").outerHTML = html;
  kept = new Set();
  await drawn();
}

// Without a signal there is no draft: the server writes it from the taps when it gets them, and keeps the own words.
document.body.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.closest("#report-watch")) return;
  document.getElementById("report-hint").textContent = scanForm.dataset.without;
});

function askForDraft() {
  taps.dispatchEvent(new Event("change"));
}

// The draft that had to wait is asked for again, with what has been written meanwhile.
scanForm.addEventListener("focusout", (event) => {
  if (event.target.id !== "report" || !late) return;
  late = false;
  askForDraft();
});

begin(showFindings, () => refresh());

// The browser puts taps back after a step back or a reload: then the findings follow the region.
window.addEventListener("pageshow", () => {
  const input = scanForm.querySelector("input[name=region]:checked");
  const shown = document.getElementById("findings").dataset.region;
  if (input && input.value !== shown) input.dispatchEvent(new Event("change", { bubbles: true }));
});
