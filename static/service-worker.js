// Answers when the network does not. serve() is called with what belongs to this release by blueprints/pwa/worker.py.
//
// The network comes first for every page; only the log form is not waited for long. What opens without it: the static
// files, by content; the list of what is on this phone; and the person's own log form, sealed, which is kept in no cache.
import { seal, unseal } from "./crypto.js";
import { dropHidden } from "./hidden.js";
import { send } from "./outbox.js";
import { dropHiddenWith, lockOwner, owner, saveOwner, unlockedOwner } from "./phone-owner.js";
import "./scan-queue.js"; // of what waits, the worker sends scans
import { read, write } from "./store.js";
import { listenForPush } from "./worker/push.js";

const FORM = "/scans/new";
const ANY = { ignoreVary: true }; // there is one of each: what the request says of itself is no matter
const PATIENCE = 2500; // milliseconds that the log form waits for a slow network when this phone has one
const SIGNS = /^\/(sign-in(\/(as|passkey|code))?|sign-out|me\/sign-ins\/ending|(welcome|enter|join)\/.+)$/;

// {release, static, shell, form, offline}: its name, the address of its files, which of them every page needs and which
// the log form besides, and the address of the list of what is on this phone.
let release = null;
const shellName = () => `shell-${release.release}`;

export function serve(ofThis) {
  release = ofThis;
  dropHiddenWith(dropHidden);
  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("message", onMessage);
  self.addEventListener("sync", (event) => event.tag === "outbox" && event.waitUntil(sendInBackground()));
  self.addEventListener("fetch", onFetch);
  listenForPush(self, dropHidden);
}

// A page asks the worker to take over, or for its person's pages to be kept, or kept afresh; then it is answered "kept", or
// "not kept" where anything is missing.
function onMessage(event) {
  if (event.data === "take over") self.skipWaiting();
  if (!event.data?.keep) return;
  const outcome = keepAll(event.data.keep).then(() => "kept", () => "not kept");
  event.waitUntil(outcome.then((word) => event.ports[0]?.postMessage(word)));
}

// Throws when nobody answered: the browser then asks again, later each time.
async function sendInBackground() {
  const why = await send({ awake: true });
  if (why === "unreached" || why === "busy") throw new Error(why);
}

async function install() {
  const { shell, form, offline } = release;
  const cache = await caches.open(shellName());
  try {
    const page = await fetch(offline, { credentials: "omit", cache: "no-store" });
    if (!page.ok) throw new Error(`${offline} answers ${page.status}`);
    const logs = (await owner().catch(() => null))?.logs;
    await Promise.all([cache.put(offline, page), cache.addAll(logs ? [...shell, ...form] : shell)]);
  } catch (fault) {
    await caches.delete(shellName()); // half a release is none: the one that works stays
    throw fault;
  }
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== shellName()) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  const known = await owner().catch(() => null);
  if (known) await saveOwner({ ...known, at: 0 }); // what it keeps is of an older release: asked for again
  await self.clients.claim();
}

function onFetch(event) {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(request.method === "GET" ? page(event, url) : postForm(request, url));
  else if (request.method !== "GET") return;
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request, url));
  else if (/^\/scans\/new\/findings\/[^/]+$/.test(url.pathname)) event.respondWith(findings(request));
}

// --- Pages -----------------------------------------------------------------------------------------------------

async function page(event, url) {
  await makeWay();
  const logs = url.pathname === FORM;
  const network = Promise.resolve(event.preloadResponse).then((early) => early || fetch(event.request));
  if (logs) event.waitUntil(network.then(keepForm).catch(() => {}));
  try {
    return await (logs ? networkOrKept(network.then((answer) => answer.clone())) : network);
  } catch {
    return standInFor(url);
  }
}

// The network's answer, unless it takes long and this phone has the form.
async function networkOrKept(network) {
  network.catch(() => {});
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const first = await Promise.race([network, late]);
  return first || (await openKept(FORM)) || network;
}

// What stands in for a page when there is no network.
async function standInFor(url) {
  const { offline } = release;
  const here = url.pathname === FORM ? FORM : offline;
  return (await openKept(here).catch(() => null)) || (await openKept(offline).catch(() => null)) || caches.match(offline, ANY);
}

// One of the pages that are kept, opened with the owner's key and marked as what it is; null when there is none, or none
// that can be opened.
async function openKept(path) {
  const [own, record] = await Promise.all([unlockedOwner(), read("pages", path)]);
  const page = own && record && (await unseal(own.key, record).catch(() => null));
  if (!page) return null;
  const { html, headers, at } = page;
  return new Response(html.replace("<html ", `<html data-kept="${at}" `), { headers });
}

// The log form that was just opened replaces the one that is kept: it knows the last mentor, site and machine.
async function keepForm(answer) {
  if (answer.ok && !answer.redirected && new URL(answer.url).search === "") await keep(FORM, answer.clone());
}

// Whether it was the owner's own page, and is kept.
async function keep(path, answer) {
  const [own, html] = [await unlockedOwner(), await answer.text()];
  if (!own || !html.includes(` data-person="${own.person}"`)) return false;
  const dropped = ["content-encoding", "content-length", "date", "set-cookie"];
  const headers = [...answer.headers].filter(([name]) => !dropped.includes(name));
  await write("pages", path, await seal(own.key, { html, headers, at: new Date().toISOString() }));
  return true;
}

// Throws when anything could not be kept.
async function keepAll(logs) {
  if (logs === "form") await (await caches.open(shellName())).addAll(release.form);
  for (const path of logs === "form" ? [FORM, release.offline] : [release.offline]) {
    const answer = await fetch(path, { cache: "no-store" });
    if (!answer.ok || answer.redirected || !(await keep(path, answer))) throw new Error(`${path} could not be kept`);
  }
}

// Signing in or out: until a page shows who it is now, nothing that is kept is opened. A scan's form is in the outbox
// before it is sent, so a network that fails on the way leads to the list that says so.
async function postForm(request, url) {
  try {
    const answer = await fetch(request);
    if (SIGNS.test(url.pathname) && answer.type === "opaqueredirect") await lockOwner();
    return answer;
  } catch (fault) {
    if (/^\/scans(\/[0-9a-f-]{36})?$/.test(url.pathname)) return Response.redirect(release.offline, 303);
    throw fault;
  }
}

// A newer release that waits takes over as soon as no other page is open: this page comes from the network anyway.
async function makeWay() {
  const { waiting } = self.registration;
  if (waiting && (await self.clients.matchAll()).length < 2) waiting.postMessage("take over");
}

// --- Parts of pages --------------------------------------------------------------------------------------------

async function asset(request, url) {
  const found = await caches.match(request, ANY);
  if (found) return found;
  try {
    return await fetch(request);
  } catch (fault) {
    // A page that is older than this release asks for what it knew: what took its place will do.
    const name = url.pathname.replace(/^\/static\/([0-9a-f]{12}\/)?/, "");
    const instead = await caches.match(release.static + name, ANY);
    if (instead) return instead;
    throw fault;
  }
}

// What can be tapped for a region: of the course's vocabulary alone.
async function findings(request) {
  return (await caches.match(request, { ...ANY, cacheName: "findings", ignoreSearch: true })) || fetch(request);
}
