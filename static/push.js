// Offers to tell somebody on this device, where the browser can, and hears of what comes while a page is open.

const offers = [...document.querySelectorAll("form[data-push-key]")];
const aside = document.getElementById("no-push");

/** Why a browser cannot, in words for its person; empty when it can. `about`: what the browser says of itself. */
function whyNot({ can, permission, isApple, isInstalled }) {
  if (!can && isApple && !isInstalled) {
    return "On an iPhone or iPad, Sonofolio can tell you once it is on your home screen: open the share menu, choose Add to Home Screen, and open it from there.";
  }
  if (!can) return "This browser cannot tell you by itself; the mail in the morning can.";
  if (permission === "denied") return "This browser was told not to show anything of Sonofolio. Its settings for this site can change that.";
  return "";
}

function about() {
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  return {
    can,
    permission: can ? Notification.permission : "default",
    isApple: /iPhone|iPad/.test(navigator.userAgent) || (navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1),
    isInstalled: navigator.standalone === true || matchMedia("(display-mode: standalone)").matches,
  };
}

function send(form, subscription, instead_of) {
  const { endpoint, keys } = subscription.toJSON();
  const values = { csrf_token: form.elements.csrf_token.value, endpoint, p256dh: keys.p256dh, auth: keys.auth };
  if (instead_of) values.instead_of = instead_of;
  const headers = { Accept: "application/json" };
  return fetch(form.action, { method: "POST", body: new URLSearchParams(values), headers, redirect: "error" });
}

async function take(form, registration) {
  const say = (sentence) => (form.querySelector("[role=status]").textContent = sentence);
  if ((await Notification.requestPermission()) !== "granted") return say(whyNot({ ...about(), permission: "denied" }));
  try {
    const wanted = { userVisibleOnly: true, applicationServerKey: form.dataset.pushKey };
    // One that was made with another key of the server's is of no use.
    const subscribe = () => registration.pushManager.subscribe(wanted);
    const renew = async () => (await (await registration.pushManager.getSubscription())?.unsubscribe(), subscribe());
    const answer = await send(form, await subscribe().catch(renew));
    if (!answer.ok || !(await answer.json()).told) throw new Error();
  } catch {
    return say("That did not work. Check the signal and try again.");
  }
  form.querySelector(".buttons").hidden = true;
  return say("This device tells you from now on.");
}

async function begin() {
  const reason = whyNot(about());
  if (reason) {
    if (aside) (aside.textContent = reason), (aside.hidden = false);
    return;
  }
  const registration = await navigator.serviceWorker.getRegistration("/");
  if (!registration) return;
  const known = await registration.pushManager.getSubscription();
  for (const form of offers) {
    // Told here already, as this very person? Then all is well, also after signing in anew; else it is offered.
    const answer = known && Notification.permission === "granted" ? await send(form, known, known.endpoint) : null;
    if (answer?.ok) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      take(form, registration).finally(() => form.removeAttribute("aria-busy"));
    });
  }
}

navigator.serviceWorker?.addEventListener("message", (event) => {
  const bell = document.getElementById("bell");
  if (event.data?.kind === "news" && bell) bell.dispatchEvent(new Event("news"));
});

if (offers.length) begin().catch(() => {});
