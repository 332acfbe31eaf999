// The service worker's part in telling people, with a worker, a server and a push message of the test's own.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as push from "../../static/worker/push.js";

const SCAN = { id: "8f14e45f-ceea-467f-a8d2-1c5b0e7a1d3f", version: 3, step: 17 };
const SENT = { person: 4, title: "Amara has sent you a scan", body: "Unaided · Knee right · all structures normal", open: `/scans/${SCAN.id}/review`, tag: "waits", badge: 2, review: true, scan: SCAN };
const READ = { ...SENT, body: "", scan: undefined };
const PHONE = { person: 4, csrf: "a token" };

/** A worker that keeps what was shown, opened and asked. `answers`: path -> [status, body] or an error to throw. */
function worker({ phone = PHONE, answers = {}, windows = [] } = {}) {
  const listeners = {}, shown = [], opened = [], asked = [], waiting = [];
  const page = (one) => ({ visibilityState: "visible", focused: false, told: [], ...one, url: `https://s.test${one.path}`, postMessage(said) { this.told.push(said); }, async focus() { this.wasFocused = true; }, async navigate(to) { this.url = to; } });
  const pages = windows.map(page);
  const self = {
    location: { origin: "https://s.test" },
    addEventListener: (name, listener) => (listeners[name] = listener),
    navigator: { setAppBadge: async (number) => (self.badge = number) },
    clients: { matchAll: async () => pages, openWindow: async (url) => opened.push(url) },
    registration: {
      showNotification: async (title, options) => shown.push({ title, ...options, open: true }),
      getNotifications: async ({ tag }) => shown.filter((one) => one.tag === tag).map((one) => ({ close: () => (one.open = false) })),
      pushManager: { subscribe: async () => subscription("https://fcm.googleapis.com/new") },
    },
    fetch: async (path, options) => {
      asked.push({ path, ...options });
      const known = { "/phone": phone ? [200, phone] : [401, { error: "signed-out" }], ...answers }[path];
      if (known instanceof Error) throw known;
      const [status, body, redirected = false, ours = true] = known ?? [404, {}];
      const headers = new Headers(ours ? { "Sonofolio-Answer": options.headers["Sonofolio-About"] ?? "" } : {});
      return { ok: status < 300, status, headers, redirected, json: async () => (typeof body === "string" ? JSON.parse(body) : body) };
    },
  };
  push.listenForPush(self);
  const say = async (name, event) => {
    listeners[name]({ ...event, waitUntil: (promise) => waiting.push(promise) });
    await Promise.all(waiting);
  };
  const arrives = (message) => say("push", { data: { json: () => (typeof message === "string" ? JSON.parse(message) : message) } });
  const press = (action, data) => say("notificationclick", { action, notification: { data, close() {} } });
  return { self, listeners, shown, opened, asked, pages, say, arrives, press };
}

function subscription(endpoint) {
  return { endpoint, options: { applicationServerKey: "key" }, toJSON: () => ({ endpoint, keys: { p256dh: "point", auth: "secret" } }) };
}

const DATA = { open: SENT.open, person: 4, scan: SCAN };
const APPROVAL = `/scans/${SCAN.id}/approval`;
const COUNTED = [200, { id: SCAN.id, state: "counted", version: 3 }];

test("a message is shown to the person whom it is for, with Approve and Review", async () => {
  const { arrives, shown, self } = worker();
  await arrives(SENT);
  assert.equal(shown[0].title, "Amara has sent you a scan");
  assert.equal(shown[0].body, SENT.body);
  assert.deepEqual(shown[0].actions.map((one) => one.title), ["Approve", "Review"]);
  assert.deepEqual(shown[0].data, { open: SENT.open, person: 4, scan: SCAN });
  assert.equal(self.badge, 2);
});

for (const [who, phone] of Object.entries({ "nobody is": null, "somebody else is": { person: 5, csrf: "x" }, "the answer is odd": {} })) {
  test(`a neutral line is shown when ${who} signed in`, async () => {
    const { arrives, shown, self } = worker({ phone });
    await arrives(SENT);
    assert.equal(shown.length, 1);
    assert.equal(JSON.stringify(shown).includes("Amara"), false);
    assert.equal(JSON.stringify(shown).includes(SCAN.id), false);
    assert.equal(shown[0].actions, undefined);
    assert.equal(self.badge, undefined);
  });
}

test("a neutral line is shown when our server cannot say who it is", async () => {
  const { arrives, shown } = worker({ answers: { "/phone": new TypeError("no signal") } });
  await arrives(SENT);
  assert.equal(shown[0].title, "Something is new in Sonofolio");
});

for (const odd of ["not JSON", "null", "[]", '{"title":"x"}', '{"title":"x","open":"https://evil.test"}', '{"title":"x","open":"//evil.test"}']) {
  test(`what is none of our messages is a neutral line: ${odd}`, async () => {
    const { arrives, shown } = worker();
    await arrives(odd);
    assert.equal(shown[0].title, "Something is new in Sonofolio");
    assert.equal(shown[0].data.open, "/");
  });
}

test("who looks at the page has it told there, and no notification stays", async () => {
  const { arrives, shown, pages } = worker({ windows: [{ path: "/inbox", focused: true }] });
  await arrives(SENT);
  assert.deepEqual(pages[0].told, [{ kind: "news" }]);
  assert.equal(shown[0].silent, true);
  assert.equal(shown[0].open, false);
});

