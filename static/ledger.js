// What should be on this phone, noted apart from where it is kept: browsers throw their databases away when room is short,
// and a student must be able to tell what is missing. Numbers and times alone, in localStorage; a worker has none, so what
// it has sent is crossed off by the next page, from the list of what arrived.
const NAME = "sonofolio-unsent";

function noted() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) || {};
  } catch {
    return {};
  }
}

function note(change) {
  try {
    const all = noted();
    change(all);
    localStorage.setItem(NAME, JSON.stringify(all));
  } catch {
    // no localStorage: a worker, or a browser that keeps nothing
  }
}

export const add = (key, person, at) => note((all) => (all[key] = { person, at }));
export const crossOff = (...keys) => note((all) => keys.forEach((key) => delete all[key]));

// What was noted, is not kept, and did not arrive: [{key, at}], of this person.
export function missing(person, entries, sent) {
  const known = new Set([...entries, ...sent].map(({ key }) => key));
  crossOff(...sent.map(({ key }) => key));
  const all = Object.entries(noted()).filter(([key, one]) => one.person === person && !known.has(key));
  return all.map(([key, { at }]) => ({ key, at }));
}
