/**
 * talhelper's `talconfig.yaml`, with its patches. What it can say: `pkg/config/config.go` of budimanjojo/talhelper, and the
 * machine configuration of Talos (`v1alpha1_types.go` of siderolabs/talos).
 */
import type { Field } from '../../input/field.ts';
import { isSecret } from '../../input/secrets.ts';
import { addressOf } from '../../network/links.ts';
import { type Draft, type NodeDraft, newDraft, newNode, plainName } from '../../model.ts';
import { Leaf, type OutMap, leaf, oneOrList } from '../../write/out.ts';
import type { Definition, Folder, Format } from '../format.ts';
import { putApiNames, putEndpoint } from './endpoint.ts';
import { readMachineDisks, readUserVolume } from './data-disks.ts';
import { readDisk, readDiskPath } from './disk.ts';
import { readMachineFiles } from './files.ts';
import { readInterfaces } from './interfaces.ts';
import { putCni, readInlineManifests } from './cluster-config.ts';
import { readLabels, readModules, readSchematic } from './machine.ts';
import { readPatches } from './patches.ts';
import { readSchematicId } from './schematics.ts';
import { putManifest } from './manifests.ts';
import type { Target } from './target.ts';
import { DROPPED } from './verdicts.ts';

export const talconfig: Format = {
  name: 'talconfig',
  title: "talhelper's talconfig.yaml",
  fits: (root) => root.get('clusterName') !== undefined && (root.get('nodes')?.isList ?? false),
  read: ([definition]) => (definition ? readTalconfig(definition) : newDraft()),
};

/** Reads the definition. */
function readTalconfig({ root, folder }: Definition): Draft {
  const draft = newDraft();
  readVariables(root, folder);
  const { cluster } = draft;
  const name = root.get('clusterName');
  const text = name?.text();
  if (text !== undefined) cluster.put(['name'], new Leaf(plainName(text), name));
  const groups = { true: root.get('controlPlane'), false: root.get('worker') };
  const nodes = (root.get('nodes')?.items() ?? []).map((field) => ({ field, node: nodeOf(field) }));
  draft.nodes.push(...nodes.map(({ node }) => node));
  const all: Target = { draft, nodes: draft.nodes, folder };
  putVersions(root, cluster);
  putNetworks(root, cluster);
  putCni(root.get('cniConfig'), all);
  readInlineManifests(root.get('inlineManifests'), all);
  readPatches(root.get('patches'), all);
  for (const isMaster of [true, false]) {
    const group = groups[`${isMaster}`];
    if (!group) continue;
    const members = { ...all, nodes: draft.nodes.filter((node) => node.isMaster === isMaster) };
    if (members.nodes.length === 0) group.skip(`no node is a ${isMaster ? 'control plane' : 'worker'}`);
    else
      readNodeConfigs(group, members, (one) =>
        nodes.some(({ node, field }) => node === one && field.get('overridePatches')?.bool() === true),
      );
  }
  for (const { field, node } of nodes) readNode(field, { ...all, nodes: [node] });
  for (const key of ['allowSchedulingOnControlPlanes', 'allowSchedulingOnMasters']) {
    const scheduling = root.get(key);
    if (scheduling?.bool() === true) draft.nodes.forEach((node) => (node.isWorker = true));
    else scheduling?.skip('it is the default');
  }
  putEndpoint(root.get('endpoint'), draft);
  putApiNames(root.get('additionalApiServerCertSans'), draft);
  for (const [key, reason] of Object.entries(DROPPED.talconfig)) root.get(key)?.skip(reason);
  return draft;
}

