/**
 * `check` refuses every fault of files beside the definition that a build would refuse, at the same place and with the
 * same message.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { formatLock } from '../../src/builder/artifacts/lock-file.ts';
import { formatStore } from '../../src/pki/store/format.ts';
import { emptyStore } from '../../src/pki/store/model.ts';
import { encrypt } from '../../src/pki/store/age.ts';
import { makeWorld, type World } from '../cli/world.ts';

const store = ({ folder }: World, text: string): Promise<void> =>
  writeFile(join(folder, 'lab/cluster.secrets.yaml'), text);

async function checked(world: World): Promise<string> {
  const { exitCode, stderr } = await world.run('check', 'lab', '--log', 'json');
  const lines = stderr.split('\n').filter(Boolean);
  const found = lines.map((line) => JSON.parse(line) as { code: string; at?: { file: string; line: number } });
  return [exitCode, ...found.map(({ code, at }) => `${code} ${at?.file ?? ''}:${String(at?.line)}`)].join(' ');
}

test.each([
  ['Calico by its default URL', '    dns:', '    cni: calico\n    dns:', 6],
  ['a manifest by URL', 'delivery: first-boot', "delivery: first-boot, manifests: ['https://x.example/v1/a.yaml']", 10],
])('%s without a lock: lock/manifest-not-pinned', async (_, from, to, line) => {
  const world = await makeWorld();
  await world.edit(from, to);
  expect(await checked(world)).toBe(`2 lock/manifest-not-pinned cluster.yaml:${String(line)}`);
  const built = await world.run('build', 'lab', '--log', 'json');
  expect(built.stderr).toContain((await world.run('check', 'lab', '--log', 'json')).stderr);
});

test('the drivers for volumes of Ceph, which the definition does not name: a warning until they are pinned', async () => {
  const world = await makeWorld();
  await cp(join(import.meta.dirname, '../../examples/three-masters-ceph'), join(world.folder, 'lab'), {
    recursive: true,
  });
  const [code, place] = (await checked(world)).split(' ').slice(1);
  expect([code, place?.replace(/\d+$/, '')]).toEqual(['lock/needed-for-drivers', 'cluster.yaml:']);
  const built = await world.run('build', 'lab', '--log', 'json');
  expect([built.exitCode, built.stderr.includes('"lock/manifest-not-pinned"')]).toEqual([2, true]);
});

test('what the lock pins is fine', async () => {
  const world = await makeWorld();
  const url = 'https://x.example/v1/a.yaml';
  await world.edit('delivery: first-boot', `delivery: first-boot, manifests: ['${url}']`);
  const pinned = { name: 'manifests/a.yaml', url, sha256: 'a'.repeat(64), size: 1 };
  await writeFile(join(world.folder, 'lab/coldstart.lock.yaml'), formatLock({ artifacts: [pinned], bases: [] }));
  expect(await checked(world)).toBe('0');
});

test('programs over plain http: lock/needed-for-plain-http', async () => {
  const world = await makeWorld();
  await world.edit('delivery: first-boot', "delivery: first-boot, mirror: 'http://mirror.lab.example/k8s'");
  expect(await checked(world)).toBe('2 lock/needed-for-plain-http cluster.yaml:10');
});

test.each([
  ['something else', 'hello: world\n', '2 secrets/unusable cluster.secrets.yaml:1'],
  ['no YAML', 'kind: coldstart-secrets\nversion: 1\nkeys: [\n', '2 secrets/unusable cluster.secrets.yaml:4'],
  ['one of another cluster', formatStore(emptyStore('other')), '2 secrets/unusable cluster.secrets.yaml:1'],
  [
    'one of a newer program',
    'kind: coldstart-secrets\nversion: 99\n',
    '3 secrets/unsupported-version cluster.secrets.yaml:1',
  ],
  ['a cut off age file', '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n', '2 secrets/unusable cluster.secrets.yaml:1'],
])('a secrets store that is %s: secrets/unusable, secrets/unsupported-version', async (_, text, expected) => {
  const world = await makeWorld();
  await store(world, text);
  expect(await checked(world)).toBe(expected);
});

test.each([
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['a link to an endless device', (path: string) => symlink('/dev/zero', path)],
  ['a folder', (path: string) => mkdir(path)],
  ['a link to a stick that is not there', (path: string) => symlink('/nowhere/secrets.yaml', path)],
])('a secrets store that is %s is not waited for: secrets/unusable', { timeout: 20_000 }, async (_, make) => {
  const world = await makeWorld();
  await make(join(world.folder, 'lab/cluster.secrets.yaml'));
  expect(await checked(world)).toBe('2 secrets/unusable cluster.secrets.yaml:1');
});

test('an encrypted store needs recipients, and no identity to be looked at', async () => {
  const world = await makeWorld();
  const recipient = await identityToRecipient(await generateX25519Identity());
  await store(world, await encrypt(formatStore(emptyStore('lab')), [recipient]));
  expect(await checked(world)).toBe('2 secrets/unusable cluster.secrets.yaml:1');
  await world.edit('  users:', `  secrets: { recipients: [${recipient}] }\n  users:`);
  expect(await checked(world)).toBe('0');
});
