/** Rule: the default of Pod Security lets the cluster's own pods run (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
import type { Path } from '../../../diagnostics/path.ts';
import type { Cluster } from '../../cluster.ts';
import { isFields } from '../../kubernetes/documents.ts';
import type { Rule } from '../rule.ts';

/** The namespace of the cluster's name service and of Calico; that of Ceph's drivers has a label of its own. */
const OWN_NAMESPACE = 'kube-system';

/** Of the pods in this namespace that a level shuts out, in words; undefined if there are none. */
function shutOut(level: unknown, { networking, kubernetes }: Cluster): string | undefined {
  // Calico's pods are privileged; CoreDNS may bind a low port, and names no seccomp profile.
  if (networking.cni === 'calico' && (level === 'baseline' || level === 'restricted')) return 'Calico';
  return kubernetes.coredns.enabled && level === 'restricted' ? 'CoreDNS' : undefined;
}

const ownPodsRun: Rule = {
  name: "the default of Pod Security lets the cluster's own pods run",
  check: (cluster, { cluster: written, at }, report) => {
    const plugins = written.kubernetes.api_server.admission?.['plugins'];
    if (!Array.isArray(plugins)) return;
    for (const [index, plugin] of (plugins as readonly unknown[]).entries()) {
      if (!isFields(plugin) || plugin['name'] !== 'PodSecurity' || !isFields(plugin['configuration'])) continue;
      const { defaults, exemptions } = plugin['configuration'];
      const level = isFields(defaults) ? defaults['enforce'] : undefined;
      const what = shutOut(level, cluster);
      if (what === undefined || isExempt(exemptions)) continue;
      const path: Path = ['cluster', 'kubernetes', 'api_server', 'admission', 'plugins', index, 'configuration'];
      const values = { level: String(level), what, namespace: OWN_NAMESPACE };
      report.add('kubernetes/own-pods-refused', values, { at: at([...path, 'defaults', 'enforce']) });
    }
  },
};

const isExempt = (exemptions: unknown): boolean => {
  const namespaces = isFields(exemptions) ? exemptions['namespaces'] : undefined;
  return Array.isArray(namespaces) && namespaces.includes(OWN_NAMESPACE);
};

export const podSecurityRules: readonly Rule[] = [ownPodsRun];
