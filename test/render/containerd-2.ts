/** A cluster with a version of Kubernetes that needs containerd 2; one node has credentials of registries. */
import type { Cluster } from '../../src/config/cluster.ts';
import { UPSTREAM_CONTAINERD } from '../../src/config/kubernetes/releases.ts';
import { cluster } from './cluster.ts';

const base = cluster({ name: 'containerd-2' });
const registries = [
  { host: 'docker.io', mirrors: [], auth: { username: 'lab', password: 'made "up"' } },
  {
    host: 'quay.io',
    mirrors: [
      { url: 'https://harbor.lab.example/v2/quay', ca: 'PEM\n', skipVerify: false },
      { url: 'http://[fd00::2]:5000', ca: null, skipVerify: true },
    ],
    auth: null,
  },
  { host: '[fd00::1]:5000', mirrors: [], auth: { username: 'lab', password: 'made-up' } },
];

export const CONTAINERD_2: Cluster = {
  ...base,
  kubernetes: {
    ...base.kubernetes,
    version: '1.36.4',
    delivery: 'embedded',
    containerd: { source: 'upstream', ...UPSTREAM_CONTAINERD, config: null },
  },
  nodes: base.nodes.map((node) => (node.name === 'worker-02' ? { ...node, registries } : node)),
};

/** The files that depend on the version. */
export const CONTAINERD_2_FILES =
  /^etc\/(containerd|systemd\/system\/containerd|kubernetes\/(kubelet\.yaml|authentication|addons\/20)|cluster-config\/cluster)/;
