// The log form after a scan that is on this phone still: what is carried over from it, and the list of what waits here.
import { element } from "./elements.js";
import { fill } from "./form-fields.js";
import { noticeOf } from "./form-notices.js";
import { formatTime } from "./formats.js";
import { ownScans } from "./scan-queue.js";

const form = document.getElementById("scan-form");

// What is on this phone already, under a form that came out of it.
export async function list() {
  const lines = (await ownScans()).map(({ key, about, entered_at }) => {
    const words = element("span", {}, `${about || "A scan"}, saved at ${formatTime(entered_at)}`);
    return element("li", {}, element("a", { href: `/offline#entry-${key}` }, words));
  });
  if (lines.length) form.after(noticeOf("on-this-phone", { goto: lines }));
}

// Same again, and the next of several, after a scan that is on this phone still: its taps, but support and the words; of
// several only what is carried over, and its day.
export async function copy(asked, show) {
  const several = asked.has("batch");
  if (several && !form.elements.batch) form.append(element("input", { type: "hidden", name: "batch", value: "yes" }));
  const scan = asked.get("batch") ?? asked.get("like");
  const pairs = (await ownScans()).find((one) => one.scan === scan && !one.aside)?.pairs;
  if (!pairs) return;
  if (several) return fill(form, pairs, ["scanned_on", "mentor", "site", "machine", "transducer"]);
  const own = ["scan_id", "version", "step", "support", "report", "report_base", "scanned_on", "named_nobody", "later", "another"];
  const number = form.elements.scan_id.value;
  await show([...pairs.filter(([field]) => !own.includes(field)), ["scan_id", number], ["scanned_on", form.elements.scanned_on.value]]);
}
