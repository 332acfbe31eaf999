// A mentor's tap on Approve or Undo waits in the outbox until Sonofolio has answered it (docs/decisions/0014).
// Without this file, or without JavaScript, the same forms are sent by htmx, or by the browser alone.
//
// To an entry it adds {scan, seen: {version, step}, choice: "approve" or "undo", tries}: what of the scan was seen, and how
// often the tap may have left the device. No name, no finding and no token, so it is not sealed.
import { cardOf, headingOf, markAsSending, markedCards, paint, parse, showBar, showOnCard, showWaitingBesideSignOut, unmark } from "./approval-cards.js";
import { announce, showNotice, toast } from "./messages.js";
import { change, changeSame, dropApprovals, entries, isSame, keepInPageOnly, kindOf, kinds, outlivesPage, send } from "./outbox.js";
import { request } from "./responses.js";
import { onChange } from "./store.js";

const SHAPE = 2; // of these entries: what an older release leaves alone
const SHOWN_AFTER = 1_000; // milliseconds before a tap without an answer is shown as being sent
const LOOK_AGAIN = 5_000; // milliseconds after which a card that could not be fetched is asked for again

const { person, keeps } = globalThis.document?.body.dataset ?? {};
const me = Number(person);
let token = globalThis.document?.querySelector("input[name=csrf_token]")?.value;
const settling = new Set(); // the scans whose answer this page is showing

const filter = () => (location.pathname === "/inbox" ? location.search : ""); // by which an answer counts what waits
const waitingApprovals = async () => (await entries()).filter((entry) => kindOf(entry) === "approval" && entry.person === me);

// --- What a person does ----------------------------------------------------------------------------------------

function onSubmit(event) {
  const form = event.target;
  if (!form.matches("[data-tap], [data-choice]")) return;
  event.preventDefault();
  event.stopPropagation();
  if (form.dataset.tap) keep([{ ...form.dataset, ...Object.fromEntries(new FormData(form)) }]);
  else keep([...form.elements].filter((one) => one.checked || (one.name === "scan" && one.type === "hidden")).map((one) => untick(one, form.dataset.choice)));
}

// A ticked box says "id:version:step". Several taps are as many entries: each is answered for itself.
function untick(box, tap) {
  const [scan, version, step] = box.value.split(":");
  box.checked = false;
  return { tap, scan, version, step };
}

export function approvalOf({ tap, scan, version, step }, by, now) {
  const seen = { version: Number(version), step: step ? Number(step) : null };
  const entry = { key: `approval ${scan}`, kind: "approval", version: SHAPE, person: by, scan, seen, choice: tap };
  return { ...entry, tries: 0, state: "waiting", entered_at: new Date(now).toISOString() };
}

// What is kept when somebody taps where `before` waits: the same choice again is a second tap on it.
export const chosen = (before, entry) =>
  before && before.person === entry.person && before.choice === entry.choice ? before : entry;

// What is left to send when a waiting tap is taken back: nothing when it never left the device. One that may have arrived is
// undone there; its undo names the step on which it was made, since nobody knows yet what step it became.
export const takenBack = (entry, now) =>
  entry?.tries ? { ...entry, choice: "undo", entered_at: new Date(now).toISOString(), tries: 0 } : null;

async function keep(taps) {
  for (const [place, tap] of taps.entries()) {
    const entry = approvalOf(tap, me, Date.now() + place);
    await change(entry, (before) => chosen(before, entry));
  }
  send({ now: true });
}

async function takeBack(entry) {
  const left = await change(entry, (stands) => takenBack(stands, Date.now()));
  const card = cardOf(entry.scan);
  if (left) markAsSending(left, outlivesPage(), takeBack);
  else if (card) {
    unmark(card);
    card.querySelector("form[data-tap] button")?.focus({ preventScroll: true });
    announce(`Taken back: ${headingOf(document, entry.scan)}. It was not sent.`);
  }
  send({ now: true });
}

// --- How it is sent --------------------------------------------------------------------------------------------

const headers = (csrf) => ({ "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": csrf ?? "" });

kinds.approval = {
  open: (entry) => (entry.person === me ? entry : null),
  session: () => token && { is: "here", person: me, csrf: token },

  async send(entry, csrf) {
    token = csrf;
    const tried = await changeSame(entry, (stands) => ({ ...stands, tries: stands.tries + 1 }));
    if (!isSame(tried, entry)) return { is: "gone" };
    const body = new URLSearchParams({ version: entry.seen.version, step: entry.seen.step ?? "", prints: shownPrints(entry.scan) });
    const offline = !navigator.onLine;
    const answer = await request(addressOf(entry, filter()), entry.scan, { method: "POST", body, headers: headers(csrf) });
    if (!answer && offline) await changeSame(entry, (stands) => ({ ...stands, tries: entry.tries }));
    return verdictOf(answer, entry.scan);
  },

  async settle(entry, answer) {
    let meant = false;
    settling.add(entry.scan);
    await changeSame(entry, () => ((meant = true), null));
    if (meant) await showOutcome(entry, answer);
    settling.delete(entry.scan);
  },

  // One that is always refused, by us or on the way, holds up no other.
  failed: (entry, { is, answered }) => is === "busy" || answered,

  async stopped(why) {
    const waiting = await waitingApprovals();
    if (!waiting.length) return;
    if (why === "signed-out") {
      const words = `You were signed out. On this device ${counted(waiting)} still ${waiting.length > 1 ? "wait" : "waits"} to be sent.`;
      const back = encodeURIComponent(location.pathname + location.search);
      showNotice(words, `/sign-in?next=${back}`, "Sign in", "sign-in-first");
    } else if (why === "other") {
      for (const entry of waiting) await change(entry, () => null);
      showNotice("Somebody else is signed in on this device now, so what waited here was not sent.", "/", "Go to their page");
    }
  },
};

