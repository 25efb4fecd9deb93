/** Users, proxy and registries that a node has of its own: the resulting values, and the rules for them. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/config/cluster.ts';
import { loadCluster } from '../../src/config/load.ts';
import { formatDiagnostics } from '../../src/diagnostics/format.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ';
const CERTIFICATE = readFileSync(join(import.meta.dirname, 'cases/registry/verify-contradiction/ca.pem'), 'utf8');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-own-'));
  await writeFile(join(folder, 'ca.pem'), CERTIFICATE);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A cluster of `plain` and `other`; the settings of `other` are lines of `cluster.yaml`. */
async function load(own: readonly string[], common: readonly string[] = []) {
  const hardware = (n: number): string =>
    `{ mac_addresses: ['52:54:00:12:34:0${String(n)}'], state_disk: { serial: disk-${String(n)} } }`;
  const lines = [
    'cluster:',
    '  name: lab',
    '  networking:',
    '    node_cidr: 192.168.50.0/24',
    '    gateway: 192.168.50.1',
    '    dns: [192.168.50.1]',
    '    proxy: { http: "http://proxy.lab.example:3128", no_proxy: [.lab.example] }',
    '  users:',
    `    - { name: admin, ssh_keys: ['${KEY} a'] }`,
    `    - { name: bob, ssh_keys: ['${KEY} b'] }`,
    '  registries:',
    '    - { host: docker.io, mirrors: [{ url: "https://mirror.lab.example" }] }',
    '    - { host: quay.io, mirrors: [{ url: "https://quay.lab.example" }] }',
    ...common.map((line) => `  ${line}`),
    'nodes:',
    `  - { name: plain, ip: 192.168.50.11, roles: [master], hardware: ${hardware(1)} }`,
    '  - name: other',
    '    ip: 192.168.50.12',
    '    roles: [worker]',
    `    hardware: ${hardware(2)}`,
    ...own.map((line) => `    ${line}`),
  ];
  await writeFile(join(folder, 'cluster.yaml'), `${lines.join('\n')}\n`);
  return loadCluster(folder);
}

async function sound(own: readonly string[]): Promise<{ cluster: Cluster; plain: Node; other: Node }> {
  const { value, diagnostics } = await load(own);
  expect(diagnostics).toEqual([]);
  const byName = (name: string): Node => value?.nodes.find((node) => node.name === name) as Node;
  return { cluster: value as Cluster, plain: byName('plain'), other: byName('other') };
}

const user = (name: string, comment: string) => {
  const defaults = { groups: [], sudo: false, shell: '/bin/bash', passwordHash: null };
  return { name, sshKeys: [`${KEY} ${comment}`], ...defaults };
};

test("a node that says nothing has the cluster's objects themselves", async () => {
  const { cluster, plain, other } = await sound([]);
  for (const node of [plain, other]) {
    expect(node.users).toBe(cluster.users);
    expect(node.proxy).toBe(cluster.networking.proxy);
    expect(node.registries).toBe(cluster.registries);
  }
});

test('users are added, one of the same name stands where the other stood', async () => {
  const { cluster, plain, other } = await sound([
    'users:',
    `  - { name: carol, ssh_keys: ['${KEY} c'] }`,
    `  - { name: admin, ssh_keys: ['${KEY} mine'] }`,
  ]);
  expect(plain.users).toBe(cluster.users);
  expect(other.users).toEqual([user('admin', 'mine'), user('bob', 'b'), user('carol', 'c')]);
  expect(other.registries).toBe(cluster.registries);
});

test("a proxy replaces the cluster's as a whole, `none` takes it away", async () => {
  // Whatever the user says, the cluster itself is never behind a proxy.
  const direct = ['localhost', '127.0.0.0/8', '::1', '192.168.50.0/24', '10.244.0.0/16', '10.96.0.0/12'];
  const own = [...direct, '.svc', '.cluster.local'];
  const { plain, other } = await sound(['proxy: { https: "http://own.lab.example:3128" }']);
  expect(other.proxy).toEqual({ http: null, https: 'http://own.lab.example:3128', noProxy: own });
  const proxy = 'http://proxy.lab.example:3128';
  expect(plain.proxy).toEqual({ http: proxy, https: proxy, noProxy: [...own, '.lab.example'] });
  expect((await sound(['proxy: none'])).other.proxy).toBeNull();
});

test('registries are replaced by host, with their certificates read', async () => {
  const { other } = await sound([
    'registries:',
    '  - { host: quay.io, mirrors: [{ url: "https://near.lab.example", ca_file: ca.pem }] }',
  ]);
  expect(other.registries).toEqual([
    { host: 'docker.io', mirrors: [{ url: 'https://mirror.lab.example', ca: null, skipVerify: false }], auth: null },
    {
      host: 'quay.io',
      mirrors: [{ url: 'https://near.lab.example', ca: CERTIFICATE, skipVerify: false }],
      auth: null,
    },
  ]);
});

test.each([
  ['proxy: nobody', '`nodes[1].proxy` must be `none` or a group of settings, not `nobody`.', '20:12'],
  ['proxy: [a]', '`nodes[1].proxy` must be `none` or a group of settings, not a list.', '20:5'],
  ['proxy: { htp: "http://a" }', '`htp` is not a setting of the proxy.', '20:14'],
])('what `proxy` cannot be: %s', async (line, message, place) => {
  const { diagnostics } = await load([line]);
  const found = diagnostics.map((one) => [one.message, `${String(one.at?.line)}:${String(one.at?.column)}`]);
  expect(found).toEqual([[message, place]]);
});

test("the rules look at a node's own settings, and frames hide its secrets", async () => {
  const { diagnostics, frame } = await load([
    'users:',
    '  - { name: dave }',
    `  - { name: dave, password_hash: "$6$saltsalt$${'hunter2'.padEnd(86, '.')}" }`,
    `  - { name: sshd, password_hash: "$6$saltsalt$${'hunter2'.padEnd(86, '.')}" }`,
    'registries:',
    '  - { host: a.example, auth: { username: x, password: hunter2 }, mirrors: [{ url: "http://a.example" }] }',
    '  - { host: a.example, mirrors: [{ url: "https://b.example", ca_file: none.pem, skip_verify: true }] }',
    'proxy: { http: "http://robot:hunter2@proxy.lab.example", https: "ftp://robot:hunter2@proxy.lab.example" }',
  ]);
  const places = diagnostics.map(({ code, at }) => `${code} ${String(at?.line)} ${String(at?.path)}`);
  expect(places.toSorted()).toEqual([
    'config/wrong-secret 27 nodes[1].proxy.https',
    'file/missing 26 nodes[1].registries[1].mirrors[0].ca_file',
    'registry/duplicate 26 nodes[1].registries[1].host',
    'registry/password-in-clear 25 nodes[1].registries[0].mirrors[0].url',
    'registry/verify-contradiction 26 nodes[1].registries[1].mirrors[0].skip_verify',
    'user/duplicate 22 nodes[1].users[1].name',
    'user/no-login 21 nodes[1].users[0].name',
    'user/reserved-name 23 nodes[1].users[2].name',
  ]);
  expect(formatDiagnostics(diagnostics, { colour: false, frame })).not.toContain('hunter2');
});

test('a password on one node is one that SSH can accept', async () => {
  const codes = async (own: readonly string[]): Promise<readonly string[]> =>
    (await load(own, ['ssh: { password_authentication: true }'])).diagnostics.map(({ code }) => code);
  expect(await codes([])).toEqual(['ssh/no-password']);
  const hash = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';
  expect(await codes(['users:', `  - { name: dave, password_hash: "${hash}" }`])).toEqual([]);
});
