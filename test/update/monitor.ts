/**
 * An installed monitor of Ceph in QEMU, as its administrator has it: a definition, its images, SSH, `coldstart status` and
 * `coldstart update`. It is the smallest node whose health is that of real services. The other node of its definition is never
 * switched on.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { freePort } from '../boot/free-port.ts';
import { boot, type Machine, type MachineOptions } from '../boot/machine.ts';
import { coldstart, objectsOf, TESTER, type Outcome } from '../machines/lab.ts';
import { redirectSsh } from '../rollout/ssh-ports.ts';

export const NODE = 'store-01';
export const IP = '192.168.50.11';
const MAC = '52:54:00:12:50:01';

/** What the definition says of the node beyond what it has at first. */
export type Settings = Readonly<Record<string, unknown>>;

export class Monitor {
  readonly #folder: string;
  readonly #restorePath: () => void;
  /** Public keys of those who may log in. */
  readonly #keys: string[] = [];
  #settings: Settings = {};
  #machine: Machine | null = null;

  private constructor(folder: string, restorePath: () => void) {
    this.#folder = folder;
    this.#restorePath = restorePath;
  }

  /** Builds its images in a folder that is empty. Puts an `ssh` on the PATH, until {@link remove}. */
  static async make(folder: string): Promise<Monitor> {
    await mkdir(join(folder, 'definition'));
    const monitor = new Monitor(folder, await redirectSsh(folder));
    await monitor.allow('key');
    const { exitCode, stderr } = await monitor.#call('build');
    if (exitCode !== 0) throw new Error(stderr);
    return monitor;
  }

  /** Defines that a new key may log in, too; its file in the folder. */
  async allow(name: string): Promise<void> {
    const file = join(this.#folder, name);
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    this.#keys.push((await readFile(`${file}.pub`, 'utf8')).trim());
    await this.define(this.#settings);
  }

  async define(settings: Settings): Promise<void> {
    this.#settings = settings;
    const [osd, state] = [{ serial: 'osd' }, { serial: 'state' }];
    const definition = {
      cluster: {
        name: 'storage',
        networking: { node_cidr: '192.168.50.0/24', gateway: '192.168.50.1' },
        image: { install: true, formats: ['iso', 'update'] },
        users: [{ ...TESTER, ssh_keys: this.#keys }],
      },
      nodes: [
        { name: NODE, ip: IP, roles: ['ceph-mon'], hardware: { mac_addresses: [MAC], state_disk: state }, ...settings },
        {
          ...{ name: 'store-02', ip: '192.168.50.12', roles: ['ceph-mgr', 'ceph-osd'] },
          hardware: { mac_addresses: ['52:54:00:12:50:02'], state_disk: state, osd_disks: [osd] },
        },
      ],
    };
    await writeFile(join(this.#folder, 'definition/cluster.yaml'), stringify(definition));
  }

  /** Its files in the output folder. */
  get image(): { readonly iso: string; readonly tree: string; readonly bundle: string } {
    const out = join(this.#folder, 'out/storage');
    return { iso: join(out, `${NODE}.iso`), tree: join(out, NODE, 'tree'), bundle: join(out, `${NODE}.raucb`) };
  }

  /**
   * Switches it on.
   * @param disk its state disk, a raw image
   * @param more a medium in its drive, and a file for its console
   */
  async switchOn(disk: string, more: Pick<Partial<MachineOptions>, 'iso' | 'log'> = {}): Promise<Machine> {
    const port = String(await freePort());
    await writeFile(join(this.#folder, `port-${NODE}`), port);
    return (this.#machine = await boot({
      ...{ iso: null, firmware: 'bios', macs: [MAC], restarts: true, ...more },
      disks: [{ path: disk, serial: 'state', format: 'raw' }],
      network: `restrict=on,net=192.168.50.0/24,host=192.168.50.1,hostfwd=tcp:127.0.0.1:${port}-${IP}:22`,
    }));
  }

  async cutPower(): Promise<void> {
    await this.#machine?.cutPower();
    this.#machine = null;
  }

  async remove(): Promise<void> {
    await this.cutPower();
    this.#restorePath();
  }

  /** The exit code, and what `coldstart status` says of the node. */
  async status(): Promise<Record<string, unknown>> {
    const { exitCode, stdout } = await this.#call('status', '--json', ...this.#ssh());
    return { exitCode, ...objectsOf(stdout).find(({ type }) => type === 'status') };
  }

  /** What `coldstart status` says as soon as all is well and no update is tried, or after so many seconds. */
  async statusWithin(seconds: number): Promise<Record<string, unknown>> {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const status = await this.status();
      if ((status['exitCode'] === 0 && status['state'] !== 'trying') || performance.now() > end) return status;
      await delay(2000);
    }
  }

  /** `coldstart update`, with further options. */
  update(...options: readonly string[]): Promise<Outcome> {
    return this.#call('update', '--yes', '--log', 'plain', ...options, ...this.#ssh());
  }

  /** What a command prints on the node, whatever the definition says. `key` is the first one by default. */
  async run(command: string, key = 'key'): Promise<string> {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      `HostKeyAlias=${NODE}`,
      'LogLevel=ERROR',
    ];
    const words = ['-i', join(this.#folder, key), ...options.flatMap((one) => ['-o', one])];
    return (await execa('ssh', [...words, `${TESTER.name}@${IP}`, command])).stdout;
  }

  #call(command: string, ...words: readonly string[]): Promise<Outcome> {
    return coldstart(this.#folder, command, 'definition', '--node', NODE, ...words);
  }

  #ssh(): string[] {
    return ['--ssh-key', join(this.#folder, 'key')];
  }
}
