// A mentor's tap on Approve or Undo is kept on this device until Sonofolio has answered it (docs/decisions/0014).
// Without this file, or without JavaScript, the same forms are sent by htmx, or by the browser alone.

import { announce, cardOf, happened, headingOf, mark, marked, paint, piecesOf, tell, unmark, warn } from "./tap-cards.js";
import { isOurs, saying } from "./answers.js";
import { address, chosen, counted, meaning, pause, takenBack } from "./tap-rules.js";
import { hear, tell as tellOthers } from "./store.js";
import * as store from "./tap-store.js";
import { toast } from "./toast.js";
import { ask as whoIsHere } from "./who.js";

const { person: me, keeps } = document.body.dataset;
const PATIENCE = 15_000; // milliseconds for an answer; a request on a dying signal hangs for minutes
const SHOWN_AFTER = 1_000; // milliseconds before a tap without an answer is shown as being sent

let token = document.querySelector("input[name=csrf_token]")?.value;
let sending = false;
let again = false;
let failures = 0; // in a row
let timer = 0;
let halted = false; // until somebody signs in

const search = () => (location.pathname === "/inbox" ? location.search : "");

// ---------- What a person does ----------

// Before htmx, which listens on the form itself.
document.addEventListener("submit", taken, true);

function taken(event) {
  const form = event.target;
  if (!form.matches("[data-tap], .several")) return;
  event.preventDefault();
  event.stopPropagation();
  if (form.dataset.tap) keep([{ ...form.dataset, ...Object.fromEntries(new FormData(form)) }]);
  else keep([...form.elements].filter((one) => one.checked).map(ofTicked));
}

// A ticked box says "id:version:step". Several approvals are as many taps: each is answered for itself.
function ofTicked(box) {
  const [scan, version, step] = box.value.split(":");
  box.checked = false;
  return { tap: "approve", scan, version, step };
}

async function keep(wanted) {
  const now = Date.now();
  for (const [place, { tap: choice, scan: id, version, step }] of wanted.entries()) {
    const seen = { version: Number(version), step: step ? Number(step) : null };
    const tap = { id, ...seen, choice, person: me, made: now + place, tries: 0 };
    await store.change(id, (before) => chosen(before, tap));
  }
  tellOthers("taps");
  setTimeout(show, SHOWN_AFTER);
  flush();
}

async function takeBack(tap) {
  const left = await store.change(tap.id, (now) => (now ? takenBack(now, Date.now()) : null));
  const card = cardOf(tap.id);
  tellOthers("taps");
  if (left) mark(left, store.lasts(), takeBack);
  else if (card) {
    unmark(card);
    card.querySelector("form[data-tap] button")?.focus({ preventScroll: true });
    announce(`Taken back: ${headingOf(document, tap.id)}. It was not sent.`);
  }
  flush();
}

// ---------- Sending ----------

const alone = (work) => (navigator.locks ? navigator.locks.request("sonofolio-taps", work) : work());

// Send what waits: one flight at a time, in whichever tab.
async function flush() {
  clearTimeout(timer);
  again = true;
  if (sending) return;
  sending = true;
  while (again && !halted) {
    again = false;
    await alone(sendAll);
  }
  sending = false;
  await show();
}

async function sendAll() {
  for (const tap of await store.of(me)) {
    const isIt = (now) => now?.made === tap.made;
    const change = (how) => store.change(tap.id, (now) => (isIt(now) ? how(now) : now));
    if (!isIt(await change((now) => ({ ...now, tries: now.tries + 1 })))) continue; // taken back meanwhile
    const offline = !navigator.onLine;
    const answer = await send(tap);
    if (!answer && offline) await change((now) => ({ ...now, tries: tap.tries })); // it never left the device
    const what = answer ? meaning(answer, tap.id) : "nobody";
    failures = ["nobody", "busy", "signed-out"].includes(what) ? failures + 1 : 0;
    if (what === "busy" || (answer && what === "nobody")) continue; // one that is always refused holds up no other
    if (what === "nobody") return;
    if (what === "signed-out") {
      await askToSignIn(answer.header("HX-Redirect"));
      return;
    }
    let meant = false;
    await change(() => ((meant = true), null));
    tellOthers("taps");
    if (meant) await settle(tap, what, answer);
  }
}

