/** Keys for images: the keys of each node, the messages about them, and the reasons to refuse a build. */
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/cli/failure.ts';
import { issueSecrets, type Issued } from '../../src/usecases/secrets/issue.ts';
import { openProject, type Project } from '../../src/usecases/project.ts';
import { hostOf, type IdentityOptions } from '../../src/cli/host.ts';
import type { CommonOptions, Session } from '../../src/cli/session.ts';
import { exitClass } from '../../src/diagnostics/codes.ts';
import { Findings } from '../../src/usecases/findings.ts';
import { loadCluster } from '../../src/config/load.ts';
import { adminKubeconfig } from '../pki/node-secrets.ts';
import { keepStore } from '../../src/pki/store/keep.ts';
import { systemRandomness } from '../../src/pki/issue/randomness.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { openStore } from '../../src/pki/store/store.ts';
import { inventory } from '../../src/render/tree/inventory.ts';
import { redactTree } from '../../src/render/tree/redact.ts';
import { secretsDue, secretsIn, secretsOf } from '../pki/least-privilege.ts';
import { EXAMPLES } from '../render/examples.ts';
import { makeWorld, photograph, type World } from '../cli/world.ts';

const STORE = 'lab/cluster.secrets.yaml';
const PLAIN: CommonOptions = { log: 'plain' };
const none = () => Promise.resolve([]);

const findingsOf = (session: Session, options: CommonOptions & IdentityOptions = PLAIN): Findings =>
  new Findings(hostOf(options, session));

async function open({ session }: World, config = 'lab'): Promise<Project> {
  const project = await openProject({ config }, findingsOf(session));
  if (project === undefined) throw new Error('the definition is not valid');
  return project;
}

async function issue({ session }: World, project: Project): Promise<Issued> {
  const issued = await issueSecrets(project, null, findingsOf(session));
  if (issued === undefined) throw new Error('nothing was issued');
  return issued;
}

const inventories = ({ trees }: Issued): string[] => [...trees.values()].map(inventory);
const read = async ({ folder }: World, path = STORE): Promise<Store> =>
  (await openStore(join(folder, path), none))!.store;
const values = (store: Store): string[] => [...secretsOf(store).values()].map((value) => value.split('\n')[1] ?? value);

describe.each(EXAMPLES)('the trees of the example %s', (name) => {
  test('hold what their node needs to know, and nothing else of the store', { timeout: 120_000 }, async () => {
    const world = await makeWorld();
    await cp(join(import.meta.dirname, '../../examples', name), join(world.folder, 'copy'), { recursive: true });
    const project = await open(world, 'copy');
    const { trees, kubeconfig } = await issue(world, project);
    const store = await read(world, 'copy/cluster.secrets.yaml');
    for (const node of project.cluster.nodes) {
      const files = (trees.get(node.name) ?? []).filter((entry) => entry.type === 'file');
      expect([node.name, secretsIn(files, store)]).toEqual([node.name, secretsDue(project.cluster, node, store)]);
      const holders = files.filter((file) => secretsIn([file], store).length > 0);
      expect(holders.filter(({ secret, mode }) => !secret || mode !== 0o600)).toEqual([]);
      const readable = redactTree(files).filter((entry) => entry.type === 'file');
      expect(secretsIn(readable, store)).toEqual([]);
    }
    expect(kubeconfig).toEqual(adminKubeconfig(store, project.cluster));
    expect(secretsIn([{ content: kubeconfig! }], store)).toEqual(['certificate operator/admin']);
    expect(secretsIn([{ content: Buffer.from(JSON.stringify(project.plan)) }], store)).toEqual([]);
  });
});

