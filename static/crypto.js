// Encryption of what a phone keeps (AES-GCM, 256 bits). The key comes from the server with each sign-in, is forgotten with
// the sign-out, and cannot be read back out of the browser.

export function importKey(hex) {
  const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

// `value`: anything that JSON can hold.
export async function seal(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, data) };
}

// Throws when it was sealed with another key, or altered.
export async function unseal(key, { iv, data }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data)));
}

// What is sealed, to text and back: localStorage keeps nothing else.
export const toText = ({ iv, data }) => btoa(String.fromCharCode(...iv, ...new Uint8Array(data)));

export function fromText(text) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  return { iv: bytes.slice(0, 12), data: bytes.slice(12) };
}

export const toHex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");

// Stands for a scan's id where nobody may read it: the id is random, so it cannot be guessed from its digest.
export async function digestOf(text) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)), 0, 16));
}
