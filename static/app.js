// What a page of Sonofolio does in the browser beyond htmx. Every page works without this file. It imports nothing, so that a
// page takes taps as soon as it is here.

document.documentElement.classList.add("js");

// An element with data-expires="10" leaves after so many seconds (a toast's Undo). It waits while the focus is in it.
function expire(element) {
  if (element.dataset.expiring) return;
  element.dataset.expiring = "yes";
  const leave = () => {
    if (element.matches(":focus-within")) setTimeout(leave, 2000);
    else element.remove();
  };
  setTimeout(leave, Number(element.dataset.expires) * 1000);
}

function expireWithin(root) {
  if (root.matches("[data-expires]")) expire(root);
  root.querySelectorAll("[data-expires]").forEach(expire);
}

expireWithin(document.body);
document.addEventListener("htmx:load", (event) => expireWithin(event.detail.elt));
document.addEventListener("htmx:oobAfterSwap", (event) => expireWithin(event.detail.target));

// Over the tabs, in place of what stands there, until the next one: what did not work.
function warn(sentence) {
  const line = Object.assign(document.createElement("p"), { className: "toast bad", textContent: sentence });
  document.getElementById("notice").replaceChildren(line);
}

const UNREACHED = "That did not reach Sonofolio. Check the signal and try again.";

// Only an answer of our own server is shown (static/responses.js), never the page of a guest network or a gateway. The
// findings of a region come out of this phone without the mark, and are known by what they are.
document.addEventListener("htmx:configRequest", (event) => (event.detail.headers["Sonofolio-About"] = "page"));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, target } = event.detail;
  const ours = xhr.getResponseHeader("Sonofolio-Answer") === "page";
  if (ours || (target.id === "findings" && xhr.responseText.includes('id="findings"'))) return;
  event.preventDefault();
  if (!byItself(event)) warn(UNREACHED);
});

// Our own refusals say where they belong (HX-Retarget), so they are shown whatever their status; a proxy's page is not.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// What a page asks by itself is asked only while somebody looks at it, and nobody is told when it does not answer: nor
// of what its own script tells in its place (data-quiet).
const every = (event) => event.detail.elt.matches("[hx-trigger^='every']");
// ... nor when a card looks again, or counters count afresh.
const again = (event) => event.detail.elt.matches("[hx-get][hx-trigger^='load'], [hx-trigger^='focus']");
const byItself = (event) => every(event) || again(event) || event.detail.elt.closest("[data-quiet]") !== null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (every(event) && document.hidden) event.preventDefault();
});

document.addEventListener("htmx:sendError", (event) => byItself(event) || warn(UNREACHED));
document.addEventListener("htmx:timeout", (event) => byItself(event) || warn(UNREACHED));
document.addEventListener("htmx:responseError", (event) => {
  if (byItself(event)) return;
  const answer = event.detail.xhr;
  if (answer.status >= 500) warn(UNREACHED);
  else warn("Sonofolio could not do that. Reload the page and try again.");
});

// A piece that is swapped by its differences leaves alone what a person is typing, and what they have folded open.
document.addEventListener("DOMContentLoaded", () => {
  if (!window.Idiomorph) return;
  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details"));
});

// A plain form is sent once: a second press while the first is on its way does nothing. No control is disabled, so no
// value is lost, and a form whose answer is a download is free again after some seconds.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  setTimeout(() => form.removeAttribute("aria-busy"), 8000);
});

// Coming back by the back button shows the page as it was left, busy mark included.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"));
});
