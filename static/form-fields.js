// What stands in a form, as a list of pairs, and a form that shows such a list again.

// [[name, value], ...] as the form would send them, in its order.
export const pairsOf = (form, submitter) => [...new FormData(form, submitter)].map(([name, value]) => [name, String(value)]);

// Shows these pairs in place of what stands there. A hidden field takes its value; what the form has no field for is left.
// `only`: names of fields; the others stay as they are.
export function fill(form, pairs, only = null) {
  const wanted = new Map();
  for (const [name, value] of pairs) wanted.set(name, [...(wanted.get(name) || []), value]);
  for (const field of form.elements) {
    if (!field.name || field.name === "csrf_token" || field.name === "kept_for") continue;
    if (only && !only.includes(field.name)) continue;
    const values = wanted.get(field.name) || [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (field.name === "not_seen") field.value = values.find((one) => [...field.options].some(({ value }) => value === one)) ?? "";
    else if (field.matches("input, textarea, select") && values.length) {
      field.value = values[0];
      if (field.name === "procedure" && field.value !== values[0]) field.add(new Option(values[0], values[0], true, true));
    }
  }
  for (const fold of form.querySelectorAll("details.structures, details.structures details")) {
    if (fold.querySelector("input:checked")) fold.open = true;
  }
}

export const valueOf = (pairs, name) => pairs.find(([known]) => known === name)?.[1] ?? "";

// Under which a scan stands in the queue: its number, or number@version of a correction.
export const scanKeyOf = (pairs) => [valueOf(pairs, "scan_id"), valueOf(pairs, "version")].filter(Boolean).join("@");
