// The log form's screen against patient-identifiable data: what of a report may be kept, and whether one may be saved.
import { element } from "./elements.js";
import { valueOf } from "./form-fields.js";
import { noticeOf, showError, showNotice } from "./form-notices.js";
import { loadScreening, redact } from "./screening.js";

const form = document.getElementById("scan-form");
const { screen: rules } = form.dataset;

const hitsOf = async (text) => (text.trim() ? (await loadScreening(rules))(text.replaceAll("\r\n", "\n").trim()) : []);

export const redactedOf = async (text) => redact(text, await hitsOf(text));

// Whether the report may name a patient; then it says so, and nothing is kept.
export async function mayIdentify(pairs) {
  const hits = await hitsOf(valueOf(pairs, "report")).catch(() => []); // the server looks in any case
  const past = new Set(pairs.filter(([field]) => field === "named_nobody").flatMap(([, marks]) => marks.split(" ")));
  for (const hit of await hitsOf(form.elements.report.defaultValue).catch(() => [])) past.add(hit.mark);
  const shown = hits.filter((hit) => !hit.mark || !past.has(hit.mark));
  for (const old of document.querySelectorAll("#report-error, #report-area .finds")) old.remove();
  if (!shown.length) return false;
  const sure = shown.some((hit) => hit.severity === "refuse");
  const marks = [...new Set([...past, ...shown.map((hit) => hit.mark)])].filter(Boolean).join(" ");
  const sentences = [...new Set(shown.map((hit) => hit.sentence))];
  const notice = showNotice(sure ? "identifies" : "may-identify", { list: sure ? sentences.map(linkTo) : shown.map(lineOf) });
  const beside = noticeOf("finds", { list: shown.map(lineOf) });
  if (sure) beside.querySelector("button").remove();
  for (const button of [notice, beside].map((part) => part.querySelector("button")).filter(Boolean)) {
    button.textContent = "It names no patient: save it"; // as the server says it, and only where it is true
    button.value = marks;
    button.setAttribute("form", form.id);
    if (valueOf(pairs, "later")) button.dataset.later = "yes";
  }
  form.elements.report.before(beside);
  showError("report", sentences[0]);
  notice.focus();
  return true;
}

// A sentence that leads to the field that it is about.
const linkTo = (sentence) => element("li", {}, element("a", { href: "#report" }, sentence));

function lineOf({ words, mark, before, found, after }) {
  const kind = element("b", {}, `${words[0].toUpperCase()}${words.slice(1)}${mark ? "?" : ""}`);
  return element("li", {}, kind, " ", element("q", {}, before, element("mark", {}, found), after));
}
