/**
 * Numbers in values of units. Sources: safe_atou(), parse_size(), parse_permyriad(), rlimit_parse() in systemd's source;
 * systemd.exec(5), "PROCESS PROPERTIES"; systemd.resource-control(5). Each check returns the reason why systemd ignores a value.
 */
import { type Check, secondsOf } from './values.ts';

/** Reads an integer like systemd: decimal, `0x`, `0b`, `0o`, or octal after a `0`. Undefined if it is not an integer. */
function integerOf(text: string): number | undefined {
  const [, sign = '', prefix = '', digits = ''] = /^\s*([+-]?)(?=\d)(0x|0b|0o|0(?=\d)|)([\da-f]+)$/i.exec(text) ?? [];
  const base = { '0x': 16, '0b': 2, '0o': 8, '0': 8, '': 10 }[prefix.toLowerCase()] ?? 10;
  const isWhole = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^\d+$/, 16: /^[\da-f]+$/i }[base]?.test(digits) ?? false;
  return isWhole ? parseInt(digits, base) * (sign === '-' ? -1 : 1) : undefined;
}

/** A whole number between two limits, both included. */
export const integer =
  (least: number, most: number): Check =>
  (value) => {
    const number = integerOf(value);
    if (number !== undefined && number >= least && number <= most) return undefined;
    return `\`${value}\` is not a whole number from ${String(least)} to ${String(most)}`;
  };

export const UNSIGNED = 2 ** 32 - 1;

const SIZE_UNITS = 'EPTGMKB';

/** Bytes: `1.5G`, `1G 512M`; the units are powers of 1024, in capitals, and each smaller than the one before. */
function isSize(text: string): boolean {
  const parts = [...text.matchAll(/\s*\+?(\d{1,16}(?:\.\d*)?)\s*([A-Z]?)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return false;
  const ranks = parts.map(([, , unit = '']) => SIZE_UNITS.indexOf(unit === '' ? 'B' : unit));
  const isFalling = ranks.every((rank, index) => rank >= 0 && rank > (ranks[index - 1] ?? -1));
  return isFalling && bytesOf(text) < 2 ** 64;
}

const bytesOf = (text: string): number =>
  [...text.matchAll(/([\d.]+)\s*([A-Z]?)/g)]
    .map(([, number, unit = '']) => Number(number) * 1024 ** (6 - SIZE_UNITS.indexOf(unit === '' ? 'B' : unit)))
    .reduce((sum, one) => sum + one, 0);

const NO_SIZE = 'not a size, such as `512M` or `2G`';

/** A rate of transfers: bytes or operations per second; the units are powers of 1000. */
export const rate: Check = (value) =>
  value === 'infinity' || /^[1-9]\d{0,15}(\.\d+)?\s*[KMGTPB]?$/.test(value) ? undefined : `\`${value}\` is ${NO_SIZE}`;

export const size: Check = (value) => (isSize(value) ? undefined : `\`${value}\` is ${NO_SIZE}`);

/** The number of a percentage with at most two decimals; undefined if it is not a percentage. */
const percentOf = (text: string): number | undefined => {
  const [, number] = /^\+?(\d{1,7}(?:\.\d{1,2})?)%$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number);
};

const isShare = (value: string): boolean => (percentOf(value) ?? 101) <= 100;

export const percent: Check = (value) =>
  isShare(value) ? undefined : `\`${value}\` is not a percentage from 0% to 100%`;

/** A percentage of one CPU, so it may be above 100%. */
export const quota: Check = (value) => {
  if ((percentOf(value) ?? 0) > 0) return undefined;
  return `\`${value}\` is not a percentage above 0%, such as \`50%\` or \`200%\` (two CPUs)`;
};

/** Memory: bytes, a percentage of the machine's memory, or `infinity`. */
export const memory: Check = (value) =>
  value === 'infinity' || isShare(value) || isSize(value)
    ? undefined
    : `\`${value}\` is ${NO_SIZE}, nor a percentage, nor \`infinity\``;

/** The same, for settings that must not be 0. */
export const someMemory: Check = (value) =>
  memory(value) ??
  (value !== 'infinity' && parseFloat(value) === 0 ? `\`${value}\` would be no memory at all` : undefined);

export const tasks: Check = (value) => {
  const number = integerOf(value) ?? 0;
  if (value === 'infinity' || isShare(value) || (number > 0 && number < 2 ** 64)) return undefined;
  return `\`${value}\` is neither a number of tasks, nor a percentage, nor \`infinity\``;
};

/** Reads a part of a limit as a number; undefined if it is not valid. */
type Part = (text: string) => number | undefined;

/** `soft:hard`, or one value for both. @param form the description of a wrong value, as the end of a sentence */
const limit =
  (part: Part, form: string): Check =>
  (value) => {
    const [soft = '', hard = soft, ...more] = value.split(':');
    const parts = [soft, hard].map((one) => (one === 'infinity' ? Infinity : part(one)));
    const [least = NaN, most = NaN] = parts;
    if (more.length > 0 || parts.includes(undefined)) return `\`${value}\` is ${form}`;
    return least > most ? `in \`${value}\` the soft limit is above the hard one` : undefined;
  };

export const countLimit = limit(
  (text) => (/^\s*-[0\s]*[1-9]/.test(text) ? undefined : within(integerOf(text), 2 ** 64 - 1)),
  'neither a number, nor `infinity`, nor two of them as `SOFT:HARD`',
);

export const sizeLimit = limit((text) => (isSize(text) ? bytesOf(text) : undefined), `${NO_SIZE}, nor \`infinity\``);

export const timeLimit = limit(secondsOf, 'not a time span, such as `30` or `1min`, nor `infinity`');

/** With a sign, a nice level; without a sign, the kernel's number: 20 minus the nice level. */
export const niceLimit: Check = (value) =>
  value === 'infinity' ? NO_NICE(value) : limit((text) => rawNice(text), NO_NICE_FORM)(value);

const NO_NICE_FORM = 'neither a nice level from `-20` to `+19` nor a number from 0 to 40';
const NO_NICE = (value: string): string => `\`${value}\` is ${NO_NICE_FORM}`;

function rawNice(text: string): number | undefined {
  const number = integerOf(text);
  if (number === undefined) return undefined;
  if (/^[+-]/.test(text)) return number >= -20 && number <= 19 ? 20 - number : undefined;
  return within(number, 40);
}

const within = (number: number | undefined, most: number): number | undefined =>
  number === undefined || number > most ? undefined : number;
