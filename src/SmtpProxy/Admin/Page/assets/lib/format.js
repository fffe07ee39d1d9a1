/** @file Numbers, times and sizes as a person reads them. Missing values are a dash, never 0. */

const dash = '–';
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

const missing = (value) => value === null || value === undefined || Number.isNaN(value);

/** 12345 as 12,345. */
export const count = (value) => (missing(value) ? dash : plain.format(value));

/** A number a second. */
export const rate = (value) => (missing(value) ? dash : value >= 100 ? plain.format(value) : one.format(value));

/** Milliseconds: 46 µs, 0.4 ms, 12 ms, 1.2 s, 42 s, 3 min, 5 h, 4 days. */
export function ms(value) {
  if (missing(value)) {
    return dash;
  }

  if (value > 0 && value < 0.1) {
    return `${Math.max(1, Math.round(value * 1000))} µs`;
  }

  if (value < 1000) {
    return value < 10 ? `${Math.round(value * 10) / 10} ms` : `${Math.round(value)} ms`;
  }

  const seconds = value / 1000;
  const [minutes, hours] = [seconds / 60, seconds / 3600];
  return seconds < 10 ? `${one.format(seconds)} s` : seconds < 120 ? `${Math.round(seconds)} s` : minutes < 120 ? `${Math.round(minutes)} min`
    : hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

/** A share as a percentage: tiny ones are not nothing. */
export function percent(share) {
  if (missing(share)) {
    return dash;
  }

  const value = share * 100;
  return value > 0 && value < 1 ? '<1 %' : `${Math.round(value)} %`;
}

/** Octets. */
export function octets(value) {
  if (missing(value)) {
    return dash;
  }

  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }

  return `${unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}

/** The time of day; on another day with its date. */
export function time(value) {
  if (missing(value)) {
    return dash;
  }

  const date = new Date(typeof value === 'number' ? value * 1000 : value);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}

/** How long ago: "12 s ago". */
export function ago(value) {
  return missing(value) ? dash : `${ms(Math.max(0, Date.now() - new Date(value).getTime())).replace(/\.\d s/, ' s')} ago`;
}

/** "1 session", "2 sessions"; a word that takes more than an s is given whole: "2 proxies". */
export const plural = (number, word, many = `${word}s`) => `${count(number)} ${number === 1 ? word : many}`;

/** A word of the API for reading: client_gone as "client gone", endOfData as "end of data". */
export const words = (value) => (missing(value) ? dash : String(value).replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().replaceAll('_', ' ').replaceAll('-', ' '));

/** A reply with its enhanced code: "550 5.1.1". */
export const reply = (code, enhanced) => (missing(code) ? 'no reply' : enhanced ? `${code} ${enhanced}` : `${code}`);

/** Whether a reply is good (2yz, 3yz), for now (4yz) or for good (5yz); none: "none". */
export function kind(code) {
  return missing(code) ? 'none' : code >= 500 ? 'bad' : code >= 400 ? 'later' : 'good';
}
