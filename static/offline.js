// The list of what is on this phone and not on the server yet: send it, put it right, save it as a file, remove it.
import { element } from "./elements.js";
import { valueOf } from "./form-fields.js";
import { formatDayAndTime, formatScans } from "./formats.js";
import { kindOf, send } from "./outbox.js";
import { unlockedOwner } from "./phone-owner.js";
import { request } from "./responses.js";
import { allScans, arrivedScans, ownScans, reasonsOf, removeScan } from "./scan-queue.js";
import { onChange, read, remove } from "./store.js";

const $ = (id) => document.getElementById(id);
const part = (item, look) => item.querySelector(look);
const just = new URLSearchParams(location.search).get("saved"); // the key of what was saved a moment ago

// --- What there is ---------------------------------------------------------------------------------------------

let sending = false;

async function show() {
  const [own, all, here] = [await unlockedOwner(), await allScans(), await ownScans()];
  const items = here.map(itemOf);
  const unfolded = [...document.querySelectorAll("#entries details[open]")].map((fold) => fold.closest("li").dataset.key);
  for (const item of items) part(item, "details").open = unfolded.includes(item.dataset.key);
  const focused = document.activeElement?.closest?.("#entries li")?.dataset.key;
  $("entries").replaceChildren(...items);
  if (focused) items.find((item) => item.dataset.key === focused)?.querySelector("a, button, summary")?.focus();
  $("nothing").hidden = here.length > 0;
  $("buttons").hidden = here.length === 0;
  $("save-all").hidden = here.filter((entry) => entry.pairs).length < 2;
  $("send").hidden = !here.some((entry) => entry.state === "waiting" && !entry.aside);
  $("others").hidden = all.length === here.length;
  const others = formatScans(all.length - here.length);
  $("others").textContent = own
    ? `${others} of somebody else wait here too, sealed. They go when that person signs in on this phone.`
    : `${others} wait on this phone, sealed. They go when the person who logged them signs in here.`;
  await showSaved(here.find((entry) => entry.key === just));
  await showArrived();
}

// Why an entry stays here when it is set aside.
const ASIDE = {
  newer: "A newer Sonofolio saved this than the one that is open. It stays here: reload the page, and it goes by itself.",
  broken:
    "This cannot be opened on this phone any more: an earlier sign-in sealed it, or it is damaged. The others go all the same. " +
    "If it is not among your scans, log it again; then remove it here.",
};

function itemOf(entry) {
  const item = $("entry").content.cloneNode(true).firstElementChild;
  const { about = "", says = "", aside } = entry;
  const parked = aside || entry.state === "parked";
  item.dataset.key = entry.key;
  item.id = `entry-${entry.key}`;
  part(item, "b").textContent = about || (kindOf(entry) === "scan" ? "A scan" : "A correction of a scan");
  part(item, ".says").textContent = says;
  part(item, "time").textContent = `Saved ${formatDayAndTime(entry.entered_at)}`;
  part(item, "time").dateTime = entry.entered_at;
  part(item, ".state span").textContent = aside ? "set aside" : parked ? "to put right" : sending ? "sending" : "on this phone";
  if (parked) part(item, ".state").classList.add("returned");
  const why = part(item, ".why");
  why.hidden = !parked;
  why.textContent = aside ? ASIDE[aside] : parked ? reasonsOf(entry.why).join(" ") : "";
  const open = part(item, ".open");
  open.hidden = !parked || Boolean(aside);
  open.href = `${kindOf(entry) === "scan" ? "/scans/new" : `${entry.address}/edit`}?put-right=${entry.key}`;
  const stands = part(item, ".stands");
  const ours = /^\/(?!\/)/.test(entry.why?.url ?? ""); // a path of ours, never an address that somebody else gave
  stands.hidden = !ours;
  if (ours) stands.href = entry.why.url;
  part(item, ".file").hidden = !entry.pairs;
  part(item, ".file").addEventListener("click", () => saveFile([entry], `sonofolio-scan-${entry.scan}.json`));
  part(item, ".gone").addEventListener("click", () => removeScan(entry));
  return item;
}

