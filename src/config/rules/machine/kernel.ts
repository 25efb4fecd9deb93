/** Rules about kernel arguments and modules: nodes still boot with them, and each has an effect. */
import type { Location } from '../../../diagnostics/diagnostic.ts';
import type { Path } from '../../../diagnostics/path.ts';
import type { Report } from '../../../diagnostics/report.ts';
import { meantModule } from '../../base-system/kernel-modules.ts';
import { meantSetting } from '../../base-system/kernel-settings.ts';
import type { Cluster } from '../../cluster.ts';
import { type BootSurroundings, bytesTooMany, moduleName, whyIdle, whyItBreaks } from '../../machine/kernel-args.ts';
import { takenAway, takes, whyNeeded } from '../../machine/taken-kernel-args.ts';
import { singleName, whyBadValue } from '../../machine/kernel-arg-values.ts';
import { nodeNetworks } from '../../network/node-networks.ts';
import { isMember } from '../../roles.ts';
import { canonicalKey } from '../../machine/sysctl.ts';
import { expectedInstead } from '../../machine/sysctl-values.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';

interface Placed {
  readonly name: string;
  readonly at: Location;
}

interface Holder {
  readonly args: readonly Placed[];
  readonly modules: readonly Placed[];
  readonly isKubernetes: boolean;
  /** Whether they are the cluster's, not a node's. */
  readonly isCluster: boolean;
}

/** The arguments and modules of the cluster, which all nodes get, and those of each node. */
function holders(cluster: Cluster, facts: Facts): readonly Holder[] {
  const placed = (path: Path, names: readonly string[] = []): readonly Placed[] =>
    names.map((name, index) => ({ name, at: facts.at([...path, index]) }));
  return [
    {
      args: placed(['cluster', 'image', 'kernel_args'], facts.cluster.image.kernel_args),
      modules: placed(['cluster', 'kernel_modules'], facts.cluster.kernel_modules),
      isKubernetes: cluster.nodes.some(isMember),
      isCluster: true,
    },
    ...facts.nodes.map(({ name, kernel_args, kernel_modules, roles = [] }) => ({
      args: placed(['nodes', name, 'kernel_args'], kernel_args),
      modules: placed(['nodes', name, 'kernel_modules'], kernel_modules),
      isKubernetes: isMember({ roles }),
      isCluster: false,
    })),
  ];
}

/** The consoles as kernel arguments. */
const consoles = (facts: Facts): readonly Placed[] =>
  facts.cluster.image.consoles.map((name, index) => ({
    name: `console=${name}`,
    at: facts.at(['cluster', 'image', 'consoles', index]),
  }));

const takenAwayRightly: Rule = {
  name: 'a kernel argument that is taken away is there, and nodes boot without it',
  check: (cluster, facts, report) => {
    const common = facts.cluster.image.kernel_args;
    for (const { args, isCluster } of holders(cluster, facts)) {
      for (const { name: argument, at } of args) {
        const taken = takenAway(argument);
        if (taken === undefined) continue;
        const reason = whyNeeded(taken);
        const isThere = !isCluster && common.some((one) => takes(taken, one));
        // An argument of the cluster, such as a console, may be taken away under any name.
        if (reason !== undefined && !isThere) report.add('kernel/argument-breaks', { argument, reason }, { at });
        else if (!isThere) report.add('kernel/argument-idle', { argument, reason: whyNotThere(isCluster) }, { at });
      }
    }
  },
};

const whyNotThere = (isCluster: boolean): string =>
  isCluster
    ? 'only a node can take away an argument, and only one of the cluster'
    : '`cluster.image.kernel_args` does not list the argument that it takes away';

