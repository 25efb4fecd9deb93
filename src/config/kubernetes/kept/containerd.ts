/** What coldstart keeps of the configuration of containerd, which has other names in each of its major versions. */
import { majorOf } from '../containerd.ts';
import type { Cluster } from '../../cluster.ts';
import { type Claim, only, taken } from './claim.ts';

type Steps = readonly string[];
type At = (claims: Claim | readonly Claim[], ...path: Steps) => readonly Claim[];

/** Claims whose names are below a path, because the names of plugins have dots in them. */
const below: At = (claims, ...path) =>
  [claims].flat().map((claim) => ({ ...claim, path: [...path, ...claim.name.split('.')] }));

const CRI_1 = 'io.containerd.grpc.v1.cri';
const [IMAGES_2, RUNTIME_2] = ['io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime'];

const SYSTEMD = only(
  'runtimes.runc.options.SystemdCgroup',
  [true],
  'only the kubelet and systemd create cgroups, and both ask systemd',
);
const REGISTRY = taken(
  'registry.config_path registry.configs registry.mirrors',
  'coldstart writes mirrors and credentials',
  'cluster.registries',
);
const PLUGINS = taken('cni.conf_dir', 'pod networks write their configuration into `/etc/cni/net.d`');

/** The name of a plugin in another major version. */
const foreign = (name: string, major: number, instead: string): readonly Claim[] =>
  taken(name, `containerd ${String(major)} has ${instead} instead`).map((claim) => ({
    ...claim,
    path: ['plugins', name],
  }));

const COMMON: readonly Claim[] = [
  ...taken('root state', 'the state disk and the scripts of the node rely on these folders'),
  ...taken('imports', 'containerd would replace whole sections by what it imports; write the fields here instead'),
  ...below(taken('address uid gid', "the kubelet knows the socket's place"), 'grpc'),
  ...below(
    taken('path', 'only `/var/lib/containerd` is on the state disk'),
    'plugins',
    'io.containerd.internal.v1.opt',
  ),
];

const FIRST: readonly Claim[] = [
  only('version', [2], 'containerd 1.7 reads version 2'),
  ...COMMON,
  ...below(SYSTEMD, 'plugins', CRI_1, 'containerd'),
  ...below([...REGISTRY, ...PLUGINS], 'plugins', CRI_1),
  ...foreign(IMAGES_2, 1, `\`${CRI_1}\``),
  ...foreign(RUNTIME_2, 1, `\`${CRI_1}\``),
];

const SECOND: readonly Claim[] = [
  only('version', [3], 'coldstart writes version 3 for containerd 2'),
  ...COMMON,
  ...below(SYSTEMD, 'plugins', RUNTIME_2, 'containerd'),
  ...below(REGISTRY, 'plugins', IMAGES_2),
  ...below(PLUGINS, 'plugins', RUNTIME_2),
  ...foreign(CRI_1, 2, `\`${IMAGES_2}\` and \`${RUNTIME_2}\``),
];

/** The claims on the configuration of the cluster's containerd. */
export const containerdClaims = ({ kubernetes }: Cluster): readonly Claim[] =>
  majorOf(kubernetes.containerd) === 1 ? FIRST : SECOND;
