// Numbers of scans, days and times as every page writes them.

export const formatScans = (number) => `${number} ${number === 1 ? "scan" : "scans"}`;

const clock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

// Day and time by this phone's clock of an ISO instant.
export function formatDayAndTime(at) {
  const moment = new Date(at ?? NaN);
  return Number.isNaN(moment.getTime()) ? "at a time that is not known" : clock.format(moment);
}

export const formatTime = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
