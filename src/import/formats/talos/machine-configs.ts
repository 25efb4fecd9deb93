/** Configurations of single machines, as `talosctl gen config` writes them: one file for each machine. */
import { parseIp } from '../../../config/network/net.ts';
import type { Field } from '../../input/field.ts';
import { type NodeDraft, newDraft, newNode, plainName } from '../../model.ts';
import { Leaf } from '../../write/out.ts';
import type { Definition, Format } from '../format.ts';
import { readRoot } from './patches.ts';

export const machineConfigs: Format = {
  name: 'talos',
  title: "Talos's machine configuration",
  joins: true,
  partners: true,
  madeFrom: 'talconfig',
  fits: (root) => root.get('machine', 'type') !== undefined && root.get('cluster') !== undefined,
  read: (definitions) => {
    const draft = newDraft();
    const files = new Map<string, Definition[]>();
    for (const one of definitions) files.set(one.name, [...(files.get(one.name) ?? []), one]);
    const machines = [...files.values()].map((documents) => ({ documents, node: nodeOf(documents) }));
    draft.nodes.push(...machines.map(({ node }) => node));
    for (const { documents } of machines) {
      const name = documents.map(({ root }) => root.get('cluster', 'clusterName')?.said()).find((said) => said !== undefined); // prettier-ignore
      if (name) draft.cluster.put(['name'], new Leaf(plainName(name.value), name.from));
      putVersion(documents, draft.cluster);
    }
    if (!draft.cluster.at(['name']))
      draft.cluster.put(['name'], new Leaf('imported', undefined, 'the input gives no name'));
    for (const { documents, node } of machines)
      for (const { root, folder } of documents) readRoot(root, { draft, nodes: [node], folder });
    return draft;
  },
};

/** The machine of a file; the file's name is its name if it says none. */
function nodeOf(documents: readonly Definition[]): NodeDraft {
  const main = documents.find(({ root }) => root.get('machine') !== undefined) ?? documents[0];
  if (!main) throw new Error('a file has no document');
  const { root, name } = main;
  const named = documents.map((one) => one.root).find((one) => one.get('kind')?.plain() === 'HostnameConfig');
  const hostname = root.get('machine', 'network', 'hostname') ?? named?.get('hostname');
  const stem = (name.split('/').at(-1) ?? name).replace(/\.\w+$/, '');
  const text = hostname?.text() ?? stem;
  const node = newNode(plainName(parseIp(text) ? stem : (text.split('.')[0] ?? text)), root, /^(controlplane|init)$/.test(root.get('machine', 'type')?.text() ?? '')); // prettier-ignore
  if (!hostname)
    root.assume(
      `The configuration gives the machine no name; \`${node.name}\` is that of its file`,
      'write a file for each machine, with its `name` and `ip`, if several machines get this one',
    );
  else if (text !== node.name) node.hostname = { value: text.toLowerCase(), from: hostname };
  return node;
}

/** The image of the kubelet has the version of Kubernetes. */
function putVersion(documents: readonly Definition[], cluster: ReturnType<typeof newDraft>['cluster']): void {
  for (const field of documents.map(({ root }): Field | undefined => root.get('machine', 'kubelet', 'image'))) {
    const [, version] = /:v?(\d+\.\d+\.\d+)$/.exec(field?.text() ?? '') ?? [];
    if (version === undefined) field?.lose('it names no version', 'set `cluster.kubernetes.version`');
    else {
      cluster.put(['kubernetes', 'version'], new Leaf(version, field));
      field?.skip('its version is brought, and coldstart runs the program of upstream');
    }
  }
}
