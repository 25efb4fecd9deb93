/** The part `cluster` of Talos's configuration. */
import { contains, parseCidr, parseIp } from '../../../config/network/net.ts';
import type { Field } from '../../input/field.ts';
import { isSecretManifest } from '../../input/secrets.ts';
import { Leaf, leaf, oneOrList } from '../../write/out.ts';
import { putApiNames, putEndpoint } from './endpoint.ts';
import { putAdmission, putComponents } from './components.ts';
import { addManifest, putManifest } from './manifests.ts';
import type { Target } from './target.ts';

export function readClusterConfig(field: Field, target: Target): void {
  const { cluster } = target.draft;
  const network = field.get('network');
  putCni(network?.get('cni'), target);
  for (const [key, setting] of Object.entries({ podSubnets: 'pod_cidr', serviceSubnets: 'service_cidr' })) {
    const subnets = network?.get(key);
    if (subnets) cluster.put(['networking', setting], oneOrList(subnets.texts(), subnets));
  }
  cluster.put(['networking', 'cluster_domain'], leaf(network?.get('dnsDomain')?.said()));
  putEndpoint(field.get('controlPlane', 'endpoint'), target.draft);
  const port = field.get('controlPlane', 'localAPIServerPort');
  if (port) cluster.put(['control_plane', 'port'], leaf({ value: port.int() ?? 6443, from: port }));
  for (const key of ['allowSchedulingOnControlPlanes', 'allowSchedulingOnMasters']) {
    const scheduling = field.get(key);
    if (scheduling?.bool() === true) target.draft.nodes.forEach((node) => (node.isWorker = true));
    else scheduling?.skip('it is the default');
  }
  for (const url of field.get('extraManifests')?.texts() ?? []) putManifest(url, target);
  readInlineManifests(field.get('inlineManifests'), target);
  putApiNames(field.get('apiServer', 'certSANs'), target.draft);
  putAdmission(field.get('apiServer', 'admissionControl'), target);
  readEtcdNetworks(field.get('etcd'), target);
  putComponents(field, target);
}

/** Talos's default is Flannel, whose place coldstart's `routed` takes. */
export function putCni(field: Field | undefined, target: Target): void {
  const name = field?.get('name');
  const text = name?.text();
  if (!field || text === undefined) return;
  const { cluster } = target.draft;
  if (text === 'flannel') {
    field
      .get('flannel')
      ?.lose(
        'coldstart does not install Flannel',
        'use `cni: routed`, or install Flannel with `cluster.kubernetes.manifests` and `cni: none`',
      );
    return name?.skip('`routed`, the default of coldstart, takes the place of Flannel');
  }
  if (text !== 'none' && text !== 'custom')
    return name?.lose(
      'coldstart does not know this pod network',
      'use `routed` or `calico`, or `none` and manifests of your own',
    );
  cluster.put(['networking', 'cni'], new Leaf('none', name));
  for (const url of field.get('urls')?.texts() ?? []) addManifest(url.value, target, url.from);
}

/** Manifests in the configuration become files of their own. */
export function readInlineManifests(field: Field | undefined, target: Target): void {
  for (const item of field?.items() ?? []) {
    const name = item.get('name')?.text() ?? 'manifest';
    const contents = item.get('contents');
    if (!contents) continue;
    const written = contents.tree.kind === 'scalar' ? String(contents.tree.value) : '';
    if (isSecretManifest(written)) {
      contents.lose(
        'it seems to hold a secret',
        `save it as \`manifests/${name}.yaml\`, and name the file in \`cluster.kubernetes.manifests\``,
      );
      continue;
    }
    const text = written.startsWith('@') ? target.folder.text(written.slice(1)) : contents.text();
    if (text === undefined) {
      contents.lose(
        'its text is not in the folder of the definition',
        `save it as \`manifests/${name}.yaml\`, and name the file in \`cluster.kubernetes.manifests\``,
      );
      continue;
    }
    contents.ledger.settle(contents.tree);
    item.get('skipEnvsubst')?.skip('coldstart fills in no variables');
    const file = `manifests/${name.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}.yaml`;
    target.draft.files.set(file, text.endsWith('\n') ? text : `${text}\n`);
    addManifest(file, target, item);
  }
}

/**
 * Talos looks for an address of etcd in these networks; a `!` in front excludes one. Where the `ip` of a master is not among them, etcd has a
 * network of its own: coldstart's takes one, and none is excluded.
 */
function readEtcdNetworks(etcd: Field | undefined, { draft }: Target): void {
  const addresses = draft.nodes.filter(({ isMaster }) => isMaster).flatMap(({ ips }) => ips.slice(0, 1));
  const fields = ['advertisedSubnets', 'listenSubnets', 'subnet'].flatMap((key) => etcd?.get(key) ?? []);
  for (const field of fields) {
    const networks = field.texts().map(({ value }) => value);
    const own = networks[0] ?? '';
    if (addresses.every(({ value }) => isOneOf(value, networks))) field.skipWhole("the `ip` of the masters, on which etcd speaks, is in it");
    else if (networks.length === 1 && parseCidr(own) !== undefined && isForAll(own, fields)) draft.cluster.put(['kubernetes', 'etcd', 'cidr'], new Leaf(own, field));
    else field.lose('etcd of coldstart speaks in one network', 'write the network in which each master has one address as `cluster.kubernetes.etcd.cidr`');
  }
} // prettier-ignore

/** Whether no other setting names another network: members listen where the others look for them. */
const isForAll = (network: string, fields: readonly Field[]): boolean =>
  fields.every((field) => field.texts().every(({ value }) => value === network));

function isOneOf(address: string, networks: readonly string[]): boolean {
  const isIn = (network: string): boolean => {
    const [range, ip] = [parseCidr(network), parseIp(address)];
    return range !== undefined && ip !== undefined && contains(range, ip);
  };
  const [excluded, wanted] = [networks.filter((one) => one.startsWith('!')), networks.filter((one) => !one.startsWith('!'))];
  return !excluded.some((one) => isIn(one.slice(1))) && (wanted.length === 0 || wanted.some(isIn));
} // prettier-ignore
