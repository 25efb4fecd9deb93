/**
 * Rule: a unit that starts at boot does not conflict with a unit that the node needs: starting one stops the other
 * (systemd.unit(5), `Conflicts=`). Units that only a person or a timer starts may do so, e.g. for maintenance.
 */
import { LONG_RUNNING } from '../../base-system/long-running.ts';
import { OWN_UNITS } from '../../base-system/units.ts';
import type { Node } from '../../cluster.ts';
import { isMaster, isMember } from '../../roles.ts';
import { installationOf } from '../../systemd/install.ts';
import { readUnitFile, valuesOf } from '../../systemd/unit-file.ts';
import { lineOf } from '../entries.ts';
import { extrasOfNodes } from '../files/scripts.ts';
import type { Rule } from '../rule.ts';
import { isNeeded } from './needed-units.ts';

const BOOT =
  /^(default|multi-user|graphical|basic|sysinit|local-fs|remote-fs|network|network-online|sockets|timers|paths)\.target$/;

/** Each unit with default dependencies has these conflicts anyway: they stop it at shutdown. */
const AT_SHUTDOWN = new Set(['shutdown.target', 'umount.target']);

const noneConflicts: Rule = {
  name: 'a unit that starts at boot lets the units run that a node needs',
  check: (cluster, facts, report) => {
    for (const { node, entry, text } of extrasOfNodes(cluster, facts, 'units')) {
      const { name } = entry;
      const isEnabled = node.units.find((unit) => unit.name === name)?.enabled ?? false;
      const { wishes } = installationOf(name, text);
      if (!isEnabled || !wishes.some(({ key, unit }) => /By$/.test(key) && BOOT.test(unit))) continue;
      for (const { value, line } of valuesOf(readUnitFile(text), 'Unit', 'Conflicts')) {
        for (const other of value.split(/\s+/).filter((one) => one !== name && runs(one, node))) {
          report.add('unit/stops-needed', { name, other }, lineOf(entry, line, facts));
        }
      }
    }
  },
};

/** Other programs may take the place of these: another time service, another server of SSH. */
const REPLACEABLE = new Set(['chrony.service', 'ssh.service']);

/** Whether the node needs the unit. */
function runs(unit: string, node: Node): boolean {
  if (AT_SHUTDOWN.has(unit) || REPLACEABLE.has(unit)) return false;
  if (isNeeded(unit, [node]) || (OWN_UNITS.has(unit) && unit.startsWith('cluster-'))) return true;
  if (!LONG_RUNNING.has(unit)) return false;
  if (/^(kubelet|kube-proxy|containerd|haproxy)\./.test(unit)) return isMember(node);
  return /^(kube-|etcd\.|keepalived\.)/.test(unit) ? isMaster(node) : true;
}

export const conflictRules: readonly Rule[] = [noneConflicts];
