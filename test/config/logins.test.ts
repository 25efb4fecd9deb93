/** Users who can log in to a node, and those who cannot although they have a key. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { soloDefinition } from './solo.ts';

const folder = mkdtempSync(join(tmpdir(), 'coldstart-logins-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ me@example';
const user = (rest: string): string => `{ name: op, ssh_keys: ['${KEY}'], ${rest} }`;

test.each([
  ['a shell', [user('sudo: true')], []],
  ['no shell', [user('shell: /usr/sbin/nologin')], ['user/nobody cluster.yaml:4']],
  ['false as a shell', [user('shell: /bin/false')], ['user/nobody cluster.yaml:4']],
  ['a shell for another user', [user('shell: /usr/sbin/nologin'), `{ name: me, ssh_keys: ['${KEY}'] }`], []],
])('%s', async (_, users, expected) => {
  const text = soloDefinition().replace(/users: .*/, `users: [${users.join(', ')}]`);
  writeFileSync(join(folder, 'cluster.yaml'), text);
  const { diagnostics } = await loadCluster(folder);
  const found = diagnostics.filter(({ code }) => code.startsWith('user/'));
  expect(found.map(({ code, at }) => `${code} ${at?.file ?? ''}:${at?.line ?? 0}`)).toEqual(expected);
});
