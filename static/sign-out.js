// Signing out: what is only here stays here, sealed, until the same person signs in again. That is said before, and they choose.
import { formatScans } from "./formats.js";
import { dropApprovals } from "./outbox.js";
import { forgetOwner } from "./phone-owner.js";
import { allScans } from "./scan-queue.js";

const person = Number(document.body.dataset.person);

// Sends the form that signs out; forgets before what this phone keeps of its owner.
export async function signOut(form) {
  const unsent = (await allScans().catch(() => [])).filter((entry) => entry.person === person).length;
  if (unsent && !(await agreed(unsent))) return;
  await Promise.allSettled([forgetOwner(), dropApprovals(null)]);
  HTMLFormElement.prototype.submit.call(form);
}

function agreed(unsent) {
  const dialog = document.getElementById("signing-out");
  dialog.querySelector("h2").textContent = `${formatScans(unsent)} ${unsent === 1 ? "is" : "are"} only on this phone`;
  dialog.returnValue = "";
  for (const button of dialog.querySelectorAll("button")) button.onclick = () => dialog.close(button.value);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
