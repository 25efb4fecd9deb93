/** Rules about the shell and the groups of a user: nodes have the shell, each group has a use, and it is listed once. */
import type { Path } from '../../../diagnostics/path.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { BASE_GROUPS } from '../../base-system/accounts.ts';
import type { Cluster, Node } from '../../cluster.ts';
import type { WrittenUser } from '../../schema/extras.ts';
import { lacksShell } from '../files/programs.ts';
import { type Facts, nodesOf, type Rule, repeats } from '../rule.ts';

interface Given {
  readonly path: Path;
  readonly user: WrittenUser;
  /** The nodes that get the user from this entry. */
  readonly nodes: readonly Node[];
}

function given(cluster: Cluster, facts: Facts): readonly Given[] {
  const common = facts.cluster.users.map((user, index): Given => {
    const own = new Set(
      facts.nodes.filter(({ users = [] }) => users.some(({ name }) => name === user.name)).map(({ name }) => name),
    );
    return { path: ['cluster', 'users', index], user, nodes: cluster.nodes.filter(({ name }) => !own.has(name)) };
  });
  const own = facts.nodes.flatMap(({ name, users = [] }) =>
    users.map((user, index): Given => {
      const path: Path = ['nodes', name, 'users', index];
      return { path, user, nodes: nodesOf(cluster, path) };
    }),
  );
  return [...common, ...own];
}

const SHELLS = ['/bin/bash', '/bin/sh', '/bin/rbash', '/bin/dash', '/usr/sbin/nologin', '/bin/false'];

const knownShells: Rule = {
  name: 'a login shell is on the node',
  check: (cluster, facts, report) => {
    for (const { path, user, nodes } of given(cluster, facts)) {
      const { name, shell } = user;
      if (!nodes.some((node) => lacksShell(node, shell, facts))) continue;
      const meant = suggest(shell, SHELLS);
      const hint = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
      report.add('user/missing-shell', { name, shell }, { at: facts.at([...path, 'shell']), hint });
    }
  },
};

/** Names that other systems give to the group whose members may become root. */
const ADMINISTRATORS = ['wheel', 'admin', 'root'];

/** systemd-sysusers creates a missing group (sysusers.d(5), `m`), so nothing fails, but the group has no effect. */
const knownGroups: Rule = {
  name: 'a group means something on the node',
  check: (cluster, facts, report) => {
    const all = given(cluster, facts);
    const users = new Set(all.map(({ user }) => user.name));
    const members = new Map<string, number>();
    for (const group of all.flatMap(({ user }) => [...new Set(user.groups)])) {
      members.set(group, (members.get(group) ?? 0) + 1);
    }
    for (const { path, user, nodes } of all) {
      user.groups.forEach((group, index) => {
        const isShared = (members.get(group) ?? 0) > 1;
        if (BASE_GROUPS.has(group) || isShared || users.has(group) || nodes.some((node) => knowsGroup(node, group)))
          return;
        const meant = ADMINISTRATORS.includes(group) ? undefined : suggest(group, [...BASE_GROUPS]);
        const hint = ADMINISTRATORS.includes(group)
          ? 'for becoming root, write `sudo: true`'
          : meant && `did you mean \`${meant}\`?`;
        report.add(
          'user/unknown-group',
          { name: user.name, group },
          { at: facts.at([...path, 'groups', index]), hint },
        );
      });
    }
  },
};

/** Whether packages may create the group, or a file, unit or hook of the user mentions it. */
function knowsGroup({ packages, files, units, hooks }: Node, group: string): boolean {
  const word = new RegExp(`(^|[^\\w-])${group}($|[^\\w-])`);
  return packages.length > 0 || [...files, ...units, ...hooks].some(({ content }) => word.test(content));
}

const groupsOnce: Rule = {
  name: 'a user has each group once',
  check: (cluster, facts, report) => {
    for (const { path, user } of given(cluster, facts)) {
      const placed = user.groups.map((group, index) => ({ group, at: facts.at([...path, 'groups', index]) }));
      for (const { again, first } of repeats(placed, ({ group }) => group)) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('user/repeated-group', { name: user.name, group: again.group }, { at: again.at, related });
      }
    }
  },
};

export const accountRules: readonly Rule[] = [knownShells, knownGroups, groupsOnce];
