/** Lists of rules about units and mounts, compared with our own units and templates. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LONG_RUNNING } from '../../../src/config/base-system/long-running.ts';
import { BASE_UNITS, OWN_UNITS } from '../../../src/config/base-system/units.ts';
import { isHiddenBy } from '../../../src/config/rules/units/mounts.ts';

const root = join(import.meta.dirname, '../../..');
const roots = ['templates', ...readdirSync(join(root, 'overlays')).map((name) => `overlays/${name}`)];

test('a mount over a folder of our settings would hide them', () => {
  const folders = roots.flatMap((one) => {
    const etc = join(root, one, 'etc');
    const entries = existsSync(etc) ? readdirSync(etc, { withFileTypes: true }) : [];
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `/etc/${name}`);
  });
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((folder) => !isHiddenBy(folder))).toEqual([]);
});

test.each(['/srv', '/mnt/data', '/opt', '/home', '/var/lib/etcd', '/etc/letsencrypt', '/usr/src', '/', '/tmp'])(
  'a mount at %s hides nothing',
  (path) => {
    expect(isHiddenBy(path)).toBe(false);
  },
);

test.each([...LONG_RUNNING])('%s is a unit with one command', (name) => {
  expect(BASE_UNITS.has(name) || OWN_UNITS.has(name)).toBe(true);
  const texts = roots
    .flatMap((one) => [name, `${name}.ejs`].map((file) => join(root, one, 'etc/systemd/system', file)))
    .filter(existsSync)
    .map((path) => readFileSync(path, 'utf8'));
  for (const text of texts) {
    expect(text).not.toMatch(/^Type=oneshot/m);
    expect(text.match(/^ExecStart=./gm)).toHaveLength(1);
  }
});
