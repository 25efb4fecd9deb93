/**
 * Views of NetworkManager's key files (nm-settings-keyfile(5)): one per interface of a node. NICs are identified by
 * permanent MAC, never by the kernel's name; ports and VLANs name their parent by the UUID of its connection.
 */
import { CLUSTER_DEVICES } from '../../../config/network/cluster-devices.ts';
import type { Interface, Node } from '../../../config/cluster.ts';
import { isOfMac } from '../../../config/network/eui64.ts';
import { connectionUuid } from '../../plan/ids.ts';
import { isIpv6, type Subject } from '../subject.ts';

/** By the MAC, not by the machine's or the connection's id. nm-settings-keyfile(5). */
const CLIENT_IDS = {
  4: [{ key: 'dhcp-client-id', value: 'mac' }],
  6: [
    { key: 'dhcp-duid', value: 'll' },
    { key: 'dhcp-iaid', value: 'mac' },
  ],
} as const;

/** One address family of a connection. */
function familyView(of: Interface, family: 4 | 6, node: Node) {
  const ours = (address: string): boolean => isIpv6(address) === (family === 6);
  const addresses = of.addresses.filter(ours);
  const automatic = family === 4 ? of.dhcp4 : of.autoconf6;
  const enabled = automatic || addresses.length > 0;
  const routes = of.routes.filter((route) => ours(route.to));
  const dns = of.dns.filter(ours);
  const gateway = of.gateways.find(ours) ?? null;
  const isElsewhere = node.interfaces.some((other) => other !== of && other.gateways.some(ours));
  const leased = of.leased.filter(ours);
  return {
    name: `ipv${String(family)}`,
    method: automatic ? 'auto' : enabled ? 'manual' : 'disabled',
    // The connection is up only when its static addresses and those of the node are, and the same holds for network-online.target.
    mayFail: addresses.length === 0 && leased.length === 0,
    // `address1`, `route1`: the keys are numbered from 1.
    addresses: addresses.map((address, index) => ({ key: `address${String(index + 1)}`, value: address })),
    gateway,
    // With a gateway of its own, the interface takes no default route from DHCP or a router anyway, and `never-default` would
    // remove the gateway. Without a metric, such a default route does not compete with the gateway of another interface.
    neverDefault: automatic && gateway === null && (!of.useRoutes || (isElsewhere && of.routeMetric === null)),
    // By these, the server recognises the NIC of a reservation.
    clientIds: leased.length === 0 ? [] : CLIENT_IDS[family],
    isOfMac: of.type === 'ethernet' && of.mac !== null && leased.some((address) => isOfMac(address, of.mac ?? '')),
    routeMetric: of.routeMetric,
    ignoreAutoRoutes: automatic && !of.useRoutes,
    ignoreAutoDns: automatic && !of.useDns,
    routes: routes.map((route, index) => ({ key: `route${String(index + 1)}`, value: routeText(route) })),
    dns,
    hasDns: dns.length > 0,
    search: of.searchDomains,
    hasSearch: of.searchDomains.length > 0,
  };
}

// `destination,next hop,metric`; the unspecified address means a route without next hop.
function routeText({ to, via, metric }: Interface['routes'][number]): string {
  const hop = via ?? (isIpv6(to) ? '::' : '0.0.0.0');
  return metric === null ? `${to},${hop}` : `${to},${hop},${String(metric)}`;
}

/** The bond or bridge that an interface is a port of, or null. */
function controllerOf(node: Node, name: string): Extract<Interface, { ports: readonly string[] }> | null {
  const holds = (other: Interface) => (other.type === 'bond' || other.type === 'bridge') && other.ports.includes(name);
  return (node.interfaces.find(holds) as Extract<Interface, { ports: readonly string[] }> | undefined) ?? null;
}

export function connectionView({ cluster, node }: Subject, of: Interface) {
  const uuid = (name: string): string => connectionUuid(cluster.name, node.name, name);
  const controller = controllerOf(node, of.name);
  return {
    name: of.name,
    uuid: uuid(of.name),
    type: of.type,
    // Only devices that NetworkManager makes have a name from the definition.
    device: of.type === 'ethernet' ? null : of.name,
    controller: controller === null ? null : { uuid: uuid(controller.name), type: controller.type },
    // The node writes the address of the NIC that `match` finds; no NIC has this one.
    mac: of.type === 'ethernet' ? (of.mac ?? '00:00:00:00:00:00') : null,
    mtu: of.mtu,
    hasEthernet: of.type === 'ethernet' || of.mtu !== null,
    primaryOf: controller?.type === 'bond' && controller.options['primary'] === of.name ? controller.name : null,
    bond: of.type === 'bond' ? { options: bondOptions(of) } : null,
    vlan: of.type === 'vlan' ? { id: of.id, parent: uuid(of.parent) } : null,
    bridge: of.type === 'bridge' ? { stp: of.stp } : null,
    // A port has no addresses of its own; NetworkManager refuses the sections.
    families: controller === null ? ([4, 6] as const).map((family) => familyView(of, family, node)) : [],
  };
}

// NetworkManager expects the kernel's name in `primary`, which is unknown at build time. So the port's own connection
// names its bond, and `dispatcher.d/50-coldstart-bond-primary` tells the kernel.
function bondOptions(bond: Extract<Interface, { type: 'bond' }>) {
  const options = Object.entries({ mode: bond.mode, ...bond.options }).filter(([name]) => name !== 'primary');
  return options.map(([name, value]) => ({ name, value }));
}

/** The devices that NetworkManager must not manage, because other programs make them. */
export const deviceView = () => ({ unmanaged: CLUSTER_DEVICES.map(({ pattern }) => `interface-name:${pattern}`) });
