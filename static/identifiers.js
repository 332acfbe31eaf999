// The screen against patient-identifiable data, as rules/identifiers.py is: the same table (rules/identifiers.json),
// the same checks under the same names, and the same verdicts, which tests/browser/test_identifiers.py holds it to.
//
//   const screen = screenWith(table);
//   screen("DOB 12/03/1961")  ->  [{kind, start, end, severity, words}], in characters (code points), as Python counts.

const digitsOf = (text) => text.replace(/[^0-9]/g, "");
const lettersOf = (text) => text.replace(/[^A-Za-z]/g, "");
const MOST = 100; // matches of one pattern: the last one takes in the rest of the text
const allAlike = (text) => new Set(text).size === 1;
const isDay = (day, month) => day >= 1 && day <= 31 && month >= 1 && month <= 12;
const begins19or20 = (text) => text.startsWith("19") || text.startsWith("20");

function nhs(text) {
  const digits = digitsOf(text);
  if (digits.length !== 10 || allAlike(digits)) return false;
  const sum = [...digits.slice(0, 9)].reduce((total, digit, place) => total + digit * (10 - place), 0);
  return Number(digits[9]) === (11 - (sum % 11)) % 11;
}

function near_nhs(text) {
  const groups = text.split(/[ -]/).map((group) => group.length).join();
  return (groups === "10" || groups === "3,3,4") && !allAlike(digitsOf(text));
}

function long(text) {
  const dayLast = begins19or20(text) && isDay(text.slice(6, 8), text.slice(4, 6)) && [8, 12, 14].includes(text.length);
  const dayFirst = text.length === 8 && isDay(text.slice(0, 2), text.slice(2, 4)) && begins19or20(text.slice(4));
  return !allAlike(text) && !dayLast && !dayFirst;
}

function code(text) {
  const digits = digitsOf(text);
  return digits.length > 4 || (digits.length === 4 && !(text.trim() === digits && begins19or20(digits)));
}

function date(text) {
  if (lettersOf(text)) return true;
  const [first, second, third] = text.split(/[^0-9]+/).filter(Boolean);
  if (first.length === 4) return isDay(third, second);
  return isDay(first, second) || isDay(second, first);
}

function phone(text) {
  const digits = digitsOf(text);
  const rest = /^([+]|00)/.test(text) ? digits.replace(/^0+/, "").slice(2) : digits.replace(/^0/, "");
  return [9, 10].includes(rest.replace(/^0/, "").length);
}

function checksOf(words) {
  const nationalInsurance = (text) => {
    const prefix = text.slice(0, 2);
    return !words.never_ni.has(prefix.toUpperCase()) && (text.length === 9 || prefix === prefix.toUpperCase());
  };
  const spelt = (text) => text.toLowerCase().match(/[a-z\u00fe]+/g) || [];
  const name = (text) => !spelt(text).some((word) => words.not_names.has(word));
  const given = (text) => words.given_names.has(text.toLowerCase());
  const person = (text) => given(text) && !words.eponyms.has(text.toLowerCase());
  const owner = (text) => {
    const lower = text.toLowerCase();
    return !words.not_owners.has(lower) && !words.not_names.has(lower) && (given(text) || !words.eponyms.has(lower));
  };
  const full_name = (text) => {
    const gap = text.indexOf(" ");
    return person(text.slice(0, gap)) && name(text.slice(gap + 1));
  };
  const isShouted = (text) => text === text.toUpperCase();
  return {
    nhs,
    near_nhs,
    long,
    code,
    date,
    phone,
    chi: (text) => isDay(digitsOf(text).slice(0, 2), digitsOf(text).slice(2, 4)) && nhs(text),
    hc: (text) => digitsOf(text) >= "32" && digitsOf(text) < "40" && nhs(text),
    shape: (text) => !words.not_shapes.has(text.toLowerCase()),
    phone_abroad: (text) => digitsOf(text).length >= 10 && digitsOf(text).length <= 15,
    postcode: (text) => words.areas.has(lettersOf(text.slice(0, 2)).toUpperCase()) && !words.endings.has(text.slice(-2)),
    national_insurance: nationalInsurance,
    grouped: (text) => digitsOf(text).length > 4,
    name,
    label: (text) => name(text) && (!isShouted(text) || text.length > 4 || text.includes("\u00de")),
    given,
    person,
    full_name,
    owner,
    relative: (text) => name(text) && !isShouted(text),
    not_plate: (text) => !words.not_plates.has(text.toLowerCase().slice(-3)),
    initials: (text) => !words[text.includes(".") ? "dotted" : "not_initials"].has(lettersOf(text)),
  };
}

function patternsOf(table) {
  const whole = (look) => {
    while (look.includes("<<")) look = look.replace(/<<([a-z]+)>>/g, (_, part) => table.parts[part]);
    return look;
  };
  const looks = new Map(table.rows.map((row) => [row.look, table.rows.filter((other) => other.look === row.look)]));
  return [...looks].map(([look, rows]) => ({
    rows,
    needs: rows[0].needs || [], // words, or the name of a list of words
    digits: rows[0].digits || 0,
    run: rows[0].run || 0,
    look: new RegExp(whole(look), rows[0].exact ? "g" : "gi"),
  }));
}

