/**
 * The support bundle of a node whose image has all its values of the secrets store, and whose every log contains every
 * secret: its contents, that it contains no secret, and that it works on a node on which nothing else works.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSources } from '../../../src/builder/sources.ts';
import type { Cluster, Node } from '../../../src/config/cluster.ts';
import { nodeSecrets } from '../../pki/node-secrets.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import type { Sources } from '../../../src/render/plan/sources.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { external, lab, large, storeOf } from '../../pki/clusters.ts';
import { knows, secretsIn } from '../../pki/least-privilege.ts';
import { machine, REPOSITORY, type Machine } from '../machine.ts';

let sources: Sources;
beforeAll(async () => {
  sources = await readSources(REPOSITORY, REPOSITORY);
});

/** What no store made: the user's own, in the files that hold such things. */
const OWN = {
  registry: 'correct horse',
  proxy: 'staple-battery',
  credentials: 'AKIAEXAMPLE:wJalrXUtnFEMI',
  ceph: 'AQDLhxFpAAAAABAAm0p4mZ1cZ5b0c9k2r3Y4Zw==',
  file: 'x7Jq2mPz-0123456789-own-secret',
};
const OWN_FILES = {
  'etc/containerd/config.toml': `  "quay.io".auth.password = ${JSON.stringify(OWN.registry)}\n`,
  'etc/kubernetes/join-credentials': OWN.credentials,
  'etc/ceph/ceph.client.admin.keyring': `[client.admin]\n\tkey = ${OWN.ceph}\n`,
  'etc/own.conf': `key ${OWN.file}\n`,
};

/** The node as its image makes it; whoever is asked for a log tells the content of every file there is. */
async function talkative(of: Cluster, name: string): Promise<Machine> {
  const node = of.nodes.find((each) => each.name === name) as Node;
  const made = await machine();
  const secrets = nodeSecrets(await storeOf(of), of, node).map((file) => ({ ...file, type: 'file' as const }));
  const files = [...renderNode(of, node, sources), ...secrets].flatMap((entry) =>
    entry.type === 'file' ? [entry] : [],
  );
  for (const { path, content } of files.filter(({ path: at }) => !at.startsWith('usr/'))) {
    await made.write(path, Buffer.from(content).toString());
  }
  for (const [path, text] of Object.entries(OWN_FILES)) await made.write(path, text);
  // As long as it takes on a busy machine; what never answers is another test's.
  const env = 'etc/cluster-config/node.env';
  await made.write(env, `${await made.read(env)}COLDSTART_DEADLINE="30"\n`);
  const open = files.filter(({ mode }) => (mode & 0o077) !== 0).map(({ path }) => path);
  await execa('chmod', ['-R', 'go=', made.path('etc')]);
  await execa('chmod', ['644', ...open.filter((path) => path.startsWith('etc/')).map((path) => made.path(path))]);
  await made.write('run/cluster/status.json', '{"health": "ok", "steps": []}\n');
  await made.write(
    'run/cluster/ledger.jsonl',
    `{"step":"join","message":"http://me:${OWN.proxy}@proxy.example:3128"}\n`,
  );
  const tell = `cd ${made.root} && find etc -type f -exec sed 's/^/Nov 26 host etcd[1]: /' {} +
find etc -type f -exec cat {} +
find etc -name '*.key' -exec base64 -w0 {} ';'
echo 'proxy http://me:${OWN.proxy}@proxy.example:3128'
echo 'containerd: the registry refuses ${OWN.registry}'`;
  for (const command of ['journalctl', 'systemctl', 'kubectl', 'etcdctl', 'ip', 'nft', 'dpkg-query']) {
    await made.command(command, tell);
  }
  return made;
}