const shownPrints = (scan) => cardOf(scan)?.querySelector("input[name=prints]")?.value ?? "";

export const addressOf = ({ scan, choice }, search = "") => `/scans/${scan}/approval${choice === "undo" ? "/undo" : ""}${search}`;

// What an answer to the tap on a scan means. Ours is kept with our card of that scan: it is done (200), or was not done
// because the scan is another by now (409, `changed`). A captive portal or a proxy says 200, too, and a gateway 403.
export function verdictOf(answer, scan) {
  if (!answer?.ours) return { is: "unreached", answered: answer !== null };
  const { status, text, header } = answer;
  const card = text.includes(`id="scan-${scan}"`);
  if (card && (status === 200 || status === 409)) return { is: "kept", text, changed: status === 409 };
  if (status === 401 && (header("HX-Redirect") || "").startsWith("/sign-in")) return { is: "signed-out" };
  if (header("HX-Retarget") !== "#notice" || status < 400) return { is: "unreached", answered: true };
  if (status === 400) return { is: "stale" };
  if (status >= 500 || status === 429) return { is: "busy", wait: Number(header("Retry-After")) * 1000 || 0 };
  return { is: "refused", text };
}

// "an approval", "2 approvals", "an undo", "3 taps".
export function counted(waiting) {
  const choices = new Set(waiting.map(({ choice }) => choice));
  const [one, several] = choices.size > 1 ? ["a tap", "taps"] : choices.has("undo") ? ["an undo", "undos"] : ["an approval", "approvals"];
  return waiting.length === 1 ? one : `${waiting.length} ${several}`;
}

// --- What became of it -----------------------------------------------------------------------------------------

// Shows every waiting tap on its card; a card whose tap another tab has settled is fetched anew.
async function show() {
  const waiting = await waitingApprovals();
  document.documentElement.dataset.taps = waiting.length;
  showWaitingBesideSignOut(waiting.length, counted(waiting));
  const scans = waiting.map(({ scan }) => scan);
  let missing = false;
  for (const scan of markedCards()) if (!scans.includes(scan) && !settling.has(scan)) missing = !(await fetchCard(scan)) || missing;
  clearTimeout(lookAgain);
  if (missing) lookAgain = setTimeout(showAgain, LOOK_AGAIN);
  for (const entry of waiting) {
    const wait = Date.parse(entry.entered_at) + SHOWN_AFTER - Date.now();
    if (wait > 0) setTimeout(showAgain, wait);
    else markAsSending(entry, outlivesPage(), takeBack);
  }
}

let lookAgain; // the timer of the next look
let showing = Promise.resolve();
const showAgain = () => (showing = showing.then(show).catch(() => {}));

async function showOutcome({ scan, choice }, { is, changed, text }) {
  const pieces = parse(text);
  const name = headingOf(pieces.content, scan);
  if (!cardOf(scan)) showBar(pieces.content.querySelector("#recent"));
  if (is === "kept" && cardOf(scan)) return paint(scan, pieces);
  if (is === "kept" && !changed) return toast(`${choice === "undo" ? "Undone" : "Approved"}: ${name}.`);
  const why = pieces.content.querySelector(".happened, .toast")?.textContent.trim() ?? "";
  const not = choice === "undo" ? "Not undone" : "Not approved";
  if (cardOf(scan) && (await fetchCard(scan))) return showOnCard(cardOf(scan), `${not}. ${why}`);
  return showNotice(`${not}${name ? `: ${name}` : ""}. ${why}`, `/scans/${scan}/review`, "Look at it");
}

// Shows the card as it is now; false when there is none any more, or it cannot be reached: then it stays marked, so that
// nobody takes it for one that waits, and is fetched later.
async function fetchCard(scan) {
  const verdict = verdictOf(await request(`/scans/${scan}/card${filter()}`, scan, { headers: headers(token) }), scan);
  if (!cardOf(scan)) return false;
  if (verdict.is === "refused") cardOf(scan).remove();
  if (verdict.is !== "kept" || verdict.changed) return false;
  paint(scan, parse(verdict.text));
  return true;
}

if (me) {
  document.addEventListener("submit", onSubmit, true); // before htmx, which listens on the form itself
  if (keeps === "no") keepInPageOnly();
  // When nothing can be undone any more, the focus goes from Undo to its card.
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target.id !== "recent" || !target.contains(document.activeElement)) return;
    const card = cardOf(target.dataset.scan);
    setTimeout(() => document.activeElement === document.body && card?.querySelector("a.button")?.focus({ preventScroll: true }), 100);
  });
  // A card that refreshed itself meanwhile shows what waits again.
  document.addEventListener("htmx:load", (event) => event.detail.elt.matches?.(".scan") && showAgain());
  onChange(showAgain);
  dropApprovals(keeps === "no" ? null : me)
    .catch(() => {}) // a browser that keeps nothing has nothing to drop
    .then(showAgain)
    .then(() => send({ awake: true }));
}