describe('the store', () => {
  test('is made by the first build, left alone by the second, completed for a new node', async () => {
    const world = await makeWorld();
    const first = await issue(world, await open(world));
    const text = await readFile(join(world.folder, STORE), 'utf8');
    const second = await issue(world, await open(world));
    expect(inventories(second)).toEqual(inventories(first));
    expect(second.kubeconfig).toEqual(first.kubeconfig);
    expect(await readFile(join(world.folder, STORE), 'utf8')).toBe(text);
    await world.edit('nodes:', `nodes:\n${WORKER}`);
    const third = await issue(world, await open(world));
    expect(inventory(third.trees.get('worker-01')!.filter(isIssued))).toBe(
      inventory(first.trees.get('worker-01')!.filter(isIssued)),
    );
    expect((await read(world)).certificates).toHaveProperty('nodes/worker-02/join-client');
  });

  test('is one and the same for builds that run at once', async () => {
    const world = await makeWorld();
    const project = await open(world);
    const issued = await Promise.all([1, 2, 3, 4].map(() => issue(world, project)));
    const [one = '', ...others] = issued.map((each) => inventories(each).join());
    expect(others).toEqual([one, one, one]);
    const store = await read(world);
    expect(issued[0]?.kubeconfig).toEqual(adminKubeconfig(store, project.cluster));
  });

  test('is not changed with --locked, so nothing is built while it lacks something: secrets/not-issued', async () => {
    const world = await makeWorld();
    const locked = async (): Promise<unknown> => {
      const before = await photograph(world.folder);
      const findings = findingsOf(world.session);
      const issued = await issueSecrets(await open(world), 'locked', findings);
      expect(await photograph(world.folder)).toEqual(before);
      return issued === undefined ? exitClass(findings.stopped().diagnostics) : 'issued';
    };
    expect(await locked()).toBe(2);
    await issue(world, await open(world));
    expect(await locked()).toBe('issued');
    await world.edit('nodes:', `nodes:\n${WORKER}`);
    expect(await locked()).toBe(2);
  });

  test('is not changed with --shard, as each job would make keys of its own: secrets/not-shared', async () => {
    const world = await makeWorld();
    const before = await photograph(world.folder);
    const refused = await world.run('build', 'lab', '--shard', '1/2', '--log', 'json');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('"code":"secrets/not-shared"');
    expect(refused.stderr).toContain('run `coldstart secrets issue` once, and give all jobs the same file');
    expect(await photograph(world.folder)).toEqual(before);
    await issue(world, await open(world));
    expect(await issueSecrets(await open(world), 'sharded', findingsOf(world.session))).toBeDefined();
  });

  test('stays as it is for a definition that is refused, and so does everything else', async () => {
    const world = await makeWorld();
    await world.edit('gateway:', 'gatewai:');
    const before = await photograph(world.folder);
    expect((await world.run('build', 'lab')).exitCode).toBe(2);
    expect(await photograph(world.folder)).toEqual(before);
  });

  test('that is encrypted stops a build that has no identity: exit 2, nothing written', async () => {
    const identity = await generateX25519Identity();
    const world = await makeWorld({ CI: 'true' });
    await world.edit('  users:', `  secrets: { recipients: [${await identityToRecipient(identity)}] }\n  users:`);
    await issue(world, await open(world));
    const before = await photograph(world.folder);
    const failure = await world.run('build', 'lab').catch((error: unknown) => describeFailure(error, false));
    expect(failure).toMatchObject({ exitCode: 2 });
    expect((failure as { text: string }).text).toMatch(
      /^error: `.*cluster\.secrets\.yaml` is encrypted and no age identity was given\.\n {2}= hint: name its file with `--identity` or in /,
    );
    expect(await photograph(world.folder)).toEqual(before);
    await writeFile(join(world.folder, 'key.txt'), `${identity}\n`);
    const issued = await issueSecrets(
      await open(world),
      null,
      findingsOf(world.session, { ...PLAIN, identity: ['key.txt'] }),
    );
    expect(issued).toHaveProperty('trees');
  });
});

const WORKER = `  - name: worker-02
    ip: 192.168.50.22
    roles: [worker]
    hardware: { mac_addresses: ['52:54:00:12:34:03'], state_disk: { serial: disk-3 } }`;
const isIssued = ({ origin }: { origin: { kind: string } }): boolean => origin.kind === 'secrets-store';

