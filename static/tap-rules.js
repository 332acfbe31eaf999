// A tap on Approve or Undo, and what an answer to it means. Pure: no page, no store, no clock (tests/js).
//
// A tap is {id, version, step, choice, person, made, tries}: the scan's id, what of it was seen, "approve" or "undo",
// whose tap it is, when it was made (which tells it from a later one), and how often it may have left the device.

// How long to wait after so many failures in a row, in milliseconds: 3 s, doubled, at most a minute.
export const pause = (failures) => Math.min(60, 3 * 2 ** Math.max(0, failures - 1)) * 1000;

// Where a tap is sent; `search` is the inbox's own filter, by which the counters in the answer are counted.
export const address = ({ id, choice }, search = "") =>
  `/scans/${id}/approval${choice === "undo" ? "/undo" : ""}${search}`;

// What an answer {ours, status, text, header(name)} to the tap on scan `id` means (ours: static/answers.js):
//   done, changed   our card of that scan: it is done, or was not done because the scan is another by now
//   refused         our sentence why not, for good
//   stale           the page's token is out of date
//   signed-out      the sign-in has lapsed
//   busy            we answered, and cannot just now
//   nobody          not our answer: a captive portal or a proxy says 200, too, and a gateway 403
export function meaning({ ours, status, text, header }, id) {
  if (!ours) return "nobody";
  const card = text.includes(`id="scan-${id}"`);
  if (card && status === 200) return "done";
  if (card && status === 409) return "changed";
  if (status === 401 && (header("HX-Redirect") || "").startsWith("/sign-in")) return "signed-out";
  if (header("HX-Retarget") !== "#notice" || status < 400) return "nobody";
  if (status === 400) return "stale";
  return status >= 500 || status === 429 ? "busy" : "refused";
}

// What is left to send when a waiting tap is taken back: nothing when it never left the device. One that may have
// arrived is undone there; its undo names the step on which it was made, since nobody knows yet what step it became.
export const takenBack = (tap, now) => (tap.tries ? { ...tap, choice: "undo", made: now, tries: 0 } : null);

// What is kept when somebody taps on a scan for which a tap `before` waits: the same choice again is a second tap.
export const chosen = (before, tap) =>
  before && before.person === tap.person && before.choice === tap.choice ? before : tap;

// "an approval", "2 approvals", "an undo", "3 taps".
export function counted(taps) {
  const kinds = new Set(taps.map((tap) => tap.choice));
  const [one, several] = kinds.size > 1 ? ["a tap", "taps"] : kinds.has("undo") ? ["an undo", "undos"] : ["an approval", "approvals"];
  return taps.length === 1 ? one : `${taps.length} ${several}`;
}
