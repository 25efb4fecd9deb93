/** Views of the layer below Kubernetes: container runtime, registries, kernel settings, time, proxy. */
import type { Cluster, Registry } from '../../../config/cluster.ts';
import { majorOf } from '../../../config/kubernetes/containerd.ts';
import { merged } from '../../../config/kubernetes/documents.ts';
import { releaseOf } from '../../../config/kubernetes/releases.ts';
import { nodeNetworks } from '../../../config/network/node-networks.ts';
import { isWholePath, serverOf } from '../../../config/network/registry-hosts.ts';
import { KERNEL_DEFAULTS } from '../../../config/machine/sysctl.ts';
import { keepsTime, timekeepersOf } from '../../../config/timekeepers.ts';
import { isCephNode, isMaster, isMember } from '../../../config/roles.ts';
import { isCalico, OWN_PLUGINS, routesPods } from '../kubernetes/kubernetes.ts';
import type { Holder } from '../overridden-settings.ts';
import { isIpv6, type Subject } from '../subject.ts';

export function containerdView({ cluster, node }: Subject) {
  const credentials = node.registries.flatMap(({ host, auth }) => {
    const server = serverOf(host);
    return auth === null || server === null ? [] : [{ server, ...auth }];
  });
  const { containerd } = cluster.kubernetes;
  const ours = majorOf(containerd) === 1 ? config1(cluster) : config2(cluster);
  return { document: merged(ours, containerd.config), credentials, hasCredentials: credentials.length > 0 };
}

const sandboxOf = ({ kubernetes }: Cluster): string => `registry.k8s.io/pause:${releaseOf(kubernetes.version).pause}`;
const pluginDirOf = (cluster: Cluster): string => (routesPods(cluster) ? '/usr/lib/cni' : `/${OWN_PLUGINS}`);

const CNI_CONFIG = { conf_dir: '/etc/cni/net.d' };
const REGISTRY = { config_path: '/etc/containerd/certs.d' };
const FOLDERS = { root: '/var/lib/containerd', state: '/run/containerd' };
const OPT = { 'io.containerd.internal.v1.opt': { path: '/var/lib/containerd/opt' } };
/** Only the kubelet and systemd create cgroups. From containerd 2 on, the kubelet asks containerd for this setting. */
const RUNTIMES = {
  default_runtime_name: 'runc',
  runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: true } } },
};

/** containerd 1.7 (https://github.com/containerd/containerd/blob/release/1.7/docs/cri/config.md). */
const config1 = (cluster: Cluster) => ({
  ...{ version: 2, ...FOLDERS },
  plugins: {
    'io.containerd.grpc.v1.cri': {
      sandbox_image: sandboxOf(cluster),
      cni: { bin_dir: pluginDirOf(cluster), ...CNI_CONFIG },
      containerd: RUNTIMES,
      registry: REGISTRY,
    },
    ...OPT,
  },
});

/** containerd 2 (https://github.com/containerd/containerd/blob/release/2.2/docs/cri/config.md). */
const config2 = (cluster: Cluster) => ({
  ...{ version: 3, ...FOLDERS },
  plugins: {
    'io.containerd.cri.v1.images': { pinned_images: { sandbox: sandboxOf(cluster) }, registry: REGISTRY },
    'io.containerd.cri.v1.runtime': { cni: { bin_dirs: [pluginDirOf(cluster)], ...CNI_CONFIG }, containerd: RUNTIMES },
    ...OPT,
  },
});

/** The path of the n-th mirror's CA certificate on the node. */
export const mirrorCaPath = (registry: Registry, index: number): string =>
  `/etc/containerd/certs.d/${registry.host}/mirror-${String(index)}.crt`;

/**
 * For containerd 1, hosts are keys, never parts of a table's header: in a header, its parser (go-toml 1.9) takes the `]` of an IPv6
 * address for the end, quoted or not. containerd 2 ignores the mirrors in `hosts.toml` that have no header (`getSortedHosts` in
 * its core/remotes/docker/config/hosts.go).
 */