for (const [why, one] of Object.entries({ "another page": { path: "/me", focused: true }, "a page in the background": { path: "/inbox" }, "a hidden page": { path: "/inbox", focused: true, visibilityState: "hidden" } })) {
  test(`${why} keeps no notification away`, async () => {
    const { arrives, shown } = worker({ windows: [one] });
    await arrives(SENT);
    assert.equal(shown[0].open, true);
    assert.equal(shown[0].silent, undefined);
  });
}

test("Approve needs no page when the notification showed the whole scan", async () => {
  const { press, asked, opened, shown } = worker({ answers: { [APPROVAL]: COUNTED } });
  await press("approve", DATA);
  const sent = asked.find((one) => one.path === APPROVAL);
  assert.equal(sent.method, "POST");
  assert.equal(String(sent.body), "version=3&step=17");
  assert.deepEqual(sent.headers, { Accept: "application/json", "X-CSRFToken": "a token", "Sonofolio-About": SCAN.id });
  assert.equal(sent.credentials, "same-origin");
  assert.equal(sent.redirect, "error");
  assert.deepEqual(opened, []);
  assert.equal(shown[0].title, "Approved");
  assert.deepEqual(shown[0].actions, [{ action: "undo", title: "Undo" }]);
});

test("Undo names the step on which the approval was made", async () => {
  const { press, asked, shown } = worker({ answers: { [`${APPROVAL}/undo`]: [200, { id: SCAN.id, state: "with_mentor" }] } });
  await press("undo", DATA);
  assert.equal(String(asked.at(-1).body), "version=3&step=17");
  assert.match(shown[0].title, /Undone/);
});

const FAILS = {
  "a captive portal answers": [200, "<html>"],
  "somebody on the way says just what we would": [...COUNTED, false, false],
  "another scan is answered": [200, { id: "another", state: "counted" }],
  "it is no longer as it was seen": [409, { error: "conflict", id: SCAN.id, state: "counted" }],
  "it is in another state": [200, { id: SCAN.id, state: "returned" }],
  "the answer came by a redirect": [...COUNTED, true],
  "there is no signal": new TypeError("no signal"),
};
for (const [why, answer] of Object.entries(FAILS)) {
  test(`Approve opens the card when ${why}`, async () => {
    const { press, opened, shown } = worker({ answers: { [APPROVAL]: answer } });
    await press("approve", DATA);
    assert.deepEqual(opened, [`https://s.test${SENT.open}`]);
    assert.deepEqual(shown, []);
  });
}

test("Approve of a scan that was not shown whole opens its card", async () => {
  const { press, asked, opened } = worker();
  await press("approve", { open: SENT.open, person: 4, scan: null });
  assert.deepEqual([asked, opened], [[], [`https://s.test${SENT.open}`]]);
});

test("Approve of one person's message by another sends nothing", async () => {
  const { press, asked, opened } = worker({ phone: { person: 5, csrf: "x" }, answers: { [APPROVAL]: COUNTED } });
  await press("approve", DATA);
  assert.equal(asked.some((one) => one.path === APPROVAL), false);
  assert.deepEqual(opened, [`https://s.test${SENT.open}`]);
});

test("a tap and Review open the page, in a window that is there", async () => {
  for (const action of ["", "review"]) {
    const { press, opened, pages } = worker({ windows: [{ path: "/me" }] });
    await press(action, DATA);
    assert.deepEqual(opened, []);
    assert.equal(pages[0].url, `https://s.test${SENT.open}`);
    assert.equal(pages[0].wasFocused, true);
  }
  const { press, opened } = worker();
  await press("", undefined);
  assert.deepEqual(opened, ["https://s.test/"]);
});

test("a browser whose address changes tells the server the old and the new one", async () => {
  const { say, asked } = worker({ answers: { "/me/push": [200, { told: true }] } });
  await say("pushsubscriptionchange", { oldSubscription: subscription("https://fcm.googleapis.com/old") });
  const sent = Object.fromEntries(asked.at(-1).body);
  assert.deepEqual(sent, { endpoint: "https://fcm.googleapis.com/new", p256dh: "point", auth: "secret", instead_of: "https://fcm.googleapis.com/old" });
});

test("a message that leads out of the house is none of ours", () => {
  for (const open of ["//elsewhere.test", "/\\elsewhere.test", "https://elsewhere.test/", "javascript:1", "", 7]) {
    assert.equal(push.readMessage({ json: () => ({ ...SENT, open }) }), null, String(open));
  }
  assert.equal(push.readMessage({ json: () => SENT }).open, SENT.open);
});

test("it listens to the four", () => {
  assert.deepEqual(Object.keys(worker().listeners).sort(), ["notificationclick", "notificationclose", "push", "pushsubscriptionchange"]);
});

test("a person may be answered as a number, a text or with more about them", () => {
  for (const person of [4, "4", { id: 4 }]) assert.equal(push.isFor(SENT, { person }), true);
  for (const person of [null, undefined, 5, "", { id: null }]) assert.equal(push.isFor(SENT, { person }), false);
  assert.equal(push.isFor({}, { person: undefined }), false);
});

test("an article that needs reading has Approve too, which opens its card", () => {
  const { options } = push.notificationOf(READ, PHONE);
  assert.equal(options.actions.length, 2);
  assert.deepEqual(push.actionOf("approve", options.data), { open: READ.open });
});
