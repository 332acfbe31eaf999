// On every page, when nobody waits for anything: makes this the phone of who is signed in, says what is not sent yet and
// sends it. It guards signing out from the start.
// Without it, and without a service worker, everything works that needs no phone to remember anything.
import { whenIdle } from "./app.js";

document.addEventListener("submit", guardSigningOut, true); // before anything else hears of it

function guardSigningOut(event) {
  const form = event.target;
  if (!form.matches("[data-signs-out]")) return;
  event.preventDefault();
  const leave = () => HTMLFormElement.prototype.submit.call(form);
  import("./sign-out.js").then(({ signOut }) => signOut(leave), leave);
}

async function begin() {
  await whenIdle();
  const [{ beginSending, sendNow }, { beginPhone }] = await Promise.all([import("./unsent-strip.js"), import("./phone-setup.js")]);
  beginSending();
  await beginPhone().catch(() => {}); // no storage, or no worker: then nothing is kept, and the form says so
  await sendNow();
}

begin().catch(() => {}); // what cannot be loaded is tried again by the next page
