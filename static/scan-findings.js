// What can be tapped for a region, as the other taps change: one chip, or one for each side in a scan of both; the sizes of
// what is chosen; and which structures *All normal* stands for. The server draws the same (templates/scans/_findings.html).
import { element } from "./elements.js";

const SIDES = ["left", "right"];
const form = document.getElementById("scan-form");
const piece = () => document.getElementById("findings");
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const chosen = (name) => form.querySelector(`input[name=${name}]:checked`)?.value ?? "";
const several = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((one) => one.value);
const part = (text) => (text.includes("|") ? text.split("|").map((one) => one.trim()) : ["", text.trim()]);
const structureOf = (text) => part(text)[1].split(":")[0].trim();
const listed = (names) => [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");

let before = ""; // the side that the taps were of
const other = new Map(); // what was said of the side that is not shown: name=value -> sides
const typed = new Map(); // name of a size -> what was typed

// `side`: as the page opened.
export function beginFindings(side) {
  before = side;
  refresh();
}

// After any tap, and after the findings were drawn.
export function refresh() {
  if (!piece().dataset.region) return;
  divide(chosen("side"));
  showWhatIsThere();
  showSizes();
  showClaims();
  showProcedures();
}

// --- One chip, or one for each side --------------------------------------------------------------------------------

function divide(side) {
  const both = side === "both";
  if ((piece().dataset.sides === "both") !== both) {
    for (const pick of [...piece().querySelectorAll(both ? ".pick" : ".sides")]) {
      if (both && pick.querySelector("input[name=finding], input[name=normal]")) pick.replaceWith(inTwo(pick));
      else if (!both) pick.replaceWith(inOne(pick, side));
    }
    for (const field of [...piece().querySelectorAll(".not-seen")]) {
      if (!field.isConnected) continue;
      if (both) limitsInTwo(field);
      else limitsInOne(field, side);
    }
    piece().dataset.sides = both ? "both" : "one";
  }
  before = side;
}

function inTwo(pick) {
  const input = pick.querySelector("input");
  const label = input.nextElementSibling.textContent;
  const key = `${input.name}=${input.value}`;
  const on = new Set(other.get(key));
  if (input.checked) for (const side of SIDES.includes(before) ? [before] : SIDES) on.add(side);
  const row = element("div", { className: "sides" }, element("span", { className: "what" }, label));
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", label);
  row.dataset.value = input.value;
  for (const side of SIDES) {
    const one = pick.cloneNode(true);
    const box = one.querySelector("input");
    box.value = `${side} | ${input.value}`;
    if (side === "right") box.id += "-right";
    box.checked = on.has(side);
    box.setAttribute("aria-label", `${label}, ${side}`);
    box.nextElementSibling.textContent = capital(side);
    row.append(one);
  }
  return row;
}

function inOne(row, side) {
  const boxes = [...row.querySelectorAll("input")];
  const of = boxes.filter((box) => box.checked).map((box) => part(box.value)[0]);
  const key = `${boxes[0].name}=${row.dataset.value}`;
  other.set(key, of.filter((one) => one && one !== side));
  const pick = boxes[0].closest(".pick");
  const box = pick.querySelector("input");
  box.value = row.dataset.value;
  box.checked = of.some((one) => !one || one === side || !side);
  box.removeAttribute("aria-label");
  box.nextElementSibling.textContent = row.querySelector(".what").textContent;
  return pick;
}

function limitsInTwo(field) {
  const limitation = part(field.querySelector("select").value)[1];
  for (const side of SIDES) {
    const one = field.cloneNode(true);
    const select = one.querySelector("select");
    for (const option of select.options) option.value = option.value && `${side} | ${option.value}`;
    one.querySelector("label").htmlFor = select.id += `-${side}`;
    one.querySelector(".side").textContent = `, ${side}`;
    select.value = limitation && (before === side || !before) ? `${side} | ${limitation}` : "";
    field.before(one);
  }
  field.remove();
}

function limitsInOne(field, side) {
  const pair = [...field.parentElement.querySelectorAll(".not-seen")];
  if (pair.length < 2) return;
  const kept = pair[side === "right" ? 1 : 0];
  const select = kept.querySelector("select");
  const limitation = part(select.value)[1];
  for (const option of select.options) option.value = part(option.value)[1];
  kept.querySelector("label").htmlFor = select.id = `not_seen-${select.dataset.structure}`;
  kept.querySelector(".side").textContent = "";
  select.value = limitation;
  for (const one of pair) if (one !== kept) one.remove();
}

// After an operation some structures are gone, and what was put in has findings of its own.
function showWhatIsThere() {
  const modifiers = several("modifier");
  const isAfter = (words) => words.split("|").some((word) => modifiers.includes(word));
  for (const box of piece().querySelectorAll("[data-after]")) box.toggleAttribute("data-hidden", !isAfter(box.dataset.after));
  for (const box of piece().querySelectorAll("[data-not-after]")) box.toggleAttribute("data-hidden", isAfter(box.dataset.notAfter));
  for (const fold of piece().querySelectorAll("[data-gone-after]")) {
    fold.hidden = isAfter(fold.dataset.goneAfter) && !fold.querySelector("input:checked");
  }
}

// --- Sizes and grades of what is chosen ----------------------------------------------------------------------------

function showSizes() {
  const panel = document.getElementById("sizes");
  const wanted = [...piece().querySelectorAll("input[name=finding][data-measures]:checked")];
  const rows = new Map([...panel.querySelectorAll("fieldset")].map((row) => [row.dataset.pair, row]));
  for (const field of panel.querySelectorAll("fieldset :is(input, select)")) typed.set(field.name, field.value);
  for (const [pair, row] of rows) if (!wanted.some((box) => box.value === pair)) row.remove();
  for (const box of wanted) if (!rows.has(box.value)) panel.append(sizesOf(box, panel));
  panel.hidden = !wanted.length;
}

function sizesOf(box, panel) {
  const [side] = part(box.value);
  const label = box.closest(".sides")?.querySelector(".what").textContent ?? box.dataset.alone ?? box.nextElementSibling.textContent;
  const row = element("fieldset", {}, element("legend", {}, (box.dataset.alone || label) + (side && ` (${side})`)));
  row.dataset.pair = box.value;
  for (const measure of box.dataset.measures.split("|")) {
    const field = panel.querySelector(`template[data-measure="${measure}"]`).content.cloneNode(true);
    const control = field.querySelector("input, select");
    control.name = `measured.${box.value} | ${measure}`;
    control.id = `size-${crypto.randomUUID()}`;
    control.value = typed.get(control.name) ?? "";
    field.querySelector("label").htmlFor = control.id;
    row.append(field);
  }
  return row;
}

// --- The guided procedures of the region ---------------------------------------------------------------------------

let proceduresOf = piece().dataset.region;
const lists = new Map(); // region -> what was offered there, and what was chosen: it comes back with its region

function showProcedures() {
  const { region, procedures } = piece().dataset;
  const { procedure } = form.elements;
  if (!procedure || !procedures) return;
  if (region !== proceduresOf) {
    lists.set(proceduresOf, [[...procedure.options], procedure.value]);
    const [options, value] = lists.get(region) ?? [offered(JSON.parse(procedures), procedure.options[0].text), procedure.value];
    procedure.replaceChildren(...options);
    procedure.value = options.some((one) => one.value === value) ? value : "";
    proceduresOf = region;
  }
  if (!procedure.value) for (const part of form.querySelectorAll("input[name=procedure_role]")) part.checked = false;
}

const offered = (procedures, none) => [["", none], ...procedures].map(([value, label]) => new Option(label, value));

// --- What *All normal* stands for ----------------------------------------------------------------------------------

function showClaims() {
  const place = document.getElementById("claims");
  const claims = JSON.parse(place.dataset.claims);
  const [protocol, modifiers, indication] = [chosen("protocol"), several("modifier"), chosen("indication")];
  const named = protocol === "focused" ? claims.for[indication] : null;
  const list = protocol === "full" ? claims.full : named?.length ? named : claims.short;
  const found = several("finding").map(structureOf);
  const spoken = piece().dataset.sides === "both" ? [] : [...found, ...[...piece().querySelectorAll("select[name=not_seen]")].map((one) => structureOf(one.value))];
  const claimed = list.filter((one) => !claims.gone[one]?.some((word) => modifiers.includes(word)) && !spoken.includes(one));
  const says = piece().dataset.sides === "both" && found.length ? "Says normal, where nothing else is chosen" : "Says normal";
  place.textContent = claimed.length ? `${says}: ${listed(claimed.map((one) => claims.names[one]))}` : "";
  const all = document.getElementById("normal");
  const label = all.closest(".sides")?.querySelector(".what") ?? all.nextElementSibling;
  label.textContent = found.length ? "The rest normal" : "All normal";
}
