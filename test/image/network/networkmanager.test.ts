/**
 * A real NetworkManager reads every key file of every shape of network: it loads each of them, under its UUID, with the
 * settings of the configuration.
 */
import { describe, expect, test } from 'vitest';
import type { Interface, Node } from '../../../src/config/cluster.ts';
import { connectionUuid } from '../../../src/render/plan/ids.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { isIpv6 } from '../../../src/render/views/subject.ts';
import { shapes } from '../../render/shapes.ts';
import { SOURCES } from '../../render/sources.ts';
import { networkManagerScript } from './networkmanager.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
/** In the key file until the node has found the NIC. */
const NO_NIC = '00:00:00:00:00:00';
const CLUSTER = shapes();
const uuidOf = (node: Node, name: string): string => connectionUuid(CLUSTER.name, node.name, name);
const FOLDER = '/etc/NetworkManager/system-connections';

/** The settings that the configuration is about, in nmcli's words. */
function expected(node: Node, of: Interface): Record<string, string> {
  const controller = node.interfaces.find((other) => 'ports' in other && other.ports.includes(of.name));
  return {
    'connection.id': of.name,
    'connection.type': of.type === 'ethernet' ? '802-3-ethernet' : of.type,
    'connection.interface-name': of.type === 'ethernet' ? '' : of.name,
    'connection.controller': controller === undefined ? '' : uuidOf(node, controller.name),
    'connection.port-type': controller?.type ?? '',
    ...(of.type === 'ethernet' ? { '802-3-ethernet.mac-address': (of.mac ?? NO_NIC).toUpperCase() } : {}),
    ...(of.mtu === null ? {} : { '802-3-ethernet.mtu': String(of.mtu) }),
    ...(of.type === 'vlan' ? { 'vlan.id': String(of.id), 'vlan.parent': uuidOf(node, of.parent) } : {}),
    ...(of.type === 'bridge' ? { 'bridge.stp': of.stp ? 'yes' : 'no' } : {}),
    ...(of.type === 'bond' ? { 'bond.options': optionsOf(of) } : {}),
    ...(controller === undefined ? { ...family(of, 4, node), ...family(of, 6, node) } : {}),
  };
}

const optionsOf = (of: Extract<Interface, { type: 'bond' }>): string =>
  [
    'mode',
    ...Object.keys(of.options)
      .filter((key) => key !== 'primary')
      .toSorted(),
  ]
    .map((key) => `${key}=${key === 'mode' ? of.mode : (of.options[key] ?? '')}`)
    .join(',');

function family(of: Interface, version: 4 | 6, node: Node): Record<string, string> {
  const ours = (address: string): boolean => isIpv6(address) === (version === 6);
  const addresses = of.addresses.filter(ours);
  const automatic = version === 4 ? of.dhcp4 : of.autoconf6;
  const method = automatic ? 'auto' : addresses.length > 0 ? 'manual' : 'disabled';
  const routes = of.routes.filter(({ to }) => ours(to));
  const gateway = of.gateways.find(ours);
  const isElsewhere = node.interfaces.some((other) => other !== of && other.gateways.some(ours));
  const isFurther = gateway === undefined && (!of.useRoutes || (isElsewhere && of.routeMetric === null));
  const settings = {
    method,
    addresses: addresses.join(', '),
    gateway: gateway ?? '',
    'never-default': automatic && isFurther ? 'yes' : 'no',
    ...(of.leased.some(ours)
      ? version === 4
        ? { 'dhcp-client-id': 'mac' }
        : { 'dhcp-duid': 'll', 'dhcp-iaid': 'mac' }
      : {}),
    'route-metric': method === 'disabled' ? '-1' : String(of.routeMetric ?? -1),
    'ignore-auto-dns': automatic && !of.useDns ? 'yes' : 'no',
    'ignore-auto-routes': automatic && !of.useRoutes ? 'yes' : 'no',
    dns: of.dns.filter(ours).join(','),
    'dns-search': method === 'disabled' ? '' : of.searchDomains.join(','),
    routes: routes.map(({ to, via, metric }) => [to, via, metric].filter((part) => part !== null).join(' ')).join(', '),
  };
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`ipv${String(version)}.${key}`, value]));
}

/** What the script printed, by UUID. */
function parseReport(report: string): Map<string, Record<string, string>> {
  const sections = report.split(/^== /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [name = '', ...lines] = section.trimEnd().split('\n');
      return [name, Object.fromEntries(lines.map((line) => [line.replace(/:.*/, ''), line.replace(/^[^:]*:/, '')]))];
    }),
  );
}

function askNetworkManager(node: Node): Map<string, Record<string, string>> {
  const on = nodeRoot(root ?? '', renderNode(CLUSTER, node, SOURCES));
  try {
    const script = 'cat >/run/ask.sh && exec bash /run/ask.sh "$@"';
    const uuids = node.interfaces.map((of) => uuidOf(node, of.name));
    const { status, stdout, stderr } = on.run('bash', ['-c', script, 'ask', ...uuids], SCRIPT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return parseReport(stdout);
  } finally {
    on.remove();
  }
}

const SCRIPT = networkManagerScript('networkmanager.sh');

describe.skipIf(root === null).each(CLUSTER.nodes.map((node) => [node.name, node] as const))('%s', (_, node) => {
  test('NetworkManager loads every key file and means what the configuration says', () => {
    const known = askNetworkManager(node);
    for (const of of node.interfaces) {
      const settings = known.get(uuidOf(node, of.name)) ?? {};
      const wanted = expected(node, of);
      const read = Object.fromEntries(
        Object.keys(wanted).map((key) => [key, settings[key]?.replaceAll('--', '') ?? '']),
      );
      expect(read).toEqual(wanted);
    }
    const files = node.interfaces.map((of) => [uuidOf(node, of.name), `${FOLDER}/${of.name}.nmconnection`]);
    expect(known.get('files')).toMatchObject(Object.fromEntries(files));
  });
});
