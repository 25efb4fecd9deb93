/** The cluster as a whole as the page shows it: figures, networks, expiries. Pure. */
import { quantity } from '../../diagnostics/quantity.ts';
import type { Cluster } from '../../config/cluster.ts';
import { releaseOf } from '../../config/kubernetes/releases.ts';
import { isCephNode, isMaster, isMember } from '../../config/roles.ts';
import type { ReportFacts } from '../../usecases/report.ts';
import type { Network } from '../networks.ts';
import { printable } from './text.ts';

/** Large numbers and words at the head of the page. */
export function figures({ nodes, kubernetes, ceph, image }: Cluster) {
  const count = (of: (node: (typeof nodes)[number]) => boolean): number => nodes.filter(of).length;
  const disks = nodes.reduce((sum, { osdDisks }) => sum + osdDisks.length, 0);
  const masters = count(isMaster);
  return [
    { figure: String(nodes.length), of: nodes.length === 1 ? 'machine' : 'machines' },
    ...(masters === 0 ? [] : [{ figure: String(masters), of: masters === 1 ? 'master' : 'masters' }]),
    ...(masters === 0 ? [] : [{ figure: kubernetes.version, of: 'Kubernetes' }]),
    ...(ceph === null
      ? []
      : [
          {
            figure: String(disks),
            of: `Ceph ${disks === 1 ? 'disk' : 'disks'} in ${quantity(count(isCephNode), 'node')}`,
          },
        ]),
    { figure: image.suite, of: 'Debian' },
  ];
}

const WAYS_TO_JOIN = {
  embedded: 'with a token in their image',
  http: 'with the certificate in their image',
  external: 'with a token from your store',
} satisfies Readonly<Record<Cluster['bootstrap']['tokenDistribution'], string>>;

export function clusterRows({ networking, controlPlane, kubernetes, bootstrap, ceph, users, nodes }: Cluster) {
  const several = (values: readonly string[]): string => (values.length === 0 ? 'none' : values.join(', '));
  const hasMembers = nodes.some(isMember);
  const rows: readonly (readonly [string, string])[] = [
    ['Gateway', several(networking.gateways)],
    ['Name servers', several(networking.dns)],
    ['Time servers', several(networking.ntp)],
    ...(hasMembers
      ? ([
          [
            'API',
            [controlPlane.endpoint, controlPlane.virtualIp].filter((one) => one !== null).join(' at ') ||
              'at the first master',
          ],
          ['Pod networks', `${several(networking.podCidrs)} (${networking.cni})`],
          ['Service networks', several(networking.serviceCidrs)],
          [
            'Kubernetes comes',
            kubernetes.delivery === 'embedded' ? 'with the images' : 'by download, at the first boot',
          ],
          ['Workers join', WAYS_TO_JOIN[bootstrap.tokenDistribution]],
        ] as const)
      : []),
    ...(ceph === null
      ? []
      : ([
          ['Ceph', `${quantity(ceph.replicas, 'copy', 'copies')}, ${String(ceph.minReplicas)} needed for writing`],
        ] as const)),
    ['Users', several(users.map(({ name, sudo }) => `${name}${sudo ? ' (sudo)' : ''}`))],
  ];
  return rows.map(([name, value]) => ({ name, value: printable(value) }));
}

export const networkRows = (networks: readonly Network[], cluster: Cluster, attached: ReadonlyMap<string, number>) => [
  ...networks.map(({ name, vlans, uses }) => ({
    ...{ name, vlan: vlans.join(', '), use: uses.join(', ') },
    nodes: String(attached.get(name) ?? 0),
  })),
  ...cluster.networking.podCidrs.map((name) => ({ name, vlan: '', use: 'pods, inside of the cluster', nodes: '' })),
  ...cluster.networking.serviceCidrs.map((name) => ({
    name,
    vlan: '',
    use: 'services, inside of the cluster',
    nodes: '',
  })),
];

interface Ending {
  readonly what: string;
  readonly count: number;
  readonly date: string;
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** What ends, the first first. Certificates of the same purpose share a row. */
export function endings({ cluster, expiries }: ReportFacts): readonly Ending[] {
  const { version } = cluster.kubernetes;
  const fixes = cluster.nodes.some(isMember)
    ? [{ what: `fixes for Kubernetes ${version}`, count: 1, date: releaseOf(version).endOfLife }]
    : [];
  const rows = new Map<string, { what: string; count: number; date: string }>();
  for (const { id, notAfter } of typeof expiries === 'string' ? [] : expiries) {
    const what = id.replace(/^certificates\/nodes\/[^/]+\//, 'certificates of nodes: ');
    const key = `${what} ${day(notAfter)}`;
    const row = rows.get(key) ?? { what, count: 0, date: day(notAfter) };
    row.count += 1;
    rows.set(key, row);
  }
  return [...fixes, ...rows.values()].sort((a, b) =>
    a.date < b.date ? -1 : a.date > b.date ? 1 : a.what < b.what ? -1 : 1,
  );
}
