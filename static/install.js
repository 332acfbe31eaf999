// The card that says how to install Sonofolio here (templates/pwa/_install.html): on a home page until it is dismissed,
// and on the person's own page always. Nothing of a person is kept: "no" under one name, in this browser.
import { installMethodOf } from "./install-methods.js";
import { askToPersist, isPersisted } from "./storage-permission.js";
import { toast } from "./messages.js";

const DISMISSED = "sonofolio-install";
const card = document.getElementById("install");
const always = "always" in card.dataset;
const root = document.documentElement;
const standalone = navigator.standalone === true || matchMedia("(display-mode: standalone)").matches;
const shared = document.body.dataset.keeps === "no";
let prompt = null; // the browser's own, once it has offered it

function dismissed() {
  try {
    return localStorage.getItem(DISMISSED) === "no";
  } catch {
    return false; // a browser that keeps nothing shows it again
  }
}

function dismiss() {
  try {
    localStorage.setItem(DISMISSED, "no");
  } catch {
    // as above
  }
}

// What is only in this browser: scans (static/phone.js counts them) and a mentor's taps (static/approvals.js).
const unsent = () => Number(root.dataset.unsent || 0) + Number(root.dataset.taps || 0);

function show() {
  const found = { agent: navigator.userAgent, touch: navigator.maxTouchPoints, standalone, prompt: prompt !== null };
  const [way, sure] = installMethodOf(found);
  const left = unsent();
  // On iOS an installed app starts with an empty storage of its own: what waits in this one would stay behind.
  const first = way === "ios" && left > 0;
  for (const part of card.querySelectorAll("[data-way]")) {
    part.hidden = part.dataset.way !== (first ? "unsent" : way);
  }
  card.querySelector("[data-left]").textContent = left === 1 ? "One thing" : `${left} things`;
  card.hidden = always ? false : !sure || shared || dismissed();
}

async function install() {
  const asked = prompt;
  prompt = null; // it can be asked once
  asked.prompt();
  const { outcome } = await asked.userChoice;
  if (outcome === "accepted") await askToPersist();
  else dismiss();
  show();
  document.getElementById("main").focus({ preventScroll: true });
}

async function showKept() {
  const line = card.querySelector("[data-kept]");
  const kept = line ? await isPersisted() : null;
  if (kept !== null) line.textContent = kept ? line.dataset.kept : line.dataset.mayGo;
  if (line) line.hidden = kept === null;
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // our card says it, at its place
  prompt = event;
  show();
});

addEventListener("appinstalled", async () => {
  prompt = null;
  dismiss();
  await askToPersist();
  show();
  showKept();
});

card.querySelector("[data-install]").addEventListener("click", install);
card.querySelector("[data-dismiss]")?.addEventListener("click", () => {
  dismiss();
  show();
  document.getElementById("main").focus({ preventScroll: true });
  toast("You find this again on your own page, Me.");
});
new MutationObserver(show).observe(root, { attributeFilter: ["data-unsent", "data-taps"] });
show();
showKept();
