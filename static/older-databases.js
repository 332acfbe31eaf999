// What an older release kept in a database of its own: a mentor's taps, {id, version, step, choice, person, made, tries}.
// They move into the outbox, and the database goes.
import { approvalOf, chosen } from "./approvals.js";
import { change } from "./outbox.js";
import { deleteDB, openDB } from "./vendor/idb.js";

const NAME = "sonofolio-taps";

// `person`: whose taps are kept; those of anybody else are dropped.
export async function emptyTaps(person) {
  const upgrade = (made) => made.createObjectStore("taps", { keyPath: "id" });
  const older = await openDB(NAME, 1, { upgrade, blocking: () => older.close() });
  const taps = (await older.getAll("taps")).sort((one, other) => one.made - other.made);
  for (const { id, tries, made, choice, person: by, version, step } of taps) {
    const entry = { ...approvalOf({ tap: choice, scan: id, version, step }, Number(by), made), tries };
    if (entry.person === person) await change(entry, (before) => chosen(before, entry));
    await older.delete("taps", id);
  }
  older.close();
  deleteDB(NAME).catch(() => {}); // as soon as no page of the older release is open
}
