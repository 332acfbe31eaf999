// Numbers of scans, days and times as every page writes them.

export const formatScans = (number) => `${number} ${number === 1 ? "scan" : "scans"}`;

const clock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

// Day and time by this phone's clock of an ISO instant.
export function formatDayAndTime(at) {
  const moment = new Date(at ?? NaN);
  return Number.isNaN(moment.getTime()) ? "at a time that is not known" : clock.format(moment);
}

export const formatDay = (day) => new Date(`${day}T12:00`).toLocaleDateString("en-GB", { day: "numeric", month: "long" });

// How long ago an instant was: "12 min ago"; its day and time when that is longer than a day.
export function formatAgo(at) {
  const minutes = Math.floor((Date.now() - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 24 * 60 ? `${Math.floor(minutes / 60)} h ago` : formatDayAndTime(at);
}

export const formatTime = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
