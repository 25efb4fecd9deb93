/** Reviews of the secrets store: existing entries and missing ones, no random values, no secret values. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/cli/failure.ts';
import { openStore } from '../../src/pki/store/store.ts';
import { secretsIn } from '../pki/least-privilege.ts';
import { copyDefinition, makeWorld, photograph, type World } from '../cli/world.ts';

const STORE = 'lab/cluster.secrets.yaml';
const KEY = 'etc/kubernetes/pki/kubelet.key';
const WORKER = `nodes:
  - name: worker-02
    ip: 192.168.50.22
    roles: [worker]
    hardware: { mac_addresses: ['52:54:00:12:34:03'], state_disk: { serial: disk-3 } }`;

/** A definition whose store is encrypted, for an identity in `key.txt`. */
async function encrypted(): Promise<World> {
  const world = await makeWorld();
  const identity = await generateX25519Identity();
  await writeFile(join(world.folder, 'key.txt'), `${identity}\n`);
  await world.edit('  users:', `  secrets: { recipients: [${await identityToRecipient(identity)}] }\n  users:`);
  await world.run('secrets', 'issue', 'lab');
  return world;
}

describe('without a store', () => {
  test('a dry run says the same twice, names the files, and makes nothing', async () => {
    const { run, folder } = await makeWorld();
    const before = await photograph(folder);
    const first = await run('build', 'lab', '--dry-run', '--verbose');
    expect(await run('build', 'lab', '--dry-run', '--verbose')).toEqual(first);
    expect(first.stdout).toContain(`    0600 0:0 file not-issued-yet ${KEY}\n`);
    expect(first.stdout).toContain(
      `diff master-01/${KEY}\nnew file mode 0600 owner 0:0\nsecret none -> not-issued-yet\n`,
    );
    expect(await photograph(folder)).toEqual(before);
  });

  test('two definitions differ in nothing that is yet to be made', async () => {
    const world = await makeWorld();
    await copyDefinition(world, 'other');
    expect((await world.run('diff', 'lab', 'other')).stdout).toMatch(/\nNo differences in 2 nodes\.\n$/);
  });

  test('trees have a word in place of each file, also with --with-secrets', async () => {
    const { run, folder } = await makeWorld();
    for (const [out, ...flags] of [['one'], ['two', '--with-secrets']] as const) {
      await run('render', 'lab', '--out', out, ...flags);
      expect(await readFile(join(folder, out, 'worker-01/tree', KEY), 'utf8')).toBe(
        'coldstart secret not-issued-yet\n',
      );
    }
  });

  test('a file is explained', async () => {
    const { run } = await makeWorld();
    expect((await run('explain', 'lab', KEY, '--node', 'worker-01')).stdout).toBe(
      `/${KEY} of worker-01 (secret)\n  issued from cluster.secrets.yaml\n  with certificate_key:nodes/worker-01/kubelet of the secrets store\n  0600 0:0 file not-issued-yet ${KEY}\n`,
    );
  });
});

