/**
 * Turns the `[Install]` section of a user's unit into the symlinks that `systemctl enable` would make; systemd is not there
 * to ask when an image is built. Source: systemd.unit(5) [INSTALL] SECTION OPTIONS.
 */
import { UnrepresentableError } from './error.ts';

const SYSTEM = 'etc/systemd/system';
const FOLDERS: Readonly<Record<string, string>> = { WantedBy: 'wants', RequiredBy: 'requires', UpheldBy: 'upholds' };

export interface EnableLink {
  readonly path: string;
  readonly target: string;
}

/** @throws UnrepresentableError when the unit says nowhere when it is to be started */
export function enableLinks(unit: string, content: string): EnableLink[] {
  const settings = installSettings(content);
  const instance = settings.find(({ key }) => key === 'DefaultInstance')?.value;
  if (unit.includes('@.') && instance === undefined) {
    throw new UnrepresentableError(`the template unit \`${unit}\` has no \`DefaultInstance=\` to enable`);
  }
  const name = unit.replace('@.', `@${instance ?? ''}.`);
  const links = settings.flatMap(({ key, value }) =>
    value.split(/\s+/).flatMap((word) => linkFor(key, word, name, unit)),
  );
  if (links.length === 0) {
    throw new UnrepresentableError(
      `the unit \`${unit}\` is to be enabled, but has no \`WantedBy=\` under \`[Install]\``,
    );
  }
  return links;
}

function linkFor(key: string, word: string, name: string, unit: string): EnableLink[] {
  if (word === '') return [];
  if (key === 'Alias') return [{ path: `${SYSTEM}/${word}`, target: unit }];
  const folder = FOLDERS[key];
  return folder === undefined ? [] : [{ path: `${SYSTEM}/${word}.${folder}/${name}`, target: `../${unit}` }];
}

function installSettings(content: string): { key: string; value: string }[] {
  let section = '';
  return content
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .flatMap((text) => {
      const line = text.trim();
      section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
      const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      return section === 'Install' && key !== undefined ? [{ key, value: value ?? '' }] : [];
    });
}
