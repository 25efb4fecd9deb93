/**
 * The environment for tests of commands: a folder with a definition in `lab/`, and streams that record their output.
 */
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.ts';
import type { Session } from '../../src/cli/session.ts';
import { temporaryFolder } from '../builder/temporary.ts';

/** Stands in for every secret; no output may ever show it. */
export const SECRET =
  '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

const DEFINITION = `cluster:
  name: lab
  networking:
    node_cidr: 192.168.50.0/24
    gateway: 192.168.50.1
    dns: [192.168.50.1]
    ntp: [192.168.50.1]
    pod_cidr: 10.244.0.0/16
    service_cidr: 10.96.0.0/12
  kubernetes: { version: 1.35.4, delivery: first-boot }
  users:
    - name: admin
      password_hash: ${SECRET}
nodes:
  - name: master-01
    ip: 192.168.50.11
    roles: [master]
    hardware:
      mac_addresses: ['52:54:00:12:34:01']
      state_disk: { serial: disk-1 }
  - name: worker-01
    ip: 192.168.50.21
    roles: [worker]
    hardware:
      mac_addresses: ['52:54:00:12:34:02']
      state_disk: { serial: disk-2 }
`;

export interface World {
  readonly folder: string;
  readonly session: Session;
  /** Runs a command and returns what it wrote; a thrown error is handed on. */
  readonly run: (...argv: readonly string[]) => Promise<Outcome>;
  /** Rewrites a text in `lab/cluster.yaml`, which must be there. */
  readonly edit: (from: string, to: string, definition?: string) => Promise<void>;
}

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function makeWorld(env: Session['env'] = {}): Promise<World> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'lab'));
  await writeFile(join(folder, 'lab/cluster.yaml'), DEFINITION);
  const written = { stdout: '', stderr: '' };
  const session: Session = {
    cwd: folder,
    env: { COLDSTART_CACHE: join(folder, 'cache'), ...env },
    stdout: { write: (text) => void (written.stdout += text), isTTY: false, columns: 0 },
    stderr: { write: (text) => void (written.stderr += text), isTTY: false, columns: 0 },
    signal: new AbortController().signal,
    clock: () => 0,
    now: new Date('2026-11-01T00:00:00Z'),
  };
  return {
    folder,
    session,
    run: async (...argv) => {
      Object.assign(written, { stdout: '', stderr: '' });
      const exitCode = await runCli(argv, session);
      return { exitCode, ...written };
    },
    edit: async (from, to, definition = 'lab') => {
      const file = join(folder, definition, 'cluster.yaml');
      const text = await readFile(file, 'utf8');
      if (!text.includes(from)) throw new Error(`${definition}/cluster.yaml does not hold: ${from}`);
      await writeFile(file, text.replace(from, to));
    },
  };
}

/** A second definition beside `lab`, to be edited. */
export async function copyDefinition({ folder }: World, to: string): Promise<void> {
  await cp(join(folder, 'lab'), join(folder, to), { recursive: true });
}

/** Everything below a folder as text: type, mode, time of the last change and content of each entry. */
export async function photograph(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const lines = entries.sort().map(async (entry) => {
    const path = join(folder, entry);
    const { mode, mtimeMs } = await lstat(path);
    const type = mode & 0o170000;
    const content =
      type === 0o100000 ? digest(await readFile(path)) : type === 0o120000 ? await readlink(path) : 'folder';
    return `${entry} ${mode.toString(8)} ${mtimeMs} ${content}`;
  });
  return Promise.all(lines);
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
