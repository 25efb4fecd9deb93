/** External manifests in the trees of masters, and the files that Calico needs on every node. */
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { Cluster, Manifest } from '../../src/config/cluster.ts';
import { manifestsOf, remoteManifests } from '../../src/config/content/kubernetes-manifests.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import { sound, BESIDE } from '../config/ceph.ts';
import { CALICO as calico, remote } from './calico.ts';
import { cluster } from './cluster.ts';
import { SOURCES } from './sources.ts';

const file = (name: string, content = 'kind: Namespace\n'): Manifest => ({ name, content, url: null });

function withManifests(manifests: readonly Manifest[]): Cluster {
  const base = cluster();
  return { ...base, kubernetes: { ...base.kubernetes, manifests } };
}

/** A node's files and links below one of these folders, by path: content, or where it leads. */
function entries(of: Cluster, name: string, ...folders: string[]): Record<string, string> {
  const node = of.nodes.find((each) => each.name === name) ?? of.nodes[0];
  if (node === undefined) throw new Error(name);
  const found = renderNode(of, node, SOURCES).filter(({ path }) => folders.some((folder) => path.startsWith(folder)));
  return Object.fromEntries(
    found.map((entry) => {
      if (entry.type === 'file') return [entry.path, new TextDecoder().decode(entry.content)];
      return [entry.path, entry.type === 'symlink' ? `-> ${entry.target}` : ''];
    }),
  );
}
const settingsOf = (of: Cluster): Record<string, string> => {
  const text = entries(of, 'master-01', 'etc/kubernetes/addons')['etc/kubernetes/addons/14-calico-settings.yaml'];
  return (parse(text ?? '') as { data: Record<string, string> }).data;
};

