/** Kernel settings: their canonical names, and the values that the cluster needs. */

/**
 * The canonical form of a name with dots or slashes. If the first separator is a slash, the name is a path; if it is a dot, dots
 * and slashes are swapped (sysctl.d(5)).
 */
export function canonicalKey(key: string): string {
  const [separator] = /[./]/.exec(key) ?? [];
  return separator === '/' ? key.replace(/[./]/g, (one) => (one === '/' ? '.' : '/')) : key;
}

/**
 * Kernel settings that the kubelet requires, and sets itself if it may (kubernetes, pkg/kubelet/cm/container_manager_linux.go,
 * `setupKernelTunables`).
 */
export const KERNEL_DEFAULTS: Readonly<Record<string, string>> = {
  'kernel.keys.root_maxbytes': '25000000',
  'kernel.keys.root_maxkeys': '1000000',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  'vm.overcommit_memory': '1',
  'vm.panic_on_oom': '0',
};

/** The folders of `/proc/sys` (kernel documentation, admin-guide/sysctl). */
const ROOTS = new Set('abi crypto debug dev fs kernel net sunrpc user vm'.split(' '));

/** Whether the kernel can have a setting of this name. Only the first part of names is the same in every kernel. */
export const hasKnownRoot = (key: string): boolean => ROOTS.has(key.split('.')[0] ?? '');

/** The properties of a cluster that decide whether a setting is harmful. */
export interface Surroundings {
  readonly isKubernetes: boolean;
  readonly isCalico: boolean;
  /** Families of the pod networks. */
  readonly podFamilies: ReadonlySet<number>;
  /** Whether a node or network has IPv6 addresses. */
  readonly usesIpv6: boolean;
}

interface Harm {
  readonly key: RegExp;
  readonly value: (value: string) => boolean;
  readonly where: (surroundings: Surroundings) => boolean;
  /** Ends the sentence "… works against the cluster: …". */
  readonly reason: string;
}

const isOff = (value: string): boolean => Number(value) === 0;
const isOn = (value: string): boolean => !isOff(value);
const always = (): boolean => true;

/** kubernetes.io, "Container Runtimes", "Network Plugin Requirements"; kernel documentation, networking/ip-sysctl. */
const HARMS: readonly Harm[] = [
  {
    key: /^net\.ipv4\.(ip_forward|conf\.(all|default|\*)\.forwarding)$/,
    value: isOff,
    where: ({ isKubernetes, podFamilies }) => isKubernetes && podFamilies.has(4),
    reason: 'pods need IP forwarding',
  },
  {
    key: /^net\.ipv6\.conf\.(all|default|\*)\.forwarding$/,
    value: isOff,
    where: ({ isKubernetes, podFamilies }) => isKubernetes && podFamilies.has(6),
    reason: 'pods need IP forwarding',
  },
  {
    key: /^net\.bridge\.bridge-nf-call-(ip6?tables|\*)$/,
    value: isOff,
    where: ({ isKubernetes }) => isKubernetes,
    reason: 'pods of one node would not reach each other through services',
  },
  {
    key: /^net\.ipv6\.conf\.(all|default|\*)\.disable_ipv6$/,
    value: isOn,
    where: ({ usesIpv6 }) => usesIpv6,
    reason: 'its nodes have IPv6 addresses',
  },
  {
    key: /^net\.ipv4\.conf\.(all|\*)\.rp_filter$/,
    value: (value) => Number(value) === 2,
    where: ({ isKubernetes, isCalico }) => isKubernetes && isCalico,
    reason: 'Calico needs strict checks of source addresses, and the larger of two values takes effect',
  },
  {
    key: /^kernel\.modules_disabled$/,
    value: isOn,
    where: always,
    reason: 'programs that start later could not load modules',
  },
  {
    key: /^kernel\.(hostname|domainname)$/,
    value: always,
    where: always,
    reason: 'the name of the node would differ from its certificates',
  },
  {
    key: /^user\.max_(cgroup|ipc|mnt|net|pid|uts)_namespaces$/,
    value: isOff,
    where: ({ isKubernetes }) => isKubernetes,
    reason: 'containers need namespaces',
  },
];

/** Why a setting is harmful, as the end of a sentence. */
export function harmOf(key: string, value: string, surroundings: Surroundings): string | undefined {
  return HARMS.find((harm) => harm.key.test(key) && harm.value(value) && harm.where(surroundings))?.reason;
}
