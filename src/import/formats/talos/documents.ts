/** Documents of Talos's newer configuration (`kind: …`), which stand beside the main one. */
import type { Field } from '../../input/field.ts';
import { addNew } from '../../network/links.ts';
import { readUserVolume } from './data-disks.ts';
import { putVirtualIp } from './endpoint.ts';
import type { Target } from './target.ts';

const SKIPPED: Readonly<Record<string, string>> = {
  HostnameConfig: 'the name of the node says it',
  WatchdogTimerConfig: "systemd's default is kept",
  KmsgLogConfig: 'the log of the kernel is in the journal',
  OOMConfig: "the kernel's own rules hold",
  EventSinkConfig: 'it is about the API of Talos',
  SideroLinkConfig: 'it is about the management of Talos',
};

const LOST: Readonly<Record<string, readonly [reason: string, todo: string]>> = {
  ExtensionServiceConfig: [
    'Debian has no extensions of Talos',
    'add a package that does this to `packages`, and its configuration to `files`',
  ],
  NetworkRuleConfig: ['coldstart sets up no firewall', 'add nftables to `packages` and its rules to `files`'],
  NetworkDefaultActionConfig: ['coldstart sets up no firewall', 'add nftables to `packages` and its rules to `files`'],
  VolumeConfig: ['the parts of the state disk have fixed sizes', 'choose a disk for the node in `hardware.state_disk`'],
  EthernetConfig: [
    'coldstart sets no features of network cards',
    'add a file below `/etc/systemd/network` with a `[Link]` section, or a unit with ethtool',
  ],
};

export function readDocument(root: Field, target: Target): void {
  const kind = root.get('kind')?.text() ?? '';
  root.get('apiVersion')?.skip('it says how the document is written');
  const { nodes, draft } = target;
  if (kind === 'ResolverConfig') {
    for (const item of root.get('nameservers')?.items() ?? []) {
      const address = (item.isMap ? item.get('address') : item)?.said();
      if (address) nodes.forEach(({ network }) => addNew(network.dns, [address]));
    }
    const search = root.get('searchDomains', 'domains')?.texts() ?? [];
    nodes.forEach(({ network }) => addNew(network.search, search));
  } else if (kind === 'TimeSyncConfig') {
    const servers = root.get('ntp', 'servers')?.texts() ?? [];
    nodes.forEach(({ ntp }) => addNew(ntp, servers));
  } else if (kind === 'Layer2VIPConfig') {
    const name = root.get('name')?.said();
    root.get('link')?.skip('coldstart announces the address on the interface of the node');
    if (name) putVirtualIp(name, draft);
  } else if (kind === 'UserVolumeConfig') readUserVolume(root, nodes);
  else if (SKIPPED[kind] !== undefined) root.skip(SKIPPED[kind]);
  else {
    const [reason, todo] = LOST[kind] ?? [
      'coldstart has no setting for it',
      'look whether the default of coldstart suits you',
    ];
    const name = root.get('name')?.text();
    root.lose(reason, todo, name === undefined ? kind : `${kind} ${name}`);
  }
}
