/**
 * An installed node in a folder: its real layers, RAUC of its base layer, and files as its slots. Where this machine has no device
 * mapper (a kernel of a container host may lack it), RAUC reads bundles of the format `verity`, but cannot mount them; then it installs
 * a twin with the same content and signer, in RAUC's older format `plain`.
 */
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { sha256File } from '../../../src/builder/system/digest.ts';
import { reveal } from '../../../src/pki/secret.ts';
import type { Store } from '../../../src/pki/store/model.ts';

const SCRIPT = new URL('machine.sh', import.meta.url).pathname;
const hasDeviceMapper = existsSync('/sys/class/misc/device-mapper');

/** What the boot loader of a node that runs slot A remembers. */
const FIRST = { ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '0', B_TRY: '0' };

export class InstalledNode {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * @param layers squashfs of the base layer and of the node layer
   * @param slot what slot A holds: names below `live`, and their content
   */
  static async install(
    folder: string,
    layers: { readonly base: string; readonly node: string; readonly config: string },
    slot: ReadonlyMap<string, Uint8Array>,
  ): Promise<InstalledNode> {
    await mkdir(join(folder, 'offered'), { recursive: true });
    await mkdir(join(folder, 'esp/boot/grub'), { recursive: true });
    await cp(layers.node, join(folder, 'node.squashfs'));
    await execa('ln', ['--symbolic', layers.base, join(folder, 'base.squashfs')]);
    const config = hasDeviceMapper
      ? layers.config
      : layers.config.replace('bundle-formats=verity', 'bundle-formats=plain verity');
    await writeFile(join(folder, 'system.conf'), config);
    await writeFile(join(folder, 'cmdline'), 'quiet rauc.slot=A\n');
    const node = new InstalledNode(folder);
    await node.setEnvironment(FIRST);
    const content = join(folder, 'slot');
    await mkdir(join(content, 'live'), { recursive: true });
    for (const [name, bytes] of slot) await writeFile(join(content, 'live', name), bytes);
    for (const image of ['a.img', 'b.img']) {
      await writeFile(join(folder, image), '');
      await truncate(join(folder, image), 64 << 20);
      await execa('mkfs.ext4', ['-q', '-d', content, join(folder, image)]);
    }
    await writeFile(join(folder, 'var.img'), '');
    await truncate(join(folder, 'var.img'), 64 << 20);
    await execa('mkfs.ext4', ['-q', join(folder, 'var.img')]);
    return node;
  }

  /** Puts a bundle where the node finds it, as `/offered/NAME`. */
  async offer(bundle: string, name: string, store: Store): Promise<void> {
    const target = join(this.folder, 'offered', name);
    await cp(bundle, target);
    if (hasDeviceMapper) return;
    await mkdir(join(this.folder, 'offered/twins'), { recursive: true });
    await writePlain(bundle, join(this.folder, 'offered/twins', await sha256File(bundle)), store);
  }

  /** @param milliseconds after which the power is cut; undefined: never */
  run(command: readonly string[], milliseconds?: number) {
    const limit = milliseconds === undefined ? {} : { timeout: milliseconds, killSignal: 'SIGKILL' as const };
    return execa(SCRIPT, [this.folder, ...command], { reject: false, all: true, ...limit });
  }

  /** The cause of the last line of the ledger, and the boot loader's environment. */
  async update(source: string, ...options: readonly string[]) {
    const script = `cluster-update.sh ${[source, ...options].join(' ')} >/dev/null 2>&1; jq -r .cause /run/cluster/ledger.jsonl | tail -n 1; cat /run/cluster/ledger.jsonl >&2`;
    const { stdout, stderr } = await this.run(['bash', '-c', script]);
    return { cause: stdout.trim().split('\n').at(-1) ?? '', ledger: stderr };
  }

  async environment(): Promise<Record<string, string>> {
    const text = await readFile(join(this.folder, 'esp/boot/grub/grubenv'), 'latin1');
    const lines = text.split('\n').filter((line) => /^[A-Z]/.test(line));
    return Object.fromEntries(lines.map((line): [string, string] => line.split('=') as [string, string]));
  }

  async setEnvironment(values: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
    const text = `# GRUB Environment Block\n${lines.join('')}`;
    await writeFile(join(this.folder, 'esp/boot/grub/grubenv'), text.padEnd(1024, '#'));
  }

  digest(image: 'a.img' | 'b.img'): Promise<string> {
    return sha256File(join(this.folder, image));
  }

  /** The files of slot B and their digests, read from the image. */
  async slotB(): Promise<Record<string, string>> {
    const content = join(this.folder, 'read');
    await rm(content, { recursive: true, force: true });
    await mkdir(content);
    await execa('debugfs', ['-R', `rdump / ${content}`, join(this.folder, 'b.img')]);
    const { stdout } = await execa('bash', ['-c', 'find . -type f -printf "%P\\n" | sort'], { cwd: content });
    const files = stdout.split('\n').filter((path) => path !== '');
    const digests = files.map(async (path): Promise<[string, string]> => [path, await sha256File(join(content, path))]);
    return Object.fromEntries(await Promise.all(digests));
  }
}

/** As `rauc bundle` makes it: a squashfs, a detached CMS signature, and the length of the signature. */
async function writePlain(bundle: string, output: string, store: Store): Promise<void> {
  const folder = `${output}.parts`;
  const [content, signature] = [join(folder, 'content'), join(folder, 'signature')];
  await rm(output, { force: true });
  await mkdir(folder);
  await execa('unsquashfs', ['-quiet', '-no-progress', '-d', content, bundle]);
  const manifest = join(content, 'manifest.raucm');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('format=verity', 'format=plain'));
  await execa('mksquashfs', [content, output, '-quiet', '-no-progress', '-noappend', '-all-root']);
  const signer = store.certificates['updates/signer'];
  if (signer === undefined) throw new Error('the store has no signer of updates');
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await writeFile(certificate, signer.certificate);
  await writeFile(key, reveal(signer.key), { mode: 0o600 });
  const files = ['-in', output, '-out', signature, '-signer', certificate, '-inkey', key];
  await execa('openssl', ['cms', '-sign', '-binary', '-outform', 'DER', ...files]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt((await stat(signature)).size));
  await appendFile(output, Buffer.concat([await readFile(signature), length]));
  await rm(folder, { recursive: true });
}
