// What a person sees of taps that wait on this device: their cards, and what became of them (static/taps.js sends them).

import { counted } from "./tap-rules.js";

export const STILL = 500; // milliseconds in which a second tap does not land on what has come to lie under it
const WORDS = { approve: "Sending…", undo: "Taking it back…" };

export const cardOf = (id) => document.getElementById(`scan-${id}`);
export const headingOf = (root, id) => root.querySelector(`#scan-${id}-heading`)?.textContent.trim() ?? "";

// Show a card as being sent: what it held is put out of sight, not away, so that taking back brings it back whole.
// `lasts`: whether the tap outlives the page. `takeBack` is called when the person presses Undo.
export function mark(tap, lasts, takeBack) {
  const card = cardOf(tap.id);
  const template = document.getElementById("sending");
  if (!card || !template || card.dataset.sending === tap.choice) return;
  unmark(card);
  const row = template.content.firstElementChild.cloneNode(true);
  const name = headingOf(card, tap.id);
  const wait = lasts ? "It waits for the signal." : "Keep this page open: it waits for the signal.";
  row.querySelector("b").textContent = WORDS[tap.choice];
  row.querySelector("[data-what]").textContent = name;
  row.querySelector("[data-wait]").textContent = wait;
  const undo = row.querySelector("button");
  undo.setAttribute("aria-describedby", `scan-${tap.id}-heading`);
  undo.addEventListener("click", () => takeBack(tap));
  if (tap.choice === "undo") undo.remove();
  const inside = card.contains(document.activeElement);
  card.append(row);
  card.dataset.sending = tap.choice;
  if (inside) (row.querySelector("button") ?? row.querySelector("p")).focus({ preventScroll: true });
  holdStill(card);
  announce(`${WORDS[tap.choice]} ${name}. ${wait}`);
}

// Show a card as it was before it was sent.
export function unmark(card) {
  card.querySelector(".on-its-way")?.remove();
  delete card.dataset.sending;
}

// The ids of the scans whose cards are shown as being sent.
export const marked = () => [...document.querySelectorAll("[data-sending]")].map((card) => card.id.replace("scan-", ""));

function holdStill(element) {
  element.classList.add("moved");
  setTimeout(() => element.classList.remove("moved"), STILL);
}

// The pieces of an answer, to be looked at before they are put in their places.
export function piecesOf(text) {
  const pieces = document.createElement("template");
  pieces.innerHTML = text;
  return pieces;
}

// Put the answered card, and what is beside it out of band, in their places. The focus goes along when it was on the
// card, or when nobody has had to wait for the answer.
export function paint(id, pieces) {
  const card = cardOf(id);
  const focus = document.activeElement;
  const follow = card.contains(focus) || (!card.dataset.sending && (!focus || focus === document.body));
  for (const beside of pieces.content.querySelectorAll("[hx-swap-oob]")) {
    if (!document.getElementById(beside.id)) beside.remove();
  }
  for (const one of pieces.content.querySelectorAll("[autofocus]")) {
    one.removeAttribute("autofocus"); // htmx would move the focus there, wherever it is by now
    one.dataset.lands = "";
  }
  htmx.swap(card, pieces.innerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: STILL });
  if (follow) cardOf(id)?.querySelector("[data-lands]")?.focus({ preventScroll: true });
}

// Say on the card what happened to it.
export function happened(card, sentence) {
  const line = document.createElement("p");
  line.className = "happened";
  line.textContent = sentence;
  card.prepend(line);
  announce(sentence);
}

// What a person must not miss stands on top of the page until they leave it; `id` is said once.
export function tell(sentence, href, label, id = "") {
  if (id && document.getElementById(id)) return;
  const line = document.createElement("div");
  line.className = "notice told";
  line.setAttribute("role", "status");
  if (id) line.id = id;
  document.getElementById("main").prepend(line);
  const words = document.createElement("span");
  words.textContent = sentence;
  const link = document.createElement("a");
  link.className = "button ghost";
  link.href = href;
  link.textContent = label;
  requestAnimationFrame(() => line.append(words, link)); // into a live region that is there already
  holdStill(line);
}

// Into the inbox's own quiet live region.
export function announce(sentence) {
  const said = document.getElementById("said");
  if (said) said.textContent = sentence;
}

// Beside Sign out: what would be deleted.
export function warn(waiting) {
  const warning = document.getElementById("taps-waiting");
  if (!warning) return;
  warning.hidden = !waiting.length;
  const them = waiting.length > 1 ? "them" : "it";
  warning.querySelector("span").textContent = `You have ${counted(waiting)} not sent yet. Signing out here deletes ${them}.`;
}
