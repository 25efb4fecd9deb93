/** Definitions of the network of hosts alone: nmstate, netplan, NetworkManager. Each host becomes a node. */
import type { Field } from '../input/field.ts';
import { type Draft, type NodeDraft, newDraft, newNode, plainName } from '../model.ts';
import { readKeyfiles } from '../network/keyfiles.ts';
import { readNetplan } from '../network/netplan.ts';
import { readNmstate } from '../network/nmstate.ts';
import { Leaf } from '../write/out.ts';
import type { Definition, Format } from './format.ts';

export const nmstate: Format = {
  name: 'nmstate',
  title: 'nmstate',
  joins: true,
  fits: (root) => {
    const [first] = root.get('interfaces')?.items() ?? [];
    return (
      first?.get('name') !== undefined && ['type', 'state', 'ipv4', 'ipv6'].some((key) => first.get(key) !== undefined)
    );
  },
  read: (definitions) =>
    hostsOf(
      definitions.map((one) => ({
        name: nameOf(one),
        from: one.root,
        read: (node) => readNmstate(one.root, node.network),
      })),
    ),
};

export const netplan: Format = {
  name: 'netplan',
  title: 'netplan',
  joins: true,
  fits: (root) => ['ethernets', 'bonds', 'bridges', 'vlans'].some((key) => root.get('network', key)?.isMap === true),
  read: (definitions) => {
    const [first] = definitions;
    if (!first) return newDraft();
    // netplan reads the files of a host in the order of their names, and joins them.
    return hostsOf([{ name: nameOf(first), from: first.root, read: (node) => readNetplan(definitions.map(({ root }) => root), node.network) }]); // prettier-ignore
  },
};

export const keyfiles: Format = {
  name: 'networkmanager',
  title: 'key files of NetworkManager',
  joins: true,
  fits: (root) => root.get('connection', 'type') !== undefined,
  read: (definitions) => {
    const folders = groupByFolder(definitions);
    return hostsOf(
      [...folders].flatMap(([folder, files]) => {
        const [first] = files;
        return first ? [{ name: plainName(folder.split('/').at(-1) || 'node-01'), from: first.root, read: (node: NodeDraft) => readKeyfiles(files.map(({ root }) => root), node.network) }] : []; // prettier-ignore
      }),
    );
  },
};

function groupByFolder(definitions: readonly Definition[]): ReadonlyMap<string, readonly Definition[]> {
  const folders = new Map<string, Definition[]>();
  for (const one of definitions) {
    const folder = one.name.includes('/') ? one.name.slice(0, one.name.lastIndexOf('/')) : '';
    folders.set(folder, [...(folders.get(folder) ?? []), one]);
  }
  return folders;
}

/** A name from the name of the file, without a number in front: `01-netcfg.yaml`. */
function nameOf({ name }: Definition): string {
  const stem = (name.split('/').at(-1) ?? name).replace(/\.\w+$/, '').replace(/^\d+[-_]/, '');
  return /^(netcfg|network|config|installer-config|cloud-init|.*network-?manager.*)$/.test(stem)
    ? 'node-01'
    : plainName(stem);
}

interface Host {
  readonly name: string;
  readonly from: Field;
  readonly read: (node: NodeDraft) => void;
}

/** The first host is the master, and also runs pods. */
function hostsOf(hosts: readonly Host[]): Draft {
  const draft = newDraft();
  for (const [index, { name, from, read }] of hosts.entries()) {
    const node = newNode(name, from, index === 0);
    node.isWorker = true;
    read(node);
    draft.nodes.push(node);
  }
  draft.cluster.put(['name'], new Leaf('imported', undefined, 'the input gives no name'));
  hosts[0]?.from.assume(
    `The input describes ${hosts.length === 1 ? 'the network of one machine' : 'the networks of machines'} alone; names and roles are made up`,
    'look at `cluster.name`, and at `name` and `roles` of the nodes',
  );
  return draft;
}
