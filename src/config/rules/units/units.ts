/** Rules about the content of units: systemd loads them, they are enabled as written, and their references exist. */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Report } from '../../../diagnostics/report.ts';
import { OWN_UNITS } from '../../base-system/units.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { aliasFault, installSlip, installationOf } from '../../systemd/install.ts';
import { proveUnit } from '../../systemd/prove.ts';
import { type UnitFault, readUnitFile } from '../../systemd/unit-file.ts';
import { isTemplate } from '../../systemd/unit-name.ts';
import { lineOf } from '../entries.ts';
import { isNeeded } from './needed-units.ts';
import type { Facts, Rule } from '../rule.ts';
import { extrasOfNodes } from '../files/scripts.ts';
import { checkReferences } from './references.ts';
import { activatedBy, unitsOf, type UnitOf } from './world.ts';

const provenUnits: Rule = {
  name: 'systemd loads a unit, and what it names is there',
  check: (cluster, facts, report) => {
    for (const one of unitsOfNodes(cluster, facts)) {
      if (isNeeded(one.name, [one.node])) continue;
      const faults = proveUnit(one.name, one.text);
      const isRefused = faults.some(({ weight }) => weight === 'refused');
      const slip = !isRefused && lacksStart(one, facts) ? installSlip(one.unit, faults) : undefined;
      reportFaults(
        one,
        faults.filter((fault) => slip?.faults.includes(fault) !== true),
        report,
      );
      if (isRefused) continue;
      checkInstallation(one, slip, facts, report);
      checkReferences(one, facts, report);
    }
  },
};

function unitsOfNodes(cluster: Cluster, facts: Facts): readonly UnitOf[] {
  return extrasOfNodes(cluster, facts, 'units').map(({ node, entry, text }) => {
    const place = (line: number): Placement =>
      line === 0 ? { at: facts.at([...entry.path, 'name']) } : lineOf(entry, line, facts);
    return { node, entry, name: entry.name, text, unit: readUnitFile(text), units: unitsOf(node, facts), place };
  });
}

function reportFaults({ name, place }: UnitOf, faults: readonly UnitFault[], report: Report): void {
  for (const { line, weight, reason, hint } of faults) {
    const code = weight === 'refused' ? 'unit/refused' : 'unit/ignored-line';
    report.add(code, { name, reason }, { ...place(line), hint });
  }
}

const isEnabled = ({ name, node }: UnitOf): boolean => node.units.find((unit) => unit.name === name)?.enabled ?? false;

/** Whether an enabled unit has nothing in `[Install]`. That is fine if another unit starts it and the user did not write `enabled`. */
function lacksStart(one: UnitOf, facts: Facts): boolean {
  const { name, text, entry, units } = one;
  if (!isEnabled(one) || installationOf(name, text).wishes.length > 0) return false;
  return facts.has([...entry.path, 'enabled']) || !activatedBy(name, units);
}

function checkInstallation(one: UnitOf, slip: ReturnType<typeof installSlip>, facts: Facts, report: Report): void {
  const { name, text, node, place } = one;
  if (!isEnabled(one)) return;
  const { wishes, links } = installationOf(name, text);
  const starts = wishes.filter(({ key }) => key !== 'Also');
  if (lacksStart(one, facts)) {
    report.add('unit/not-enableable', { name }, { ...place(slip?.line ?? 0), ...(slip && { hint: slip.hint }) });
  } else if (links.length === 0 && isTemplate(name) && starts.length > 0) {
    report.add('unit/no-instance', { name, instance: name.replace('@.', '@NAME.') }, place(0));
  }
  for (const { key, unit: alias, line } of wishes) {
    const reason = key === 'Alias' ? (aliasFault(alias, name) ?? takenFault(alias, node)) : undefined;
    if (reason !== undefined) report.add('unit/bad-alias', { name, alias, reason }, place(line));
  }
}

/** Enabling a unit with this alias would replace the file of another unit. */
function takenFault(alias: string, node: Node): string | undefined {
  const isTaken = OWN_UNITS.has(alias) || isNeeded(alias, [node]);
  return isTaken ? 'the node works by another unit of that name' : undefined;
}

export const unitRules: readonly Rule[] = [provenUnits];
