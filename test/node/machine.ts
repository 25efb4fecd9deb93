/**
 * A machine for the first-boot scripts: a folder that stands in for the root (COLDSTART_ROOT) with the image's files,
 * network cards in a fake sysfs, and fake commands with fixed answers. bash, jq, coreutils and everything else are
 * real.
 */
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
export const OVERLAY = join(REPOSITORY, 'overlays/common');
export const UUID = '0b3c1f0e-0000-4000-8000-0000000000aa';
const BOOT = '6f6b1c0e-0000-4000-8000-000000000001';

export interface Nic {
  readonly mac: string;
  /** What `ethtool -P` says; null when it says nothing useful. */
  readonly permanent?: string | null;
  readonly driver?: string;
  readonly carrier?: 0 | 1;
  /** False for bonds, bridges and other virtual interfaces. */
  readonly physical?: boolean;
  /** Further files of the interface in sysfs. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Setup {
  /** Replaces single values of node.env. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nics?: Readonly<Record<string, Nic>>;
  /** Seconds of every wait; 1 by default. More where a wait must not end on a busy machine. */
  readonly deadline?: number;
  /** Files under the root, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Commands that are answered by these lines of bash instead of the real ones. */
  readonly commands?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly status: number;
  readonly output: string;
}

interface Entry {
  readonly step: string;
  readonly state: string;
  readonly cause: string;
  readonly message: string;
  readonly todo: string;
  readonly since: string;
  readonly boot: string;
  readonly time: string;
}

export interface Machine {
  readonly root: string;
  path(path: string): string;
  read(path: string): Promise<string>;
  write(path: string, content: string): Promise<void>;
  command(name: string, body: string): Promise<void>;
  run(script: string, ...args: string[]): Promise<Outcome>;
  /** What a restart does: /run is empty again, and the node was identified. */
  restart(): Promise<void>;
  /** Runs lines of bash that have the library. */
  bash(body: string): Promise<Outcome>;
  ledger(): Promise<Entry[]>;
  /** The ledger as `step state cause`, what most tests are about. */
  steps(): Promise<string[]>;
}

const NODE_ENV: Readonly<Record<string, string>> = {
  ...{ CLUSTER_NAME: 'lab', NODE_NAME: 'master-01', NODE_HOSTNAME: 'master-01.lab.example' },
  ...{ NODE_IP: '192.168.50.11', NODE_IPS: '192.168.50.11', NODE_MACS: '52:54:00:12:34:01' },
  ...{ NODE_ROLES: 'master', BOOT_ROLE: 'master-first' },
};

/** By default `master-01` of a cluster of two, in the machine it is meant for, identified, with its address up. */
export async function machine(setup: Setup = {}): Promise<Machine> {
  const root = await mkdtemp(join(tmpdir(), 'coldstart-node-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const made = describeMachine(root, setup.deadline ?? 1);
  const env = Object.entries({ ...NODE_ENV, ...setup.env }).map(([name, value]) => `${name}="${value}"\n`);
  await made.write('etc/cluster-config/node.env', env.join(''));
  await made.write('proc/sys/kernel/random/boot_id', `${BOOT}\n`);
  await made.write('proc/sys/kernel/random/uuid', `${UUID}\n`);
  await made.write('run/cluster/identified', 'master-01\n');
  const nics = setup.nics ?? { eth0: { mac: '52:54:00:12:34:01' } };
  await mkdir(made.path('sys/class/net'), { recursive: true });
  for (const [name, nic] of Object.entries(nics)) await plugIn(made, name, nic);
  for (const [path, content] of Object.entries(setup.files ?? {})) await made.write(path, content);
  const commands = { ...defaultCommands(made, nics), ...setup.commands };
  for (const [name, body] of Object.entries(commands)) await made.command(name, body);
  return made;
}

function defaultCommands(made: Machine, nics: Readonly<Record<string, Nic>>): Record<string, string> {
  const permanent = Object.entries(nics).map(([name, nic]) => {
    const mac = nic.permanent === undefined ? nic.mac : nic.permanent;
    return `${name}) echo "Permanent address: ${mac ?? '00:00:00:00:00:00'}" ;;`;
  });
  return {
    ethtool: `case $2 in\n${permanent.join('\n')}\nesac`,
    hostname: `printf '%s\\n' "$1" >${made.path('hostname-set')}`,
    agetty: 'exit 1',
    lsblk: `echo '{"blockdevices":[]}'`,
    udevadm: 'exit 0',
    sleep: 'exec /bin/sleep 0.05',
    systemctl: 'exit 0',
    containerd: 'exit 0',
    chronyc: 'exit 0',
    nmcli: 'exit 0',
    ip: `printf '%s' '[{"ifname":"eth0","operstate":"UP","addr_info":[{"local":"192.168.50.11"}]}]'`,
  };
}

/** Adds a network card to the machine's sysfs. */
export async function plugIn(made: Machine, name: string, nic: Nic): Promise<void> {
  const folder = `sys/class/net/${name}`;
  await made.write(`${folder}/address`, `${nic.mac}\n`);
  await made.write(`${folder}/type`, '1\n');
  if (nic.carrier !== undefined) await made.write(`${folder}/carrier`, `${nic.carrier}\n`);
  for (const [path, content] of Object.entries(nic.files ?? {})) await made.write(`${folder}/${path}`, content);
  if (nic.physical === false) return;
  await mkdir(made.path(`${folder}/device`), { recursive: true });
  await symlink(`../../../../bus/pci/drivers/${nic.driver ?? 'virtio_net'}`, made.path(`${folder}/device/driver`));
}

function describeMachine(root: string, deadline: number): Machine {
  const path = (relative: string): string => join(root, relative);
  const write = async (relative: string, content: string, mode = 0o644): Promise<void> => {
    await mkdir(dirname(path(relative)), { recursive: true });
    // A script that reads meanwhile gets the former content or the new one, not an empty file.
    const unfinished = path(`${relative}.unfinished`);
    await writeFile(unfinished, content, { mode });
    await rename(unfinished, path(relative));
  };
  const read = (relative: string): Promise<string> => readFile(path(relative), 'utf8');
  const start = async (file: string, args: readonly string[]): Promise<Outcome> => {
    const { exitCode, all } = await execa(file, args, {
      // A group of its own, so that a test can cut all of it off.
      ...{ reject: false, all: true, extendEnv: false, stdin: 'ignore', detached: true },
      env: {
        ...{ COLDSTART_ROOT: root, COLDSTART_DEADLINE: String(deadline), HOME: root },
        PATH: `${path('commands')}:/usr/sbin:/usr/bin:/sbin:/bin`,
      },
    });
    return { status: exitCode ?? -1, output: all.replaceAll(root, '') };
  };
  const ledger = async (): Promise<Entry[]> => {
    const text = await read('run/cluster/ledger.jsonl').catch(() => '');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]));
  };
  return {
    ...{ root, path, read, ledger },
    write: (relative, content) => write(relative, content),
    command: (name, body) => write(`commands/${name}`, `#!/bin/bash\n${body}\n`, 0o755),
    restart: async () => {
      await rm(path('run'), { recursive: true, force: true });
      await write('run/cluster/identified', 'master-01\n');
    },
    run: (script, ...args) => start(join(OVERLAY, 'usr/local/bin', script), args),
    bash: (body) =>
      start('/bin/bash', ['-c', `source ${OVERLAY}/usr/local/lib/coldstart/coldstart.sh\nload_node\n${body}`]),
    steps: async () => (await ledger()).map(({ step, state, cause }) => `${step} ${state} ${cause}`.trimEnd()),
  };
}