// What stands for a plain character, a digit of any script too.
function plainsOf(table) {
  const plain = new Map(table.instead.flatMap(([typed, plains]) => [...typed].map((one, at) => [one, plains[at]])));
  for (const zero of table.zeros)
    for (let value = 0; value < 10; value += 1) plain.set(String.fromCodePoint(zero.codePointAt(0) + value), `${value}`);
  return plain;
}

// The plain character for one: a letter with an accent is its letter, another is a sign for letters (the capital one where it
// is a capital or has no case), and one of two code units that is neither becomes one that is no letter.
function plainOf(one, plain) {
  const known = plain.get(one);
  if (known || one < "\u0080") return known || one;
  const base = String.fromCodePoint(one.normalize("NFD").codePointAt(0));
  if (/[A-Za-z]/.test(base)) return base;
  if (/[\p{Ll}\p{Lm}\p{M}]/u.test(one)) return "\u00fe";
  if (/\p{L}/u.test(one)) return "\u00de";
  return one.length > 1 ? "\ufffd" : one;
}

function matchesOf({ look, rows }, plain, checks) {
  const found = [];
  let match;
  look.lastIndex = 0;
  while ((match = look.exec(plain))) {
    const judged = match.slice(1).find((group) => group !== undefined) ?? match[0];
    const row = rows.find((one) => !one.check || checks[one.check](judged));
    const [start, end] = [match.index, match.index + match[0].length];
    look.lastIndex = row ? end : start + 1;
    if (!row) continue;
    const last = found.length + 1 === MOST;
    const stop = last && row.severity !== "pass" ? plain.length : end;
    found.push({ kind: row.kind, start, end: stop, severity: row.severity, words: row.words });
    if (last) break;
  }
  return found;
}

// Of `hits`, in order, those that lie in no match to be passed: a likely one in any, a sure one in one of its kind.
function notPassed(hits) {
  const passed = hits.filter((hit) => hit.severity === "pass");
  const ends = {}; // kind -> where what is passed ends, of what has begun
  let at = 0;
  return hits.filter((hit) => {
    for (; at < passed.length && passed[at].start <= hit.start; at += 1)
      ends[passed[at].kind] = Math.max(passed[at].end, ends[passed[at].kind] || 0);
    const end = hit.severity === "refuse" ? ends[hit.kind] || 0 : Math.max(0, ...Object.values(ends));
    return hit.severity !== "pass" && end < hit.end;
  });
}

// Of `hits`, in order, those that overlap no earlier one that is kept, and none of `others`, which lie apart.
function apart(hits, others) {
  const kept = [];
  let [ends, at] = [0, 0];
  for (const hit of hits) {
    while (at < others.length && others[at].end <= hit.start) at += 1;
    if (hit.start < ends || (at < others.length && others[at].start < hit.end)) continue;
    kept.push(hit);
    ends = hit.end;
  }
  return kept;
}

// Of matches that overlap one is kept: a sure one before a likely one, then the first.
function withoutOverlaps(matches) {
  const sorted = notPassed(matches.sort((one, other) => one.start - other.start || other.end - one.end));
  const sure = apart(sorted.filter((hit) => hit.severity === "refuse"), []);
  const likely = apart(sorted.filter((hit) => hit.severity === "warn"), sure);
  return [...sure, ...likely].sort((one, other) => one.start - other.start);
}

export function screenWith(table) {
  const [plain, unseen] = [plainsOf(table), new Set(table.unseen)];
  const words = Object.fromEntries(Object.entries(table.words).map(([name, all]) => [name, new Set(all.split(" "))]));
  const [checks, patterns] = [checksOf(words), patternsOf(table)];
  const hitsOf = (text) => {
    const letters = Array.from(text);
    if (letters.some((one) => unseen.has(one))) {
      const seen = [...letters.keys()].filter((at) => !unseen.has(letters[at]));
      const hits = hitsOf(seen.map((at) => letters[at]).join(""));
      return hits.map((hit) => ({ ...hit, start: seen[hit.start], end: seen[hit.end - 1] + 1 }));
    }
    const line = letters.map((one) => plainOf(one, plain)).join("");
    const lower = line.toLowerCase();
    const runs = (line.match(/[0-9]+/g) || []).map((digits) => digits.length);
    const [digits, run] = [runs.reduce((all, one) => all + one, 0), runs.reduce((most, one) => Math.max(most, one), 0)];
    const spelt = new Set(lower.match(/[a-z\u00fe]+/g));
    const stands = (needs) => {
      if (typeof needs === "string") return [...spelt].some((word) => words[needs].has(word));
      return !needs.length || needs.some((word) => lower.includes(word));
    };
    const searched = patterns.filter((one) => digits >= one.digits && run >= one.run && stands(one.needs));
    return withoutOverlaps(searched.flatMap((pattern) => matchesOf(pattern, line, checks)));
  };
  return hitsOf;
}

export function sentenceOf(hit) {
  if (hit.severity === "refuse") return `This looks like ${hit.words}. Take it out: nothing in a scan may identify the patient.`;
  return `This may be ${hit.words}. If it is a patient's, take it out.`;
}
