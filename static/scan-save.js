// Saving the log form from a phone: a scan is kept on the phone first, then sent. What the server refuses is shown by the
// server's own page. Where nothing can be kept, the form is a plain form.
import { element } from "./elements.js";
import { pairsOf, scanKeyOf, valueOf } from "./form-fields.js";
import { showError, showNotice } from "./form-notices.js";
import { send } from "./outbox.js";
import { askWhoIsSignedIn, unlockedOwner } from "./phone-owner.js";
import { dropDraft, summary } from "./scan-drafts.js";
import { removeScan, saveScan, scanOf } from "./scan-queue.js";
import { mayIdentify } from "./scan-screening.js";
import { askToPersist } from "./storage-permission.js";

const PATIENCE = 5000; // milliseconds that somebody waits for the server before the list of what is here says it all

const form = document.getElementById("scan-form");
const putRight = new URLSearchParams(location.search).get("put-right"); // the key of the scan that is put right

let plain = false; // the form goes to the server as it would without this file
let busy = false;

form.addEventListener("submit", (event) => {
  const recast = event.submitter?.hasAttribute("formaction") && event.submitter.name !== "named_nobody";
  if (plain || recast) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  form.setAttribute("aria-busy", "true");
  save(event.submitter)
    .catch(() => submitPlainly(event.submitter))
    .finally(() => {
      busy = false;
      form.removeAttribute("aria-busy");
    });
});

async function save(submitter) {
  const pairs = pairsOf(form, submitter);
  if (saysNothing(pairs)) return showError("region", "Choose a region: there is nothing to save yet.").focus();
  if (submitter?.dataset.later) pairs.push(["later", "yes"]);
  if (await mayIdentify(pairs)) return;
  if (!(await unlockedOwner())) return submitPlainly(submitter); // a shared computer, or before this phone knows whose it is
  const [scan, key] = [valueOf(pairs, "scan_id"), scanKeyOf(pairs)];
  const address = new URL(form.action).pathname;
  const sent = pairs.filter(([field]) => field !== "csrf_token");
  try {
    const version = Number(form.dataset.version);
    const entered_at = new Date().toISOString();
    await saveScan({ key, scan, address, form: version, entered_at, pairs: sent, ...summary() });
  } catch {
    return noRoom(submitter);
  }
  askToPersist().catch(() => {});
  if (putRight && putRight !== key) {
    const before = await scanOf(putRight);
    if (before) await removeScan(before); // refused as it was, it goes as an edit of a newer version or as another scan
  }
  await dropDraft();
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.race([send({ now: true }), late]);
  await leave(pairs, submitter);
}

// To the page that says what became of it.
async function leave(pairs, submitter) {
  const [scan, key, widened] = [valueOf(pairs, "scan_id"), scanKeyOf(pairs), valueOf(pairs, "widened")];
  const left = await scanOf(key);
  if (!left) await (await import("./sent-news.js")).takeNews(scan); // the page that follows says it
  const next = valueOf(pairs, "batch") && `/scans/new?batch=${scan}`;
  if (next && left?.state !== "parked") location.assign(next);
  else if (!left) location.assign(`/scans/${scan}?saved=1${widened && `&widened=${encodeURIComponent(widened)}`}`);
  else if (left.state === "parked") await refused(left, submitter);
  else location.assign(`/offline?saved=${encodeURIComponent(key)}`);
}

// Nothing that says anything about a scan, as the server judges it (rules/scan_fields.py).
const SAYING = ["support", "region", "side", "finding", "normal", "report", "indication", "procedure"];
const saysNothing = (pairs) => !pairs.some(([field, value]) => SAYING.includes(field) && value.trim());

// The person is here: the server's own page says it best, beside the fields. Words that it refused are not kept.
async function refused(entry, submitter) {
  const hits = Object.values(entry.why?.hits || {}).flat();
  if (hits.length) await removeScan(entry);
  submitPlainly(submitter);
}

function submitPlainly(submitter) {
  plain = true;
  const pressed = [[submitter?.name, submitter?.value], submitter?.dataset.later && ["later", "yes"]];
  for (const [field, value] of pressed.filter((pair) => pair?.[0])) {
    form.append(element("input", { type: "hidden", name: field, value }));
  }
  HTMLFormElement.prototype.submit.call(form);
}

// The browser would not keep it: with a network it goes as a plain form, else it stays here, to be copied.
async function noRoom(submitter) {
  if ((await askWhoIsSignedIn()).is === "here") return submitPlainly(submitter);
  showNotice("no-room").focus();
}
