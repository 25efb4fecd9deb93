/** What changes on a node, in sentences; what its files look like comes after them. Pure. */
import { quantity } from '../../diagnostics/quantity.ts';
import type { NodeChange } from './comparison.ts';
import { listSentences, placedSentences, verbOf } from './file-sentences.ts';
import { say, type Sentence } from './sentence.ts';
import { settingChanges, type SettingChanges } from './setting-changes.ts';
import { settingSentence } from './setting-sentences.ts';

/** Where no setting explains a change, as many files are named. */
const MOST_FILES = 3;

/** At least one sentence for a node that is not the same. */
export function nodeSentences(change: NodeChange): readonly Sentence[] {
  if (change.kind === 'unchanged') return [];
  if (change.kind !== 'changed') return [[change.kind === 'added' ? 'a new node' : 'removed from the definition']];
  const settings = settingChanges(change);
  const said = [
    ...(settings?.cluster ?? []).map(settingSentence),
    ...(settings?.node ?? []).map(settingSentence),
    ...peerSentences(settings),
    ...imageSentences(change, settings),
    ...listSentences(change),
    ...placedSentences(change),
  ];
  const secrets = change.files.filter(isSecret).length;
  const all = [...said, ...(secrets === 0 ? [] : [[`${quantity(secrets, 'file')} with secrets`]])];
  return all.length > 0 ? all : otherFiles(change);
}

const isSecret = ({ before, after }: NodeChange['files'][number]): boolean =>
  before?.secret === true || after?.secret === true;

/** The nodes by which this node finds the cluster: `src/config/first-guess.ts`. */
function peerSentences(settings: SettingChanges | null): readonly Sentence[] {
  const byName = new Map((settings?.peers ?? []).map((change) => [change.path[0] ?? '', change]));
  return [...byName].map(([name, { path, before }]) => {
    if (path.length > 1) return say`learns the new address or roles of ${name}`;
    return before === undefined ? say`also finds the cluster by ${name}` : say`no longer finds the cluster by ${name}`;
  });
}

/** Lines of the plan, e.g. `+package vim`. The settings say the roles. */
function imageSentences({ image }: NodeChange, settings: SettingChanges | null): readonly Sentence[] {
  const lines = image.flatMap((hunk) => hunk.lines);
  return lines.flatMap((line) => {
    const [, noun = '', name = ''] =
      /^.(boot role|role|format|install to disk|kernel argument|Debian (?:release|source|compression level)|package) (.*)$/.exec(
        line,
      ) ?? [];
    if (noun === '' || (settings !== null && noun.endsWith('role'))) return [];
    const verb = line.startsWith('+') ? 'added' : 'removed';
    if (noun === 'install to disk') return line.startsWith('+') ? [say`install to disk: ${name}`] : [];
    return [say`${[noun]} ${name} ${[verb]}`];
  });
}

function otherFiles({ files, image }: NodeChange): readonly Sentence[] {
  if (files.length === 0) return [[`${quantity(image.length, 'fact')} of the image`]];
  if (files.length > MOST_FILES) return [[`${quantity(files.length, 'file')}, by a setting of the cluster`]];
  return files.map((file) => say`file ${`/${file.path}`} ${[verbOf(file)]}`);
}
