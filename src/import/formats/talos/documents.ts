/** Documents of Talos's newer configuration (`kind: …`), which stand beside the main one. */
import type { Field } from '../../input/field.ts';
import { share } from '../../model.ts';
import { addNew } from '../../network/links.ts';
import { Leaf, OutList, OutMap, leaf, leaves } from '../../write/out.ts';
import { readUserVolume } from './data-disks.ts';
import { putVirtualIp } from './endpoint.ts';
import { readProxy } from './machine-config.ts';
import { readLinkDocument } from './network-documents.ts';
import type { Target } from './target.ts';

const SKIPPED: Readonly<Record<string, string>> = {
  HostnameConfig: 'the name of the node says it',
  WatchdogTimerConfig: "systemd's default is kept",
  KmsgLogConfig: 'the log of the kernel is in the journal',
  OOMConfig: "the kernel's own rules hold",
  EventSinkConfig: 'it is about the API of Talos',
  SideroLinkConfig: 'it is about the management of Talos',
};

const FIREWALL = ['coldstart sets up no firewall', 'add nftables to `packages` and its rules to `files`'] as const;
const ONE_TABLE = ['coldstart has one routing table', 'look whether the node needs the routes'] as const;
const BY_HAND = 'make it once with a hook, or select the disk for Ceph in `hardware.osd_disks`';

const LOST: Readonly<Record<string, readonly [reason: string, todo: string]>> = {
  ExtensionServiceConfig: ['Debian has no extensions of Talos', 'add a package that does this to `packages`, and its configuration to `files`'],
  NetworkRuleConfig: FIREWALL,
  NetworkDefaultActionConfig: FIREWALL,
  VolumeConfig: ['the parts of the state disk have fixed sizes', 'choose a disk for the node in `hardware.state_disk`'],
  RawVolumeConfig: ['coldstart makes no partitions without a file system', BY_HAND],
  ExistingVolumeConfig: ['coldstart mounts no partitions of others', 'add a unit of type `mount` to `units`'],
  SwapVolumeConfig: ['coldstart sets up no swap', 'add a unit of type `swap` to `units`, and `failSwapOn: false` to `kubelet.config`'],
  ZswapConfig: ['coldstart sets up no swap', 'add the arguments `zswap.*` to `kernel_args`'],
  EthernetConfig: ['coldstart sets no features of network cards', 'add a file below `/etc/systemd/network` with a `[Link]` section, or a unit with ethtool'],
  DummyLinkConfig: ['coldstart has no dummy interfaces', 'give the address to another interface, or add a unit that makes the device'],
  WireguardConfig: ['coldstart sets up no WireGuard', 'add `wireguard-tools` to `packages`, and the configuration to `files`'],
  KubespanConfig: ['coldstart sets up no WireGuard mesh', 'connect the nodes by a network of your own, or by a Cilium with encryption'],
  VRFConfig: ONE_TABLE,
  RoutingRuleConfig: ONE_TABLE,
  RegistryAuthConfig: ['a password is no part of the new definition', 'add the credentials to `registries`'],
  RegistryTLSConfig: ['a certificate is a file of its own', 'set `ca_file` or `skip_verify` at the mirror in `registries`'],
  TrustedRootsConfig: ['coldstart adds no certificates to those that Debian trusts', 'add them to `files` below `/usr/local/share/ca-certificates`, and a hook that runs `update-ca-certificates`'],
  ImageVerificationConfig: ['containerd of coldstart verifies no signatures', 'add a policy to the cluster that does, e.g. with Kyverno'],
  PCIDriverRebindConfig: ['coldstart has no setting for it', 'add a unit that binds the device to the other driver'],
}; // prettier-ignore

/** What has a place in the new definition, by kind. */
const READERS: Readonly<Record<string, (root: Field, target: Target) => void>> = {
  ResolverConfig: (root, { nodes }) => {
    for (const item of root.get('nameservers')?.items() ?? []) {
      const address = (item.isMap ? item.get('address') : item)?.said();
      if (address) nodes.forEach(({ network }) => addNew(network.dns, [address]));
    }
    const search = root.get('searchDomains', 'domains')?.texts() ?? [];
    nodes.forEach(({ network }) => addNew(network.search, search));
    root.get('searchDomains', 'disableDefault')?.skip('coldstart adds no search domain by itself');
  },
  TimeSyncConfig: (root, { nodes }) => {
    const servers = root.get('ntp', 'servers')?.texts() ?? [];
    nodes.forEach(({ ntp }) => addNew(ntp, servers));
    for (const key of ['enabled', 'bootTimeout']) root.get(key)?.skip('coldstart always keeps the time');
  },
  StaticHostConfig: (root, { nodes }) => {
    const [ip, names] = [root.get('name')?.said(), root.get('hostnames')?.texts() ?? []];
    if (ip && names.length > 0)
      for (const { hosts } of nodes) hosts.push(new OutMap({ ip: leaf(ip), hostnames: leaves(names) }, root));
  },
  Layer2VIPConfig: (root, { draft }) => {
    const name = root.get('name')?.said();
    root.get('link')?.skip('coldstart announces the address on the interface of the node');
    if (name) putVirtualIp(name, draft);
  },
  RegistryMirrorConfig: (root, { nodes }) => {
    const host = root.get('name')?.text() ?? '';
    const mirrors = (root.get('endpoints')?.items() ?? []).flatMap((item) => {
      const url = (item.isMap ? item.get('url') : item)?.said();
      if (item.isMap) item.get('overridePath')?.skip('coldstart uses a path with `/v2` in it unchanged');
      return url ? [new OutMap({ url: new Leaf(url.value.replace(/\/$/, ''), url.from) })] : [];
    });
    root.get('skipFallback')?.lose('containerd always tries the registry itself at last', 'keep the nodes from reaching it, if it must not be asked'); // prettier-ignore
    const name = host === '*' ? '_default' : host;
    share(nodes, 'registries', name, new OutMap({ host: new Leaf(name), mirrors: new OutList(mirrors) }, root));
  },
  EnvironmentConfig: (root, target) => readProxy(root.get('variables'), target),
  UserVolumeConfig: (root, { nodes }) => readUserVolume(root, nodes),
};

export function readDocument(root: Field, target: Target): void {
  const kind = root.get('kind')?.text() ?? '';
  root.get('apiVersion')?.skip('it says how the document is written');
  const read = READERS[kind];
  if (read) return read(root, target);
  if (readLinkDocument(kind, root, target.nodes)) return;
  if (SKIPPED[kind] !== undefined) return root.skip(SKIPPED[kind]);
  const [reason, todo] = LOST[kind] ?? [
    'coldstart has no setting for it',
    'look whether the default of coldstart suits you',
  ];
  const name = root.get('name')?.text();
  root.lose(reason, todo, name === undefined ? kind : `${kind} ${name}`);
}
