/** Rules about settings of sshd in files of users: its ports are free, and users can still log in. Source: sshd_config(5). */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { sshdFault, sshdSetting } from '../../base-system/sshd-settings.ts';
import { isMaster } from '../../roles.ts';
import { placedFiles, textsBeside } from '../files/placed-files.ts';
import { portsOfMasters } from '../kubernetes/control-plane.ts';
import { type Facts, type Rule, quoted } from '../rule.ts';
import { isForServices } from './users.ts';

export const SSHD = /^\/etc\/ssh\/sshd_config(\.d\/[^/]+\.conf)?$/;

interface Setting {
  readonly path: string;
  readonly nodes: readonly Node[];
  readonly line: number;
  readonly place: Placement;
  /** In lower case. */
  readonly key: string;
  readonly value: string;
}

/** Settings outside of `Match`, in the order in which sshd reads them: `sshd_config` includes the other files at its start. */
function settingsOf(cluster: Cluster, facts: Facts): readonly Setting[] {
  const files = placedFiles(cluster, facts).filter(({ path }) => SSHD.test(path));
  const rank = (path: string): string => path.replace(/sshd_config$/, '~');
  const ordered = files.toSorted((a, b) => (rank(a.path) < rank(b.path) ? -1 : 1));
  return ordered.flatMap(({ path, text = '', nodes, place }) => {
    // Lines that sshd refuses are reported by another rule.
    const lines = text.split('\n').flatMap((raw, index) => {
      const isRefused = sshdFault(raw.trim()) !== undefined;
      return isRefused ? [] : [{ line: index + 1, ...sshdSetting(raw.trim()) }];
    });
    const match = lines.findIndex(({ key }) => key === 'match');
    return lines
      .slice(0, match === -1 ? undefined : match)
      .map(({ line, key, value }) => ({ path, nodes, line, key, value, place: place(line) }));
  });
}

const portsFree: Rule = {
  name: 'sshd has a port of its own',
  check: (cluster, facts, report) => {
    const used = [...portsOfMasters(cluster).filter(([, , owner]) => owner !== 'SSH')];
    const { port: api } = cluster.controlPlane;
    for (const { key, value, nodes, place } of settingsOf(cluster, facts)) {
      const form = key === 'port' ? /^()(\d+)$/ : key === 'listenaddress' ? /^(\[.*\]|[^:]*):(\d+)\b/ : undefined;
      const port = Number(form?.exec(value)?.[2] ?? '0');
      const owner = port === api ? 'the API server' : used.find(([from, to]) => port >= from && port <= to)?.[2];
      if (owner === undefined || !nodes.some(isMaster)) continue;
      report.add('network/port-taken', { port, owner, setting: 'Port', usual: 22 }, place);
    }
  },
};

type User = Node['users'][number];

/** Whom a setting locks out, and the end of "… because of line 1: …". */
interface Lock {
  readonly locks: (user: User) => boolean;
  readonly reason: string;
}

const matches = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const form = pattern.replace(/@.*$/, '').replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${form.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
  });

const groupsOf = ({ name, groups }: User): readonly string[] => [name, ...groups];

/** The settings that are lists: all lines of the same key together. */
const LISTS: Readonly<Record<string, (patterns: readonly string[]) => Lock>> = {
  allowusers: (patterns) => ({
    locks: ({ name }) => !matches(name, patterns),
    reason: '`AllowUsers` names none of the users',
  }),
  allowgroups: (patterns) => ({
    locks: (user) => !groupsOf(user).some((group) => matches(group, patterns)),
    reason: 'none of the users is in a group of `AllowGroups`',
  }),
  denyusers: (patterns) => ({
    // A pattern with a host locks out connections from that host only.
    locks: ({ name }) =>
      matches(
        name,
        patterns.filter((one) => !one.includes('@')),
      ),
    reason: '`DenyUsers` names all users',
  }),
  denygroups: (patterns) => ({
    locks: (user) => groupsOf(user).some((group) => matches(group, patterns)),
    reason: 'all users are in groups of `DenyGroups`',
  }),
};

/** The name of our own file with settings; sshd takes the first value, so files with earlier names have precedence. */
const OWN = '10-coldstart.conf';

const isBeforeOurs = ({ path }: Setting): boolean =>
  path.includes('.d/') && path.slice(path.lastIndexOf('/') + 1) < OWN;

const someLogin: Rule = {
  name: 'the settings of sshd let users log in',
  check: (cluster, facts, report) => {
    const all = settingsOf(cluster, facts);
    const closed = cluster.nodes.flatMap((node) => {
      const settings = all.filter(({ nodes }) => nodes.includes(node));
      const users = node.users.filter((user) => !isForServices(user) && canLogIn(user, cluster));
      if (users.length === 0 || settings.some(isOtherWay)) return [];
      const locks = settings.map((one) => ({ one, node, lock: lockOf(one, settings, cluster) }));
      const found = locks.find(
        ({ one, lock }) => lock !== undefined && users.every(lock.locks) && !isMadeElsewhere(one, node, facts),
      );
      return found ?? [];
    });
    for (const one of all) {
      const found = closed.filter((other) => other.one === one);
      const reason = found[0]?.lock?.reason;
      if (reason === undefined) continue;
      const nodes = found.length === cluster.nodes.length ? 'any node' : quoted(found.map(({ node }) => node.name));
      report.add('ssh/nobody', { nodes, path: one.path, line: one.line, reason }, one.place);
    }
  },
};

const canLogIn = ({ sshKeys, passwordHash }: User, { ssh }: Cluster): boolean =>
  sshKeys.length > 0 || (passwordHash !== null && ssh.passwordAuthentication);

/** Keys and accounts from other sources, and patterns whose effect depends on other patterns. */
const isOtherWay = ({ key, value }: Setting): boolean =>
  /^(authorizedkeyscommand|trustedusercakeys)$/.test(key) ||
  (/^(gssapi|hostbased|password|kbdinteractive)authentication$/.test(key) && /^yes$/i.test(value)) ||
  (key in LISTS && value.includes('!'));

function lockOf(one: Setting, settings: readonly Setting[], { ssh }: Cluster): Lock | undefined {
  const list = LISTS[one.key];
  if (list !== undefined) {
    return list(settings.filter(({ key }) => key === one.key).flatMap(({ value }) => value.split(/\s+/)));
  }
  const isFirst = settings.find(({ key }) => key === one.key) === one;
  const isWithoutPassword = ({ passwordHash }: User): boolean => passwordHash === null || !ssh.passwordAuthentication;
  if (one.key === 'pubkeyauthentication' && /^no$/i.test(one.value) && isFirst) {
    return { locks: isWithoutPassword, reason: 'it refuses SSH keys, and users have no other way' };
  }
  if (one.key === 'authorizedkeysfile' && /^none$/i.test(one.value) && isFirst && isBeforeOurs(one)) {
    return { locks: isWithoutPassword, reason: 'sshd reads no SSH keys, and users have no other way' };
  }
  return undefined;
}

/** Whether hooks, packages or other files may create the users and groups that the setting names. */
function isMadeElsewhere({ key, value }: Setting, node: Node, facts: Facts): boolean {
  if (!key.startsWith('allow')) return false;
  const texts = textsBeside(SSHD, [node], facts);
  return value.split(/\s+/).some((word) => texts.some((text) => text.includes(word.replace(/@.*$/, ''))));
}

export const sshdRules: readonly Rule[] = [portsFree, someLogin];
