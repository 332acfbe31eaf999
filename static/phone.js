// On every page: makes this the phone of who is signed in, says what is not sent yet, sends it, and guards signing out. The log
// form loads it when nobody waits for a tap.
// Without it, and without a service worker, everything works that needs no phone to remember anything.
import { beginPhone } from "./phone-setup.js";
import { signOut } from "./sign-out.js";
import { beginSending, sendNow } from "./unsent-strip.js";

for (const form of document.querySelectorAll("form[data-signs-out]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signOut(form);
  });
}

beginSending();
beginPhone()
  .catch(() => {}) // no storage, or no worker: then nothing is kept, and the form says so
  .then(sendNow);
