import { appendFile, chmod, cp, lstat, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Listr } from 'listr2';
import { describe, expect, it } from 'vitest';
import { isoExtents } from '../../../src/builder/images/iso-extents.ts';
import { extractSquashfs } from '../../../src/builder/layers/squashfs.ts';
import { verifyOutput, type Finding } from '../../../src/builder/output/verify.ts';
import { sha256, sha256File } from '../../../src/builder/system/digest.ts';
import { withRawImage } from '../../../src/builder/images/disk-image.ts';
import { makeImages } from '../../../src/usecases/build.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { secretsDue, secretsIn } from '../../pki/least-privilege.ts';
import { buildDefinition, copyExample, EXAMPLES, requestBuild, runSilently, storeFor } from './definition.ts';

const states = (report: Awaited<ReturnType<typeof buildDefinition>>): string[] =>
  report.nodes.map(({ name, state }) => `${name} ${state}`);

async function verify(folder: string): Promise<Finding[]> {
  return verifyOutput(folder, { cacheDir: '', signal: undefined, report: () => undefined });
}

describe('a build of the quick-start example', () => {
  it('leaves an image, a tree and an inventory for each node, sums, manifest and plan', async () => {
    const outDir = await temporaryFolder();
    const report = await buildDefinition(join(EXAMPLES, 'quick-start'), { outDir });
    expect((await readdir(outDir)).sort()).toEqual([
      ...['.lock', 'SHA256SUMS', 'kubeconfig', 'manifest.json', 'master-01', 'master-01.iso', 'plan.json'],
      ...['worker-01', 'worker-01.iso', 'worker-02', 'worker-02.iso'],
    ]);
    expect(states(report)).toEqual(['master-01 built', 'worker-01 built', 'worker-02 built']);
    for (const file of report.nodes.flatMap(({ files }) => files)) {
      expect([file.path, file.sha256]).toEqual([file.path, await sha256File(file.path)]);
    }
    expect(await verify(outDir)).toEqual([]);
  });

  it('wraps the same bytes as disks of virtual machines, and opens them again', async () => {
    const folder = await temporaryFolder();
    const formats = [
      ['cluster', 'image', 'formats'],
      ['iso', 'raw', 'qcow2'],
    ] as const;
    const definition = await copyExample('single-node', join(folder, 'definition'), [formats]);
    const { nodes } = await buildDefinition(definition, { outDir: join(folder, 'out') });
    const [iso, raw, qcow2] = nodes.flatMap(({ files }) => files);
    expect([iso, raw, qcow2].map((file) => file?.format)).toEqual(['iso', 'raw', 'qcow2']);
    expect(raw?.sha256).toBe(iso?.sha256);
    expect(await verify(join(folder, 'out'))).toEqual([]);
    await withRawImage(qcow2!, undefined, async (bytes) => {
      expect(await sha256File(bytes)).toBe(iso?.sha256);
    });
    const again = join(folder, 'again');
    await buildDefinition(definition, { outDir: again });
    expect(await readFile(join(again, 'SHA256SUMS'), 'utf8')).toBe(
      await readFile(join(folder, 'out/SHA256SUMS'), 'utf8'),
    );
  });

  it('gives the same bytes in another folder, with another umask, another cache and another order of work', async () => {
    const [one, two] = [await temporaryFolder(), await temporaryFolder()];
    const definition = await copyExample('quick-start', join(two, 'definition'));
    await buildDefinition(join(EXAMPLES, 'quick-start'), { outDir: join(one, 'out') });
    const umask = process.umask(0o077);
    const request = await requestBuild(definition, { outDir: join(two, 'out'), jobs: 1 });
    try {
      // The base layer is shared, as making it takes minutes: `npm run test:reproducible` makes that twice, too.
      await cp(join(request.cacheDir, 'base'), join(two, 'cache/base'), { recursive: true });
      await runSilently({ ...request, cacheDir: join(two, 'cache') });
    } finally {
      process.umask(umask);
    }
    for (const file of ['SHA256SUMS', 'manifest.json', 'plan.json']) {
      expect(await readFile(join(two, 'out', file), 'utf8')).toBe(await readFile(join(one, 'out', file), 'utf8'));
    }
  });

  it('does no work the second time, and rebuilds one node alone when one node changes', async () => {
    const folder = await temporaryFolder();
    const definition = await copyExample('quick-start', join(folder, 'definition'));
    const outDir = join(folder, 'out');
    await buildDefinition(definition, { outDir });
    const before = await stat(join(outDir, 'manifest.json'));
    expect(states(await buildDefinition(definition, { outDir }))).toEqual([
      'master-01 unchanged',
      'worker-01 unchanged',
      'worker-02 unchanged',
    ]);
    expect((await stat(join(outDir, 'manifest.json'))).mtimeMs).toBe(before.mtimeMs);

    await appendFile(join(definition, 'nodes/worker-02.yaml'), "  kernel_args: ['panic=10']\n");
    expect(states(await buildDefinition(definition, { outDir }))).toEqual([
      'master-01 unchanged',
      'worker-01 unchanged',
      'worker-02 built',
    ]);
    expect(await verify(outDir)).toEqual([]);
  });

  it('rebuilds what was damaged', async () => {
    const outDir = await temporaryFolder();
    await buildDefinition(join(EXAMPLES, 'quick-start'), { outDir });
    await rm(join(outDir, 'worker-01.iso'));
    const states1 = states(await buildDefinition(join(EXAMPLES, 'quick-start'), { outDir }));
    expect(states1).toEqual(['master-01 unchanged', 'worker-01 built', 'worker-02 unchanged']);
  });

  it('leaves what was there before when it is interrupted, and no half-made file', async () => {
    const outDir = await temporaryFolder();
    await buildDefinition(join(EXAMPLES, 'quick-start'), { outDir });
    const before = await snapshot(outDir);
    const folder = await temporaryFolder();
    const definition = await copyExample('quick-start', join(folder, 'definition'), [
      [['cluster', 'networking', 'dns'], ['192.168.50.2']],
    ]);
    const abort = new AbortController();
    const request = await requestBuild(definition, { outDir, signal: abort.signal, jobs: 1 });
    const interrupted = makeImages(request, async (tasks, context) => {
      const list = new Listr(tasks, { renderer: 'silent' }).run(context);
      await firstImage(outDir);
      abort.abort(new Error('interrupted'));
      await list;
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(await snapshot(outDir)).toEqual(before);
    expect(await verify(outDir)).toEqual([]);
  });
});

describe('keys', () => {
  it('are in the image of the node that needs them, and nowhere else that is built', async () => {
    const outDir = await temporaryFolder();
    const request = await requestBuild(join(EXAMPLES, 'quick-start'), { outDir });
    await runSilently(request);
    const store = await storeFor(request.cluster);
    for (const node of request.cluster.nodes) {
      const layer = await nodeLayer(join(outDir, `${node.name}.iso`));
      expect([node.name, secretsIn(layer, store)]).toEqual([node.name, secretsDue(request.cluster, node, store)]);
    }
    const others = await filesBelow(outDir, /^(?!.*\.iso$|kubeconfig$)/);
    expect(others.length).toBeGreaterThan(100);
    expect(secretsIn(others, store)).toEqual([]);
  });

  it('come with a kubeconfig for the operator alone, which is put back when it is gone or was changed', async () => {
    const outDir = await temporaryFolder();
    const request = await requestBuild(join(EXAMPLES, 'quick-start'), { outDir, only: ['worker-01'] });
    expect(await runSilently(request)).toMatchObject({ kubeconfig: 'written' });
    const file = join(outDir, 'kubeconfig');
    const access = async () => [(await stat(file)).mode & 0o777, await readFile(file)];
    const made = await access();
    expect(made).toEqual([0o600, request.kubeconfig]);
    expect(await runSilently(request)).toMatchObject({ kubeconfig: 'unchanged' });
    const changes = [() => rm(file), () => chmod(file, 0o644), () => appendFile(file, '# mine\n')];
    for (const change of changes) {
      await change();
      expect(await runSilently(request)).toMatchObject({ kubeconfig: 'written', nodes: [{ state: 'unchanged' }] });
      expect(await access()).toEqual(made);
    }
    await rm(file);
    expect(await verify(outDir)).toEqual([]);
  });
});

/** Every file of the node layer that stands in an image. */
async function nodeLayer(iso: string): Promise<Found[]> {
  const [extent] = await isoExtents(iso, ['/live/node.squashfs'], undefined);
  if (!extent) throw new Error(`${iso} has no node layer`);
  const folder = join(await temporaryFolder(), 'layer');
  await extractSquashfs(iso, extent, folder, undefined);
  return filesBelow(folder, /^/);
}

interface Found {
  readonly content: Uint8Array;
}

async function filesBelow(folder: string, pattern: RegExp): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const wanted = paths.filter((path) => pattern.test(relative(folder, path)));
  return Promise.all(wanted.map(async (path) => ({ content: await readFile(path) })));
}

describe('verify', () => {
  const tamper = async (change: (outDir: string) => Promise<void>): Promise<string[]> => {
    const outDir = await temporaryFolder();
    const request = await requestBuild(join(EXAMPLES, 'quick-start'), { outDir, only: ['worker-01'] });
    await runSilently(request);
    await change(outDir);
    return (await verify(outDir)).map(({ node, file, message }) => `${node ?? '-'} ${file}: ${message}`);
  };

  it('finds a flipped byte', async () => {
    const findings = await tamper(async (outDir) => {
      const iso = await open(join(outDir, 'worker-01.iso'), 'r+');
      await iso.write(Buffer.from('x'), 0, 1, 200 << 20);
      await iso.close();
    });
    expect(findings).toEqual(['worker-01 worker-01.iso: does not have the SHA-256 of the manifest']);
  });

  it('finds a layer that is not what the inventory promises, even where all digests agree', async () => {
    const findings = await tamper(async (outDir) => {
      const file = join(outDir, 'worker-01/inventory.txt');
      const text = (await readFile(file, 'utf8'))
        .replace(/^0440 0:0 file (\S+) etc\/sudoers/m, '0644 0:0 file $1 etc/sudoers')
        .replace(/^.* etc\/hostname\n/m, '');
      const manifest = await readFile(join(outDir, 'manifest.json'), 'utf8');
      const forged = manifest.replace(/"inventory": "\w+"/, `"inventory": "${sha256(text)}"`);
      await writeFile(file, text);
      await writeFile(join(outDir, 'manifest.json'), forged);
    });
    expect(findings).toEqual([
      'worker-01 worker-01.iso: `etc/hostname` is not in the inventory',
      'worker-01 worker-01.iso: `etc/sudoers.d/coldstart` has mode 0440 and owner 0:0 instead of mode 0644 and owner 0:0',
    ]);
  });

  it('finds missing files and changed sums', async () => {
    const findings = await tamper(async (outDir) => {
      await writeFile(join(outDir, 'SHA256SUMS'), '');
      await rm(join(outDir, 'worker-01.iso'));
    });
    expect(findings).toEqual(['- SHA256SUMS: does not agree with the manifest', 'worker-01 worker-01.iso: is missing']);
  });

  it('finds a kubeconfig that is left to everyone', async () => {
    const findings = await tamper((outDir) => chmod(join(outDir, 'kubeconfig'), 0o640));
    expect(findings).toEqual(['- kubeconfig: can be read by users other than its owner']);
  });

  it('says that a folder without a build is none', async () => {
    await expect(verify(await temporaryFolder())).rejects.toMatchObject({ exitCode: 7 });
  });
});

async function snapshot(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name !== '.lock');
  const lines = names.map(async (name) => `${name} ${String((await lstat(join(folder, name))).mtimeMs)}`);
  return (await Promise.all(lines)).sort();
}

/** Waits until a build has begun to write its first image. */
async function firstImage(outDir: string): Promise<void> {
  for (;;) {
    const names = await readdir(outDir, { recursive: true });
    if (names.some((name) => /^\.staging-.*\.iso$/.test(name))) return;
    await delay(5);
  }
}
