/** Rule: no unit, file or overlay of the user replaces or masks a unit that the node needs. */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Report } from '../../../diagnostics/report.ts';
import { LOGIN_UNIT, NEEDED_BY_MEMBERS, NEEDED_UNITS } from '../../base-system/needed-units.ts';
import type { Node } from '../../cluster.ts';
import { isMember } from '../../roles.ts';
import { placedFiles } from '../files/placed-files.ts';
import type { Rule } from '../rule.ts';
import { extrasOfNodes } from '../files/scripts.ts';

export const isNeeded = (name: string, nodes: readonly Node[]): boolean =>
  NEEDED_UNITS.has(name) || (NEEDED_BY_MEMBERS.has(name) && nodes.some(isMember));

/** The folders of units: those with precedence over packages (systemd.unit(5), "Unit file load path") and that of packages. */
const UNIT = /^\/(?:etc|usr\/local\/lib|usr\/lib)\/systemd\/system\/([^/]+)$/;

/** Targets that wait for an administrator, or that end the boot early or at once: systemd.special(7), bootup(7). */
const STOPPING =
  /^((rescue|emergency|halt|poweroff|reboot|kexec|exit|shutdown|umount|final|soft-reboot|sleep|suspend|hibernate|runlevel[016])\.target|(rescue|emergency|debug-shell)\.service)$/;
/** Targets of the boot before `multi-user.target`, which starts the services of the cluster. */
const EARLY = /^(basic|sysinit|local-fs(-pre)?|network(-online|-pre)?|sockets|timers|paths|getty|swap)\.target$/;

function stopsBoot(name: string, target: string): boolean {
  const other = target.slice(target.lastIndexOf('/') + 1);
  return STOPPING.test(other) || (/^(default|multi-user)\.target$/.test(name) && EARLY.test(other));
}

/** A link to another unit is allowed, because that unit may serve the same purpose. A link to `/dev/null` masks the unit. */
const neededUnits: Rule = {
  name: 'a unit that a node cannot do without stays as it is',
  check: (cluster, facts, report) => {
    for (const { node, entry } of extrasOfNodes(cluster, facts, 'units')) {
      reportPlaced(entry.name, [node], { at: facts.at([...entry.path, 'name']) }, report);
    }
    for (const { path, target, nodes, at } of placedFiles(cluster, facts)) {
      const name = UNIT.exec(path)?.[1];
      const isAlias = target !== null && target !== '/dev/null' && !stopsBoot(name ?? '', target);
      const hint = name === 'default.target' ? 'link it to `multi-user.target`, or remove it' : undefined;
      if (name !== undefined && !isAlias) reportPlaced(name, nodes, { at, hint }, report);
    }
  },
};

function reportPlaced(name: string, nodes: readonly Node[], placement: Placement, report: Report): void {
  if (isNeeded(name, nodes)) report.add('unit/over-needed', { name }, placement);
  else if (name === LOGIN_UNIT) report.add('unit/over-login', { name }, placement);
}

export const neededUnitRules: readonly Rule[] = [neededUnits];
