/** Settings of the cluster as a whole: the top level of `cluster.yaml`. */
import * as z from 'zod';
import { clusterCeph } from './ceph.ts';
import { apiServer, controllerManager, coreDns, etcd, kubelet, kubeProxy, scheduler, upstream } from './components.ts';
import { extras, kernelArgs, packages, users } from './extras.ts';
import { FORMATS, FORMATS_TEXT } from '../formats.ts';
import { DEFAULT_KUBERNETES, UPSTREAM_CONTAINERD as UPSTREAM } from '../kubernetes/releases.ts';
import { SUITES } from '../support.ts';
import { address, addressOrHost, containerdVersion, domain, duration, endpoint, name, version } from './forms.ts';
import {
  ageRecipient,
  aptSource,
  awsRegion,
  bootstrapToken,
  dailyHours,
  httpsFolder,
  manifest,
  reference,
  timezone,
  url,
} from './names.ts';
import { networking } from './network.ts';
import { node } from './node.ts';
import { caFile, registries } from './registry.ts';
import { group, matching, oneOrMany } from './scalar.ts';

const tcpPort = z.int().min(1).max(65_535);

export const snapshotStore = group('the store of snapshots', {
  url: httpsFolder.describe(
    'URL of a bucket, or of a folder in it. The name of the cluster, the name of the master and the name of the file are appended.',
  ),
  region: awsRegion.prefault('us-east-1').describe('Region of the bucket.'),
  ca_file: caFile,
  credentials_file: reference.describe(
    'File with `ACCESS_KEY_ID:SECRET_ACCESS_KEY`, relative to the folder of `cluster.yaml`; a secret.',
  ),
});

const etcdSnapshots = group('the snapshots of etcd', {
  every: duration.prefault('6h').describe('Time between two snapshots of a master.'),
  keep: z
    .int()
    .min(0)
    .max(1000)
    .prefault(12)
    .describe(
      'Number of snapshots on the state disk of each master, if a tenth of `/var` holds them. `0`: none are made.',
    ),
  store: snapshotStore.optional().describe('S3 storage of yours to which masters copy each snapshot.'),
});

export const controlPlane = group('the control plane', {
  endpoint: endpoint.optional().describe('DNS name of the API servers for people outside the cluster.'),
  virtual_ip: address
    .optional()
    .describe('Address that moves to a working master. It must be unused and in a node network.'),
  port: tcpPort.prefault(6443).describe('TCP port of the API servers.'),
  cert_sans: z
    .array(addressOrHost)
    .prefault([])
    .describe("Further names and addresses in the API servers' certificates, e.g. of a load balancer."),
  etcd_snapshots: etcdSnapshots.prefault({}).describe('Snapshots of the data of etcd, on masters with a state disk.'),
});

export const containerd = group('the containerd settings', {
  source: z
    .enum(['debian', 'upstream'])
    .optional()
    .describe(
      "Where containerd and runc come from: Debian's packages (`debian`) or upstream's archives (`upstream`). Default: `debian` if Debian's are new enough for the version of Kubernetes.",
    ),
  version: containerdVersion.optional().describe(`Version of upstream's containerd. Default: \`${UPSTREAM.version}\`.`),
  runc_version: version.optional().describe(`Version of upstream's runc. Default: \`${UPSTREAM.runcVersion}\`.`),
  mirror: url.optional().describe(`Base URL that replaces \`${UPSTREAM.mirror}\` when the build downloads both.`),
  config: upstream('config.toml').describe(
    "Fields of containerd's `config.toml`, written as YAML, merged into coldstart's. `null` removes a default.",
  ),
});

export const kubernetes = group('the kubernetes settings', {
  version: version.prefault(DEFAULT_KUBERNETES).describe('Version of Kubernetes in three parts, in quotes.'),
  delivery: z
    .enum(['embedded', 'first-boot'])
    .prefault('embedded')
    .describe(
      'Whether the programs of Kubernetes are in the image (`embedded`) or the node downloads them (`first-boot`). Both compare digests.',
    ),
  mirror: url
    .optional()
    .describe(
      'Base URL that replaces `https://dl.k8s.io`, for the build or, with `delivery: first-boot`, for the nodes.',
    ),
  containerd: containerd.prefault({}).describe('The container runtime.'),
  kubelet: kubelet.prefault({}).describe('The kubelets. A node may add to these settings.'),
  kube_proxy: kubeProxy.prefault({}).describe('The service proxy.'),
  coredns: coreDns.prefault({}).describe("The cluster's name service."),
  api_server: apiServer.prefault({}).describe('The API servers.'),
  controller_manager: controllerManager.prefault({}).describe('The controller managers.'),
  scheduler: scheduler.prefault({}).describe('The schedulers.'),
  etcd: etcd.prefault({}).describe('The members of etcd.'),
  manifests: z
    .array(manifest)
    .prefault([])
    .describe(
      'Manifests applied after the add-ons, in this order: files relative to the folder of `cluster.yaml`, or URLs that `coldstart lock` pins.',
    ),
  images: z
    .array(reference)
    .prefault([])
    .describe('OCI archives imported into containerd, relative to the folder of `cluster.yaml`.'),
});

const external = group('the external store', {
  type: z.enum(['vault', 's3', 'http']).describe('What kind of store holds the token.'),
  url: url.describe("Where a node's token is kept; `{node}` stands for the name of the node."),
  region: awsRegion.prefault('us-east-1').describe('Region of the bucket, for `s3`.'),
  ca_file: caFile,
  credentials_file: reference
    .optional()
    .describe(
      "File with the node's credentials for the store, relative to the folder of `cluster.yaml`; a secret. `{node}` stands for the name of the node.",
    ),
});

