// How Sonofolio comes to a home screen or a desktop, by what the browser is. Pure (tests/js).

// Browsers inside other programs: they cannot install anything. On iOS they call themselves by name, or are no Safari.
const INSIDE = /FBAN|FBAV|Instagram|LinkedInApp|Twitter|Snapchat|MicroMessenger|Line\/|GSA\/|TeamsMobile|; wv\)/;

// [way, sure]: the part of templates/pwa/_install.html that says how, and whether that works here for certain. What is
// not certain is said on the person's own page alone. `prompt`: the browser has offered its own; `touch`: fingers that
// the screen knows, by which an iPad that says it is a Mac is told.
export function installMethodOf({ agent, touch = 0, standalone = false, prompt = false }) {
  if (standalone) return ["installed", false];
  if (prompt) return ["prompt", true];
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touch > 1)) {
    return INSIDE.test(agent) || !/Safari\//.test(agent) ? ["ios-inside", true] : ["ios", true];
  }
  if (/Android/.test(agent)) {
    if (INSIDE.test(agent)) return ["android-inside", true];
    return ["menu", /Firefox\//.test(agent)];
  }
  const safari = /Macintosh.* Version\/(\d+).* Safari\//.exec(agent);
  if (safari && Number(safari[1]) >= 17) return ["dock", true];
  return [/Chrome\//.test(agent) ? "address-bar" : "bookmark", false];
}
