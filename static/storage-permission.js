// Whether the browser keeps what waits on this device, or may throw it away when space runs short. It is asked to keep
// it at a moment when the person sees why: Sonofolio was installed, or a scan was stored here. Never when a page opens.

// Whether it keeps it; null when this browser does not say.
export const isPersisted = async () => (await navigator.storage?.persisted?.().catch(() => null)) ?? null;

// Asks it to; answers whether it does. Asked again it says the same, and some browsers ask the person.
export async function askToPersist() {
  if ((await isPersisted()) !== false) return true;
  return navigator.storage.persist().catch(() => false);
}
