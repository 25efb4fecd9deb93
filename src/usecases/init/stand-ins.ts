/**
 * Sound values in the place of what is not known yet. So the definition can be checked after each answer, and a fault that the check finds
 * is one of the answers.
 */
import { contains, formatIp, isReservedIn, parseCidr, parseIp, type Ip } from '../../config/network/net.ts';
import { DEFAULT_KUBERNETES } from '../../config/kubernetes/releases.ts';
import type { Known, Machine } from './answers.ts';
import type { WholeAnswers } from './definition.ts';

/** RFC 5737: for documentation. */
const NETWORK = '192.0.2.0/24';
const ADDRESS = '192.0.2.1';
/** For no machine: nobody has the private key. The one of the examples. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ';

export function withStandIns(known: Known): WholeAnswers {
  const network = known.network ?? [NETWORK];
  const taken = new Set(takenBy(known));
  const free = (): readonly string[] =>
    network.flatMap((one) => {
      const ip = freeAddress(one, taken);
      if (ip !== undefined) taken.add(ip);
      return ip ?? [];
    });
  let count = 0;
  const whole = (role: string, machine: Partial<Machine>, ips = machine.ips ?? free()): Machine => {
    count += 1;
    const digits = String(count).padStart(2, '0');
    return {
      name: machine.name ?? `unnamed-${role}-${digits}`,
      macs: machine.macs ?? [`02:00:00:00:00:${digits}`],
      ips: ips.length > 0 ? ips : [ADDRESS],
      disk: machine.disk ?? `STAND-IN-STATE-${digits}`,
      osds: machine.osds ?? (known.ceph ? [`STAND-IN-OSD-${digits}`] : []),
    };
  };
  const masters = (known.masters ?? [{}]).map((machine) => whole('master', machine));
  // A network may be too small for a worker that nobody spoke of.
  const room = known.workers === undefined ? free() : [];
  const workers = known.workers?.map((machine) => whole('worker', machine)) ?? (room.length > 0 ? [whole('worker', {}, room)] : []); // prettier-ignore
  return {
    ...{
      name: 'unnamed',
      domain: '',
      dns: [],
      kubernetes: DEFAULT_KUBERNETES,
      keys: [KEY],
      ceph: false,
      virtualIp: '',
    },
    ...{ gateway: [], ...known, network, masters, workers },
  };
}

/** The addresses that have an owner, in the notation of {@link freeAddress}. */
export function takenBy({
  gateway = [],
  dns = [],
  virtualIp = '',
  masters = [],
  workers = [],
}: Known): readonly string[] {
  const texts = [...gateway, ...dns, virtualIp, ...[...masters, ...workers].flatMap(({ ips = [] }) => ips)];
  return texts.flatMap((text) => canonical(text) ?? []);
}

function canonical(text: string): string | undefined {
  const ip = parseIp(text);
  return ip && formatIp(ip);
}

/** The first address of a network that is not taken, at or after `from`; undefined if there is none among a thousand. */
export function freeAddress(network: string, taken: ReadonlySet<string>, from?: string): string | undefined {
  const range = parseCidr(network);
  if (!range) return undefined;
  const start = parseIp(from ?? '') ?? { family: range.family, value: range.network + 1n };
  for (let step = 0n; step < 1000n; step += 1n) {
    const ip: Ip = { family: range.family, value: start.value + step };
    if (!contains(range, ip)) return undefined;
    if (isReservedIn(range, ip) === undefined && !taken.has(formatIp(ip))) return formatIp(ip);
  }
  return undefined;
}
