/** `coldstart secrets`: its output, its changes and its refusals; it never shows a value. */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { describeFailure } from '../../src/cli/failure.ts';
import { loadCluster } from '../../src/config/load.ts';
import { storeFindings } from '../../src/pki/certificates/findings.ts';
import { keepStore } from '../../src/pki/store/keep.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import { makeWorld, type World } from './world.ts';

const STORE = 'lab/cluster.secrets.yaml';
const DAY = 86_400_000;

const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no refusal',
    (error: unknown) => {
      const { exitCode, text } = describeFailure(error, false);
      return `${exitCode} ${text}`;
    },
  );

/** Makes the store as it would have been made some days ago. */
async function age({ folder }: World, days: number) {
  const { value: cluster } = await loadCluster(join(folder, 'lab'));
  const by = { now: new Date(Date.now() - days * DAY), random: systemRandomness };
  const none = () => Promise.resolve([]);
  return keepStore({ cluster: cluster!, path: join(folder, STORE), identities: none, by, save: true });
}

test('a store is made, shown and left alone', async () => {
  const { run, folder } = await makeWorld();
  expect(await run('secrets', 'show', 'lab')).toEqual({
    ...{ exitCode: 0, stderr: '' },
    stdout: 'cluster.secrets.yaml does not exist yet; the first build creates it.\n',
  });
  const made = await run('secrets', 'issue', 'lab');
  expect([made.exitCode, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toMatch(/^made the id `cluster`\nmade the authority `kubernetes`\n/);
  expect(made.stdout).toMatch(
    /\ncluster\.secrets\.yaml: 27 changes, not encrypted: everyone who can read the file has full access to the cluster\.\n$/,
  );
  const text = await readFile(join(folder, STORE), 'utf8');
  expect((await stat(join(folder, STORE))).mode & 0o777).toBe(0o600);
  expect(await run('secrets', 'issue', 'lab')).toEqual({
    ...{ exitCode: 0, stderr: '' },
    stdout: 'cluster.secrets.yaml is complete; nothing was written.\n',
  });
  const shown = await run('secrets', 'show', 'lab');
  const lines = shown.stdout.trimEnd().split('\n');
  expect(lines[0]).toBe(
    'secrets of cluster lab in cluster.secrets.yaml, not encrypted: everyone who can read the file has full access to the cluster',
  );
  expect(lines.map((line) => line.replace(/ +until \d{4}-\d\d-\d\d$/, ' (date)')).slice(1, 5)).toEqual([
    '  ids/cluster',
    '  authorities/etcd (date)',
    '  authorities/front-proxy (date)',
    '  authorities/kubernetes (date)',
  ]);
  // Masters make a token when a node shows its certificate.
  expect(lines.filter((line) => line.startsWith('  tokens/'))).toEqual([]);
  const everything = made.stdout + shown.stdout + (await run('secrets', 'show', 'lab', '--json')).stdout;
  for (const [, value = ''] of text.matchAll(/^ +(?:current: )?([A-Za-z0-9+/=.]{23,})$/gm)) {
    expect(everything).not.toContain(value);
  }
});

test('for machines, one line for each entry and each change', async () => {
  const { run } = await makeWorld();
  const parsed = ({ stdout }: { stdout: string }): unknown[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  const made = parsed(await run('secrets', 'issue', 'lab', '--json'));
  expect(made).toHaveLength(27);
  expect(made[0]).toEqual({ type: 'change', did: 'made', what: 'the id `cluster`', why: null });
  const shown = parsed(await run('secrets', 'show', 'lab', '--json'));
  expect(shown).toHaveLength(27);
  expect(shown[0]).toEqual({ type: 'secret', id: 'ids/cluster', rotation: null });
  expect(shown[1]).toEqual({
    ...{ type: 'secret', id: 'authorities/etcd', rotation: null, state: 'good' },
    notAfter: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as string,
  });
});

test('tokens and certificates are rotated by name, roots step by step', async () => {
  const { run } = await makeWorld();
  await run('secrets', 'issue', 'lab');
  const one = await run('secrets', 'rotate', 'certificates/operator/admin', 'lab');
  expect(one.stdout).toBe(
    'made anew the certificate `operator/admin`, as it was to be rotated\n' +
      'cluster.secrets.yaml: 1 change, not encrypted: everyone who can read the file has full access to the cluster.\n',
  );
  const step = async (name: string): Promise<string | undefined> => {
    await run('secrets', 'rotate', 'key-pairs/service-account', 'lab', '--step', name);
    const { stdout } = await run('secrets', 'show', 'lab');
    return /key-pairs\/service-account *(.*)/.exec(stdout)?.[1];
  };
  await expect(run('secrets', 'rotate', 'tokens', 'lab')).rejects.toThrow('The secrets store has no tokens.');
  expect(await step('stage')).toBe('the new one is staged');
  expect(await step('activate')).toBe('the old one is still trusted');
  expect(await step('retire')).toBe('');
});

test('keys of Ceph are listed like others, and rotated at one blow: one, or all below a name', async () => {
  const { run, edit } = await makeWorld();
  const disk = '      state_disk: { serial: disk-1 }\n';
  await edit(disk, `${disk}      osd_disks: [{ serial: osd }]\n`);
  await edit('roles: [master]', 'roles: [master, ceph-mon, ceph-mgr, ceph-osd]');
  await run('secrets', 'issue', 'lab');
  const { stdout } = await run('secrets', 'show', 'lab');
  const keys = ['admin', 'bootstrap-mgr', 'bootstrap-osd', 'kubernetes', 'mon'];
  expect(stdout.match(/ids\/ceph-fsid|keys\/ceph\S*/g)).toEqual([
    'ids/ceph-fsid',
    ...keys.map((id) => `keys/ceph/${id}`),
  ]);
  const one = await run('secrets', 'rotate', 'keys/ceph/bootstrap-mgr', 'lab');
  expect(one.stdout).toBe(
    'made anew the key `ceph/bootstrap-mgr`, as it was to be rotated\n' +
      'cluster.secrets.yaml: 1 change, not encrypted: everyone who can read the file has full access to the cluster.\n',
  );
  expect((await run('secrets', 'rotate', 'keys/ceph', 'lab')).stdout).toContain('cluster.secrets.yaml: 5 changes');
});

test.each([
  [['rotate'], '2 error: The entry to rotate is missing.\n  = hint: `coldstart secrets show` lists all entries\n'],
  [['rotate', 'tokens', 'lab', 'more'], '2 error: `secrets rotate` has too many arguments.\n'],
  [['show', 'lab', '--step', 'stage'], '2 error: `--step` is only for `secrets rotate`.\n'],
  [['rotate', 'tokens', 'lab', '--step', 'stage'], '2 error: tokens are rotated in one step, without `--step`.\n'],
  [
    ['rotate', 'keys/encryption', 'lab'],
    '2 error: `keys/encryption` is rotated in several steps: all nodes must know the new value before the old one is removed.\n' +
      '  = hint: add `--step stage`, and later `--step activate` and `--step retire`; see docs/SECRETS.md\n',
  ],
  [
    ['rotate', 'ids/cluster', 'lab'],
    '2 error: `ids/cluster` is not an entry that can be rotated.\n' +
      '  = hint: write `tokens`, `tokens/NODE`, `certificates`, `certificates/nodes/NODE`, `authorities/NAME`, ' +
      '`key-pairs/NAME`, `keys/NAME` or `keys/ceph/NAME`\n',
  ],
  [
    ['rotate', 'keys/ceph/admin', 'lab', '--step', 'stage'],
    "2 error: Ceph's keys are rotated in one step, without `--step`.\n",
  ],
  [
    ['rotate', 'tokens', 'lab'],
    `2 error: There is no \`FOLDER/${STORE}\` yet, so nothing can be rotated.\n` +
      '  = hint: `coldstart build` makes it, or `coldstart secrets issue`\n',
  ],
])('refused: secrets %j', async (argv, expected) => {
  const { run, folder } = await makeWorld();
  expect((await refusal(run('secrets', ...argv))).replace(folder, 'FOLDER')).toBe(expected);
});

test('a store that is no store is refused, and left as it is', async () => {
  const { run, folder } = await makeWorld();
  await writeFile(join(folder, STORE), 'hello\n');
  const expected = /^2 error: `.*cluster\.secrets\.yaml` is not a secrets store: .*\n {2}= hint: take it from a backup/;
  expect(await refusal(run('secrets', 'issue', 'lab'))).toMatch(expected);
  expect(await readFile(join(folder, STORE), 'utf8')).toBe('hello\n');
});

test('with recipients it is encrypted, and opened by --identity or by the environment', async () => {
  const identity = await generateX25519Identity();
  const { run, folder, edit, session } = await makeWorld();
  await edit('  users:', `  secrets: { recipients: [${await identityToRecipient(identity)}] }\n  users:`);
  await writeFile(join(folder, 'key.txt'), `${identity}\n`);
  expect((await run('secrets', 'issue', 'lab')).stdout).toMatch(/: 27 changes, encrypted\.\n$/);
  expect(await refusal(run('secrets', 'show', 'lab'))).toMatch(/is encrypted and no age identity was given\.\n/);
  const opened = await run('secrets', 'show', 'lab', '--identity', 'key.txt');
  expect(opened.stdout).toMatch(/^secrets of cluster lab in cluster\.secrets\.yaml, encrypted\n/);
  Object.assign(session.env, { COLDSTART_AGE_IDENTITY: join(folder, 'key.txt') });
  expect(await run('secrets', 'show', 'lab')).toEqual(opened);
});

test('whoever may read a store in clear is warned about', async () => {
  const { run, folder } = await makeWorld();
  await run('secrets', 'issue', 'lab');
  await chmod(join(folder, STORE), 0o644);
  const { exitCode, stderr } = await run('secrets', 'show', 'lab');
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    'warning secrets/exposed: `cluster.secrets.yaml` contains all keys of the cluster without encryption, and other users can read it.',
  );
  expect((await run('secrets', 'show', 'lab', '--strict')).exitCode).toBe(2);
});

test('certificates that end are named in time: secrets/ageing, secrets/expiring, secrets/expired', async () => {
  const world = await makeWorld();
  const made = await age(world, 340);
  const { stdout, stderr, exitCode } = await world.run('secrets', 'show', 'lab');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/ certificates\/operator\/admin +until \d{4}-\d\d-\d\d, expiring\n/);
  expect(stderr).toMatch(
    /warning secrets\/expiring: 1 of the certificates in `cluster\.secrets\.yaml` expire within 30 days; the first is `certificates\/operator\/admin`, on \d{4}-\d\d-\d\d\.\n/,
  );
  const messages = (days: number): string[] =>
    storeFindings(made, 'x.yaml', new Date(Date.now() + days * DAY)).map(({ code, severity }) => `${severity} ${code}`);
  expect(messages(0)).toEqual(['warning secrets/expiring']);
  expect(messages(30)).toEqual(['warning secrets/operator-expired']);
  expect(messages(1200)).toEqual(['warning secrets/operator-expired', 'warning secrets/ageing']);
  expect(messages(1500)).toEqual(['error secrets/expired', 'warning secrets/operator-expired']);
});

test("the operator's certificate stops nobody, but is named until it is made anew", async () => {
  const world = await makeWorld();
  await age(world, 366);
  const { exitCode, stderr } = await world.run('secrets', 'issue', 'lab');
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(
    /^warning secrets\/operator-expired: The operator's certificate in `cluster\.secrets\.yaml` expired on \d{4}-\d\d-\d\d, so the kubeconfig beside the images gives no access\.\n/,
  );
  await world.run('secrets', 'rotate', 'certificates/operator', 'lab');
  expect(await world.run('secrets', 'issue', 'lab')).toMatchObject({ exitCode: 0, stderr: '' });
});

test('certificates in images that ended are an error, until they are made anew', async () => {
  const world = await makeWorld();
  await age(world, 1827);
  const { exitCode, stderr } = await world.run('secrets', 'issue', 'lab');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /^error secrets\/expired: 18 of the certificates in `cluster\.secrets\.yaml` for images have expired; the first was `certificates\/nodes\/master-01\/admin`, on \d{4}-\d\d-\d\d\.\n/,
  );
  const anew = await world.run('secrets', 'rotate', 'certificates', 'lab');
  expect([anew.exitCode, anew.stderr]).toEqual([0, '']);
});