const bootable: Rule = {
  name: 'nodes boot with the kernel arguments',
  check: (cluster, facts, report) => {
    const modules = new Set(cluster.nodes.flatMap(({ kernelModules }) => kernelModules.map(moduleName)));
    const { podCidrs, serviceCidrs } = cluster.networking;
    const usesIpv6 = [...nodeNetworks(cluster), ...podCidrs, ...serviceCidrs].some((cidr) => cidr.includes(':'));
    for (const { args, isKubernetes } of holders(cluster, facts)) {
      const surroundings: BootSurroundings = { isKubernetes, usesIpv6, modules };
      for (const { name: argument, at } of args) {
        const reason = whyItBreaks(argument, surroundings);
        const idle = reason === undefined ? whyIdle(argument) : undefined;
        if (reason !== undefined) report.add('kernel/argument-breaks', { argument, reason }, { at });
        if (idle !== undefined) report.add('kernel/argument-idle', { argument, reason: idle }, { at });
      }
    }
  },
};

const saidOnce: Rule = {
  name: 'a kernel argument, module or console is listed once',
  check: (cluster, facts, report) => {
    for (const { args, modules } of [...holders(cluster, facts), { args: consoles(facts), modules: [] }]) {
      for (const { again, first } of [...repeats(args, byName), ...repeats(modules, ({ name }) => moduleName(name))]) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('kernel/repeated', { name: again.name }, { at: again.at, related });
      }
    }
  },
};

const meant: Rule = {
  name: 'a kernel argument has a value that it can have, and one only',
  check: (cluster, facts, report) => {
    for (const { args } of [...holders(cluster, facts), { args: consoles(facts) }]) {
      for (const { name: argument, at } of args) {
        const reason = whyBadValue(argument);
        if (reason !== undefined) report.add('kernel/argument-value', { argument, reason }, { at });
        checkSysctl(argument, at, report);
      }
      const different = args.filter(({ name }, index) => args.findIndex((one) => one.name === name) === index);
      for (const { again, first } of repeats(different, ({ name }) => singleName(name))) {
        const related = [{ message: 'the other', at: first.at }];
        report.add(
          'kernel/argument-contradicted',
          { argument: again.name, other: first.name },
          { at: again.at, related },
        );
      }
    }
  },
};

/** `sysctl.KEY=VALUE` sets a kernel setting (kernel-parameters.txt), with the same values as `/proc/sys`. */
function checkSysctl(argument: string, at: Location, report: Report): void {
  const [, written, value] = /^sysctl\.([^=]+)=(.*)$/.exec(argument) ?? [];
  if (written === undefined || value === undefined) return;
  const expected = expectedInstead(canonicalKey(written), value);
  const meantKey = meantSetting(canonicalKey(written));
  const hint = meantKey && `did you mean \`${meantKey}\`?`;
  if (hint) report.add('sysctl/unknown', { key: written }, { at, hint });
  if (expected !== undefined) report.add('sysctl/bad-value', { key: written, value, expected }, { at });
}

const realModules: Rule = {
  name: 'a kernel module is not a mistyped one',
  check: (cluster, facts, report) => {
    for (const { modules } of holders(cluster, facts)) {
      for (const { name, at } of modules) {
        const meant = meantModule(moduleName(name));
        if (meant === undefined) continue;
        report.add('kernel/unknown-module', { name }, { at, hint: `did you mean \`${meant}\`?` });
      }
    }
  },
};

const byName = ({ name }: Placed): string => name;

const shortEnough: Rule = {
  name: 'the kernel takes the arguments whole',
  check: (cluster, facts, report) => {
    const consoles = cluster.image.consoles.map((console) => `console=${console}`);
    const found = cluster.nodes.map(({ name, kernelArgs }) => {
      const own = ['nodes', name, 'kernel_args'];
      const at = facts.key(facts.has(own) ? own : ['cluster', 'image', 'kernel_args']);
      return { at, excess: bytesTooMany(name, [...consoles, ...kernelArgs]) };
    });
    const worst = found.toSorted((a, b) => b.excess - a.excess).filter(({ excess }) => excess > 0);
    // Arguments of the cluster may be too long for many nodes: one mistake, one diagnostic.
    const again = new Set(repeats(worst, ({ at }) => `${at.file}:${at.line}`).map((one) => one.again));
    for (const { at, excess } of worst.filter((one) => !again.has(one))) {
      report.add('kernel/arguments-too-long', { excess }, { at });
    }
  },
};

export const kernelRules: readonly Rule[] = [bootable, takenAwayRightly, meant, realModules, saidOnce, shortEnough];
