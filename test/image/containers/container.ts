/** A rendered tree booted by the real systemd of the base layer, in a container, and the node's final report. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileTree, TreeEntry } from '../../../src/render/tree/tree.ts';
import { writeTree } from './node-root.ts';

export interface Boot {
  readonly console: string;
  /** The file's text in /probe, empty when the node has not left it. */
  probe(path: string): string;
  /** The ledger of this boot as `step state cause`. */
  steps(): string[];
}

export interface Container {
  /** Boots with these cards, `name=mac`; cut off after `seconds` unless the node switches itself off. */
  boot(nics: readonly string[], seconds?: number): Promise<Boot>;
  readonly disk: string;
  remove(): void;
}

const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const HERE = import.meta.dirname;
const ORIGIN = { kind: 'overlay', source: 'test', settings: [] } as const;
/** @param cause what to wait for where the bootstrap never ends: the ledger's word for why */
const probeUnit = (cause: string | null): string => `[Unit]
After=multi-user.target cluster-network.service${cause === null ? ' cluster-bootstrap.service' : ''}
[Service]
Type=exec
TimeoutStartSec=infinity
${cause === null ? '' : `ExecStartPre=/bin/sh -c 'until grep -q "failed.*${cause}" /run/cluster/status.json; do sleep 1; done'`}
ExecStart=/usr/local/sbin/probe.sh
[Install]
WantedBy=multi-user.target
`;

/** A file of root's for {@link container}. */
export function file(path: string, content: string | Buffer, mode: number): TreeEntry {
  return { type: 'file', path, mode, uid: 0, gid: 0, origin: ORIGIN, secret: false, content: Buffer.from(content) };
}

/** What a node needs to see a loop device as its disk. */
export const DISK_EXTRA: FileTree = [file('usr/local/sbin/udevadm', readFileSync(join(HERE, 'udevadm.sh')), 0o755)];

const extra = (cause: string | null): FileTree => [
  ...DISK_EXTRA,
  file('usr/local/sbin/probe.sh', readFileSync(join(HERE, 'probe.sh')), 0o755),
  file('etc/systemd/system/probe.service', probeUnit(cause), 0o644),
  {
    ...{
      type: 'symlink',
      path: 'etc/systemd/system/multi-user.target.wants/probe.service',
      target: '../probe.service',
    },
    ...{ mode: 0o777, uid: 0, gid: 0, origin: ORIGIN },
  },
];

/**
 * @param diskSize bytes of a blank disk, or null for a machine without one
 * @param cause why the bootstrap is to fail; null where it comes to its end
 */
export function container(
  root: string,
  tree: FileTree,
  diskSize: number | null,
  cause: string | null = null,
): Container {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-boot-'));
  const written = join(folder, 'tree');
  mkdirSync(written);
  chmodSync(written, 0o755);
  writeTree(written, [...tree, ...extra(cause)]);
  const disk = join(folder, 'disk.img');
  writeFileSync(disk, '');
  if (diskSize !== null) truncateSync(disk, diskSize);
  let boots = 0;
  return {
    disk,
    boot: async (nics, seconds = 120) => {
      boots += 1;
      const scratch = join(folder, `boot-${String(boots)}`);
      mkdirSync(scratch);
      const args = [root, written, scratch, String(seconds), diskSize === null ? 'none' : disk, ...nics];
      const text = await output('unshare', [...NAMESPACES, join(HERE, 'boot-container.sh'), ...args]);
      return afterwards(text, join(scratch, 'upper/probe'));
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

function afterwards(text: string, folder: string): Boot {
  const probe = (path: string): string =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : '';
  return {
    // eslint-disable-next-line no-control-regex -- a console is full of them
    console: text.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][0-9A-Z]|[\0\r]/g, ''),
    probe,
    steps: () =>
      probe('cluster/ledger.jsonl')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, string>)
        .map(({ step, state, cause }) => `${step ?? ''} ${state ?? ''} ${cause ?? ''}`.trimEnd()),
  };
}

/** Everything that a program prints; its status says nothing here, as being cut off is a case of its own. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
