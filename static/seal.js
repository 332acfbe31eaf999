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
