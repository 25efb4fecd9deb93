/** Rules about kernel settings: each is set once, has a value that the kernel accepts, and does not break the cluster. */
import type { Location } from '../../../diagnostics/diagnostic.ts';
import { meantSetting } from '../../base-system/kernel-settings.ts';
import type { Cluster } from '../../cluster.ts';
import { rangeOf } from '../../network/net.ts';
import { nodeNetworks } from '../../network/node-networks.ts';
import { isMember } from '../../roles.ts';
import { canonicalKey, harmOf, hasKnownRoot, KERNEL_DEFAULTS, type Surroundings } from '../../machine/sysctl.ts';
import { expectedInstead } from '../../machine/sysctl-values.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';

interface Setting {
  /** The key as written; `key` is its canonical form. */
  readonly written: string;
  readonly key: string;
  readonly value: string;
  readonly at: Location;
  readonly surroundings: Surroundings;
}

/** The settings of the cluster and of every node. */
function holders(cluster: Cluster, facts: Facts): readonly (readonly Setting[])[] {
  const settings = (root: readonly string[], sysctl: Readonly<Record<string, string>>, isKubernetes: boolean) =>
    Object.entries(sysctl).map(([written, value]): Setting => {
      const at = facts.key([...root, 'sysctl', written]);
      return { written, key: canonicalKey(written), value, at, surroundings: { ...common, isKubernetes } };
    });
  const common = surroundingsOf(cluster);
  const isKubernetes = cluster.nodes.some(isMember);
  return [
    settings(['cluster'], facts.cluster.sysctl ?? {}, isKubernetes),
    ...facts.nodes.map(({ name, roles = [], sysctl = {} }) => settings(['nodes', name], sysctl, isMember({ roles }))),
  ];
}

function surroundingsOf(cluster: Cluster): Omit<Surroundings, 'isKubernetes'> {
  const { podCidrs, serviceCidrs, cni } = cluster.networking;
  const addresses = [
    ...nodeNetworks(cluster),
    ...podCidrs,
    ...serviceCidrs,
    ...cluster.nodes.flatMap(({ ips }) => ips),
  ];
  return {
    isCalico: cni === 'calico',
    podFamilies: new Set(podCidrs.map((cidr) => rangeOf(cidr).family)),
    usesIpv6: addresses.some((address) => address.includes(':')),
  };
}

const settings = (cluster: Cluster, facts: Facts): readonly Setting[] => holders(cluster, facts).flat();

const saidOnce: Rule = {
  name: 'a kernel setting is there once',
  check: (cluster, facts, report) => {
    for (const own of holders(cluster, facts)) {
      for (const { again, first } of repeats(own, ({ key }) => key)) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('sysctl/repeated', { key: again.written, other: first.written }, { at: again.at, related });
      }
    }
  },
};

const known: Rule = {
  name: 'a kernel setting is in a folder that the kernel has, and is not a mistyped one',
  check: (cluster, facts, report) => {
    for (const { key, written, at } of settings(cluster, facts)) {
      const meant = meantSetting(key);
      const hint = meant && `did you mean \`${meant}\`?`;
      if (!hasKnownRoot(key) || hint) report.add('sysctl/unknown', { key: written }, { at, hint });
    }
  },
};

const values: Rule = {
  name: 'a kernel setting has a value that the kernel takes',
  check: (cluster, facts, report) => {
    for (const { key, written, value, at } of settings(cluster, facts)) {
      const expected = expectedInstead(key, value);
      if (expected !== undefined) report.add('sysctl/bad-value', { key: written, value, expected }, { at });
    }
  },
};

const harmless: Rule = {
  name: 'a kernel setting does not work against the cluster',
  check: (cluster, facts, report) => {
    for (const { key, written, value, at, surroundings } of settings(cluster, facts)) {
      const reason = harmOf(key, value, surroundings);
      if (reason !== undefined) report.add('sysctl/against-cluster', { key: written, value, reason }, { at });
      const wanted = KERNEL_DEFAULTS[key];
      if (!surroundings.isKubernetes || wanted === undefined || Number(value) === Number(wanted)) continue;
      if (expectedInstead(key, value) === undefined) report.add('sysctl/overwritten', { key: written, wanted }, { at });
    }
  },
};

export const sysctlRules: readonly Rule[] = [saidOnce, known, values, harmless];
