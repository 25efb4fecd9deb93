/** The cluster of the tests of Ceph: each node is OSD, monitor and manager; storage only. */

interface Shape {
  readonly nodes?: number;
  /** Roles of nodes that come after these. */
  readonly further?: readonly string[];
  readonly cephfs?: boolean;
  readonly dashboard?: boolean;
  /** Disks of each node. */
  readonly osdDisks?: number;
  /** In place of IPv4. */
  readonly ipv6?: boolean;
  readonly encryptionOnWire?: boolean;
}

export const nameOf = (index: number): string => `store-0${String(index + 1)}`;
export const macOf = (index: number): string => `52:54:00:12:50:0${String(index + 1)}`;

/** `cluster.yaml`; the first two nodes are managers, the first three monitors, all of them have OSDs. */
export function cephDefinition(shape: Shape = {}): string {
  const {
    nodes = 3,
    further = [],
    cephfs = false,
    dashboard = false,
    osdDisks = 1,
    ipv6 = false,
    encryptionOnWire = false,
  } = shape;
  const network = ipv6 ? 'fd00:50::' : '192.168.50.';
  const disks = Array.from({ length: osdDisks }, (_, index) => `{ path: /dev/test-osd-${String(index + 1)} }`);
  const firstRoles = Array.from(
    { length: nodes },
    (_, index) => `ceph-osd${index < 3 ? ', ceph-mon' : ''}${index < 2 ? ', ceph-mgr' : ''}`,
  );
  const node = (roles: string, index: number): string => `
  - name: ${nameOf(index)}
    ip: "${network}${String(11 + index)}"
    roles: [${roles}]
    hardware:
      mac_addresses: ["${macOf(index)}"]
      state_disk: { path: /dev/test-disk }
      ${roles.includes('ceph-osd') ? `osd_disks: [${disks.join(', ')}]` : ''}`;
  return `
cluster:
  name: storage
  networking: { node_cidr: "${ipv6 ? `${network}/64` : `${network}0/24`}" }
  ceph:
    cephfs: ${String(cephfs)}
    dashboard: ${String(dashboard)}
    encryption_on_wire: ${String(encryptionOnWire)}
    pools: [{ name: images, application: rbd }]
nodes:${[...firstRoles, ...further].map(node).join('')}
`;
}