/** talhelper fills in variables of `talenv.yaml` (`cmd/genconfig.go`: its default files). */
function readVariables(root: Field, folder: Folder): void {
  const name = root.get('clusterName');
  for (const file of ['talenv.yaml', 'talenv.yml']) {
    for (const field of folder.open(file)?.flatMap((one) => one.fields()) ?? []) {
      const { tree } = field;
      field.skip('it is a variable, and stands where it is used');
      const value = tree.kind === 'scalar' ? String(tree.value) : '$';
      if (!isSecret(tree) && !value.includes('$')) root.ledger.variables.set(field.key, value);
    }
  }
  const own = name?.tree.kind === 'scalar' ? String(name.tree.value) : undefined;
  if (own !== undefined && !own.includes('${')) root.ledger.variables.set('clusterName', own);
}

function putVersions(root: Field, cluster: OutMap): void {
  const version = root.get('kubernetesVersion');
  const text = version?.text()?.replace(/^v/, '');
  if (text !== undefined) cluster.put(['kubernetes', 'version'], new Leaf(text, version));
}

function putNetworks(root: Field, cluster: OutMap): void {
  const networking = { clusterPodNets: 'pod_cidr', clusterSvcNets: 'service_cidr' };
  for (const [key, setting] of Object.entries(networking)) {
    const field = root.get(key);
    if (field) cluster.put(['networking', setting], oneOrList(field.texts(), field));
  }
  cluster.put(['networking', 'cluster_domain'], leaf(root.get('domain')?.said()));
}

function nodeOf(field: Field): NodeDraft {
  const hostname = field.get('hostname');
  const text = hostname?.text() ?? `node-${Number(field.key) + 1}`;
  const node = newNode(plainName(text.split('.')[0] ?? text), field, field.get('controlPlane')?.bool() === true);
  if (text !== node.name) node.hostname = { value: text.toLowerCase(), from: hostname };
  const ip = field.get('ipAddress');
  const addresses = ip?.text()?.split(',') ?? [];
  for (const one of addresses.map((address) => address.trim())) {
    if (addressOf(one) !== undefined) node.ips.push({ value: one, from: ip });
    else ip?.lose('coldstart needs the address itself', 'write the address as the `ip` of the node');
  }
  return node;
}

/** Settings that a node and a group of nodes both have. */
function readNodeConfigs(field: Field, target: Target, overrides: (node: NodeDraft) => boolean = () => false): void {
  const { nodes } = target;
  readLabels(field, nodes);
  readModules(field.get('kernelModules'), nodes);
  readMachineFiles(field.get('machineFiles'), target);
  readSchematic(field.get('schematic'), nodes);
  readSchematicId(field.get('talosImageURL'), nodes, target.folder);
  readMachineDisks(field.get('machineDisks'), nodes);
  for (const volume of field.get('userVolumes')?.items() ?? []) readUserVolume(volume, nodes);
  for (const server of field.get('nameservers')?.texts() ?? [])
    nodes.forEach(({ network }) => network.dns.push(server));
  readInterfaces(field.get('networkInterfaces'), target);
  for (const url of field.get('extraManifests')?.texts() ?? []) putManifest(url, target);
  for (const key of ['patches', 'configPatches', 'inlinePatch']) {
    readPatches(field.get(key), { ...target, nodes: nodes.filter((node) => !overrides(node)) });
  }
  for (const [key, reason] of Object.entries(DROPPED.node)) field.get(key)?.skip(reason);
  for (const [key, [reason, todo]] of Object.entries(DROPPED.lostOfNode)) {
    const lost = field.get(key);
    if (lost && !(lost.isList && lost.items().length === 0)) lost.lose(reason, todo);
  }
  const arch = field.get('machineSpec', 'arch');
  if (arch && arch.text() !== 'amd64')
    arch.lose('coldstart builds for amd64', 'machines of another architecture cannot be nodes yet');
  field.get('machineSpec')?.skip('an image of coldstart boots with BIOS, UEFI and Secure Boot');
}

function readNode(field: Field, target: Target): void {
  const [node] = target.nodes;
  if (!node) return;
  const path = field.get('installDisk');
  const selector = field.get('installDiskSelector');
  if (path) node.disk = readDiskPath(path);
  if (selector) node.disk = readDisk(selector);
  readNodeConfigs(field, target);
}
