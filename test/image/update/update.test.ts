/** Updates of an installed node, with the RAUC of its base layer: what is for it is installed, everything else changes nothing. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verifyOutput } from '../../../src/builder/output/verify.ts';
import { sha256, sha256File } from '../../../src/builder/system/digest.ts';
import { runSilently } from '../build/definition.ts';
import { bundleOf, installed, NEW_BASE, NODE, report, RUNNING, worldOf, type World } from './world.ts';

let own: World;
let other: World;

beforeAll(async () => {
  const { stdout } = await execa('mktemp', ['--directory', '--tmpdir', 'coldstart-test-XXXXXX']);
  own = await worldOf('quick-start', join(stdout, 'own'));
  other = await worldOf('elsewhere', join(stdout, 'other'));
  return () => rm(stdout, { recursive: true });
});

describe('an update', () => {
  it('has the same bytes each time', async () => {
    const [first] = [await sha256File(await bundleOf(own))];
    expect(await sha256File(await bundleOf(own))).toBe(first);
  });

  it('is built beside the files that it names; verify opens it', async () => {
    const request = { ...own.request, only: [NODE] };
    const [built] = (await runSilently(request)).nodes.flatMap(({ files }) => files);
    const verified = async (): Promise<string[]> => {
      const found = await verifyOutput(request.outDir, { cacheDir: '', signal: undefined, report });
      return found.map(({ message }) => message);
    };
    expect([built?.path, await verified()]).toEqual([join(request.outDir, `${NODE}.raucb`), []]);
    const digest = await sha256File(built!.path);
    const bytes = await readFile(built!.path);
    bytes[20_000]! ^= 1;
    await writeFile(built!.path, bytes);
    for (const name of ['manifest.json', 'SHA256SUMS']) {
      const text = await readFile(join(request.outDir, name), 'utf8');
      await writeFile(join(request.outDir, name), text.replaceAll(digest, sha256(bytes)));
    }
    expect(await verified()).toEqual(['does not have the blocks that were signed']);
    await rm(request.outDir, { recursive: true });
  });

  it('is written to the other slot, which the next start tries; what the running slot lacks comes from beside the bundle', async () => {
    const node = await installed(own);
    const before = await node.digest('a.img');
    const files = new Map([...RUNNING, ['base.squashfs', NEW_BASE]]);
    await node.offer(await bundleOf(own, { release: 3, files }), 'update.raucb', own.store);
    await mkdir(join(node.folder, 'offered/files'));
    await writeFile(join(node.folder, 'offered/files', sha256(NEW_BASE)), NEW_BASE);
    const { cause, ledger } = await node.update('/offered/update.raucb');
    expect([cause, ledger]).toEqual(['', expect.stringContaining('slot B holds release 3')]);
    expect(await node.environment()).toMatchObject({ ORDER: 'B A', A_OK: '1', A_TRY: '0', B_OK: '1', B_TRY: '0' });
    expect(await node.slotB()).toMatchObject({
      'live/base.squashfs': sha256(NEW_BASE),
      'live/vmlinuz': sha256(RUNNING.get('vmlinuz')!),
      'live/node.squashfs': await sha256File(own.layer),
    });
    expect(await node.digest('a.img')).toBe(before);
  });

  it('that is not for this node, or not whole, changes nothing', async () => {
    const node = await installed(own);
    const offer = (bundle: string, name: string): Promise<void> => node.offer(bundle, name, own.store);
    const files = new Map([...RUNNING, ['base.squashfs', NEW_BASE]]);
    await offer(await bundleOf(own, { release: 2 }), 'older.raucb');
    await offer(await bundleOf(own, { release: 3, node: 'worker-01' }), 'node.raucb');
    await offer(await bundleOf(other, { release: 3 }), 'cluster.raucb');
    await offer(await bundleOf(own, { release: 3, signedBy: other }), 'signature.raucb');
    await offer(await bundleOf(own, { release: 3, files }), 'base.raucb');
    await offer(await bundleOf(own, { release: 3 }), 'cut.raucb');
    await truncate(join(node.folder, 'offered/cut.raucb'), 60_000);
    await writeFile(join(node.folder, 'offered/garbage.raucb'), randomBytes(50_000));
    const state = async () => [await node.digest('a.img'), await node.digest('b.img'), await node.environment()];
    const before = await state();
    const expected = {
      'older.raucb': 'bundle-older',
      'node.raucb': 'bundle-foreign-node',
      'cluster.raucb': 'bundle-foreign-cluster',
      'signature.raucb': 'bundle-untrusted',
      'base.raucb': 'base-missing',
      'cut.raucb': 'bundle-damaged',
      'garbage.raucb': 'bundle-damaged',
      'none.raucb': 'bundle-unreachable',
    };
    const causes: Record<string, string> = {};
    for (const name of Object.keys(expected)) causes[name] = (await node.update(`/offered/${name}`)).cause;
    expect(causes).toEqual(expected);
    expect(await state()).toEqual(before);
    expect((await node.update('/offered/older.raucb', '--force')).cause).toBe('');
    expect(await node.environment()).toMatchObject({ ORDER: 'B A', B_OK: '1' });
  });

  it('that a power cut interrupts leaves the running slot as it is, and can be repeated', async () => {
    const node = await installed(own);
    const before = await node.digest('a.img');
    await node.offer(await bundleOf(own, { release: 3 }), 'update.raucb', own.store);
    const began = Date.now();
    await node.update('/offered/update.raucb');
    const whole = Date.now() - began;
    for (const part of [0.5, 0.7, 0.85]) {
      await node.setEnvironment({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '1', B_TRY: '0' });
      await node.run(['cluster-update.sh', '/offered/update.raucb'], whole * part);
      const { ORDER, A_OK, B_OK } = await node.environment();
      expect([part, A_OK, await node.digest('a.img')]).toEqual([part, '1', before]);
      // Slot B is next only when it is whole.
      if (ORDER === 'B A' && B_OK === '1') {
        expect(await node.slotB()).toMatchObject({ 'live/node.squashfs': await sha256File(own.layer) });
      }
    }
    const { cause, ledger } = await node.update('/offered/update.raucb');
    expect([cause, ledger]).toEqual(['', expect.stringContaining('slot B holds release 3')]);
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') console.log(await readFile(join(node.folder, 'rauc.log'), 'utf8'));
    });
  });
});
