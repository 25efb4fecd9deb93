/** The networks of pods and services, where the defaults would overlap with the network of the machines. */
import { contains, overlaps, parseCidr, parseIp, rangeOf } from '../../config/network/net.ts';
import { networking } from '../../config/schema/network.ts';

/** The defaults of the schema first. RFC 1918 for IPv4, RFC 4193 for IPv6. */
const PODS = {
  4: ['10.244.0.0/16', '172.20.0.0/16', '192.168.128.0/18'],
  6: ['fd00:10:244::/56', 'fd00:172:20::/56'],
} as const;
const SERVICES = {
  4: ['10.96.0.0/12', '172.24.0.0/16', '192.168.192.0/18'],
  6: ['fd00:10:96::/112', 'fd00:172:24::/112'],
} as const;

/** The settings that are needed besides the defaults; empty if these serve. */
export function insideNetworks(
  network: readonly string[],
  addresses: readonly string[],
): { readonly pod_cidr?: string | string[]; readonly service_cidr?: string | string[] } {
  const ranges = network.flatMap((text) => parseCidr(text) ?? []);
  const ips = addresses.flatMap((text) => parseIp(text) ?? []);
  const families = [...new Set(ranges.map(({ family }) => family))];
  if (ranges.length < network.length || families.length === 0) return {};
  const isFree = (candidate: string): boolean => {
    const range = rangeOf(candidate);
    return !ranges.some((one) => overlaps(one, range)) && !ips.some((ip) => contains(range, ip));
  };
  const choose = (candidates: typeof PODS | typeof SERVICES): string[] =>
    families.map((family) => candidates[family].find(isFree) ?? candidates[family][0]);
  const defaults = networking.parse({});
  const needed = (key: 'pod_cidr' | 'service_cidr', chosen: string[]) =>
    chosen.join() === defaults[key].join() ? {} : { [key]: chosen.length === 1 ? chosen[0] : chosen };
  return { ...needed('pod_cidr', choose(PODS)), ...needed('service_cidr', choose(SERVICES)) };
}
