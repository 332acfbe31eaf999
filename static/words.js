// How many scans, and when, in the words of every page.

export const soManyScans = (number) => `${number} ${number === 1 ? "scan" : "scans"}`;

const clock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

// The day and the time by this phone's clock, of a moment as the phone wrote it down ("2026-03-02T14:05:00.000Z").
export function dayAndTime(at) {
  const moment = new Date(at ?? NaN);
  return Number.isNaN(moment.getTime()) ? "at a time that is not known" : clock.format(moment);
}
