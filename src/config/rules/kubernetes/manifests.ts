/** Rules about manifests of third parties: names are unique, Calico's fits the cluster, and every manifest is used. */
import { rangeOf } from '../../network/net.ts';
import { remoteManifests } from '../../content/kubernetes-manifests.ts';
import { isUrl } from '../../files/references.ts';
import { type Rule, repeats } from '../rule.ts';

const namedOnce: Rule = {
  name: 'manifests that are downloaded have different names',
  check: (cluster, facts, report) => {
    const placed = remoteManifests(cluster).map(({ name }) => ({ name: name.replace(/^manifests\//, '') }));
    for (const { again } of repeats(placed, ({ name }) => name)) {
      report.add(
        'kubernetes/manifest-repeated',
        { name: again.name },
        { at: facts.at('cluster.kubernetes.manifests') },
      );
    }
  },
};

const filesOnce: Rule = {
  name: 'a manifest or an archive of images is listed once',
  check: (_, facts, report) => {
    for (const key of ['manifests', 'images'] as const) {
      const placed = facts.cluster.kubernetes[key].map((file, index) => ({
        file,
        at: facts.at(['cluster', 'kubernetes', key, index]),
      }));
      // `kubernetes/manifest-repeated` reports downloaded manifests.
      for (const { again, first } of repeats(placed, ({ file }) => (isUrl(file) ? undefined : file))) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('kubernetes/file-repeated', { file: again.file }, { at: again.at, related });
      }
    }
  },
};

const calicoFamilies: Rule = {
  name: 'Calico gets one IPv4 network for its pods',
  check: ({ networking }, facts, report) => {
    const families = networking.podCidrs.map((cidr) => rangeOf(cidr).family);
    if (networking.cni !== 'calico' || families.join() === '4') return;
    const values = { families: families.map((family) => `IPv${family}`).join(' and ') };
    report.add('network/unsupported-calico-families', values, { at: facts.at('cluster.networking.pod_cidr') });
  },
};

const calicoUsed: Rule = {
  name: "Calico's manifest is used",
  check: ({ networking: { cni } }, facts, report) => {
    const setting = 'cluster.networking.calico_manifest';
    if (cni === 'calico' || !facts.has(setting)) return;
    report.add('network/calico-manifest-unused', { cni }, { at: facts.at(setting) });
  },
};

const driversUsed: Rule = {
  name: 'the drivers of ceph-csi are used',
  check: ({ ceph }, facts, report) => {
    if (ceph === null || ceph.csi !== null) return;
    const { csi } = facts.cluster.ceph;
    const reason = csi ? 'Kubernetes has no pool here to take them from' : '`csi` is `false`';
    for (const name of csi ? ['csi', 'csi_url'] : ['csi_url']) {
      const setting = `cluster.ceph.${name}`;
      if (facts.has(setting)) report.add('ceph/csi-unused', { name, reason }, { at: facts.at(setting) });
    }
  },
};

export const manifestRules: readonly Rule[] = [namedOnce, filesOnce, calicoFamilies, calicoUsed, driversUsed];
