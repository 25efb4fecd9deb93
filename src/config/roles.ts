/**
 * The roles of nodes and their consequences: types, the schema, the folders of overlays, packages, programs and ports. Only this
 * file decides whether a node belongs to Kubernetes, to Ceph or to both.
 */

/** First port, last port, and the programs that listen on them. */
export type PortRange = readonly [first: number, last: number, owner: string];

interface RoleFacts {
  readonly system: 'kubernetes' | 'ceph';
  /** Programs of Kubernetes that Debian does not package: those of every node of the system, and those of the role. */
  readonly programs: readonly string[];
  /** The data that a node of the role loses at a reboot without a state disk; null if it has none. */
  readonly state: string | null;
  /** Ceph's documentation, "Network configuration reference". */
  readonly ports: readonly PortRange[];
}

const MEMBER_PROGRAMS = ['kubectl', 'kubelet', 'kube-proxy'];
const CONTROL_PLANE_PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const CEPH_DAEMONS: PortRange = [6800, 7568, 'Ceph daemons'];

const TABLE = {
  master: {
    ...{ system: 'kubernetes', programs: [...MEMBER_PROGRAMS, ...CONTROL_PLANE_PROGRAMS] },
    ...{ state: 'its etcd data', ports: [] },
  },
  worker: { system: 'kubernetes', programs: MEMBER_PROGRAMS, state: null, ports: [] },
  'ceph-mon': {
    ...{ system: 'ceph', programs: [], state: "the monitor's store" },
    ports: [
      [3300, 3300, 'Ceph monitors'],
      [6789, 6789, 'Ceph monitors'],
    ],
  },
  'ceph-mgr': { system: 'ceph', programs: [], state: null, ports: [CEPH_DAEMONS] },
  'ceph-osd': { system: 'ceph', programs: [], state: 'the keys of its OSDs', ports: [CEPH_DAEMONS] },
} as const satisfies Readonly<Record<string, RoleFacts>>;

export type Role = keyof typeof TABLE;

/** The properties of each role. */
export const ROLES: Readonly<Record<Role, RoleFacts>> = TABLE;

/** The names of the roles, in the order in which messages list them. */
export const ROLE_NAMES = Object.keys(TABLE) as readonly Role[];

/** The task of a node at first boot; `storage` is a node with only Ceph roles, outside of Kubernetes. */
export type BootRole = 'master-first' | 'master-additional' | 'worker' | 'storage';

/** Kubernetes' term for a master. */
export const CONTROL_PLANE = 'control-plane';

/** The role of a name or alias; undefined if there is none. */
export const roleOf = (name: string): Role | undefined =>
  name === CONTROL_PLANE ? 'master' : ROLE_NAMES.find((known) => known === name);

/** The roles of a written or normalised node. */
interface WithRoles {
  readonly roles?: readonly Role[] | undefined;
}

export const hasRole = ({ roles = [] }: WithRoles, role: Role): boolean => roles.includes(role);

/** The nodes with a role, in their order. */
export const withRole = <Node extends WithRoles>(nodes: readonly Node[], role: Role): Node[] =>
  nodes.filter((node) => hasRole(node, role));

const belongsTo =
  (system: RoleFacts['system']) =>
  ({ roles = [] }: WithRoles): boolean =>
    roles.some((role) => ROLES[role].system === system);

export const isMaster = (node: WithRoles): boolean => hasRole(node, 'master');

/** Whether a node is a member of the Kubernetes cluster: a master or a worker. */
export const isMember = belongsTo('kubernetes');

/** Whether a node runs a daemon of Ceph. */
export const isCephNode = belongsTo('ceph');

/** Whether a node joins by a token: only workers do, because masters already have their certificates. */
export const joinsByToken = ({ bootRole }: { readonly bootRole: BootRole }): boolean => bootRole === 'worker';

/** Whether a node gets its token from a master, to which it shows a certificate. */
export const joinsAtMasters = (
  node: { readonly bootRole: BootRole },
  { bootstrap }: { readonly bootstrap: { readonly tokenDistribution: string } },
): boolean => joinsByToken(node) && bootstrap.tokenDistribution === 'http';
