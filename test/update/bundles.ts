/** Bundles of one node for its machine in QEMU: a sound one, and some that fail in their try, each in its own way. */
import { randomBytes } from 'node:crypto';
import { appendFile, copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeConfig } from '../../src/builder/images/boot-settings.ts';
import { buildBaseLayer, type BaseLayer } from '../../src/builder/layers/base-layer.ts';
import { packSquashfs, parseDirectories } from '../../src/builder/layers/node-layer.ts';
import { baseRecipe } from '../../src/builder/steps/node-build.ts';
import type { ImageRequest } from '../../src/builder/steps/request.ts';
import { sha256File } from '../../src/builder/system/digest.ts';
import { writeBundle } from '../../src/builder/update/bundle.ts';
import { sharedFiles } from '../../src/builder/update/shared-files.ts';
import type { SharedFile } from '../../src/builder/update/slot.ts';
import { diskId } from '../../src/render/plan/ids.ts';
import type { FileTree } from '../../src/render/tree/tree.ts';
import { UPDATE_CONFIG } from '../../src/render/views/node/update.ts';

interface Variant {
  readonly release: number;
  /** Seconds that its try may take, where it is to fail. */
  readonly wait?: number;
  readonly kernelArgs?: readonly string[];
  /** Content by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Changes the initial RAM disk, a copy. */
  readonly changeRamdisk?: (path: string) => Promise<void>;
}

/** Seconds of a try under emulation: until a sound release is good, and until a broken one says what is broken. */
const SOUND = 420;
const FAILING = 180;

/** What the slot of each variant has in `/etc`. */
const VARIANTS: Readonly<Record<string, Variant>> = {
  sound: { release: 2, files: { 'etc/motd': 'the second release\n' } },
  panic: { release: 3, kernelArgs: ['rdinit=/none', 'root=none'] },
  ramdisk: { release: 3, wait: 60, changeRamdisk: hangInRamdisk },
  /** A unit that everybody's login waits for; nobody waits for 20 minutes here. */
  start: {
    release: 3,
    files: {
      'etc/systemd/system/systemd-user-sessions.service.d/99-broken.conf':
        '[Service]\nExecStartPre=/bin/sleep infinity\nTimeoutStartSec=infinity\n',
      'etc/systemd/system/cluster-try-start.timer.d/99-soon.conf': '[Timer]\nOnBootSec=\nOnBootSec=5min\n',
    },
  },
  /** A kernel that stops for ever: only the machine's watchdog ends it. */
  kernel: {
    release: 3,
    files: {
      'etc/systemd/system/containerd.service.d/99-broken.conf':
        '[Service]\nExecStartPre=/bin/sh -c "echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger"\n',
    },
  },
  network: {
    release: 3,
    wait: FAILING,
    files: { 'etc/NetworkManager/conf.d/99-broken.conf': '[keyfile]\nunmanaged-devices=*\n' },
  },
  service: {
    release: 3,
    wait: FAILING,
    files: {
      'etc/systemd/system/containerd.service.d/99-broken.conf': '[Service]\nExecStart=\nExecStart=/bin/false\n',
    },
  },
};

/** The kernel unpacks one archive after the other, and later files replace earlier ones: "initramfs buffer format" in its documentation. */
async function hangInRamdisk(path: string): Promise<void> {
  const files = [
    ['scripts', null],
    ['scripts/init-premount', null],
    ['scripts/init-premount/ORDER', '/scripts/init-premount/hang "$@"\n'],
    ['scripts/init-premount/hang', '#!/bin/sh\nsleep 100000\n'],
    ['TRAILER!!!', ''],
  ] as const;
  await appendFile(path, Buffer.concat([Buffer.alloc(512 - ((await stat(path)).size % 512)), ...files.map(cpioEntry)]));
}

/** In the form "newc" of cpio(5); null is a folder. */
function cpioEntry([name, content]: readonly [string, string | null], index: number): Buffer {
  const data = Buffer.from(content ?? '');
  const fields = [
    index + 1,
    content === null ? 0o40755 : 0o100755,
    0,
    0,
    1,
    0,
    data.length,
    0,
    0,
    0,
    0,
    name.length + 1,
    0,
  ];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([padded(Buffer.from(head)), padded(data)]);
}

/** Writes `NAME.raucb` of each variant, and `files/DIGEST` of what they need beyond the base layer. */
export async function writeVariants(request: ImageRequest, node: string, folder: string): Promise<void> {
  const base = await layerOf(request, node);
  const directories = parseDirectories(await readFile(join(base.folder, 'boot/directories.tsv'), 'utf8'));
  await mkdir(join(folder, 'files'), { recursive: true });
  for (const [name, variant] of Object.entries(VARIANTS)) await writeVariant(name, variant);

  async function writeVariant(name: string, variant: Variant): Promise<void> {
    const { release, wait = SOUND, kernelArgs = [], changeRamdisk } = variant;
    const { epoch, updates, cluster } = request;
    if (updates === null) throw new Error('the definition takes no updates');
    const layer = join(folder, `${name}.squashfs`);
    await packSquashfs(changed(request.trees.get(node)!, variant), directories, layer, { epoch, signal: undefined });
    const shared = [...(await sharedFiles(base, null))] as SharedFile[];
    if (changeRamdisk !== undefined) {
      const copy = join(folder, 'initrd');
      await copyFile(join(base.folder, 'boot/initrd.img'), copy);
      await changeRamdisk(copy);
      const sha256 = await sha256File(copy);
      await copyFile(copy, join(folder, 'files', sha256));
      const index = shared.findIndex(({ path }) => path.endsWith('initrd.img'));
      shared[index] = { path: shared[index]!.path, sha256, size: (await stat(copy)).size };
    }
    const image = randomBytes(32).toString('hex');
    const args = [...argumentsOf(request, node), `coldstart.try_wait=${wait}`, ...kernelArgs];
    const config = nodeConfig({ node, image, disk: diskId(cluster.name, node), kernelArgs: args });
    const identity = { cluster: updates.cluster, node, release, image, kubernetes: updates.kubernetes };
    const slot = { layer, config, medium: base.id, shared };
    await writeBundle(
      { identity, slot, signer: updates.signer, epoch, signal: undefined },
      join(folder, `${name}.raucb`),
    );
  }
}

const argumentsOf = ({ plan }: ImageRequest, node: string): readonly string[] =>
  plan.nodes.find((one) => one.node === node)!.kernelArgs;

function layerOf(request: ImageRequest, node: string): Promise<BaseLayer> {
  const { packages } = request.plan.nodes.find((one) => one.node === node)!;
  const recipe = baseRecipe(request.cluster, packages, request.epoch);
  return buildBaseLayer(recipe, { cacheDir: request.cacheDir, signal: undefined, report: () => undefined });
}

function changed(tree: FileTree, { release, files = {} }: Variant): FileTree {
  const own = tree.map((entry) => {
    if (entry.type !== 'file' || entry.path !== UPDATE_CONFIG) return entry;
    const text = Buffer.from(entry.content).toString();
    return { ...entry, content: Buffer.from(text.replace(/^min-bundle-version=.*/m, `min-bundle-version=${release}`)) };
  });
  const [sample] = own.filter((entry) => entry.type === 'file');
  const added = Object.entries(files).map(([path, text]) => ({
    ...sample!,
    path,
    content: Buffer.from(text),
    mode: 0o644,
  }));
  const replaced = new Set(Object.keys(files));
  return [...own.filter(({ path }) => !replaced.has(path)), ...added].sort((a, b) => (a.path < b.path ? -1 : 1));
}
