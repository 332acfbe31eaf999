// What the log form says by itself: a notice on top of it, or an error beside a field, as the server writes them
// (templates/scans/_notices.html).
import { element } from "./elements.js";

const form = document.getElementById("scan-form");

// A copy of one of the notices of the page, by its class; `parts` are put into what has that class in it.
export function noticeOf(look, parts = {}) {
  const notice = document.getElementById("form-notices").content.querySelector(`.${look}`).cloneNode(true);
  for (const [where, what] of Object.entries(parts)) notice.querySelector(`.${where}`).replaceChildren(...[what].flat());
  return notice;
}

// The notice on top of the form, in place of the one before; null for none. A page that an older release kept on the phone
// has these ids and classes too.
export function showNotice(look, parts) {
  const notice = look && noticeOf(look, parts);
  document.getElementById("form-said").replaceChildren(...[notice].filter(Boolean));
  return notice;
}

// Shows a field's error and opens the folds around it. Returns the control, to be focused.
export function showError(field, sentence) {
  const control = form.elements[field];
  const first = control?.length && !control.options ? control[0] : control;
  if (!first?.closest) return first;
  document.getElementById(`${field}-error`)?.remove();
  const line = element("p", { className: "error", id: `${field}-error` }, sentence);
  const group = first.closest(".field, .group");
  group.querySelector(".hint, .tiles, .segments, .chips, input, select, textarea")?.before(line);
  first.setAttribute("aria-invalid", "true");
  for (let fold = first.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  return first;
}
