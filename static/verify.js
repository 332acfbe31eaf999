// Reads a portfolio's PDF on this device: its SHA-256, its size, whether it has an end, and the code that it carries. The
// page is then asked by these alone; the file goes nowhere.

const MOST = 100 * 1024 * 1024; // bytes; no edition comes near it
const END_WITHIN = 64; // bytes from the end of the file in which a PDF ends
const CODE = /(?:Sonofolio edition |Edition \d{1,6}, [\w ]{1,60}, code )([0-9A-HJKMNP-TV-Z]{5})(?:-|\\055)([0-9A-HJKMNP-TV-Z]{5})/;

// The code in a PDF's keywords or description; empty where none can be read. Text of two bytes a letter has NULs in between.
export function codeIn(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const found = CODE.exec(text) ?? (text.includes("\0") ? CODE.exec(text.replaceAll("\0", "")) : null);
  return found ? `${found[1]}-${found[2]}` : "";
}

// Whether the file has the end that a PDF has.
export function hasEnd(bytes) {
  return new TextDecoder("latin1").decode(bytes.subarray(-END_WITHIN)).includes("%%EOF");
}

export async function factsOf(buffer) {
  const bytes = new Uint8Array(buffer);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  const sha256 = Array.from(digest, (one) => one.toString(16).padStart(2, "0")).join("");
  return { sha256, inside: codeIn(bytes), size: bytes.length, ended: hasEnd(bytes) ? "yes" : "no" };
}

function begin(section) {
  const [input, says] = [section.querySelector("input"), section.querySelector("[data-says]")];
  section.hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    if (file.size > MOST) {
      says.textContent = "This file is larger than any portfolio that is made here.";
      return;
    }
    says.textContent = "Reading the file on this device…";
    try {
      const facts = await factsOf(await file.arrayBuffer());
      const code = document.getElementById("code").value.trim();
      location.assign(`/verify?${new URLSearchParams({ ...(code && { code }), ...facts })}`);
    } catch {
      says.textContent = "The file cannot be read. Choose it again.";
    }
  });
}

// Without a secure connection a browser has no SHA-256: then the page asks for a typed one alone.
const section = globalThis.document?.querySelector("[data-file]");
if (section && globalThis.crypto?.subtle) begin(section);
