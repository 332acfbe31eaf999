// Sentences to the person: over the tabs, on top of the page, or to a screen reader alone.
import { element } from "./elements.js";

// Over the tabs, for ten seconds: what is well, and nobody needs to do anything about.
export function toast(sentence) {
  const line = element("p", { className: "toast" }, sentence);
  document.getElementById("notice").append(line);
  setTimeout(() => line.remove(), 10_000);
}

// On top of the page, with a link, until it is left: what nobody may miss. What has an `id` is shown once.
export function showNotice(sentence, href, label, id = "") {
  if (id && document.getElementById(id)) return;
  const line = element("div", { className: "notice told moved", id });
  line.setAttribute("role", "status");
  document.getElementById("main").prepend(line);
  setTimeout(() => line.classList.remove("moved"), 500); // until then nothing takes a tap that was meant for what lay here
  const link = element("a", { className: "button ghost", href }, label);
  requestAnimationFrame(() => line.append(element("span", {}, sentence), link)); // into a live region that is there already
}

// To a screen reader alone, where the page has a place for it (the inbox).
export function announce(sentence) {
  const region = document.getElementById("said");
  if (region) region.textContent = sentence;
}