describe('with a store', () => {
  test('what stands shows as digests, and as unchanged', async () => {
    const { run } = await makeWorld();
    await run('secrets', 'issue', 'lab');
    await run('render', 'lab');
    const compared = await run('diff', 'lab');
    expect(compared.stderr).toBe('');
    expect(compared.stdout).toMatch(/^No differences/m);
    const { stdout } = await run('explain', 'lab', KEY, '--node', 'worker-01');
    expect(stdout).toMatch(/0600 0:0 file sha256:[0-9a-f]{64} /);
  });

  test('what a change of the definition will have made anew shows as that, and nothing else does', async () => {
    const world = await makeWorld();
    await world.run('secrets', 'issue', 'lab');
    await world.run('render', 'lab');
    const text = await readFile(join(world.folder, STORE), 'utf8');
    const diff = async () => (await world.run('diff', 'lab', '--node', 'master-01', '--node', 'worker-01')).stdout;
    const anewIn = (said: string) =>
      [...said.matchAll(/^diff (\S+etc\/kubernetes\/\S+)\n(?:secret|content) \S+ -> ([a-z-]+)/gm)].map(
        ([, path, after]) => [path, after],
      );
    await world.edit('nodes:', WORKER);
    // A further worker joins by its own image alone.
    expect(anewIn(await diff())).toEqual([]);
    await world.edit('    ip: 192.168.50.21', '    ip: 192.168.50.23');
    const stdout = await diff();
    expect(anewIn(stdout)).toEqual([
      ['worker-01/etc/kubernetes/pki/kubelet.crt', 'not-issued-yet'],
      ['worker-01/etc/kubernetes/pki/kubelet.key', 'not-issued-yet'],
    ]);
    expect((await world.run('diff', 'lab', '--node', 'master-01', '--node', 'worker-01')).stdout).toBe(stdout);
    expect(await readFile(join(world.folder, STORE), 'utf8')).toBe(text);
  });

  test('a certificate that has to say something else is to be issued, its neighbours stay', async () => {
    const world = await makeWorld();
    await world.run('secrets', 'issue', 'lab');
    await world.edit('    ip: 192.168.50.21', '    ip: 192.168.50.23');
    const words = async (file: string) =>
      /file (not-issued-yet|sha256)/.exec(
        (await world.run('explain', 'lab', `etc/kubernetes/${file}`, '--node', 'worker-01')).stdout,
      )?.[1];
    expect(await words('pki/kubelet.crt')).toBe('not-issued-yet');
    expect(await words('pki/kubelet.key')).toBe('not-issued-yet');
    expect(await words('pki/ca.crt')).toBe('sha256');
    expect(await words('pki/join-client.key')).toBe('sha256');
  });

  test('no command shows a value', async () => {
    const { run, folder } = await makeWorld();
    await run('secrets', 'issue', 'lab');
    const { store } = (await openStore(join(folder, STORE), () => Promise.resolve([])))!;
    const calls = [
      ['build', 'lab', '--dry-run', '--verbose'],
      ['diff', 'lab', '--verbose'],
      ['render', 'lab'],
      ['explain', 'lab', 'etc/kubernetes/pki/ca.key', '--node', 'master-01'],
      ['check', 'lab'],
    ];
    for (const call of calls) {
      for (const form of [[], ['--json'], ['--log', 'json']]) {
        const { exitCode, stdout, stderr } = await run(...call, ...form);
        expect([call, exitCode]).toEqual([call, 0]);
        expect([call, secretsIn([{ content: Buffer.from(stdout + stderr) }], store)]).toEqual([call, []]);
      }
    }
    for (const file of ['plan.json', 'master-01/inventory.txt', 'master-01/tree/etc/kubernetes/pki/ca.key']) {
      expect(secretsIn([{ content: await readFile(join(folder, 'out/lab', file)) }], store)).toEqual([]);
    }
  });
});

describe('with a store that cannot be opened', () => {
  test('everything else is compared, and it is said once that secrets are not', async () => {
    const { run } = await encrypted();
    await run('render', 'lab', '--identity', 'key.txt');
    const { exitCode, stdout, stderr } = await run('diff', 'lab');
    expect([exitCode, stdout]).toEqual([0, 'unchanged: master-01, worker-01\nNo differences in 2 nodes.\n']);
    expect(stderr).toMatch(
      /^`.*cluster\.secrets\.yaml` is encrypted and no age identity was given\.\nThe review shows paths, /,
    );
    const dry = await run('build', 'lab', '--dry-run', '--verbose');
    expect(dry.stdout).toContain(`    0600 0:0 file cannot-be-opened-here ${KEY}\n`);
    expect(await run('build', 'lab', '--dry-run', '--verbose')).toEqual(dry);
    expect((await run('diff', 'lab', '--log', 'silent')).stderr).toBe('');
  });

  test('with its identity, by flag or environment, it is as any other', async () => {
    const { run, folder, session } = await encrypted();
    await run('render', 'lab', '--identity', 'key.txt');
    expect((await run('diff', 'lab', '--identity', 'key.txt')).stderr).toBe('');
    Object.assign(session.env, { COLDSTART_AGE_IDENTITY: join(folder, 'key.txt') });
    const { stdout, stderr } = await run('build', 'lab', '--dry-run', '--verbose');
    expect(stderr).not.toContain('identity');
    expect(stdout).toMatch(/ {4}0600 0:0 file sha256:[0-9a-f]{64} etc\/kubernetes\/pki\/kubelet\.key\n/);
  });

  test('another one is not an error, as a reviewer may have keys to other clusters; a missing file is', async () => {
    const { run, folder } = await encrypted();
    await writeFile(join(folder, 'key.txt'), `${await generateX25519Identity()}\n`);
    const { exitCode, stderr } = await run('diff', 'lab', '--identity', 'key.txt');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('The age identity that was given is not among those that ');
    await rm(join(folder, 'key.txt'));
    const failure = await run('diff', 'lab', '--identity', 'key.txt').catch((error: unknown) => error);
    expect(describeFailure(failure, false)).toMatchObject({ exitCode: 2 });
  });

  test('a damaged store stops a review as it would a build', async () => {
    const { run, folder } = await makeWorld();
    await writeFile(join(folder, STORE), 'hello\n');
    const failure = await run('build', 'lab', '--dry-run').catch((error: unknown) => error);
    expect(describeFailure(failure, false)).toMatchObject({ exitCode: 2 });
  });
});