/** The files of a bundle, by their path in it. */
async function unpacked(bundle: string): Promise<Map<string, { content: Buffer }>> {
  const folder = await temporaryFolder();
  await execa('tar', ['-xzf', bundle, '-C', folder]);
  const [top = ''] = await readdir(folder);
  const entries = await readdir(join(folder, top), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.map(
    async (file) => [file.slice(join(folder, top).length + 1), { content: await readFile(file) }] as const,
  );
  return new Map(await Promise.all(read));
}

async function bundleOf(made: Machine): Promise<Map<string, { content: Buffer }>> {
  const { status, output } = await made.run('cluster-support.sh');
  expect(output).toMatch(/^cluster-support\.sh: collecting\n\/var\/tmp\/support-\S+\.tar\.gz$/);
  expect(status).toBe(0);
  const bundle = made.path((output.split('\n').at(-1) ?? '').slice(1));
  expect((await stat(bundle)).mode & 0o777).toBe(0o600);
  return unpacked(bundle);
}

const remote: Cluster = { ...external, bootstrap: { ...external.bootstrap, tokenDistribution: 'external' } };

describe.skipIf(process.getuid?.() !== 0)('the support bundle (needs root)', { timeout: 300_000 }, () => {
  it.each([
    ['a worker with its token', lab, 'worker-02'],
    ['a master with the join service', large, 'master-02'],
    ['a master that writes into a store', remote, 'master-01'],
  ])('of %s holds none of its secrets, whatever is in the logs', async (_, of, name) => {
    const made = await talkative(of, name);
    const store = await storeOf(of);
    // What the logs tell would be found.
    const told = [{ content: Buffer.from((await made.bash('journalctl')).output) }];
    expect(secretsIn(told, store).length).toBeGreaterThan(2);
    const files = [...(await bundleOf(made)).values()];
    expect(secretsIn(files, store)).toEqual([]);
    const own = Object.entries(OWN).filter(([, value]) => knows(files, value.split(':').at(-1) ?? ''));
    expect(own.map(([key]) => key)).toEqual([]);
  });

  it('holds what somebody needs who is asked for help', async () => {
    const made = await talkative(lab, 'master-01');
    await made.write('var/lib/cluster-state/bootstrap-state', 'joined\n');
    const files = await bundleOf(made);
    const text = (path: string): string => files.get(path)?.content.toString() ?? '';
    expect([...files.keys()].filter((path) => !path.startsWith('files/')).sort()).toEqual([
      ...['certificates.txt', 'cluster.txt', 'containers.txt', 'disks.txt', 'files.txt', 'journal/boot-before.txt'],
      ...['journal/join-service.txt', 'journal/kernel.txt', 'journal/this-boot.txt', 'network.txt', 'nftables.txt'],
      ...['status.txt', 'system.txt', 'time.txt', 'units.txt', 'versions.txt'],
    ]);
    expect(text('files/run/cluster/ledger.jsonl')).toContain('[removed]@proxy.example:3128');
    expect(text('files/var/lib/cluster-state/bootstrap-state')).toBe('joined\n');
    expect(text('files/etc/cluster-config/cluster.yaml')).toContain('name: master-01');
    expect(text('files/etc/cluster-config/node.env')).toContain('NODE_NAME="master-01"');
    expect(text('certificates.txt')).toMatch(/apiserver\.crt\nsubject=.*kube-apiserver/);
    expect(text('journal/this-boot.txt')).toMatch(/^\$ journalctl .*--unit cluster-\* --unit etcd/);
  });

  it('comes about on a node on which nothing works, and says so in each place', async () => {
    const made = await machine();
    await made.bash('rm -r "$COLDSTART_ROOT/etc"');
    for (const command of ['journalctl', 'systemctl', 'nft', 'ctr']) await made.command(command, 'echo no >&2; exit 3');
    await made.command('ip', 'exec /bin/sleep 60');
    const files = await bundleOf(made);
    expect(files.get('journal/this-boot.txt')?.content.toString()).toMatch(/\nno\n\(status 3\)\n$/);
    expect(files.get('network.txt')?.content.toString()).toContain('(no answer within 1 s)');
  });

  it('goes to standard output, or where it is told', async () => {
    const made = await machine();
    await made.bash('cluster-support.sh - 2>/dev/null >"$COLDSTART_ROOT/piped"');
    expect((await unpacked(made.path('piped'))).has('units.txt')).toBe(true);
    expect((await made.run('cluster-support.sh', made.path('named'))).output).toMatch(/\n\/named$/);
    expect((await made.run('cluster-support.sh', '--help')).status).toBe(64);
  });
});