// --- What was saved a moment ago, and what has arrived ---------------------------------------------------------

async function showSaved(entry) {
  if (!just) return;
  const said = $("said");
  said.hidden = !entry;
  if (!entry) return;
  const { about, mentor } = entry;
  part(said, "h2 span").textContent = `Saved on this phone: ${about || "a scan"}.`;
  const stopped = await read("phone", "stopped");
  part(said, "p").textContent =
    entry.state === "parked"
      ? "Sonofolio cannot take it as it is: see below."
      : stopped === "signed-out"
        ? "Your sign-in has ended. It goes as soon as you have signed in again."
        : `It goes to ${mentor || "your mentor"} by itself as soon as there is a signal.`;
  if ($("again")) $("again").href = `/scans/new?like=${entry.scan}`;
}

const STATES = { with_mentor: "with mentor", draft: "kept as a draft" };

async function showArrived() {
  const sent = await arrivedScans();
  $("arrived").hidden = sent.length === 0;
  const items = sent.slice(-10).map(({ scan, about, state, question, gone }) => {
    const asked = question ? "is this another patient?" : gone ? "who is to judge it?" : "";
    const words = asked ? `kept as a draft: ${asked}` : STATES[state] || state;
    return element("li", {}, element("a", { href: `/scans/${scan}` }, `${about || "A scan from this phone"}: ${words}`));
  });
  const rest = sent.length - items.length;
  part($("arrived"), "h2").textContent = `Sent: ${formatScans(sent.length)}${rest ? ", the last 10 here" : ""}`;
  part($("arrived"), "ul").replaceChildren(...items);
}

// --- Buttons ---------------------------------------------------------------------------------------------------

const ENDED = {
  done: "",
  "signed-out": "Your sign-in has ended: sign in again, and they go.",
  other: "Somebody else is signed in on this phone.",
  unreached: "Sonofolio could not be reached. They stay here, and are tried again.",
  busy: "Sonofolio is busy. They stay here, and are tried again in a moment.",
};

$("send").addEventListener("click", async () => {
  sending = true;
  $("progress").textContent = "Sending…";
  await show();
  const why = await send({ now: true }).catch(() => "unreached");
  sending = false;
  $("progress").textContent = ENDED[why] ?? "";
  await show();
});

$("save-all").addEventListener("click", async () => saveFile(await ownScans(), "sonofolio-scans.json"));

// A file that a person can read, and from which a scan can be entered again: its fields as the form has them.
function saveFile(chosen, name) {
  const scans = chosen.filter(({ pairs }) => pairs).map(({ scan, about, entered_at, pairs, why, aside }) => ({
    scan,
    about,
    saved_at: entered_at,
    report: aside ? undefined : valueOf(pairs, "report"),
    reason: why ? reasonsOf(why).join(" ") : undefined,
    fields: aside ? pairs : pairs.filter(([field]) => !["csrf_token", "kept_for"].includes(field)),
  }));
  const blob = new Blob([JSON.stringify({ format: "sonofolio-unsent-scans", version: 1, scans }, null, 2)], {
    type: "application/json",
  });
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// ---------------------------------------------------------------------------------------------------------------

// At another address this page stands in for what needs a network: it is asked for again as soon as there is one.
const standsIn = location.pathname !== "/offline";
$("without").hidden = !standsIn;
const needs = part($("without"), "[data-home]");
if (location.pathname === "/") needs.textContent = needs.dataset.home;
// The browser says "online" for a moment also where there is none, and a reload would then undo the tap that is under way.
addEventListener("online", async () => standsIn && (await request("/healthz", "page"))?.ours && location.reload());

let showing = Promise.resolve();
const showAgain = () => (showing = showing.then(show).catch(() => {}));
onChange(showAgain);
addEventListener("pagehide", () => standsIn || $("arrived").hidden || remove("phone", "arrived").catch(() => {}));

showAgain().then(() => just && $("said-heading").focus());
