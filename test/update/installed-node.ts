/** An installed node in QEMU, as its administrator has it: a definition, its images, SSH, `coldstart status` and `coldstart update`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { freePort } from '../boot/free-port.ts';
import { boot, type Machine, type MachineOptions } from '../boot/machine.ts';
import { coldstart, objectsOf, TESTER, type Outcome } from '../machines/lab.ts';
import { redirectSsh } from '../rollout/ssh-ports.ts';

interface Place {
  /** Empty at first. */
  readonly folder: string;
  readonly cluster: string;
  readonly name: string;
  readonly ip: string;
  readonly mac: string;
}

export class InstalledNode {
  readonly #place: Place;
  /** Public keys of those who may log in. */
  readonly #keys: string[] = [];
  #restorePath = (): void => undefined;
  #machine: Machine | null = null;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Makes a key, and a folder for the definition. Puts an `ssh` on the PATH, until {@link remove}. */
  async prepare(): Promise<void> {
    await mkdir(join(this.#place.folder, 'definition'));
    this.#restorePath = await redirectSsh(this.#place.folder);
    await this.addKey('key');
  }

  /** Makes a key, a file in the folder; the next definition lets it log in. */
  async addKey(name: string): Promise<void> {
    const file = join(this.#place.folder, name);
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    this.#keys.push((await readFile(`${file}.pub`, 'utf8')).trim());
  }

  /** The user of a definition, who may log in at the console and by SSH, and become root. */
  get user() {
    return { ...TESTER, ssh_keys: this.#keys };
  }

  async write(definition: object): Promise<void> {
    await writeFile(join(this.#place.folder, 'definition/cluster.yaml'), stringify(definition));
  }

  async build(...options: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await this.#call('build', ...options);
    if (exitCode !== 0) throw new Error(stderr);
  }

  /** Its files in the output folder. */
  get image(): { readonly iso: string; readonly tree: string; readonly bundle: string } {
    const { folder, cluster, name } = this.#place;
    const out = join(folder, 'out', cluster);
    return { iso: join(out, `${name}.iso`), tree: join(out, name, 'tree'), bundle: join(out, `${name}.raucb`) };
  }

  /**
   * Switches it on.
   * @param disk its state disk, a raw image
   * @param more a medium in its drive, further disks, its memory, and a file for its console
   */
  async switchOn(
    disk: string,
    { disks = [], ...more }: Pick<Partial<MachineOptions>, 'iso' | 'disks' | 'memory' | 'log'> = {},
  ): Promise<Machine> {
    const { folder, name, ip, mac } = this.#place;
    const port = String(await freePort());
    await writeFile(join(folder, `port-${name}`), port);
    return (this.#machine = await boot({
      ...{ iso: null, firmware: 'bios', macs: [mac], restarts: true, ...more },
      disks: [{ path: disk, serial: 'state', format: 'raw' }, ...disks],
      network: `restrict=on,net=192.168.50.0/24,host=192.168.50.1,hostfwd=tcp:127.0.0.1:${port}-${ip}:22`,
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

  /**
   * What a command prints on the node, whatever the definition says.
   * @param key the first one by default
   * @param input what the command reads
   */
  async run(command: string, key = 'key', input = ''): Promise<string> {
    const { folder, name, ip } = this.#place;
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      `HostKeyAlias=${name}`,
      'LogLevel=ERROR',
    ];
    const words = ['-i', join(folder, key), ...options.flatMap((one) => ['-o', one])];
    return (await execa('ssh', [...words, `${TESTER.name}@${ip}`, command], { input })).stdout;
  }

  #call(command: string, ...words: readonly string[]): Promise<Outcome> {
    return coldstart(this.#place.folder, command, 'definition', '--node', this.#place.name, ...words);
  }

  #ssh(): string[] {
    return ['--ssh-key', join(this.#place.folder, 'key')];
  }
}
