/** A cluster with Calico from a downloaded manifest, and a manifest of the user's own. */
import type { Cluster, Manifest } from '../../src/config/cluster.ts';
import { cluster } from './cluster.ts';

export const remote = (url: string): Manifest => ({ name: url.replace(/.*\//, ''), content: null, url });

const base = cluster({ name: 'calico' });
export const CALICO: Cluster = {
  ...base,
  networking: { ...base.networking, cni: 'calico', calicoManifest: remote('https://files.example/v3/calico.yaml') },
  kubernetes: {
    ...base.kubernetes,
    manifests: [{ name: 'app.yaml', content: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n', url: null }],
  },
};

/** What it is about. */
export const CALICO_FILES = /^(opt\/|etc\/(kubernetes\/addons|cni|containerd\/config|sysctl\.d)\b)/;
