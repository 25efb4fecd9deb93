/**
 * The gateway of the lab's network: a QEMU without a machine. Its user-mode network (libslirp) answers at the definition's
 * gateway address, forwards ports of 127.0.0.1 to the nodes, and offers them the operator's artifact server. Pure.
 */
import type { Cluster, Node } from '../../config/cluster.ts';
import { formatIp, ipOf, parseIp, rangeOf, type IpRange } from '../../config/network/net.ts';
import { quoted } from '../qemu/args.ts';

export interface Forward {
  readonly hostPort: number;
  readonly address: string;
  readonly port: number;
}

interface GatewayRequest {
  readonly cluster: Cluster;
  readonly forwards: readonly Forward[];
  /** The nodes reach every network that this machine reaches, and this machine itself. */
  readonly internet: boolean;
  /** Program and arguments that serve one connection on standard input and output; null when no artifacts are served. */
  readonly service: readonly string[] | null;
}

interface GatewayPlan {
  /** Value of QEMU's `-netdev`, with the identifier `user`. */
  readonly netdev: string;
  /** Where the nodes find the operator's artifacts; null when none are served. */
  readonly serviceUrl: string | null;
}

const SERVICE_PORT = 8080;

/** The gateway of the nodes' network; null when that network has no free addresses for it. */
export function planGateway(request: GatewayRequest): GatewayPlan | null {
  const { cluster, internet } = request;
  const ranges = cluster.networking.nodeCidrs.map(rangeOf);
  const four = ranges.find(({ family }) => family === 4);
  const six = ranges.find(({ family }) => family === 6);
  const ipv4 = four === undefined ? { options: ['ipv4=off'], service: null } : planIpv4(four, request);
  if (ipv4 === null) return null;
  const options = [
    ...ipv4.options,
    ...(six === undefined ? ['ipv6=off'] : planIpv6(six, cluster)),
    `restrict=${internet ? 'off' : 'on'}`,
  ];
  const serviceUrl = ipv4.service === null ? null : `http://${ipv4.service}:${SERVICE_PORT}/`;
  return { netdev: ['user', 'id=user', ...options].join(','), serviceUrl };
}

function planIpv4(range: IpRange, request: GatewayRequest): { options: string[]; service: string | null } | null {
  const { networking } = request.cluster;
  const free = freeAddresses(range, request.cluster);
  const host = inRange(networking.gateways, range) ?? free.pop();
  const dns = networking.dns.find((one) => one !== host && isIn(one, range)) ?? free.pop();
  const dhcp = free.pop();
  const service = request.service === null ? null : free.pop();
  if (host === undefined || dns === undefined || dhcp === undefined || service === undefined) return null;
  const network = formatIp({ family: 4, value: range.network });
  const options = [
    ...[`net=${network}/${range.prefix}`, `host=${host}`, `dns=${dns}`, `dhcpstart=${dhcp}`],
    ...request.forwards
      .filter(({ address }) => isIn(address, range))
      .map(({ hostPort, address, port }) => `hostfwd=tcp:127.0.0.1:${hostPort}-${address}:${port}`),
    ...(request.service === null
      ? []
      : [`guestfwd=tcp:${service}:${SERVICE_PORT}-cmd:${quoted(commandLine(request.service))}`]),
  ];
  return { options, service };
}

function planIpv6(range: IpRange, cluster: Cluster): string[] {
  const free = freeAddresses(range, cluster);
  const host = inRange(cluster.networking.gateways, range) ?? free.pop();
  const network = formatIp({ family: 6, value: range.network });
  const names = [`ipv6-prefix=${network}`, `ipv6-prefixlen=${range.prefix}`, `ipv6-host=${host}`];
  return [...names, `ipv6-dns=${free.pop()}`];
}

const isIn = (text: string, range: IpRange): boolean => {
  const ip = parseIp(text);
  return ip?.family === range.family && ip.value >= range.network && ip.value <= range.last;
};
const inRange = (texts: readonly string[], range: IpRange): string | undefined =>
  texts.find((text) => isIn(text, range));

/** Enough for name server, DHCP and service. */
const ENOUGH = 4n;

/** Addresses at the end of the network that the definition does not use, the highest last. */
function freeAddresses(range: IpRange, cluster: Cluster): string[] {
  const used = new Set(usedAddresses(cluster));
  const last = range.last - 1n;
  const lowest = last - 64n > range.network ? last - 64n : range.network + 1n;
  const free: string[] = [];
  for (let value = last; value >= lowest && BigInt(free.length) < ENOUGH; value--) {
    const text = formatIp({ family: range.family, value });
    if (!used.has(text)) free.unshift(text);
  }
  return free;
}

function usedAddresses({ nodes, networking, controlPlane }: Cluster): string[] {
  const ofNode = (node: Node): string[] => [
    ...node.ips,
    ...node.ntp,
    ...node.interfaces.flatMap((one) => [
      ...one.addresses.map((address) => address.split('/')[0] ?? ''),
      ...[...one.gateways, ...one.dns],
    ]),
  ];
  const { gateways, dns, ntp } = networking;
  const texts = [...nodes.flatMap(ofNode), ...gateways, ...dns, ...ntp, controlPlane.virtualIp ?? ''];
  return texts.filter((text) => parseIp(text) !== undefined).map((text) => formatIp(ipOf(text)));
}

/** Quoted for GLib's shell parser, which libslirp uses. */
function commandLine(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

/** QEMU's whole command line. @param netdev of the plan @param socket of the switch */
export function gatewayArgs(netdev: string, socket: string): string[] {
  return [
    ...['-machine', 'none'],
    ...['-nodefaults'],
    ...['-display', 'none'],
    ...['-netdev', netdev],
    ...['-netdev', `stream,id=lan,server=off,addr.type=unix,addr.path=${quoted(socket)}`],
    ...['-netdev', 'hubport,id=inside,hubid=0,netdev=user'],
    ...['-netdev', 'hubport,id=outside,hubid=0,netdev=lan'],
  ];
}
