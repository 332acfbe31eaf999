// Sealing what a phone keeps (AES-GCM, 256 bits): without the person's key, which is gone when they sign out, it says
// nothing to anybody. The key comes from the server with each sign-in and cannot be read back out of the browser.

export function keyOf(hex) {
  const bytes = Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

// `value` is whatever JSON can say.
export async function seal(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, data) };
}

// Throws when it was sealed with another key, or altered.
export async function unseal(key, { iv, data }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data)));
}

// What is sealed, as a text and back: localStorage keeps nothing else.
export const packed = ({ iv, data }) => btoa(String.fromCharCode(...iv, ...new Uint8Array(data)));

export function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  return { iv: bytes.slice(0, 12), data: bytes.slice(12) };
}

// Stands for a scan's id where nobody is to read it: an id is random, so nobody can guess it from this.
export async function digestOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest, 0, 16)].map((one) => one.toString(16).padStart(2, "0")).join("");
}
