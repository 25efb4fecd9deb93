/** Files and users that decide who can log in: settings of sshd, sudoers, shells of service accounts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';
import { soloDefinition } from '../solo.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example';
const ADMIN = `{ name: admin, groups: [ops, adm], sudo: true, ssh_keys: ['${KEY}'] }`;

/** The codes of a definition with these users and one file. */
async function said(users: string, path: string, content: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-logins-'));
  const file = `  files: [{ path: ${path}, mode: '0440', content: ${JSON.stringify(content)} }]\n`;
  const text = soloDefinition(path === '' ? '' : file).replace(/ {2}users: .*\n/, `  users: [${users}]\n`);
  await writeFile(join(folder, 'cluster.yaml'), text);
  const { diagnostics } = await loadCluster(folder);
  await rm(folder, { recursive: true });
  return diagnostics.map(({ code }) => code).filter((code) => code !== 'user/unknown-group');
}

test.each([
  ['AllowUsers root', 'ssh/nobody'],
  ['AllowUsers "root"', 'ssh/nobody'],
  ['AllowGroups sshusers', 'ssh/nobody'],
  ['DenyUsers a*', 'ssh/nobody'],
  ['DenyGroups adm', 'ssh/nobody'],
  ['PubkeyAuthentication no', 'ssh/nobody'],
  ['Port 6443', 'network/port-taken'],
  ['Port 22\nPort 2379', 'network/port-taken'],
  ['ListenAddress 0.0.0.0:10250', 'network/port-taken'],
  ['ListenAddress [::]:6443', 'network/port-taken'],
])('sshd with `%s`', async (content, code) => {
  expect(await said(ADMIN, '/etc/ssh/sshd_config.d/50.conf', content)).toEqual([code]);
});

test('sshd reads keys from the first `AuthorizedKeysFile` only', async () => {
  const content = 'AuthorizedKeysFile none\n';
  expect(await said(ADMIN, '/etc/ssh/sshd_config.d/05-site.conf', content)).toEqual(['ssh/nobody']);
  expect(await said(ADMIN, '/etc/ssh/sshd_config.d/50-site.conf', content)).toEqual([]);
});

test.each([
  'AllowUsers root\nAllowUsers adm*',
  'AllowUsers admin@10.0.0.0/8',
  'AllowGroups adm sshusers',
  'DenyUsers root',
  'DenyUsers admin@192.0.2.1',
  'Port 2222',
  'ListenAddress ::',
  'AuthorizedKeysFile none\nTrustedUserCAKeys /etc/ssh/ca.pub',
  'Match User root\nPubkeyAuthentication no',
  'PubkeyAuthentication yes\nPubkeyAuthentication no',
])('sshd may have `%s`', async (content) => {
  expect(await said(ADMIN, '/etc/ssh/sshd_config.d/50.conf', content)).toEqual([]);
});

test.each([
  ['root ALL=(ALL:ALL) ALL\n%wheel ALL=(ALL:ALL) ALL\n', ['user/no-sudo']],
  ['root ALL=(ALL:ALL) ALL\n## @includedir /etc/sudoers.d\n', ['user/no-sudo']],
  ['root ALL=(ALL:ALL) ALL\n#includedir /etc/sudoers.d\n', []],
  ['root ALL=(ALL:ALL) ALL\n%adm ALL=(ALL:ALL) ALL\n', []],
  ['admin,root ALL=(ALL:ALL) ALL\n', []],
])('sudoers as %j', async (content, codes) => {
  expect(await said(ADMIN, '/etc/sudoers', content)).toEqual(codes);
});

test('accounts for services need no keys, and nobody can log in with them', async () => {
  const service = '{ name: backup-svc, shell: /usr/sbin/nologin }';
  expect(await said(`${ADMIN}, ${service}`, '', '')).toEqual([]);
  expect(await said(service, '', '')).toEqual(['user/nobody']);
  expect(await said(ADMIN.replace('sudo: true', 'shell: /bin/false'), '', '')).toEqual(['user/nobody']);
});