describe('what a build says about keys', () => {
  async function said(options: CommonOptions & { locked?: boolean }, prepare?: (world: World) => Promise<unknown>) {
    const world = await makeWorld();
    await prepare?.(world);
    const project = await open(world);
    const written = { stdout: '', stderr: '' };
    const session = {
      ...world.session,
      stdout: { ...world.session.stdout, write: (text: string) => void (written.stdout += text) },
      stderr: { ...world.session.stderr, write: (text: string) => void (written.stderr += text) },
    };
    const { locked, ...common } = options;
    const outcome = await issueSecrets(project, locked === true ? 'locked' : null, findingsOf(session, common));
    const store = await read(world);
    for (const value of values(store)) expect(written.stdout + written.stderr).not.toContain(value);
    return { ...written, outcome };
  }
  const issued = (world: World) => open(world).then((project) => issue(world, project));

  test('how many it made, and what a store in clear means', async () => {
    expect(await said(PLAIN)).toMatchObject({
      stdout: '',
      stderr:
        'cluster.secrets.yaml: 27 made, not encrypted: everyone who can read the file has full access to the cluster.\n',
    });
  });

  const change = async (world: World): Promise<void> => {
    await issued(world);
    await world.edit('    ip: 192.168.50.21', '    ip: 192.168.50.23');
  };

  test('one by one what it made anew and why, where it is not much', async () => {
    expect((await said(PLAIN, change)).stderr).toBe(
      'made anew the certificate `nodes/worker-01/kubelet`, as it has to say something else now\n' +
        'cluster.secrets.yaml: 1 change, not encrypted: everyone who can read the file has full access to the cluster.\n',
    );
  });

  test('what it would have to make, but must not', async () => {
    expect((await said({ ...PLAIN, locked: true }, change)).stderr).toContain(
      'error secrets/not-issued: `cluster.secrets.yaml` would change (made anew the certificate `nodes/worker-01/kubelet`, ' +
        'as it has to say something else now; 1 change in total), but `--locked` was given.\n',
    );
  });

  test('that there was nothing to make', async () => {
    expect((await said(PLAIN, issued)).stderr).toBe(
      'cluster.secrets.yaml is complete, not encrypted: everyone who can read the file has full access to the cluster.\n',
    );
  });

  test('for machines, each change as an object; nothing when it is to be silent', async () => {
    const json = await said({ log: 'plain', json: true });
    const first = { type: 'change', did: 'made', what: 'the id `cluster`', why: null };
    expect([json.stderr, JSON.parse(json.stdout.split('\n')[0]!)]).toEqual(['', first]);
    const log = await said({ log: 'json' });
    expect([log.stdout, JSON.parse(log.stderr.split('\n')[0]!)]).toEqual(['', first]);
    expect(await said({ log: 'silent' })).toMatchObject({ stdout: '', stderr: '' });
  });

  test('that others may read the store; with --strict no image is built', async () => {
    const expose = async (world: World) => {
      await issued(world);
      await chmod(join(world.folder, STORE), 0o644);
    };
    const { stderr, outcome } = await said(PLAIN, expose);
    expect(stderr).toContain('warning secrets/exposed: `cluster.secrets.yaml` contains all keys of the cluster');
    expect(outcome).toHaveProperty('trees');
    expect((await said({ ...PLAIN, strict: true }, expose)).outcome).toBeUndefined();
  });

  test('that certificates in images have ended: no image is built of them', async () => {
    const age = async ({ folder }: World) => {
      const { value: cluster } = await loadCluster(join(folder, 'lab'));
      const by = { now: new Date(Date.now() - 1827 * 86_400_000), random: systemRandomness };
      await keepStore({ cluster: cluster!, path: join(folder, STORE), identities: none, by, save: true });
    };
    const { stderr, outcome } = await said(PLAIN, age);
    expect(stderr).toMatch(
      /\nerror secrets\/expired: 18 of the certificates in `cluster\.secrets\.yaml` for images have expired/,
    );
    expect(outcome).toBeUndefined();
  });
});

describe('what is in the way of a file from the store', () => {
  const CA = 'etc/kubernetes/pki/ca.crt';

  test.each([
    ['common', CA],
    ['role-worker', CA],
    ['node-worker-01', CA],
  ])('an overlay of %s', async (root, path) => {
    const { run, folder } = await makeWorld();
    await mkdir(join(folder, 'lab/overlays', root, path, '..'), { recursive: true });
    await writeFile(join(folder, 'lab/overlays', root, path), 'mine\n');
    const { exitCode, stderr } = await run('check', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `error overlay/overwrites-rendered: \`overlays/${root}/${path}\` would overwrite \`/${path}\`, ` +
        'which `cluster.secrets.yaml` creates.\n',
    );
    expect(stderr).toMatch(/\n1 error\n$/);
  });

  test('a file of the configuration', async () => {
    const { run, edit } = await makeWorld();
    await edit('ip: 192.168.50.21\n', `ip: 192.168.50.21\n    files: [{ path: /${CA}, content: 'x' }]\n`);
    const { exitCode, stderr } = await run('check', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `error render/path-taken: \`files[/${CA}]\` would create \`/${CA}\`, but \`cluster.secrets.yaml\` already creates this file.\n` +
        '   --> cluster.yaml:23:21  nodes[1].files[0].path\n',
    );
  });

  test('a file where the store needs a folder, said once', async () => {
    const { run, folder } = await makeWorld();
    await mkdir(join(folder, 'lab/overlays/common/etc/kubernetes'), { recursive: true });
    await writeFile(join(folder, 'lab/overlays/common/etc/kubernetes/pki'), 'mine\n');
    const { stderr } = await run('check', 'lab');
    expect(stderr).toMatch(
      /^error render\/not-a-directory: `\/etc\/kubernetes\/pki` from `overlays\/common\/etc\/kubernetes\/pki` conflicts with .* from `cluster\.secrets\.yaml`: /,
    );
    expect(stderr).toMatch(/\n1 error\n$/);
  });
});

test('an overlay of all nodes in place of a file that is rendered for each is a mistake, too', async () => {
  const { run, folder } = await makeWorld();
  await mkdir(join(folder, 'lab/overlays/common/etc'), { recursive: true });
  await writeFile(join(folder, 'lab/overlays/common/etc/hostname'), 'mine\n');
  const { exitCode, stderr } = await run('check', 'lab');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('`overlays/common/etc/hostname` would overwrite `/etc/hostname`, which');
});
