/**
 * Names of network devices that users cannot use: those of the kernel and of the cluster's programs. NetworkManager does not
 * manage devices with the cluster's names (`unmanaged-devices`), so it would never create a user's device with such a name.
 */
import type { Interface } from '../cluster.ts';
import { fits } from './glob.ts';

interface OwnedName {
  /** In NetworkManager's syntax: `?` is one character, `*` any number (NetworkManager.conf(5), "Device List Format"). */
  readonly pattern: string;
  readonly owner: string;
}

/** The bridge of our own pod network. */
export const POD_BRIDGE = 'cni0';

/** Devices of the pod and service networks. */
export const CLUSTER_DEVICES: readonly OwnedName[] = [
  // Calico's agent treats every device with this prefix as a pod's device and filters its traffic (`InterfacePrefix`).
  { pattern: 'cali*', owner: 'Calico' },
  { pattern: 'cilium_*', owner: 'Cilium' },
  { pattern: 'cni*', owner: 'the pod network' },
  { pattern: 'flannel*', owner: 'flannel' },
  // kube-ipvs0 of kube-proxy, kube-bridge and kube-dummy-if of kube-router.
  { pattern: 'kube-*', owner: 'Kubernetes' },
  // Cilium's devices of pods.
  { pattern: 'lxc*', owner: 'Cilium' },
  { pattern: 'nodelocaldns', owner: "Kubernetes' DNS cache" },
  { pattern: 'tunl*', owner: "the kernel's tunnels" },
  // The CNI plugins create `veth` with eight digits for pods; the kernel's default names are veth0, veth1 and so on.
  { pattern: 'veth*', owner: 'the pod network' },
  { pattern: 'vxlan.calico', owner: 'Calico' },
  { pattern: 'vxlan-v6.calico', owner: 'Calico' },
  { pattern: 'wireguard.cali', owner: 'Calico' },
  { pattern: 'wg-v6.cali', owner: 'Calico' },
];

/** Names with a special meaning: lo, /proc/sys/net/ipv4/conf/{all,default}, /sys/class/net/bonding_masters. */
const RESERVED: readonly OwnedName[] = ['lo', 'all', 'default', 'bonding_masters'].map((pattern) => {
  return { pattern, owner: 'the kernel' };
});

/** Devices that kernel modules create when they are loaded. */
const KERNEL_DEVICES: readonly OwnedName[] = [
  ...['sit0', 'ip6tnl0', 'ip6gre0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'dummy0', 'ifb0', 'ifb1'],
].map((pattern) => ({ pattern, owner: 'the kernel' }));

/** The owner of a name; undefined for a free name. The name of a NIC in the definition is only the name of its connection. */
export function ownerOfName(name: string, type: Interface['type']): string | undefined {
  const owned = type === 'ethernet' ? RESERVED : [...RESERVED, ...KERNEL_DEVICES, ...CLUSTER_DEVICES];
  return owned.find(({ pattern }) => fits(name, pattern))?.owner;
}

/**
 * Whether the kernel or udev may give this name to a NIC: `eth0`, `enp3s0f1np1`, `ens3`, `eno1`, `enx525400123456`, `ibp5s0`,
 * `wlan0` (systemd.net-naming-scheme(7)). Not `ens3.20` or `eno1-bond`.
 */
export function isNicName(name: string): boolean {
  return /^(eth|usb|wlan|wwan|ib)\d+$/.test(name) || isUdevName(name);
}

/** Whether udev gives this name to a NIC. It follows from the NIC's place in the machine, so the NIC has it after each start. */
export function isUdevName(name: string): boolean {
  const byUdev = /^(en|ib|wl|ww)(o\d+|s\d+|P?\d*p\d+s\d+|x[0-9a-f]{12})(f\d+)?(np?\d+|[drv]\d+|u[0-9a-z]+)?$/;
  return byUdev.test(name);
}
