// What the service worker does with a push message: says it once, to the right person, and opens the right page.
// `listenForPush(self)` adds the listeners; the rest decides, and is tried by tests/js/push.test.mjs.

const NEUTRAL = { title: "Something is new in Sonofolio", body: "", open: "/", tag: "neutral" };
const PATIENCE = 8000; // milliseconds for our own server

/** The message in a push event's data, or null when it is none of ours. */
export function readMessage(data) {
  try {
    const message = data.json();
    const whole = message && typeof message.title === "string" && typeof message.open === "string";
    return whole && /^\/(?![\/\\])/.test(message.open) ? message : null; // a browser takes a backslash for a slash
  } catch {
    return null;
  }
}

/** Whether the person who is signed in here is the one the message is for. `phone`: what GET /phone answered. */
export function isFor(message, phone) {
  const person = phone?.person?.id ?? phone?.person;
  return person != null && message?.person != null && String(person) === String(message.person);
}

/** What is shown: a neutral line to anybody but the person it is for. */
export function notificationOf(message, phone) {
  if (!message || !isFor(message, phone)) {
    return { title: NEUTRAL.title, options: optionsOf(NEUTRAL, { open: NEUTRAL.open }) };
  }
  const data = { open: message.open, person: message.person, scan: message.scan ?? null };
  const actions = message.review ? [{ action: "approve", title: "Approve" }, { action: "review", title: "Review" }] : [];
  return { title: message.title, options: { ...optionsOf(message, data), actions } };
}

function optionsOf({ body, tag }, data) {
  return { body, tag, data, lang: "en-GB", renotify: true, icon: "/static/icons/icon-192.png" };
}

/** Whether somebody is looking at what it is about: the page that it would open, or the list that it is in. */
export function isLookedAt(message, windows) {
  const pages = [message.open, "/news", ...(message.tag === "waits" ? ["/inbox"] : [])];
  return windows.some((one) => one.focused && one.visibilityState === "visible" && pages.includes(new URL(one.url).pathname));
}

/** What a press does: {open} a page, or {approve} or {undo} the scan that was shown whole. */
export function actionOf(action, data) {
  if (action === "approve" && data?.scan) return { approve: data.scan };
  if (action === "undo" && data?.scan) return { undo: data.scan };
  return { open: data?.open ?? "/" };
}

/** Whether an answer is our own (static/responses.js), about that scan in one of these states: nothing else is taken for a success. */
export function isDone(answer, body, scan, states) {
  return answer.headers.get("Sonofolio-Answer") === scan.id && answer.ok && !answer.redirected && body?.id === scan.id && [].concat(states).includes(body.state);
}

/** A form as it is posted. */
export function formOf(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value != null));
}

// `dropHidden`: what is done with the scans whose text was hidden, of which GET /phone tells.
export function listenForPush(worker, dropHidden = async () => {}) {
  const ask = async (path, options = {}) => {
    const headers = { Accept: "application/json", ...options.headers };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await worker.fetch(path, { credentials: "same-origin", redirect: "error", ...options, headers, signal });
    return { answer, body: await answer.json() };
  };
  const phone = () => ask("/phone").then(({ answer, body }) => (answer.ok ? body : null)).catch(() => null);
  const askWhoIsHere = async () => {
    const here = await phone();
    await dropHidden(here?.hidden).catch(() => {});
    return here;
  };
  const post = (path, values, csrf, more) =>
    ask(path, { method: "POST", body: formOf(values), headers: { "X-CSRFToken": csrf, ...more } });
  const windows = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true });

  const recount = (pages) => pages.forEach((one) => one.postMessage({ kind: "news" })); // the bell of an open page

  async function show(event) {
    const message = readMessage(event.data);
    const here = await askWhoIsHere();
    const { title, options } = notificationOf(message, here);
    const open = await windows();
    recount(open);
    if (!isFor(message, here)) return worker.registration.showNotification(title, options);
    if (message.badge != null) await worker.navigator?.setAppBadge?.(message.badge).catch(() => {});
    if (!isLookedAt(message, open)) return worker.registration.showNotification(title, options);
    // A browser wants something shown for every message; who looks at the page needs it no longer than that.
    await worker.registration.showNotification(title, { ...options, silent: true, renotify: false });
    for (const one of await worker.registration.getNotifications({ tag: options.tag })) one.close();
  }

  async function openPage(path) {
    const url = new URL(path, worker.location.origin).href;
    const open = await windows();
    const there = open.find((one) => one.url === url) ?? open.find((one) => one.visibilityState === "visible");
    if (!there) return worker.clients.openWindow(url);
    if (there.url !== url) await there.navigate(url).catch(() => worker.clients.openWindow(url));
    return there.focus().catch(() => {});
  }

  async function sendApproval(verb, { scan, open, person }) {
    // Held: approved, and it counts once the course has confirmed its mentor.
    const wanted = verb === "approve" ? ["counted", "held"] : "with_mentor";
    const path = `/scans/${scan.id}/approval${verb === "undo" ? "/undo" : ""}`;
    try {
      const here = await phone();
      if (!isFor({ person }, here)) return openPage(open);
      // An undo names the step on which the approval was made: it was all that was shown.
      const seen = { version: scan.version, step: scan.step };
      const { answer, body } = await post(path, seen, here.csrf, { "Sonofolio-About": scan.id });
      if (!isDone(answer, body, scan, wanted)) return openPage(open);
    } catch {
      return openPage(open);
    }
    recount(await windows());
    const notification = { tag: "waits", data: { open: "/inbox", person, scan }, lang: "en-GB", silent: true };
    if (verb === "undo") return worker.registration.showNotification("Undone. It waits for you again.", notification);
    return worker.registration.showNotification("Approved", { ...notification, actions: [{ action: "undo", title: "Undo" }] });
  }

  function press(event) {
    event.notification.close();
    const data = event.notification.data ?? {};
    const action = actionOf(event.action, data);
    if (action.open) return openPage(action.open);
    return sendApproval(action.approve ? "approve" : "undo", data);
  }

  // The browser has another address now: told to the server if the old one was this person's.
  async function renew(event) {
    const before = event.oldSubscription;
    const options = before?.options && { userVisibleOnly: true, applicationServerKey: before.options.applicationServerKey };
    const now = event.newSubscription ?? (options && (await worker.registration.pushManager.subscribe(options)));
    const here = await phone();
    if (!before || !now || !here) return;
    const { endpoint, keys } = now.toJSON();
    await post("/me/push", { endpoint, p256dh: keys.p256dh, auth: keys.auth, instead_of: before.endpoint }, here.csrf);
  }

  worker.addEventListener("push", (event) => event.waitUntil(show(event)));
  worker.addEventListener("notificationclick", (event) => event.waitUntil(press(event)));
  worker.addEventListener("notificationclose", (event) => event.waitUntil(windows().then(recount)));
  worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event).catch(() => {})));
}