describe('manifests', () => {
  const of = withManifests([
    file('app.yml'),
    remote('https://files.example/v2/csi.json'),
    file('last one.yaml', 'b\n'),
  ]);

  it('lie on masters in the order in which they are written, after the add-ons', () => {
    const names = Object.keys(entries(of, 'master-01', 'etc/kubernetes/addons/')).map((path) => path.split('/').at(-1));
    expect(names.toSorted()).toEqual([
      ...['00-admins.yaml', '10-nodes.yaml', '20-dns.yaml', '50-01-app.yaml', '50-03-last-one.yaml'],
    ]);
    expect(manifestsOf(of).map(({ path }) => path.replace(/.*\//, ''))).toEqual([
      ...['50-01-app.yaml', '50-02-csi.yaml', '50-03-last-one.yaml'],
    ]);
  });

  it('lie on no worker', () => {
    expect(entries(of, 'worker-01', 'etc/kubernetes/addons/')).toEqual({});
  });

  it('are as they were written, for root alone', () => {
    const [node] = of.nodes;
    const found = node && renderNode(of, node, SOURCES).find(({ path }) => path.endsWith('50-03-last-one.yaml'));
    expect(found).toMatchObject({
      ...{ type: 'file', mode: 0o600, secret: false, content: new TextEncoder().encode('b\n') },
      origin: { kind: 'setting', settings: ['cluster.kubernetes.manifests[2]'] },
    });
  });

  it('that are downloaded have their digest from the lock for this URL alone', () => {
    const [url, sha256] = ['https://files.example/v2/csi.json', 'a'.repeat(64)];
    const pin = (at: string): Cluster['lock'] => ({
      artifacts: [{ name: 'manifests/csi.json', url: at, sha256, size: 1 }],
      bases: [],
    });
    const path = 'etc/kubernetes/addons/50-02-csi.yaml';
    expect(remoteManifests({ ...of, lock: pin(url) })).toMatchObject([
      { name: 'manifests/csi.json', url, path, sha256 },
    ]);
    expect(remoteManifests({ ...of, lock: pin('https://files.example/v1/csi.json') })[0]?.sha256).toBeNull();
  });
});

describe('cni: calico', () => {
  it('applies its manifest before the DNS, and before it what it has to know of the cluster', () => {
    expect(remoteManifests(calico).map(({ path }) => path)).toEqual(['etc/kubernetes/addons/15-calico.yaml']);
    expect(settingsOf(calico)).toEqual({
      ...{ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '6443' },
      ...{ CALICO_IPV4POOL_CIDR: '10.244.0.0/16', CALICO_IPV4POOL_BLOCK_SIZE: '24' },
      ...{ IP_AUTODETECTION_METHOD: 'kubernetes-internal-ip', FELIX_NFTABLESMODE: 'Enabled' },
    });
  });

  it('gets blocks of the length of a share, as far as it knows such', () => {
    const large = { ...calico, networking: { ...calico.networking, nodePodPrefixes: [18] } };
    expect(settingsOf(large)['CALICO_IPV4POOL_BLOCK_SIZE']).toBe('20');
  });

  it('looks for plugins where it puts its own, on every node', () => {
    for (const name of ['master-01', 'worker-02']) {
      const found = entries(calico, name, 'opt/cni/', 'etc/containerd/config.toml');
      expect(found['etc/containerd/config.toml']).toContain('bin_dir = "/opt/cni/bin"');
      expect(found['opt/cni/bin/loopback']).toBe('-> /usr/lib/cni/loopback');
      expect(found['opt/cni/bin/portmap']).toBe('-> /usr/lib/cni/portmap');
    }
  });

  it('leaves the checking of source addresses to each interface, and the routes and rules of ours out', () => {
    const found = entries(calico, 'worker-01', 'etc/');
    expect(found['etc/sysctl.d/90-coldstart.conf']).toMatch(/^net\.ipv4\.conf\.all\.rp_filter ?= ?0$/m);
    expect(Object.keys(found).filter((path) => /pod-network|conflist/.test(path))).toEqual([]);
  });

  it('leaves no trace elsewhere', () => {
    const found = entries(cluster(), 'master-01', 'opt/', 'etc/kubernetes/addons/1', 'etc/containerd/config.toml');
    expect(Object.keys(found)).toEqual(['etc/containerd/config.toml', 'etc/kubernetes/addons/10-nodes.yaml']);
    expect(found['etc/containerd/config.toml']).toContain('bin_dir = "/usr/lib/cni"');
  });
});

describe('the drivers of ceph-csi', () => {
  const folder = 'etc/kubernetes/addons/31-ceph-csi/';
  const kustomization = (of: Cluster): Record<string, unknown> =>
    parse(entries(of, 'm-1', folder)[`${folder}kustomization.yaml`] ?? '') as Record<string, unknown>;

  it('are files of upstream, as they lie there, beneath a kustomization that names each', async () => {
    const of = await sound({ ...BESIDE, ceph: '{ cephfs: true, csi_url: https://mirror.example/csi }' });
    const [first, ...others] = remoteManifests(of);
    expect(first).toMatchObject({
      name: 'manifests/ceph-csi/rbd/csidriver.yaml',
      url: 'https://mirror.example/csi/rbd/kubernetes/csidriver.yaml',
      path: `${folder}rbd/csidriver.yaml`,
      sha256: null,
    });
    expect(others.map(({ path }) => path.replace(folder, ''))).toEqual([
      ...['rbd/csi-nodeplugin-rbac.yaml', 'rbd/csi-provisioner-rbac.yaml'],
      ...['rbd/csi-rbdplugin-provisioner.yaml', 'rbd/csi-rbdplugin.yaml', 'cephfs/csidriver.yaml'],
      ...['cephfs/csi-nodeplugin-rbac.yaml', 'cephfs/csi-provisioner-rbac.yaml'],
      ...['cephfs/csi-cephfsplugin-provisioner.yaml', 'cephfs/csi-cephfsplugin.yaml'],
    ]);
    expect(kustomization(of)).toMatchObject({
      namespace: 'ceph-csi',
      resources: [first, ...others].map((one) => one?.path.replace(folder, '')),
    });
    expect(entries(of, 'w-5', folder)).toEqual({});
  });

  it('are those that have a pool', async () => {
    const drivers = async (ceph: string) => {
      const paths = remoteManifests(await sound({ ...BESIDE, ceph })).map(({ path }) => path.replace(folder, ''));
      return [...new Set(paths.map((path) => path.replace(/\/.*/, '')))];
    };
    expect(await drivers('{}')).toEqual(['rbd']);
    expect(await drivers('{ cephfs: true, pools: [] }')).toEqual(['cephfs']);
    expect(await drivers('{ csi: false }')).toEqual([]);
  });

  it('get two provisioners each, which may share a node, whatever nodes there are', async () => {
    const of = await sound({
      nodes: { 'm-1': 'master, worker, ceph-mon, ceph-mgr, ceph-osd' },
      ceph: '{ cephfs: true }',
    });
    const { patches } = kustomization(of) as { patches: { target: { name: string }; patch: string }[] };
    expect(patches.map(({ target }) => target.name)).toEqual([
      ...['csi-rbdplugin-provisioner', 'csi-cephfsplugin-provisioner'],
    ]);
    for (const { target, patch } of patches) {
      const [replicas, affinity] = JSON.parse(patch) as { value: unknown }[];
      expect(replicas?.value).toBe(2);
      expect(JSON.stringify(affinity?.value)).toContain(`preferred`);
      expect(JSON.stringify(affinity?.value)).toContain(`"app":"${target.name}"`);
      expect(JSON.stringify(affinity?.value)).not.toContain('required');
    }
  });

  it('leave nothing where they are not wanted', async () => {
    const of = await sound({ ...BESIDE, ceph: '{ csi: false }' });
    expect(entries(of, 'm-1', folder)).toEqual({});
  });
});
