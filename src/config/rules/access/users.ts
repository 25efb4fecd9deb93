/** Rules about accounts: their names are not taken, and at least one user can log in. */
import { BASE_ACCOUNTS, BASE_GROUPS } from '../../base-system/accounts.ts';
import { words } from '../../base-system/words.ts';
import type { Location } from '../../../diagnostics/diagnostic.ts';
import type { Path } from '../../../diagnostics/path.ts';
import type { WrittenUser } from '../../schema/extras.ts';
import { type Facts, type Rule, asListed, repeats } from '../rule.ts';

/** Accounts and groups that packages and Kubernetes use, in addition to those of the base layer. */
const OTHER_ACCOUNTS = words('systemd-resolve systemd-timesync polkitd ceph kube-proxy kubelet sudo adm users');

const isAccount = (name: string): boolean => BASE_ACCOUNTS.has(name) || OTHER_ACCOUNTS.has(name);

/** The users of the cluster and those of each node. */
export const writtenUsers = ({ cluster, nodes }: Facts): readonly { path: Path; users: readonly WrittenUser[] }[] => [
  { path: ['cluster', 'users'], users: cluster.users },
  ...nodes.map(({ name, users = [] }) => ({ path: ['nodes', name, 'users'], users })),
];

const uniqueUsers: Rule = {
  name: 'users have names of their own, and not those of the system',
  check: (_, facts, report) => {
    for (const { path, users } of writtenUsers(facts)) {
      const named = users.map(({ name }, index) => ({ name, at: facts.at([...path, index, 'name']) }));
      for (const { again, first } of repeats(named, ({ name }) => name)) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('user/duplicate', { name: again.name }, { at: again.at, related });
      }
      for (const { name, at } of named) {
        if (isAccount(name)) report.add('user/reserved-name', { name }, { at });
        else if (BASE_GROUPS.has(name)) report.add('user/group-name', { name }, { at });
      }
    }
  },
};

/** Whether the account is for services: its shell lets nobody log in. */
export const isForServices = ({ shell }: { readonly shell: string }): boolean => /\/(nologin|false|true)$/.test(shell);

/** The shell of the only user, or the cluster if the number of users is not one. */
function shellOrCluster(facts: Facts): Location {
  const [only, ...others] = writtenUsers(facts).flatMap(({ path, users }) =>
    users.map((_, index): Path => [...path, index, 'shell']),
  );
  return only !== undefined && others.length === 0 ? facts.at(only) : facts.key('cluster');
}

const someLogin: Rule = {
  name: 'somebody can log in',
  check: (cluster, facts, report) => {
    const closed = asListed(cluster, facts).filter(({ users }) => users.every(isForServices));
    if (closed.length === cluster.nodes.length) report.add('user/nobody', {}, { at: shellOrCluster(facts) });
    else
      for (const { name } of closed)
        report.add('user/nobody-on-node', { node: name }, { at: facts.at(['nodes', name]) });
    for (const { path, users } of writtenUsers(facts)) {
      users.forEach(({ name, ssh_keys, password_hash, shell }, index) => {
        if (isForServices({ shell }) || ssh_keys.length > 0 || password_hash !== undefined) return;
        report.add('user/no-login', { name }, { at: facts.at([...path, index, 'name']) });
      });
    }
  },
};

const passwordForSsh: Rule = {
  name: 'SSH accepts passwords when there are some',
  check: ({ nodes, ssh }, facts, report) => {
    const users = new Set(nodes.flatMap((node) => node.users));
    if (!ssh.passwordAuthentication || [...users].some(({ passwordHash }) => passwordHash !== null)) return;
    report.add('ssh/no-password', {}, { at: facts.at('cluster.ssh.password_authentication') });
  },
};

export const userRules: readonly Rule[] = [uniqueUsers, someLogin, passwordForSsh];
