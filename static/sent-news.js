// What has been sent from this phone and nobody has been told of yet (scan-queue.js keeps it under "news").
import { unseal } from "./crypto.js";
import { formatScans } from "./formats.js";
import { toast } from "./messages.js";
import { unlockedOwner } from "./phone-owner.js";
import { transact } from "./store.js";

// The receipts, each once; with `shown` only the news of that scan go: its page says it.
export async function takeNews(shown = "") {
  const news = await transact("phone", "readwrite", async ({ store }) => {
    const all = (await store.get("news")) || [];
    await store.put(shown ? all.filter(({ scan }) => scan !== shown) : [], "news");
    return all;
  });
  const own = await unlockedOwner();
  return Promise.all(news.map(({ receipt }) => unseal(own?.key, receipt).catch(() => ({}))));
}

// Said once, on whatever screen: region and side of what has been sent. The list of what is here says it itself.
export async function tellSent() {
  const sent = (await takeNews()).map(({ about }) => about || "a scan");
  if (location.pathname === "/offline") return;
  const names = sent.length > 3 ? `${formatScans(sent.length)}, ${sent.slice(0, 2).join(", ")} and more` : sent.join(", ");
  toast(`Sent: ${names}`);
}
