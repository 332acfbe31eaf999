// Which way to a home screen a browser is told, by what it says it is.
import assert from "node:assert/strict";
import { test } from "node:test";

import { installMethodOf } from "../../static/install-methods.js";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";

const CASES = [
  ["Safari on an iPhone", { agent: `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1` }, ["ios", true]],
  ["Chrome on an iPhone", { agent: `${IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1` }, ["ios", true]],
  ["an iPad that says it is a Mac", { agent: `${MAC} Version/18.5 Safari/605.1.15`, touch: 5 }, ["ios", true]],
  ["an app on an iPhone that shows a page", { agent: `${IPHONE} Mobile/15E148` }, ["ios-inside", true]],
  ["Instagram on an iPhone", { agent: `${IPHONE} Mobile/15E148 Safari/604.1 Instagram 380.0` }, ["ios-inside", true]],
  ["Chrome on Android that offers it", { agent: `${ANDROID} Chrome/140.0 Mobile Safari/537.36`, prompt: true }, ["prompt", true]],
  ["Chrome on Android that does not", { agent: `${ANDROID} Chrome/140.0 Mobile Safari/537.36` }, ["menu", false]],
  ["Firefox on Android", { agent: "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0" }, ["menu", true]],
  ["an app on Android", { agent: `${ANDROID.replace("Pixel 8", "Pixel 8; wv")} Chrome/140.0` }, ["android-inside", true]],
  ["Safari on a Mac", { agent: `${MAC} Version/18.5 Safari/605.1.15` }, ["dock", true]],
  ["Safari on a Mac before the Dock could", { agent: `${MAC} Version/16.6 Safari/605.1.15` }, ["bookmark", false]],
  ["Edge on Windows that offers it", { agent: `${WINDOWS} Chrome/140.0 Safari/537.36 Edg/140.0`, prompt: true }, ["prompt", true]],
  ["Chrome on Windows that does not", { agent: `${WINDOWS} Chrome/140.0 Safari/537.36` }, ["address-bar", false]],
  ["Firefox on Windows", { agent: `${WINDOWS} Gecko/20100101 Firefox/143.0` }, ["bookmark", false]],
  ["the installed app", { agent: `${IPHONE} Mobile/15E148`, standalone: true, prompt: true }, ["installed", false]],
];

for (const [who, found, way] of CASES) test(who, () => assert.deepEqual(installMethodOf(found), way));
