/** SUSE's Edge Image Builder: its definition with `network/<host name>.yaml` (`pkg/image/definition.go` of suse-edge/edge-image-builder). */
import type { Field } from '../input/field.ts';
import { type Draft, type NodeDraft, newDraft, newNode, plainName, share } from '../model.ts';
import { addNew, addressOf } from '../network/links.ts';
import { readNmstate } from '../network/nmstate.ts';
import { Leaf, OutMap, oneOrList } from '../write/out.ts';
import { isSecretManifest } from '../input/secrets.ts';
import type { Definition, Folder, Format } from './format.ts';
import { readUsers } from './edge-image-builder-users.ts';
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
  readNodes(root.get('kubernetes', 'nodes'), folder, draft);
  draft.cluster.put(['name'], new Leaf('edge', undefined, 'the definition gives the cluster no name'));
  readKubernetes(root.get('kubernetes'), folder, draft);
  readSystem(root.get('operatingSystem'), draft);
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

/** The machines: those that are listed, else one for each file of `network/`. */
function readNodes(field: Field | undefined, folder: Folder, draft: Draft): void {
  const files = folder.list('network').filter((path) => /\.ya?ml$/.test(path)).map((path) => path.split('/').at(-1) ?? path); // prettier-ignore
  const listed = field?.items() ?? [];
  for (const item of listed) {
    const hostname = item.get('hostname')?.said();
    if (!hostname) continue;
    const type = item.get('type');
    const isServer = type?.text() !== 'agent';
    if (isServer && type?.text() !== 'server')
      type?.lose('a machine is a `server` or an `agent`', 'look at the `roles` of the node');
    const node = newNode(plainName(hostname.value.split('.')[0] ?? hostname.value), item, isServer);
    if (hostname.value !== node.name) node.hostname = { value: hostname.value.toLowerCase(), from: hostname.from };
    node.isWorker = true;
    const first = item.get('initializer');
    if (first?.bool() === true) node.first = { value: true, from: first };
    draft.nodes.push(node);
    readState(
      node,
      files.find((file) => [`${hostname.value}.yaml`, `${hostname.value}.yml`].includes(file)),
      folder,
    );
  }
  if (listed.length > 0) return;
  for (const [index, file] of files.entries()) {
    const [root] = folder.open(`network/${file}`) ?? [];
    if (!root) continue;
    const node = newNode(plainName(file.replace(/\.ya?ml$/, '')), root, index === 0);
    node.isWorker = true;
    draft.nodes.push(node);
    readState(node, file, folder);
  }
}

function readState(node: NodeDraft, file: string | undefined, folder: Folder): void {
  for (const root of file === undefined ? [] : (folder.open(`network/${file}`) ?? [])) readNmstate(root, node.network);
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
  for (const file of folder.list('kubernetes/manifests'))
    readManifest(`kubernetes/manifests/${file.split('/').at(-1) ?? ''}`, folder, draft);
  for (const name of ['server', 'agent']) {
    const [root] = folder.open(`kubernetes/config/${name}.yaml`) ?? [];
    if (root) readDistribution(root, draft);
  }
}

function readManifest(path: string, folder: Folder, draft: Draft): void {
  const text = folder.text(path);
  const file = `manifests/${path.split('/').at(-1) ?? ''}`;
  const todo = `save it as \`${file}\`, and name it in \`cluster.kubernetes.manifests\``;
  if (!/\.ya?ml$/.test(path)) return folder.lose(path, 'manifests have names that end in `.yaml`', todo);
  if (text === undefined) return folder.lose(path, 'it cannot be read, or has more than 4 MiB', todo);
  if (isSecretManifest(text)) return folder.lose(path, 'it seems to hold a secret', todo);
  draft.files.set(file, text);
  addManifest(file, { draft }, undefined);
}

/** `config.yaml` of k3s and RKE2. */
function readDistribution(root: Field, draft: Draft): void {
  const { cluster } = draft;
  for (const [key, setting] of Object.entries({ 'cluster-cidr': 'pod_cidr', 'service-cidr': 'service_cidr' })) {
    const field = root.get(key);
    const values =
      field?.texts().flatMap(({ value, from }) => value.split(',').map((one) => ({ value: one.trim(), from }))) ?? [];
    if (values.length > 0) cluster.put(['networking', setting], oneOrList(values, field));
  }
  const domain = root.get('cluster-domain')?.said();
  if (domain) cluster.put(['networking', 'cluster_domain'], new Leaf(domain.value, domain.from));
  const cni = root.get('cni') ?? root.get('flannel-backend');
  const [name] = cni?.texts() ?? [];
  if (cni && name && !['canal', 'flannel', 'vxlan'].includes(name.value))
    cluster.put(['networking', 'cni'], new Leaf(name.value === 'calico' ? 'calico' : 'none', cni));
  else cni?.skip('`routed`, the default of coldstart, takes its place');
  if (name?.value === 'cilium')
    name.from?.assume(
      'The cluster has Cilium as its pod network, which coldstart does not install',
      'write its manifest with `helm template`, and name it in `cluster.kubernetes.manifests`',
    );
  for (const one of root.get('tls-san')?.texts() ?? []) draft.apiNames.push(one);
  for (const key of ['disable', 'selinux', 'write-kubeconfig-mode', 'debug', 'disable-kube-proxy'])
    root.get(key)?.skip('it is about k3s or RKE2');
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

/** root gets no keys: a user with `sudo` takes its place. */

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
