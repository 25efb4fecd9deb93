/** SUSE's Edge Image Builder: its definition with `network/<host name>.yaml` (`pkg/image/definition.go` of suse-edge/edge-image-builder). */
import type { Field } from '../input/field.ts';
import { type Draft, type NodeDraft, newDraft, newNode, plainName, share } from '../model.ts';
import { addNew, addressOf } from '../network/links.ts';
import { readNmstate } from '../network/nmstate.ts';
import { Leaf, OutMap } from '../write/out.ts';
import type { Definition, Folder, Format } from './format.ts';
import { readFiles } from './edge-image-builder-files.ts';
import { readUsers } from './edge-image-builder-users.ts';
import { readParts, readServer } from './k3s.ts';
import { putProxy } from './proxy.ts';
import { putVirtualIp } from './talos/endpoint.ts';
import { addManifest } from './talos/manifests.ts';

const IMAGE = 'coldstart builds its own image';
/** Debian's package for one of SUSE's; most have the same name. */
const PACKAGES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['jq', 'curl', 'wget', 'tcpdump', 'ethtool', 'htop', 'tuned', 'open-iscsi', 'multipath-tools', 'cryptsetup', 'lvm2', 'git', 'rsync', 'nftables', 'chrony', 'vim', 'nano', 'less', 'lldpd', 'smartmontools', 'qemu-guest-agent', 'open-vm-tools'].map((name) => [name, name])), // prettier-ignore
  ...{ 'nfs-client': 'nfs-common', cpupower: 'linux-cpupower', dpdk: 'dpdk', 'wireguard-tools': 'wireguard-tools' },
};

export const edgeImageBuilder: Format = {
  name: 'edge-image-builder',
  title: "Edge Image Builder's definition",
  nodesHint: 'give each machine a file `network/<host name>.yaml`, or name the machines below `kubernetes.nodes`',
  fits: (root) => root.get('image', 'imageType') !== undefined,
  read: ([definition]) => {
    const draft = newDraft();
    if (definition) readDefinition(definition, draft);
    return draft;
  },
};

function readDefinition({ root, folder }: Definition, draft: Draft): void {
  const networks = readNodes(root.get('kubernetes', 'nodes'), folder, draft);
  draft.cluster.put(['name'], new Leaf('edge', undefined, 'the definition gives the cluster no name'));
  readKubernetes(root.get('kubernetes'), folder, draft);
  readSystem(root.get('operatingSystem'), draft);
  const configs = ['server', 'agent'].map((name) => `kubernetes/config/${name}.yaml`);
  readFiles(folder, draft, new Set([...networks, ...configs]));
  const arch = root.get('image', 'arch');
  if (arch && !['x86_64', 'amd64'].includes(arch.text() ?? ''))
    arch.lose('coldstart builds for amd64', 'machines of another architecture cannot be nodes yet');
  for (const key of ['apiVersion', 'image']) root.get(key)?.skip(IMAGE);
  const artifacts = root.get('embeddedArtifactRegistry');
  artifacts
    ?.get('images')
    ?.lose(
      'coldstart embeds container images from archives',
      'save the images with `skopeo copy`, and name the archives in `cluster.kubernetes.images`',
    );
  for (const registry of artifacts?.get('registries')?.items() ?? []) {
    registry
      .get('authentication')
      ?.lose('a password is no part of the new definition', 'add the credentials to `cluster.registries`');
    registry.get('uri')?.skip('it is about the building of the image');
  }
}

/** The machines: those that are listed, else one for each file of `network/`. Returns the files that describe them. */
function readNodes(field: Field | undefined, folder: Folder, draft: Draft): readonly string[] {
  const files = folder.below('network').filter((name) => /^network\/[^/]+\.ya?ml$/.test(name));
  const forAll = files.find((name) => /^network\/_all\.ya?ml$/.test(name));
  const own = files.filter((name) => name !== forAll);
  const read: string[] = [];
  const readState = (node: NodeDraft, file: string | undefined): void => {
    if (file === undefined) return;
    read.push(file);
    for (const root of folder.open(file) ?? []) readNmstate(root, node.network);
  };
  const listed = field?.items() ?? [];
  for (const item of listed) {
    const node = nodeOf(item);
    if (!node) continue;
    draft.nodes.push(node);
    const name = item.get('hostname')?.text() ?? '';
    readState(node, own.find((file) => [`network/${name}.yaml`, `network/${name}.yml`].includes(file)) ?? forAll);
  }
  for (const [index, file] of listed.length > 0 ? [] : own.entries()) {
    const [root] = folder.open(file) ?? [];
    if (!root) continue;
    const node = newNode(plainName(file.slice('network/'.length).replace(/\.ya?ml$/, '')), root, index === 0);
    node.isWorker = true;
    draft.nodes.push(node);
    readState(node, file);
  }
  return read;
}

function nodeOf(item: Field): NodeDraft | undefined {
  const hostname = item.get('hostname')?.said();
  if (!hostname) return undefined;
  const type = item.get('type');
  const isServer = type?.text() !== 'agent';
  if (isServer && type?.text() !== 'server')
    type?.lose('a machine is a `server` or an `agent`', 'look at the `roles` of the node');
  const node = newNode(plainName(hostname.value.split('.')[0] ?? hostname.value), item, isServer);
  if (hostname.value !== node.name) node.hostname = { value: hostname.value.toLowerCase(), from: hostname.from };
  node.isWorker = true;
  const first = item.get('initializer');
  if (first?.bool() === true) node.first = { value: true, from: first };
  return node;
}