// The answer {ours, status, text, header(name)}, or null when there was none.
async function send(tap, fresh = false) {
  const prints = cardOf(tap.id)?.querySelector("input[name=prints]")?.value ?? "";
  const body = new URLSearchParams({ version: tap.version, step: tap.step ?? "", prints });
  const answer = await ask(address(tap, search()), tap.id, { method: "POST", body });
  if (fresh || !answer || meaning(answer, tap.id) !== "stale") return answer;
  return (await freshToken()) ? send(tap, true) : null;
}

// A new token for this person's forms; false when there is none to be had. Somebody else's sign-in ends it all here.
async function freshToken() {
  const here = await whoIsHere();
  if (here.is !== "here") return false;
  token = here.csrf;
  if (String(here.person) === me) return true;
  halted = true;
  await store.keepOnly(String(here.person));
  tell("Somebody else is signed in on this device now, so what waited here was not sent.", "/", "Go to their page");
  return false;
}

async function ask(path, about, how = {}) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": token ?? "", ...saying(about) };
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(path, { headers, redirect: "manual", signal, ...how });
    return { ours: isOurs(answer, about), status: answer.status, text: await answer.text(), header: (name) => answer.headers.get(name) };
  } catch {
    return null;
  }
}

// ---------- What became of it ----------

// Show every waiting tap on its card; a card whose tap another tab has settled is fetched anew.
async function show() {
  const waiting = await store.of(me);
  document.documentElement.dataset.taps = waiting.length;
  warn(waiting);
  const settled = sending ? [] : marked().filter((id) => !waiting.some((tap) => tap.id === id));
  for (const id of settled) await lookAgain(id);
  for (const tap of waiting) mark(tap, store.lasts(), takeBack);
  clearTimeout(timer);
  const soon = (waiting.length || marked().length) && !sending && !halted && !document.hidden;
  if (soon) timer = setTimeout(flush, pause(failures));
  return waiting;
}

async function settle(tap, what, answer) {
  const pieces = piecesOf(answer.text);
  const name = headingOf(pieces.content, tap.id);
  if (what !== "refused" && cardOf(tap.id)) return paint(tap.id, pieces);
  if (what === "done") return toast(`${tap.choice === "undo" ? "Undone" : "Approved"}: ${name}.`);
  const why = pieces.content.querySelector(".happened, .toast")?.textContent.trim() ?? "";
  const not = tap.choice === "undo" ? "Not undone" : "Not approved";
  if (cardOf(tap.id) && (await lookAgain(tap.id))) return happened(cardOf(tap.id), `${not}. ${why}`);
  return tell(`${not}${name ? `: ${name}` : ""}. ${why}`, `/scans/${tap.id}/review`, "Look at it");
}

// Fetch the card as it is now; false when there is none any more, or it cannot be reached: then it stays marked, so that
// nobody takes it for one that waits, and is fetched later.
async function lookAgain(id) {
  const answer = await ask(`/scans/${id}/card${search()}`, id);
  const what = answer ? meaning(answer, id) : "nobody";
  if (!cardOf(id)) return false;
  if (what === "refused") cardOf(id).remove();
  if (what !== "done") return false;
  paint(id, piecesOf(answer.text));
  return true;
}

async function askToSignIn(href) {
  halted = true;
  const taps = await store.of(me);
  const words = `You were signed out. On this device ${counted(taps)} still ${taps.length > 1 ? "wait" : "waits"} to be sent.`;
  tell(words, href, "Sign in", "sign-in-first");
}

// ---------- When it is tried ----------

function tryNow() {
  failures = 0;
  halted = false;
  if (!document.hidden) flush();
}

// Signing out deletes what waits; static/phone.js may ask first, and be told to stay.
let leaving = false;
for (const form of document.querySelectorAll("[data-signs-out]")) form.addEventListener("submit", () => (leaving = true));
document.getElementById("signing-out")?.addEventListener("close", (event) => (leaving = event.target.returnValue === "yes"));
window.addEventListener("pagehide", () => leaving && store.clear());

if (me) {
  window.addEventListener("online", tryNow);
  window.addEventListener("pageshow", (event) => event.persisted && tryNow());
  document.addEventListener("visibilitychange", tryNow);
  // A card that refreshed itself meanwhile shows what waits again.
  document.addEventListener("htmx:load", (event) => event.detail.elt.matches?.(".scan") && show());
  hear((what) => what === "taps" && show());
  await (keeps === "no" ? store.keepNothing() : store.keepOnly(me));
  if ((await show()).length) flush();
}
