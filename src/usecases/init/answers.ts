/** What `coldstart init` must know, as the user says it. Texts are unchecked: the schema and the rules of the definition judge them. */
import { UsageError } from '../usage.ts';

export interface Machine {
  readonly name: string;
  readonly macs: readonly string[];
  readonly ips: readonly string[];
  /** The state disk, in the notation of {@link diskOf}; empty for none. */
  readonly disk: string;
  /** The disks for Ceph, in the same notation. */
  readonly osds: readonly string[];
}

export interface Answers {
  readonly name: string;
  /** Empty for none. */
  readonly domain: string;
  readonly network: readonly string[];
  readonly gateway: readonly string[];
  readonly dns: readonly string[];
  readonly kubernetes: string;
  /** Public SSH keys of the account `admin`. */
  readonly keys: readonly string[];
  readonly ceph: boolean;
  readonly masters: readonly Partial<Machine>[];
  readonly workers: readonly Partial<Machine>[];
  /** Empty for none. */
  readonly virtualIp: string;
}

export type Known = Partial<Answers>;

export const listOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** The keys of a machine on the command line, e.g. `name=worker-01,mac=52:54:00:12:34:02,ip=192.168.50.21,disk=S4EVNF0M123457`. */
const KEYS = ['name', 'mac', 'ip', 'disk', 'osd'] as const;
export const MACHINE_FORM = 'name=NAME,mac=MAC,ip=ADDRESS,disk=DISK,osd=DISK';

/** Reads `--master` and `--worker`. `mac`, `ip` and `osd` may be repeated. @throws UsageError */
export function machineOf(text: string): Partial<Machine> {
  const said = new Map<string, string[]>();
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(part) ?? [];
    if (!(KEYS as readonly string[]).includes(key) || value === '')
      throw new UsageError(`\`${part}\` does not describe a machine.`, `write ${MACHINE_FORM}`);
    said.set(key, [...(said.get(key) ?? []), value]);
  }
  for (const key of ['name', 'disk'])
    if ((said.get(key)?.length ?? 0) > 1)
      throw new UsageError(
        `\`${text}\` has \`${key}\` twice.`,
        `write ${MACHINE_FORM}; mac, ip and osd may be repeated`,
      );
  const [name, macs, ips, disk, osds] = KEYS.map((key) => said.get(key));
  return {
    ...(name?.[0] === undefined ? {} : { name: name[0] }),
    ...(macs === undefined ? {} : { macs }),
    ...(ips === undefined ? {} : { ips }),
    ...(disk?.[0] === undefined ? {} : { disk: disk[0] }),
    ...(osds === undefined ? {} : { osds }),
  };
}
