// Numbers as people read them. Null, where there is none, is a dash.

const NONE = "–";

function fixed(value, digits) {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function number(value) {
  if (value === null) {
    return NONE;
  }
  return fixed(value, value > 0 && value < 10 && !Number.isInteger(value) ? 1 : 0);
}

export function percent(share) {
  return `${fixed(100 * share, 1)} %`;
}

export function bytes(value) {
  if (value === null) {
    return NONE;
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  // From 1000 on, so that no number has more than three digits.
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${fixed(size, unit > 0 && size < 100 ? 1 : 0)} ${units[unit]}`;
}

export function bytesPerSecond(value) {
  return value === null ? NONE : `${bytes(value)}/s`;
}

export function micros(value) {
  if (value === null) {
    return NONE;
  }
  if (value < 1000) {
    return `${fixed(value, 0)} µs`;
  }
  if (value < 1e6) {
    return `${fixed(value / 1000, value < 1e4 ? 2 : value < 1e5 ? 1 : 0)} ms`;
  }
  return `${fixed(value / 1e6, 2)} s`;
}

export function duration(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) {
    return `${days} d ${hours} h`;
  }
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** How long ago something was, both in milliseconds of the proxy's clock. */
export function ago(millis, nowMillis) {
  const seconds = Math.max(0, Math.round((nowMillis - millis) / 1000));
  return seconds < 2 ? "just now" : `${duration(seconds)} ago`;
}

export function clock(date) {
  return date.toLocaleTimeString([], { hour12: false });
}

export function moment(text) {
  const date = new Date(text);
  return `${date.toLocaleDateString("en-CA")} ${clock(date)}`;
}

export function count(many, one) {
  return `${number(many)} ${one}${many === 1 ? "" : "s"}`;
}
