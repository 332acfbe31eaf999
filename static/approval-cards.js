// The cards of scans whose approval waits on this device: how they look, and how an answer takes their place.
import { element } from "./elements.js";
import { announce } from "./messages.js";

const STILL = 500; // milliseconds in which a second tap does not land on what has come to lie under it
const sending = new Map(); // scan -> its approval that is shown as being sent, in the order of the taps
const heights = globalThis.document && new CSSStyleSheet(); // of the cards that were answered; an attribute would be refused by the content policy
const WORDS = { approve: "Sending…", undo: "Taking it back…" };

if (heights) document.adoptedStyleSheets.push(heights);

export const cardOf = (scan) => document.getElementById(`scan-${scan}`);
export const headingOf = (root, scan) => root.querySelector(`#scan-${scan}-heading`)?.textContent.trim() ?? "";

// Shows a card as being sent: what it held is hidden, not removed, so that taking back brings it back whole.
// `outlives`: whether the tap outlives the page. `takeBack` is called when the person presses Undo.
export function markAsSending(entry, outlives, takeBack) {
  const card = cardOf(entry.scan);
  const template = document.getElementById("sending");
  if (!card || !template || card.dataset.sending === entry.choice) return;
  unmark(card);
  const row = template.content.firstElementChild.cloneNode(true);
  const name = headingOf(card, entry.scan);
  const wait = outlives ? "It waits for the signal." : "Keep this page open: it waits for the signal.";
  row.querySelector("b").textContent = WORDS[entry.choice];
  row.querySelector("[data-what]").textContent = name;
  row.querySelector("[data-wait]").textContent = wait;
  const undo = row.querySelector("button");
  undo.setAttribute("aria-describedby", `scan-${entry.scan}-heading`);
  undo.addEventListener("click", () => [...sending.values()].forEach(takeBack));
  if (entry.choice === "undo") undo.remove();
  else sending.set(entry.scan, entry);
  const inside = card.contains(document.activeElement);
  card.append(row);
  card.dataset.sending = entry.choice;
  card.dataset.sendingWords = WORDS[entry.choice];
  showLatest();
  if (inside) (row.querySelector("button") ?? row.querySelector("p")).focus({ preventScroll: true });
  holdStill(card);
  announce(`${WORDS[entry.choice]} ${name}. ${wait}`);
}

// Shows a card as it was before it was sent.
export function unmark(card) {
  card.querySelector(".on-its-way")?.remove();
  delete card.dataset.sending;
  showLatest();
}

// Of several bars that say what is being sent, the one of the last tap is shown, and its Undo takes back all.
function showLatest() {
  for (const scan of sending.keys()) if (!cardOf(scan)?.querySelector(".on-its-way")) sending.delete(scan);
  const last = [...sending.keys()].at(-1);
  for (const row of document.querySelectorAll(".on-its-way")) {
    row.hidden = Boolean(last) && row !== cardOf(last).querySelector(".on-its-way");
    const button = row.querySelector("button");
    if (button) button.textContent = sending.size > 1 ? "Undo all" : "Undo";
    if (button) row.querySelector("b").textContent = sending.size > 1 ? `Sending ${sending.size}…` : WORDS.approve;
  }
}

// The ids of the scans whose cards are shown as being sent.
export const markedCards = () => [...document.querySelectorAll("[data-sending]")].map((card) => card.id.replace("scan-", ""));

function holdStill(element) {
  element.classList.add("moved");
  setTimeout(() => element.classList.remove("moved"), STILL);
}

// The HTML of an answer, to be looked at before it is put in its place.
export function parse(html) {
  const pieces = document.createElement("template");
  pieces.innerHTML = html;
  return pieces;
}

// Puts the answered card, and what is beside it out of band, in their places. The focus goes along when it was on the card,
// or when nobody has had to wait for the answer.
export function paint(scan, pieces) {
  const card = cardOf(scan);
  const focus = document.activeElement;
  const follow = card.contains(focus) || (!card.dataset.sending && (!focus || focus === document.body));
  for (const one of pieces.content.querySelectorAll("[autofocus]")) {
    one.removeAttribute("autofocus"); // htmx, or the browser, would move the focus there, wherever it is by now
    one.dataset.lands = "";
  }
  const bar = pieces.content.querySelector("#recent");
  bar?.remove();
  const height = card.offsetHeight;
  for (const beside of pieces.content.querySelectorAll("[hx-swap-oob]")) {
    if (!document.getElementById(beside.id)) beside.remove();
  }
  heights.insertRule(`[id="scan-${scan}"] { min-height: ${height}px }`, heights.cssRules.length); // nothing beneath moves
  htmx.swap(card, pieces.innerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: STILL });
  showBar(bar);
  showLatest();
  if (follow) document.querySelector("[data-lands]")?.focus({ preventScroll: true });
}

// Shows an answer's bar of what can be undone: in the card of the last approval, so that the next card comes after it by
// keyboard, or on top of a page without that card. Null leaves what is shown.
export function showBar(bar) {
  if (!bar) return;
  document.getElementById("recent")?.remove();
  bar.removeAttribute("hx-swap-oob");
  const home = bar.dataset.scan && cardOf(bar.dataset.scan);
  if (home) home.append(bar);
  else document.getElementById("main").prepend(bar);
  htmx.process(bar);
}

// Says on the card what happened to it.
export function showOnCard(card, sentence) {
  card.prepend(element("p", { className: "happened" }, sentence));
  announce(sentence);
}

// Beside Sign out: what would be deleted.
export function showWaitingBesideSignOut(number, counted) {
  const warning = document.getElementById("taps-waiting");
  if (!warning) return;
  warning.hidden = number === 0;
  warning.querySelector("span").textContent = `You have ${counted} not sent yet. Signing out here deletes ${number > 1 ? "them" : "it"}.`;
}
