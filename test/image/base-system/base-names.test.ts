/** The front end's lists of the base layer's programs, units and accounts, compared with the real base layer. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BASE_ACCOUNTS, BASE_GROUPS } from '../../../src/config/base-system/accounts.ts';
import { BASE_PROGRAMS } from '../../../src/config/base-system/programs.ts';
import { BASE_UNITS } from '../../../src/config/base-system/units.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const inRoot = (path: string): string => join(root ?? '', path);
const fieldsOf = (path: string): string[] =>
  readFileSync(inRoot(path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.replace(/:.*/, ''));

describe.skipIf(root === null)('the base layer has', () => {
  test.each(Object.entries(BASE_PROGRAMS))('the programs of %s that the list says, and no others', (folder, listed) => {
    // Perl's other names hold its version.
    const real = readdirSync(inRoot(folder)).filter((name) => !/\d\.\d/.test(name));
    expect([...listed].toSorted()).toEqual(real.toSorted());
  });

  test('the units that the list says, and no others', () => {
    const real = readdirSync(inRoot('/usr/lib/systemd/system')).filter((name) => !/\.(d|wants|requires)$/.test(name));
    expect([...BASE_UNITS].toSorted()).toEqual(real.toSorted());
  });

  test('the accounts and groups that the lists say, and no others', () => {
    expect([...BASE_ACCOUNTS].toSorted()).toEqual(fieldsOf('/etc/passwd').toSorted());
    expect([...BASE_GROUPS].toSorted()).toEqual(fieldsOf('/etc/group').toSorted());
  });

  test('every shell of /etc/shells among the programs', () => {
    const shells = fieldsOf('/etc/shells').filter((line) => line.startsWith('/'));
    expect(shells.length).toBeGreaterThan(3);
    for (const shell of shells) {
      const [, name = ''] = /\/([^/]+)$/.exec(shell) ?? [];
      expect([shell, BASE_PROGRAMS['/usr/bin']?.has(name), existsSync(inRoot(`/usr/bin/${name}`))]).toEqual([
        shell,
        true,
        true,
      ]);
    }
  });
});
