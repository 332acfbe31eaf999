// The inbox by keyboard, and ticking all that is normal of a student. Without this file the links and buttons do the same.
//
// J and K go to the next and the previous scan, A approves, R opens the review, U undoes what was just approved. The keys
// can be switched off on the page, since a single letter is easily said or pressed by mistake (WCAG 2.1.4).
const OFF = "inbox-keys-off";
const keys = document.getElementById("keys");

const cards = () => [...document.querySelectorAll("article.scan")].filter((card) => card.querySelector("[data-tap=approve]"));
const current = () => document.activeElement?.closest("article.scan") ?? null;

function go(by) {
  const all = [...document.querySelectorAll("article.scan")];
  const waiting = cards();
  const at = all.indexOf(current());
  const next = by > 0 ? waiting.find((card) => all.indexOf(card) > at) : waiting.findLast((card) => at < 0 || all.indexOf(card) < at);
  const heading = next?.querySelector("h4");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const press = {
  j: () => go(1),
  k: () => go(-1),
  a: () => current()?.querySelector("[data-tap=approve] button")?.click(),
  r: () => [...(current()?.querySelectorAll("footer a.button") ?? [])].at(-1)?.click(),
  u: () => document.querySelector(".on-its-way:not([hidden]) button, #undo")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (!keys || !on || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  const wanted = press[event.key.toLowerCase()];
  if (!wanted) return;
  event.preventDefault();
  wanted();
});

const saved = () => {
  try {
    return localStorage;
  } catch {
    return null; // a browser that keeps nothing
  }
};

let on = saved()?.getItem(OFF) !== "yes";
const show = () => keys && (keys.textContent = on ? "Switch the keys off" : "Switch the keys on");
show();
keys?.addEventListener("click", () => {
  on = !on;
  saved()?.setItem(OFF, on ? "no" : "yes");
  show();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-select-normal]");
  if (!link) return;
  event.preventDefault();
  const boxes = link.closest(".student").querySelectorAll("input[data-normal]");
  const all = [...boxes].every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});
