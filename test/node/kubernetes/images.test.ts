/**
 * Container images on the node: which of them the scripts import into containerd, and when. containerd itself is a
 * fake.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../builder/temporary.ts';
import { machine, type Machine } from '../machine.ts';

const DNS = `sha256:${'d'.repeat(64)}`;
const IMAGES = 'usr/share/coldstart/images';

/** An archive with an `index.json` of these digests, or without one, as older tools write it. */
async function archive(made: Machine, name: string, digests: readonly string[] | null): Promise<void> {
  const folder = await temporaryFolder();
  const file = digests === null ? 'manifest.json' : 'index.json';
  await writeFile(join(folder, file), JSON.stringify({ manifests: digests?.map((digest) => ({ digest })) }));
  await mkdir(made.path(IMAGES), { recursive: true });
  await execa('tar', ['-cf', made.path(`${IMAGES}/${name}`), '-C', folder, file]);
}

/** Remembers what it is called with; its list of images grows by `images-<archive>` with each import. */
const CTR = (root: string): string => `
shift 3 # --namespace k8s.io images
echo "$*" >>${root}/calls
case $1 in
  ls) printf 'REF TYPE DIGEST SIZE\\n'; cat ${root}/present 2>/dev/null || true ;;
  import) if [[ $2 == *broken* ]]; then echo "unexpected EOF" >&2; exit 1; fi
    printf 'registry.k8s.io/coredns/coredns:v1.13.1 application/vnd.oci %s 20MB\\n' '${DNS}' >>${root}/present ;;
esac`;

async function node(): Promise<Machine> {
  const made = await machine();
  await made.command('ctr', CTR(made.root));
  return made;
}

const calls = async (made: Machine): Promise<string[]> =>
  (await made.read('calls')).trim().replaceAll(`${made.root}/${IMAGES}/`, '').split('\n');

it('imports an image once, and keeps it from being cleared away', async () => {
  const made = await node();
  await archive(made, 'dns.tar', [DNS]);
  expect((await made.run('cluster-images.sh')).status).toBe(0);
  expect(await calls(made)).toEqual([
    ...['ls', 'import dns.tar', 'ls'],
    'label registry.k8s.io/coredns/coredns:v1.13.1 io.cri-containerd.pinned=pinned',
  ]);
  await made.restart();
  expect((await made.run('cluster-images.sh')).status).toBe(0);
  expect((await calls(made)).slice(4)).toEqual(['ls']);
  expect((await made.ledger()).at(-1)?.message).toBe('1 archives, 0 of them new');
});

it('imports again what containerd has lost, and what names no digest', async () => {
  const made = await node();
  await archive(made, 'dns.tar', [DNS]);
  await archive(made, 'old.tar', null);
  await made.run('cluster-images.sh');
  await made.write('present', '');
  await made.run('cluster-images.sh');
  expect((await calls(made)).filter((call) => call.startsWith('import'))).toEqual([
    ...['import dns.tar', 'import old.tar'],
    ...['import dns.tar', 'import old.tar'],
  ]);
});

it('says which archive containerd does not take, and why', async () => {
  const made = await node();
  await archive(made, 'broken.tar', [DNS]);
  expect((await made.run('cluster-images.sh')).status).toBe(1);
  expect((await made.ledger()).at(-1)).toMatchObject({
    ...{ step: 'images', state: 'failed', cause: 'image-not-imported' },
    message: 'containerd does not import broken.tar: unexpected EOF',
  });
});

it('says when containerd does not answer', async () => {
  const made = await node();
  await made.command('ctr', 'exit 1');
  await archive(made, 'dns.tar', [DNS]);
  expect((await made.run('cluster-images.sh')).status).toBe(1);
  expect(await made.steps()).toEqual(['images failed containerd-not-ready']);
});

it('tries again, and shows the failure until it is over', async () => {
  const made = await node();
  await made.command('ctr', 'exit 1');
  await archive(made, 'dns.tar', [DNS]);
  await made.run('cluster-images.sh');
  expect((await made.run('cluster-images.sh')).output).toBe('');
  await made.command('ctr', CTR(made.root));
  expect((await made.run('cluster-images.sh')).status).toBe(0);
  expect(await made.steps()).toEqual(['images failed containerd-not-ready', 'images done']);
});