function readKubernetes(field: Field | undefined, folder: Folder, draft: Draft): void {
  const { cluster } = draft;
  const version = field?.get('version');
  const [, plain] = /^v?(\d+\.\d+\.\d+)/.exec(version?.text() ?? '') ?? [];
  if (plain !== undefined) cluster.put(['kubernetes', 'version'], new Leaf(plain, version));
  else version?.lose('it is no version of Kubernetes', 'set `cluster.kubernetes.version`');
  const network = field?.get('network');
  for (const key of ['apiVIP', 'apiVIP6']) {
    const vip = network?.get(key)?.said();
    if (vip && addressOf(vip.value) !== undefined) putVirtualIp(vip, draft);
  }
  const host = network?.get('apiHost')?.said();
  if (host) cluster.put(['control_plane', 'endpoint'], new Leaf(host.value.toLowerCase(), host.from));
  for (const url of field?.get('manifests', 'urls')?.texts() ?? []) addManifest(url.value, { draft }, url.from);
  field
    ?.get('helm')
    ?.lose(
      'coldstart installs no Helm charts',
      'write the manifests with `helm template`, and name them in `cluster.kubernetes.manifests`',
    );
  const [server] = folder.open('kubernetes/config/server.yaml') ?? [];
  const [agent] = folder.open('kubernetes/config/agent.yaml') ?? [];
  // A machine that runs both is a server.
  const servers = draft.nodes.filter(({ isMaster }) => isMaster);
  readParts(server, version, draft);
  if (server) readServer(server, draft, servers);
  const agents = draft.nodes.filter(({ isMaster }) => !isMaster);
  if (agent && agents.length > 0) readServer(agent, draft, agents);
  else agent?.skip('no machine is an agent');
}

function readSystem(field: Field | undefined, draft: Draft): void {
  if (!field) return;
  const { cluster, nodes } = draft;
  for (const one of field.get('kernelArgs')?.texts() ?? []) {
    if (/^(ignition|combustion|net\.ifnames)\b/.test(one.value)) one.from?.skip('it is an argument of SUSE');
    else share(nodes, 'kernel_args', one.value, new Leaf(one.value, one.from));
  }
  const zone = field.get('time', 'timezone')?.said();
  if (zone) cluster.put(['timezone'], new Leaf(zone.value, zone.from));
  for (const key of ['servers', 'pools'])
    for (const one of field.get('time', 'ntp', key)?.texts() ?? []) nodes.forEach(({ ntp }) => addNew(ntp, [one]));
  field.get('time', 'ntp', 'forceWait')?.skip('coldstart always waits for the time where it needs it');
  putProxy(field.get('proxy'), nodes, { http: 'httpProxy', https: 'httpsProxy', no_proxy: 'noProxy' });
  readUsers(field.get('users'), draft);
  readPackages(field.get('packages'), nodes);
  const device = field.get('isoConfiguration', 'installDevice');
  const path = device?.text();
  if (device && path !== undefined)
    nodes.forEach(
      (node) =>
        (node.disk = new OutMap(
          path.startsWith('/dev/disk/by-id/') ? { by_id: new Leaf(path.slice(16)) } : { path: new Leaf(path) },
          device,
        )),
    );
  for (const key of ['isoConfiguration', 'rawConfiguration']) field.get(key)?.skip(IMAGE);
  const keymap = field.get('keymap');
  if (keymap?.text() !== 'us')
    keymap?.lose('coldstart has no setting for the keyboard', 'add `/etc/vconsole.conf` to `files`');
  else keymap.skip('it is the default');
  if (field.get('enableFIPS')?.bool() === true)
    field
      .get('enableFIPS')
      ?.lose("Debian's programs are not certified for FIPS 140", 'use another system, if you need the certificate');
  field.get('systemd', 'disable')?.skip("they are SUSE's units");
  field.get('systemd', 'enable')?.lose("they are SUSE's units", 'look for the unit in Debian, and add it to `units`');
  field.get('groups')?.lose('coldstart has no setting for groups', 'add a file below `/usr/lib/sysusers.d` to `files`');
  field.get('suma')?.lose("SUSE's manager does not manage Debian nodes of coldstart", 'look at `coldstart update`');
}

function readPackages(field: Field | undefined, nodes: readonly NodeDraft[]): void {
  for (const one of field?.get('packageList')?.texts() ?? []) {
    const debian = PACKAGES[one.value];
    if (debian === undefined)
      one.from?.lose("it is a package of SUSE's", 'look for a Debian package and add it to `cluster.image.packages`');
    else share(nodes, 'packages', debian, new Leaf(debian, one.from));
  }
  field
    ?.get('additionalRepos')
    ?.lose("they are repositories of SUSE's packages", 'add sources of Debian packages to `cluster.image.mirrors`');
  for (const key of ['noGPGCheck', 'enableExtras']) field?.get(key)?.skip("it is about SUSE's packages");
}
