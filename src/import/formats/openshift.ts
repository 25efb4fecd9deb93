/** OpenShift's `install-config.yaml` and `agent-config.yaml` (`pkg/types` of openshift/installer). */
import type { Field, Said } from '../input/field.ts';
import { type Draft, type NodeDraft, newDraft, newNode, plainName } from '../model.ts';
import { addNew, addressOf, linkOf } from '../network/links.ts';
import { readNmstate } from '../network/nmstate.ts';
import { Leaf, OutList, OutMap, leaf, oneOrList } from '../write/out.ts';
import type { Definition, Format } from './format.ts';
import { readManifests } from './openshift-manifests.ts';
import { putProxy } from './proxy.ts';

const OURS = 'the images of OpenShift are not used';

export const openshift: Format = {
  name: 'openshift',
  title: "OpenShift's install-config.yaml and agent-config.yaml",
  joins: true,
  partners: true,
  nodesHint: 'import the folder that holds agent-config.yaml with its `hosts`, too',
  fits: (root) => isAgent(root) || (root.get('baseDomain') !== undefined && root.get('metadata') !== undefined),
  read: (definitions) => {
    const draft = newDraft();
    const agent = definitions.find(({ root }) => isAgent(root));
    const install = definitions.find((one) => one !== agent);
    readHosts(agent, install, draft);
    if (install) readInstallConfig(install.root, draft);
    const [first] = definitions;
    if (first) readManifests(first.folder, draft);
    return draft;
  },
};

const isAgent = (root: Field): boolean =>
  root.get('kind')?.text() === 'AgentConfig' || root.get('rendezvousIP') !== undefined;

function readHosts(agent: Definition | undefined, install: Definition | undefined, draft: Draft): void {
  const root = agent?.root;
  const masters = install?.root.get('controlPlane', 'replicas')?.int() ?? 1;
  const workers = (install?.root.get('compute')?.items() ?? []).map((pool) => pool.get('replicas')?.int() ?? 0);
  const hosts = root?.get('hosts')?.items() ?? [];
  const unsaid = hosts.filter((host) => host.get('role') === undefined);
  if (unsaid.length > 0 && hosts.length > 1)
    unsaid[0]?.assume(
      'Hosts without a role become masters, as many as the control plane has replicas, and then workers',
      'look at the `roles` in cluster.yaml',
    );
  for (const [index, host] of hosts.entries()) {
    const role = host.get('role')?.text();
    const node = readHost(host, role === undefined ? index < masters : role !== 'worker', index);
    node.isWorker ||= workers.every((count) => count === 0);
    draft.nodes.push(node);
  }
  const metadata = root?.get('metadata', 'name');
  const name = metadata?.said();
  if (install) metadata?.skipWhole('install-config.yaml says it');
  else if (name) draft.cluster.put(['name'], new Leaf(plainName(name.value), name.from));
  for (const server of root?.get('additionalNTPSources')?.texts() ?? [])
    draft.nodes.forEach(({ ntp }) => addNew(ntp, [server]));
  putFirst(root?.get('rendezvousIP'), draft);
  for (const key of ['apiVersion', 'kind', 'metadata', 'bootArtifactsBaseURL', 'minimalISO'])
    root?.get(key)?.skip('it is about the installer');
}

/** The host that begins the cluster; coldstart begins with the first master by name. */
function putFirst(field: Field | undefined, { nodes }: Draft): void {
  const address = field?.said();
  if (!field || !address) return;
  const node = nodes.find(({ network }) => network.links.some(({ addresses }) => addresses.some((one) => addressOf(one.value) === addressOf(address.value)))); // prettier-ignore
  const [first] = nodes.filter(({ isMaster }) => isMaster).map(({ name }) => name).sort(); // prettier-ignore
  if (node?.isMaster && node.name !== first) node.first = { value: true, from: field };
  else field.skip('the first master by name begins');
}

function readHost(field: Field, isMaster: boolean, index: number): NodeDraft {
  const hostname = field.get('hostname')?.said();
  const text = hostname?.value ?? `node-${index + 1}`;
  const role = field.get('role');
  if (role && !['master', 'worker'].includes(role.text() ?? ''))
    role.lose('coldstart knows masters and workers', 'look at the `roles` of the node');
  const node = newNode(plainName(text.split('.')[0] ?? text), field, isMaster);
  if (hostname && text !== node.name) node.hostname = { value: text.toLowerCase(), from: hostname.from };
  readRootDevice(field.get('rootDeviceHints'), node);
  const state = field.get('networkConfig');
  for (const item of field.get('interfaces')?.items() ?? []) {
    const mac = item.get('macAddress')?.said();
    const name = item.get('name')?.text();
    if (!mac) continue;
    const own = { value: mac.value.toLowerCase(), from: mac.from };
    if (state === undefined || name === undefined) node.macs.push(own);
    else linkOf(node.network, name, item).mac = own;
  }
  if (state) readNmstate(state, node.network);
  return node;
}

/** `RootDeviceHints` of Metal3. */
function readRootDevice(field: Field | undefined, node: NodeDraft): void {
  if (!field) return;
  const disk = new OutMap({}, field);
  const settings = { deviceName: 'path', serialNumber: 'serial', wwn: 'wwn', model: 'model' };
  for (const one of field.fields()) {
    const setting = settings[one.key as keyof typeof settings] as string | undefined;
    if (one.key === 'minSizeGigabytes') disk.put(['min_size'], new Leaf(`${one.text() ?? ''}G`, one));
    else if (one.key === 'rotational') disk.put(['rotational'], new Leaf(one.bool() === true, one));
    else if (setting === undefined)
      one.lose(
        'coldstart does not select disks by it',
        'select the disk by `serial` or `wwn`: `lsblk -o NAME,SERIAL,WWN` shows them',
      );
    else putDisk(one, setting, disk);
  }
  if (disk.entries.size > 0) node.disk = disk;
}