export const bootstrap = group('the bootstrap settings', {
  token_distribution: z
    .enum(['http', 'embedded', 'external'])
    .optional()
    .describe(
      'How workers get their token: from a master, by a certificate in their image (`http`), in the image (`embedded`), or from a store of yours (`external`). Default: `http`; `embedded` with a `token`.',
    ),
  port: tcpPort
    .optional()
    .describe(
      'TCP port on which masters let nodes join, for `token_distribution: http`, and let them update themselves, with `update`. Default: 6444; 6443 where the API servers have 6444.',
    ),
  token: bootstrapToken
    .optional()
    .describe('A token of your own, for `embedded`; a secret. Default: one per node, from the secrets store.'),
  token_ttl: duration
    .prefault('24h')
    .describe(
      'How long a node that was never a member may join: from the first boot of the first master, or, with `http`, from the build that made its certificate, whichever is later.',
    ),
  external: external.optional().describe('The store, for `token_distribution: external`.'),
});

export const consoleName = matching(
  "a console in the kernel's notation like `ttyS0,115200`",
  /^(tty[A-Za-z]{0,8}|hvc)\d{1,3}(,\d{3,7}([noe]\d?r?)?)?$/,
  ['tty0', 'ttyS0,115200', 'hvc0'],
);

export const image = group('the image', {
  formats: z.array(z.enum(FORMATS)).min(1).prefault(['iso']).describe(`What is built for each node. ${FORMATS_TEXT}.`),
  install: z
    .boolean()
    .optional()
    .describe(
      'Whether each node with a state disk copies its image to it at the first boot and boots from there afterwards, by BIOS or UEFI. Then the medium can be removed. Default: `true` if `formats` has `update`, else `false`.',
    ),
  suite: z.enum(SUITES).prefault('trixie').describe('Debian release.'),
  mirrors: z
    .array(aptSource)
    .prefault([])
    .describe("`deb` lines or URLs for apt while building. Default: Debian's own."),
  non_free_firmware: z
    .boolean()
    .optional()
    .describe(
      "Whether to add Debian's `non-free-firmware` to the sources, as Debian's installer does, and microcode and firmware of network cards to the image. Default: `true`, unless all `mirrors` are `deb` lines without it.",
    ),
  compression_level: z.int().min(1).max(22).prefault(6).describe('zstd level of the base layer.'),
  consoles: z
    .array(consoleName)
    .min(1)
    .prefault(['ttyS0,115200', 'tty0'])
    .describe("Linux consoles in the kernel's notation; the last one shows the boot messages."),
  kernel_args: kernelArgs.prefault([]).describe('Kernel arguments for all nodes.'),
  packages: packages.prefault([]).describe('Debian packages for all nodes.'),
});

export const update = group('the updates', {
  url: httpsFolder.describe(
    "URL of a folder with the update bundles, as the build's output folder has them: `<node>.raucb`, and `files/` beside it. Each node shows the server the certificate of its kubelet.",
  ),
  hours: oneOrMany(dailyHours).describe(
    'When nodes begin an update, in their time zone (`cluster.timezone`): parts of each day. An update that has begun goes on after the end.',
  ),
  ca_file: caFile,
});

export const secrets = group('the secrets settings', {
  file: reference
    .prefault('cluster.secrets.yaml')
    .describe('The secrets store, relative to the folder of `cluster.yaml`.'),
  recipients: z
    .array(ageRecipient)
    .prefault([])
    .describe('age recipients that can decrypt the store. Default: none; the store is in clear, mode 0600.'),
});

export const ssh = group('the ssh settings', {
  password_authentication: z.boolean().prefault(false).describe('Whether SSH accepts passwords.'),
});

export const cluster = group('the cluster', {
  name: name.describe('Name of the cluster.'),
  domain: domain.optional().describe("DNS domain of the nodes; a node's default host name is `<name>.<domain>`."),
  timezone: timezone.prefault('UTC').describe('IANA time zone of the nodes.'),
  networking: networking.prefault({}).describe('Networks.'),
  control_plane: controlPlane.prefault({}).describe('How the API servers are reached.'),
  kubernetes: kubernetes.prefault({}).describe('Kubernetes.'),
  registries: registries.prefault([]).describe('Container registries: mirrors and credentials.'),
  bootstrap: bootstrap.prefault({}).describe('How nodes join.'),
  ceph: clusterCeph.prefault({}).describe('Ceph; used when a node has a Ceph role.'),
  image: image.prefault({}).describe('What is built.'),
  update: update
    .optional()
    .describe(
      'Where Kubernetes nodes with a state disk look for their update bundles by themselves, one node at a time. Default: they do not; `coldstart update` brings updates.',
    ),
  secrets: secrets.prefault({}).describe('Where keys, certificates and tokens are kept.'),
  users: users.prefault([]).describe('Accounts on every node.'),
  ssh: ssh.prefault({}).describe('SSH server.'),
  ...extras,
});

/** `cluster.yaml`. */
export const clusterFile = group('cluster.yaml', {
  cluster: cluster.describe('Settings of the cluster as a whole.'),
  nodes: z.array(node).min(1).describe('The nodes.'),
});

export type WrittenCluster = z.output<typeof cluster>;
export type WrittenClusterFile = z.output<typeof clusterFile>;
