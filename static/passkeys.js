// Passkeys: a form that makes or uses one.
//
//   <form data-passkey="use" data-options="/sign-in/passkey" ... hidden>   asks for its options with GET
//   <form data-passkey="make" data-options="/me/passkeys/options" ... hidden>   asks with POST, sending its own fields
//
// It has a field `credential` for the browser's answer, perhaps one `handle` for whom a new passkey is, and an element
// with data-says, in which is said what went wrong. Without this file, or in a browser without passkeys, it stays hidden.
// A form that may be sent without a passkey too is not hidden, only its first button is; its other one has data-plain.
// With data-autofill its passkeys are also offered in the field that has autocomplete="... webauthn".

const RENEWED = 4 * 60 * 1000; // milliseconds after which the question for autofill is asked afresh: it is good for five
const FAILED = "That did not work. Check the signal and try once more.";

/** What is said of a browser's refusal, by its name. */
export function sentenceFor(name) {
  if (name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (name === "NotAllowedError" || name === "AbortError") return "That was not finished. Try once more, or choose another way.";
  if (name === "SecurityError") return "Passkeys do not work at this address.";
  if (name === "NotSupportedError" || name === "ConstraintError") return "This device cannot keep a passkey. Choose another way.";
  return FAILED;
}

// Browsers that read and write WebAuthn as JSON need nothing more; the others get a file for it.
const speaksJson = () =>
  typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function" &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function" &&
  typeof PublicKeyCredential.prototype.toJSON === "function";

function interpreter() {
  if (window.SimpleWebAuthnBrowser) return Promise.resolve(window.SimpleWebAuthnBrowser);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("./vendor/simplewebauthn.js", import.meta.url).href;
    script.onload = () => resolve(window.SimpleWebAuthnBrowser);
    script.onerror = () => reject(new Error());
    document.head.append(script);
  });
}

async function make(optionsJSON) {
  if (!speaksJson()) return (await interpreter()).startRegistration({ optionsJSON });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(optionsJSON);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}

async function use(optionsJSON, { autofill = false, signal } = {}) {
  if (!speaksJson()) return (await interpreter()).startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(optionsJSON);
  const mediation = autofill ? "conditional" : "optional";
  return (await navigator.credentials.get({ publicKey, mediation, signal })).toJSON();
}

async function optionsOf(form) {
  const how = { headers: { Accept: "application/json" }, redirect: "error", cache: "no-store" };
  if (form.dataset.passkey === "make") Object.assign(how, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const answer = await fetch(form.dataset.options, how);
  const found = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(), { sentence: found.message ?? FAILED });
  return found;
}

function sendOff(form, credential) {
  form.elements.credential.value = JSON.stringify(credential);
  const shared = form.elements.shared;
  if (shared?.type === "hidden") shared.disabled = !document.querySelector("input[type=checkbox][name=shared]")?.checked;
  form.submit();
}

let waiting = null; // the question for autofill, which is withdrawn before another is asked

function withdraw() {
  waiting?.abort();
  waiting = null;
}

async function onSubmit(form, event) {
  if (event.submitter?.dataset.plain !== undefined) return;
  event.preventDefault();
  if (!form.reportValidity()) return;
  const says = form.querySelector("[data-says]");
  const button = form.querySelector("button");
  says.textContent = "";
  button.disabled = true;
  withdraw();
  try {
    const options = await optionsOf(form);
    if (form.elements.handle) form.elements.handle.value = options.user.id;
    sendOff(form, await (form.dataset.passkey === "make" ? make : use)(options));
  } catch (fault) {
    says.textContent = fault.sentence ?? sentenceFor(fault.name);
    button.disabled = false;
  }
}

async function offer(form) {
  const can = await PublicKeyCredential.isConditionalMediationAvailable?.();
  if (!can) return;
  const own = (waiting = new AbortController());
  const again = setTimeout(() => (own.abort(), offer(form).catch(() => {})), RENEWED);
  try {
    const options = await optionsOf(form);
    if (waiting === own) sendOff(form, await use(options, { autofill: true, signal: own.signal }));
  } catch {
    // Nobody chose one, or it was withdrawn: the button is there.
  } finally {
    if (waiting !== own) clearTimeout(again);
  }
}

function begin() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = form.querySelector("button").hidden = false;
    form.addEventListener("submit", (event) => onSubmit(form, event));
    if (form.dataset.autofill !== undefined) offer(form).catch(() => {});
  }
}

if (globalThis.PublicKeyCredential && globalThis.isSecureContext) begin();