function putDisk(field: Field, setting: string, disk: OutMap): void {
  const text = field.text();
  const [, id] = /^\/dev\/disk\/by-id\/(.+)$/.exec(text ?? '') ?? [];
  if (id !== undefined) disk.put(['by_id'], new Leaf(id, field));
  else if (text !== undefined) disk.put([setting], new Leaf(text, field));
}

function readInstallConfig(root: Field, draft: Draft): void {
  const { cluster } = draft;
  const name = root.get('metadata', 'name')?.said();
  if (name) cluster.put(['name'], new Leaf(plainName(name.value), name.from));
  const base = root.get('baseDomain')?.said();
  if (base && name) {
    cluster.put(['domain'], new Leaf(`${name.value}.${base.value}`.toLowerCase(), base.from));
    cluster.put(['control_plane', 'endpoint'], new Leaf(`api.${name.value}.${base.value}`.toLowerCase(), undefined, 'the name of the API that OpenShift wants')); // prettier-ignore
  }
  readNetworking(root.get('networking'), draft);
  readPlatform(root.get('platform'), draft);
  readKeys(root.get('sshKey'), draft);
  putProxy(root.get('proxy'), draft.nodes, { http: 'httpProxy', https: 'httpsProxy', no_proxy: 'noProxy' });
  root.get('pullSecret')?.skip(OURS);
  const fips = root.get('fips');
  if (fips?.bool() === true)
    fips.lose("Debian's programs are not certified for FIPS 140", 'use another system, if you need the certificate');
  else fips?.skip('it is the default');
  for (const key of [
    'imageContentSources',
    'imageDigestSources',
    'publish',
    'capabilities',
    'featureSet',
    'cpuPartitioningMode',
    'credentialsMode',
  ])
    root.get(key)?.skip(OURS);
  root
    .get('additionalTrustBundle')
    ?.lose(
      'a CA certificate is a file of its own',
      'save it as a file, and name it in the `ca_file` of a registry, or in `files` below `/usr/local/share/ca-certificates`, with a hook that runs `update-ca-certificates`',
    );
  for (const key of ['additionalTrustBundlePolicy', 'apiVersion', 'kind', 'metadata'])
    root.get(key)?.skip('it is about the installer');
  for (const pool of [...(root.get('compute')?.items() ?? []), ...(root.get('controlPlane')?.items() ?? [])])
    pool.skipWhole('the list of nodes says it');
}

function readNetworking(field: Field | undefined, draft: Draft): void {
  const { cluster } = draft;
  const pods: Said<string>[] = [];
  for (const item of field?.get('clusterNetwork')?.items() ?? []) {
    const cidr = item.get('cidr')?.said();
    if (cidr) pods.push(cidr);
    const prefix = item.get('hostPrefix');
    const number = prefix?.int();
    const family = cidr?.value.includes(':') ? 6 : 4;
    if (prefix && number !== undefined && !draft.podPrefixes.has(family))
      draft.podPrefixes.set(family, { value: number, from: prefix });
    else prefix?.skip('the first network of its family has said it');
  }
  if (pods.length > 0) cluster.put(['networking', 'pod_cidr'], oneOrList(pods));
  const services = field?.get('serviceNetwork')?.texts() ?? [];
  if (services.length > 0) cluster.put(['networking', 'service_cidr'], oneOrList(services));
  for (const item of field?.get('machineNetwork')?.items() ?? []) {
    const cidr = item.get('cidr')?.said();
    if (cidr) draft.nodeNetworks.push(cidr);
  }
  field?.get('networkType')?.skip('`routed`, the default of coldstart, takes its place');
}

function readPlatform(field: Field | undefined, draft: Draft): void {
  for (const platform of field?.fields() ?? []) {
    const single = platform.get('apiVIP')?.said();
    const vips = [...(single ? [single] : []), ...(platform.get('apiVIPs')?.texts() ?? [])];
    vips.forEach((vip, index) => {
      if (index === 0 && addressOf(vip.value) !== undefined)
        draft.cluster.put(['control_plane', 'virtual_ip'], leaf(vip));
      else vip.from?.lose('coldstart keeps one virtual address', 'choose one of the two');
    });
    for (const key of ['ingressVIP', 'ingressVIPs'])
      platform
        .get(key)
        ?.lose(
          'coldstart installs no ingress controller',
          'install one with a load balancer, e.g. MetalLB, and give it this address',
        );
    platform
      .get('hosts')
      ?.lose('coldstart does not switch machines on and off', 'use the definition of the hosts in agent-config.yaml');
    platform.skip('coldstart builds for any machine');
  }
}

/** OpenShift gives the keys to the user `core`. */
function readKeys(field: Field | undefined, { cluster }: Draft): void {
  const keys = (field?.text() ?? '').split('\n').map((key) => key.trim()).filter((key) => key !== ''); // prettier-ignore
  if (keys.length === 0) return;
  const user = new OutMap(
    { name: new Leaf('core'), ssh_keys: new OutList(keys.map((key) => new Leaf(key))), sudo: new Leaf(true) },
    field,
  );
  cluster.put(['users'], new OutList([user]));
}
