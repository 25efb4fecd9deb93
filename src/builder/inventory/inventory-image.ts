/**
 * The inventory image: one ISO for all machines, which shows what a machine has. It is an image as of a node, from the same parts: a base
 * layer with few packages, and a layer with the scripts of `scripts/inventory/`. It contains no secret and changes nothing on the machine.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileTree, TreeEntry } from '../../render/tree/tree.ts';
import { byPath } from '../../render/tree/tree.ts';
import { inventory } from '../../render/tree/inventory.ts';
import { nodeConfig } from '../images/boot-settings.ts';
import { buildIsoTemplate, NODE_LAYER_CLASSES } from '../images/iso-template.ts';
import { openShared, writeNodeImage } from '../images/node-image.ts';
import { type BaseRecipe, buildBaseLayer } from '../layers/base-layer.ts';
import { packSquashfs, parseDirectories } from '../layers/node-layer.ts';
import { readOverlays } from '../sources.ts';
import type { StepContext } from '../step-context.ts';
import { digestOf, sha256 } from '../system/digest.ts';

const ROOT = fileURLToPath(new URL('../../../scripts/inventory/root/', import.meta.url));
const SOURCE = 'scripts/inventory/root';
const NODE = 'inventory';
const UNITS = 'etc/systemd/system';
const FILTER = 'etc/coldstart/inventory.nft';

interface InventoryRequest {
  readonly recipe: BaseRecipe;
  /** The network from which the inventory may be asked for over HTTP, with its prefix; null: the machine asks for no address. */
  readonly network: string | null;
  readonly consoles: readonly string[];
  /** Absolute. */
  readonly output: string;
}

/** Units of Debian that an image without a definition, users and disks does not want. */
const MASKED = [
  ...[
    'apt-daily-upgrade.timer',
    'apt-daily.timer',
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'e2scrub_reap.service',
  ],
  ...['grub-common.service', 'NetworkManager-wait-online.service', 'ssh.service', 'ssh.socket', 'sshd-keygen.service'],
  ...['systemd-firstboot.service', 'systemd-repart.service', 'chrony.service', 'getty.target'],
];

/** Writes the image. @returns its SHA-256 @throws BuildError */
export async function buildInventoryImage(request: InventoryRequest, step: StepContext): Promise<string> {
  const { recipe, output } = request;
  const { epoch } = recipe;
  const tree = await inventoryTree(request.network);
  const base = await buildBaseLayer(recipe, step);
  const [reserve = 0] = NODE_LAYER_CLASSES;
  const template = await buildIsoTemplate({ base, artifacts: null, reserve, epoch }, step);
  const directories = parseDirectories(await readFile(join(base.folder, 'boot/directories.tsv'), 'utf8'));
  const kernelArgs = ['quiet', ...request.consoles.map((console) => `console=${console}`)];
  const image = digestOf({ template: template.key, inventory: sha256(inventory(tree)), kernelArgs });
  const config = nodeConfig({ node: NODE, image, disk: '', kernelArgs });
  await mkdir(dirname(output), { recursive: true });
  const [unfinished, layer] = [`${output}.unfinished`, `${output}.squashfs`];
  try {
    const makeParts = async () => {
      await packSquashfs(tree, directories, layer, { epoch, signal: step.signal });
      return { layer, config };
    };
    const digest = await writeNodeImage(await openShared(template, 1), makeParts, unfinished);
    step.signal?.throwIfAborted();
    await rename(unfinished, output);
    return digest;
  } finally {
    await Promise.all([unfinished, layer].map((path) => rm(path, { force: true })));
  }
}

/** The layer of the image. */
export async function inventoryTree(network: string | null): Promise<FileTree> {
  const files = (await readOverlays(ROOT)).flatMap((one) => (one.type === 'file' ? entry(one.path, one.content, one.mode) : [])); // prettier-ignore
  const units = [
    ...MASKED.map((unit) => link(`${UNITS}/${unit}`, '/dev/null')),
    ...['inventory.timer', 'inventory-links.service'].map(enabled),
    ...(network === null ? [] : [enabled('inventory-http.socket')]),
  ];
  const own =
    network === null
      ? // No card gets an address: NetworkManager.conf(5), `no-auto-default`; the kernel's ip-sysctl, router advertisements.
        [
          text('etc/NetworkManager/conf.d/inventory.conf', '[main]\nno-auto-default=*\n'),
          text('etc/sysctl.d/inventory.conf', 'net.ipv6.conf.all.disable_ipv6 = 1\n'),
        ]
      : [
          text('etc/coldstart/inventory-network', `${network}\n`),
          text(FILTER, filter(network)),
          text(`${UNITS}/inventory-http.socket`, socketUnit(network)),
        ];
  const names = [text('etc/hostname', `${NODE}\n`), text('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${NODE}\n`)];
  return [...files, ...units, ...own, ...names].toSorted(byPath);
}

/** Without its packet filter it does not listen. systemd's own filter, `IPAddressAllow`, is passed over in silence where the kernel lacks it. */
const socketUnit = (network: string): string => `[Unit]
Description=The inventory over HTTP, for ${network}

[Socket]
ExecStartPre=/usr/sbin/nft --file /${FILTER}
ListenStream=80
Accept=yes
MaxConnections=16
`;

/** nft(8): drops what comes from outside of the network. */
const filter = (network: string): string => `table inet coldstart_inventory {
  chain input {
    type filter hook input priority filter; policy accept;
    tcp dport 80 ${network.includes(':') ? 'ip6' : 'ip'} saddr ${network} accept
    tcp dport 80 drop
  }
}
`;

const common = { uid: 0, gid: 0, origin: { kind: 'overlay', source: SOURCE, settings: [] } } as const;

function entry(path: string, content: Uint8Array, mode: number): TreeEntry {
  return { type: 'file', path, content, mode, secret: false, ...common };
}

const text = (path: string, content: string): TreeEntry => entry(path, Buffer.from(content), 0o644);

const link = (path: string, target: string): TreeEntry => ({ type: 'symlink', path, target, mode: 0o777, ...common });

const enabled = (unit: string): TreeEntry =>
  unit.endsWith('.socket')
    ? link(`${UNITS}/sockets.target.wants/${unit}`, `../${unit}`)
    : link(`${UNITS}/multi-user.target.wants/${unit}`, `../${unit}`);
