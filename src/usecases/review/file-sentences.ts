/** Changed files as sentences of people: those that the user placed, and lists of which each line is a setting. Pure. */
import { contentChange, type FileChange } from '../../render/tree/diff.ts';
import type { NodeChange } from './comparison.ts';
import { say, type Sentence } from './sentence.ts';

/** Files, units, hooks and overlays of the user. */
export function placedSentences({ files, placed }: NodeChange): readonly Sentence[] {
  return files
    .filter(({ path, before, after }) => placed.includes(path) && (after ?? before)?.type !== 'symlink')
    .map((file) => say`${thingOf(file.path)} ${[verbOf(file)]}`);
}

export const verbOf = ({ before, after }: FileChange): 'added' | 'removed' | 'changed' =>
  before === null ? 'added' : after === null ? 'removed' : 'changed';

function thingOf(path: string): Sentence {
  const [, hook] = /^etc\/coldstart\/hooks\/[^/]+\/\d+-(.+)$/.exec(path) ?? [];
  if (hook !== undefined) return say`hook ${hook}`;
  const [, unit] = /^etc\/systemd\/system\/([^/]+)$/.exec(path) ?? [];
  return unit === undefined ? say`file ${`/${path}`}` : say`unit ${unit}`;
}

interface LinesOf {
  readonly noun: string;
  /** The name of what a line sets, and its value where it has one. */
  readonly line: RegExp;
}

/** Rendered files with one setting in each line, which the documents in `/etc/cluster-config` do not hold. */
const LISTS: Readonly<Record<string, LinesOf>> = {
  'etc/modules-load.d/coldstart.conf': { noun: 'kernel module', line: /^(\w[\w-]*)$/ },
  'etc/sysctl.d/90-coldstart.conf': { noun: 'kernel setting', line: /^([\w./*-]+) = (.*)$/ },
  'etc/chrony/chrony.conf': { noun: 'time server', line: /^server (\S+) iburst$/ },
  'etc/sysusers.d/coldstart.conf': { noun: 'user', line: /^u (\S+)/ },
};

export function listSentences({ files }: NodeChange): readonly Sentence[] {
  return files.flatMap((file) => {
    const list = LISTS[file.path];
    const change = contentChange(file);
    if (list === undefined || change.kind !== 'text') return [];
    const lines = change.hunks.flatMap((hunk) => hunk.lines);
    const [before, after] = ['-', '+'].map((sign) => itemsIn(lines, sign, list.line));
    return itemSentences(list.noun, before ?? new Map(), after ?? new Map());
  });
}

type Items = ReadonlyMap<string, string>;

function itemsIn(lines: readonly string[], sign: string, pattern: RegExp): Items {
  const found = lines.filter((line) => line.startsWith(sign)).map((line) => pattern.exec(line.slice(1)));
  return new Map(found.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])));
}

function itemSentences(noun: string, before: Items, after: Items): readonly Sentence[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === undefined) return [say`${[noun]} ${name}${is ? say` (${is})` : []} added`];
    if (is === undefined) return [say`${[noun]} ${name} removed`];
    return was === is ? [] : [say`${[noun]} ${name} from ${was} to ${is}`];
  });
}
