/** Rules about the versions of Kubernetes and containerd. */
import { isAtLeast } from '../../kubernetes/containerd.ts';
import { releaseOf, SUPPORTED_KUBERNETES, whyUnsupported } from '../../kubernetes/releases.ts';
import { isMember } from '../../roles.ts';
import type { Rule } from '../rule.ts';

const supportedVersion: Rule = {
  name: 'the Kubernetes version is in the table of releases',
  check: ({ kubernetes: { version } }, facts, report) => {
    const reason = whyUnsupported(version);
    const at = facts.at('cluster.kubernetes.version');
    if (reason)
      report.add('kubernetes/unsupported-version', { version, reason, supported: SUPPORTED_KUBERNETES }, { at });
  },
};

const newContainerd: Rule = {
  name: 'containerd is new enough for the Kubernetes version',
  check: ({ kubernetes: { version, containerd }, image: { suite } }, facts, report) => {
    const { leastContainerd: least } = releaseOf(version);
    if (whyUnsupported(version) !== undefined || isAtLeast(containerd.version, least)) return;
    const at = facts.at('cluster.kubernetes.containerd.source');
    report.add('kubernetes/containerd-too-old', { version, least, suite, has: containerd.version }, { at });
  },
};

const usedContainerdSettings: Rule = {
  name: "the settings of upstream's containerd are used",
  check: ({ kubernetes: { containerd }, nodes }, facts, report) => {
    const isUsed = containerd.source === 'upstream' && nodes.some(isMember);
    for (const setting of ['version', 'runc_version', 'mirror']) {
      const path = `cluster.kubernetes.containerd.${setting}`;
      if (isUsed || !facts.has(path)) continue;
      report.add('kubernetes/containerd-unused', { setting }, { at: facts.at(path) });
    }
  },
};

export const versionRules: readonly Rule[] = [supportedVersion, newContainerd, usedContainerdSettings];
