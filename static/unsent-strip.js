// What is not sent yet, on every screen: the strip on top of the page, the number on the app's icon, and when it is sent.
import { send } from "./outbox.js";
import { owner } from "./phone-owner.js";
import { countScans } from "./scan-queue.js";
import { onChange, read } from "./store.js";

const RETRY = 30_000; // milliseconds
const WHY = {
  "signed-out": "Sign in to send",
  other: "Sign in as yourself to send",
  unreached: "Waiting for the signal",
  busy: "The server is busy, it is tried again",
};

const person = Number(document.body.dataset.person);
const strip = document.getElementById("unsent");

export function beginSending() {
  onChange(showAgain);
  addEventListener("online", showAgain);
  addEventListener("offline", showAgain);
  addEventListener("online", sendNow);
  addEventListener("pageshow", ({ persisted }) => persisted && sendNow());
  document.addEventListener("visibilitychange", sendNow);
  setInterval(trySending, RETRY);
  strip.querySelector("button").addEventListener("click", () => send({ now: true }).catch(() => {}));
  showAgain();
}

// Something has changed: the app was opened, or the signal is back.
export const sendNow = () => trySending({ awake: true });

async function trySending(how = {}) {
  if (person && !document.hidden) await send(how).catch(() => {});
}

let showing = Promise.resolve();
const showAgain = () => (showing = showing.then(show).catch(() => {}));

let waitedBefore = 0;
let retry = 0; // a timer

async function show() {
  const own = await owner();
  const { waiting, parked, others, stopped } = await countScans(person || own?.person);
  const mine = waiting + parked;
  const number = person || mine ? mine : others;
  document.documentElement.dataset.unsent = number;
  showStrip({ number, waiting, parked, stopped, logs: own?.logs });
  // Once for each that came: asked again after each failure, the browser would have the worker try without a pause.
  if (waiting > waitedBefore && navigator.serviceWorker?.controller) {
    (await navigator.serviceWorker.ready).sync?.register("outbox").catch(() => {});
  }
  waitedBefore = waiting;
  clearTimeout(retry);
  const pause = await read("phone", "pause");
  if (pause) retry = setTimeout(trySending, pause.until - Date.now() + 50);
  await showBadge(number);
  if (!document.hidden && (await read("phone", "news"))?.length) await (await import("./sent-news.js")).tellSent();
  const noted = ["sonofolio-notes", "sonofolio-unsent"].some((name) => (localStorage.getItem(name) ?? "{}") !== "{}");
  if (number || noted) await (await import("./unsent-index.js")).lookForLost(person);
}

function showStrip({ number, waiting, parked, stopped, logs }) {
  const silent = !navigator.onLine && logs;
  strip.hidden = number === 0 && !silent;
  const words = [silent && "No signal", number ? `${number} not yet sent` : "what you save stays here"];
  if (parked) words.push(`${parked} to put right`);
  else if (stopped && waiting && !silent) words.push(WHY[stopped] || "");
  strip.querySelector("a").textContent = words.filter(Boolean).join(" · ");
  strip.querySelector("button").hidden = !person || waiting === 0;
}

// On the app's icon: what is not sent, and what is not read.
async function showBadge(number) {
  const unread = Number.parseInt(document.querySelector("#bell b")?.textContent, 10) || 0;
  if (number + unread) await navigator.setAppBadge?.(number + unread).catch(() => {});
  else await navigator.clearAppBadge?.().catch(() => {});
}
