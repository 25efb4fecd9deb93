/** Unknown keys, with the settings that the user probably meant and their groups. */
import type * as z from 'zod';
import { oddCharacter } from '../../diagnostics/odd-characters.ts';
import { type Path, formatPath } from '../../diagnostics/path.ts';
import type { Report } from '../../diagnostics/report.ts';
import { guessKey } from './meant-setting.ts';
import { type Checked, valueAt } from './checked.ts';
import { type Kinds, keysOf, kindsWith, schemaAt, titleOf } from '../schema/inspect.ts';

export interface Stranger {
  readonly path: Path;
  /** The setting that the user probably meant. */
  readonly guess: Path | undefined;
}

/** The unknown keys of an issue; none for other issues. */
export function strangersOf({ schema, data }: Checked, issue: z.core.$ZodIssue): Stranger[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const group = issue.path as Path;
  const found = issue.keys.map((key) => ({ path: [...group, key], guess: guessKey(schema, data, group, key) }));
  // If one key belongs to another kind of the group, an unknown key may be the misspelt setting of the kind.
  const kind = found.find(({ path }) => kindsAt({ schema, data }, path))?.guess;
  return kind ? found.map(({ path, guess }) => ({ path, guess: guess ?? kind })) : found;
}

/** Several keys from the same other group are one mistake; so are several keys of another kind of the group. */
export function reportStrangers(checked: Checked, strangers: readonly Stranger[], report: Report): void {
  const ranked = strangers.toSorted((a, b) => Number(!!kindsAt(checked, a.path)) - Number(!!kindsAt(checked, b.path)));
  const leaders = ranked.filter((one, index) => ranked.findIndex((other) => isSameMove(one, other)) === index);
  for (const leader of leaders) {
    const others = ranked.filter((other) => other !== leader && isSameMove(leader, other));
    reportStranger(checked, leader, others, report);
  }
}

function kindsAt({ schema, data }: Pick<Checked, 'schema' | 'data'>, path: Path): Kinds | undefined {
  const group = path.slice(0, -1);
  const found = schemaAt(schema, group, data);
  return found && kindsWith(found, valueAt(data, group), String(path.at(-1)));
}

const groupOf = (path: Path): string => formatPath(path.slice(0, -1));

function isSameMove(one: Stranger, other: Stranger): boolean {
  if (one === other) return true;
  if (!one.guess || !other.guess || groupOf(one.path) !== groupOf(other.path)) return false;
  const isMoved = groupOf(one.path) !== groupOf(one.guess);
  return isMoved ? groupOf(one.guess) === groupOf(other.guess) : formatPath(one.guess) === formatPath(other.guess);
}

function reportStranger(
  { source, schema, data }: Checked,
  { path, guess }: Stranger,
  others: readonly Stranger[],
  report: Report,
): void {
  const [group, key] = [path.slice(0, -1), String(path.at(-1))];
  const parent = schemaAt(schema, group, data) ?? schema;
  const parentData = valueAt(data, group);
  const known = keysOf(parent, parentData) ?? [];
  const values = { key, parent: titleOf(parent, parentData), known: known.join(', ') };
  const related = others.map((other) => ({ message: 'this as well', at: source.locateKey(other.path).at }));
  const kinds = kindsAt({ schema, data }, path);
  const hint = kinds ? kindHint(key, kinds) : hintFor(path, guess);
  report.add('config/unknown-key', values, { at: source.locateKey(path).at, related, hint });
}

const kindHint = (key: string, { by, kinds }: Kinds): string =>
  `\`${key}\` is a setting of ${kinds.map((kind) => `\`${by}: ${kind}\``).join(' and ')}`;

function hintFor(path: Path, guess: Path | undefined): string | undefined {
  if (guess === undefined) return undefined;
  const [key, name] = [String(path.at(-1)), String(guess.at(-1))];
  const odd = oddCharacter(key);
  if (odd) return `write \`${name}\`; the key holds ${odd.name}`;
  if (groupOf(path) === groupOf(guess)) return `did you mean \`${name}\`?`;
  const entry = guess.findIndex((step, index) => index >= path.length && typeof step === 'number');
  if (entry !== -1) return `\`${name}\` belongs in an entry of \`${formatPath(guess.slice(path.length - 1, entry))}\``;
  const home = guess.length === 1 ? 'at the top level of the file' : `below \`${groupOf(guess)}\``;
  return key === name ? `\`${key}\` belongs ${home}` : `did you mean \`${name}\`, which belongs ${home}?`;
}
