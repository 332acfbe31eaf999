// A report's own words are of the region that they were written for. When another is chosen they are set aside, where they
// can be seen and put back; they come back by themselves when that region is chosen again.
import { noticeOf } from "./form-notices.js";

const WORDS = 160; // characters of them that are shown
const form = document.getElementById("scan-form");
const regionName = (region) =>
  form.querySelector(`input[name=region][value="${CSS.escape(region)}"]`)?.nextElementSibling.textContent.toLowerCase() ?? "the form";
let aside = []; // [{region, report, base}, ...]

export const setAside = () => aside;

// Shows, above the report, what is set aside.
export function showAside(words) {
  aside = words;
  for (const old of document.querySelectorAll(".set-aside")) old.remove();
  for (const one of aside) {
    const words = one.report.length > WORDS ? `${one.report.slice(0, WORDS)}…` : one.report;
    const notice = noticeOf("set-aside", { about: regionName(one.region), words });
    notice.querySelector("button").addEventListener("click", () => putBack(one));
    document.getElementById("report-watch").before(notice);
  }
}

// The region changes: the report is of the new one, and is composed afresh. Call it before anything asks for a draft.
export function changeRegion(before, after) {
  if (!before || before === after) return;
  const [report, composed] = fields();
  if (report.value.trim() && report.value.trim() !== composed.value.trim()) {
    aside = [...aside.filter(({ region }) => region !== before), { region: before, report: report.value, base: composed.value }];
  }
  const own = aside.find(({ region }) => region === after);
  [report.value, composed.value] = own ? [own.report, own.base] : ["", ""];
  showAside(aside.filter((one) => one !== own));
}

function putBack(one) {
  const [report, composed] = fields();
  const written = report.value.trim() === composed.value.trim() ? "" : report.value;
  report.value = [written, one.report].filter(Boolean).join("\n");
  composed.value = [composed.value, one.base].filter(Boolean).join("\n");
  showAside(aside.filter((other) => other !== one));
  document.getElementById("taps").dispatchEvent(new Event("change", { bubbles: true }));
}

const fields = () => [form.elements.report, form.elements.report_base];