export function hostsTomlView(registry: Registry) {
  const server = serverOf(registry.host);
  return {
    server: server === null ? null : `https://${server}`,
    mirrors: registry.mirrors.map(({ url, ca, skipVerify }, index) => ({
      ...{ url, skipVerify, isWholePath: isWholePath(url) },
      ca: ca === null ? null : mirrorCaPath(registry, index),
    })),
  };
}

const KUBERNETES_SYSCTL = {
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.ipv4.ip_forward': '1',
  'net.ipv6.conf.all.forwarding': '1',
  // Loose: with pod routes or several NICs, replies may take another path than requests.
  'net.ipv4.conf.all.rp_filter': '2',
  'net.ipv4.conf.default.rp_filter': '2',
  ...KERNEL_DEFAULTS,
  'fs.inotify.max_user_instances': '8192',
  'fs.inotify.max_user_watches': '524288',
  'vm.max_map_count': '262144',
};
// For many OSD threads and their asynchronous I/O (docs.ceph.com, hardware recommendations).
const CEPH_SYSCTL = { 'fs.aio-max-nr': '1048576', 'kernel.pid_max': '4194304' };

/**
 * Calico enables strict checks of pods' source addresses on their interfaces. The kernel uses the larger value of `all`
 * and the interface, so a loose value for `all` would undo them. The interfaces of the node keep their own value.
 */
const CALICO_SYSCTL = { 'net.ipv4.conf.all.rp_filter': '0' };

/** The node's own settings win over ours. */
export function sysctlView({ cluster, node }: Subject) {
  const ours = {
    ...(isMember(node) ? KUBERNETES_SYSCTL : {}),
    ...(isMember(node) && isCalico(cluster) ? CALICO_SYSCTL : {}),
    ...(isCephNode(node) ? CEPH_SYSCTL : {}),
  };
  const all: Record<string, string> = { ...ours, ...node.sysctl };
  return {
    settings: Object.keys(all)
      .toSorted()
      .map((key) => ({ key, value: all[key] ?? '' })),
  };
}

export function modulesView({ cluster, node }: Subject) {
  const ours = isMember(node) ? ['br_netfilter', 'nf_conntrack', 'overlay'] : [];
  const storage = isMember(node) && cluster.ceph !== null ? ['rbd', 'ceph'] : [];
  return { modules: [...new Set([...ours, ...storage, ...node.kernelModules])].toSorted() };
}

/**
 * No time server has these strata. A monitor's is above those of masters that follow each other, so that it follows them, and never
 * the other way round. chrony.conf(5), `local`.
 */
export function chronyView({ cluster, node }: Subject) {
  const others = timekeepersOf(cluster, node).flatMap(({ ips }) => ips.slice(0, 1));
  return {
    // A name can stand for several servers, so it is a pool; an address is one server.
    sources: node.ntp.map((source) => ({
      directive: isIpv6(source) || /^[\d.]+$/.test(source) ? 'server' : 'pool',
      source,
    })),
    timekeepers: others.filter((address) => !node.ntp.includes(address)),
    followers: keepsTime(node) ? nodeNetworks(cluster) : [],
    stratum: isMaster(node) ? 10 : 13,
  };
}

export const hasProxy = ({ proxy }: Holder): boolean => proxy !== null;

/** Whether a proxy's URL names a user, and so may hold a password. */
export const proxyHoldsSecret = ({ proxy }: Holder): boolean =>
  [proxy?.http, proxy?.https].some((url) => url?.includes('@') === true);

export function proxyView({ proxy }: Holder) {
  const { http = null, https = null, noProxy = [] } = proxy ?? {};
  const except = noProxy.length === 0 ? null : noProxy.join(',');
  const set = Object.entries({ http_proxy: http, https_proxy: https, no_proxy: except });
  // Some programs read the lower-case names, others the upper-case names.
  const both = set.flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${value}`, `${name.toUpperCase()}=${value}`],
  );
  return { assignments: both };
}
