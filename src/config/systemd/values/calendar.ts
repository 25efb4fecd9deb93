/** Calendar events of timers. Source: systemd.time(7), "Calendar events"; calendar_spec_from_string() in systemd's source. */

const NAMED =
  /^(minutely|hourly|daily|weekly|monthly|quarterly|semi-?annually|bi-?annually|yearly|annually|anniversary)$/i;

const DAY = '(mon(day)?|tue(sday)?|wed(nesday)?|thu(rsday)?|fri(day)?|sat(urday)?|sun(day)?)';
const WEEKDAYS = new RegExp(`^${DAY}((\\.\\.|-)${DAY})?(,${DAY}((\\.\\.|-)${DAY})?)*,?$`, 'i');

/** An IANA name or UTC. It is not checked whether the zone exists. */
const ZONE = /^(utc|[A-Za-z_]+\/[A-Za-z0-9_+/-]+)$/i;

type Range = readonly [number, number];
const YEAR: Range = [1970, 2199];
const MONTH: Range = [1, 12];
const DAYS: Range = [1, 31];
const HOUR: Range = [0, 23];
const SIXTY: Range = [0, 59];

/** Whether systemd understands a calendar event. */
export function isCalendarEvent(text: string): boolean {
  const words = text.trim().split(/\s+/);
  if (words.length > 1 && ZONE.test(words.at(-1) ?? '')) words.pop();
  const [first = ''] = words;
  if (words.length === 1 && (NAMED.test(first) || /^@\d+$/.test(first))) return true;
  if (WEEKDAYS.test(first)) words.shift();
  else if (first === '') return false;
  if (words[0] !== undefined && isDate(words[0])) words.shift();
  if (words[0] !== undefined && isTime(words[0])) words.shift();
  return words.length === 0;
}

const DATE = /^(?:([^-~]+)-)?([^-~]+)([-~])([^-~]+)$/;

function isDate(word: string): boolean {
  const [, year = '*', month = '', mark, day = ''] = DATE.exec(word) ?? [];
  if (mark === undefined) return false;
  return isChain(inFull(year), YEAR) && isChain(month, MONTH) && (mark === '~' || isChain(day, DAYS));
}

/** Years with two digits are from 1970 to 2069. Steps are not years. */
const inFull = (years: string): string =>
  years.replaceAll(/(?<![/\d])\d{1,2}(?!\d)/g, (year) => String(Number(year) + (Number(year) < 70 ? 2000 : 1900)));

/** The last year of a calendar event; undefined if the event never ends. */
export function lastYear(text: string): number | undefined {
  const years = text.split(/\s+/).flatMap((word) => DATE.exec(word)?.[1] ?? []);
  const [year] = years;
  if (year === undefined || /[*/]/.test(year)) return undefined;
  return Math.max(
    ...inFull(year)
      .split(/,|\.\./)
      .map(Number),
  );
}

function isTime(word: string): boolean {
  const [hour, minute, second = '0', ...more] = word.split(':');
  if (hour === undefined || minute === undefined || more.length > 0) return false;
  return isChain(hour, HOUR) && isChain(minute, SIXTY) && isChain(second.replaceAll(/(\d)\.\d{1,6}/g, '$1'), SIXTY);
}

/** `*`, or values separated by commas, each optionally with an end (`..`) and a step (`/`). */
function isChain(text: string, [least, most]: Range): boolean {
  if (text === '*') return true;
  return text.split(',').every((item) => {
    const [, start, end, step] = /^(\d{1,4})(?:\.\.(\d{1,4}))?(?:\/(\d{1,4}))?$/.exec(item) ?? [];
    if (start === undefined) return false;
    const values = [start, end ?? start].map(Number);
    return values.every((value) => value >= least && value <= most) && Number(start) + Number(step ?? 0) <= most;
  });
}
