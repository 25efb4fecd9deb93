/** Rules about upstream's documents: their fields are those of the cluster's version, and have values of their types. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Report } from '../../../diagnostics/report.ts';
import type { Cluster } from '../../cluster.ts';
import { type Fields, fieldOf } from '../../kubernetes/documents.ts';
import { type FieldFault, fieldFaults, hasFieldsOf } from '../../kubernetes/field-faults.ts';
import { claimsOn, type KindName, KINDS } from '../../kubernetes/kept/fields.ts';
import { NEWEST_FIELDS } from '../../kubernetes/upstream-fields.ts';
import type { Facts, Rule } from '../rule.ts';
import { documentsOf } from './components.ts';

/** Whether `kubernetes/kept-setting` refuses the field, so that its other faults do not matter. */
function isRefused(name: KindName, path: FieldFault['path'], value: Fields, cluster: Cluster): boolean {
  return claimsOn(name, cluster).some((claim) => {
    const found = fieldOf(value, claim.path ?? claim.name.split('.'));
    return found !== undefined && !claim.accepts(found.value, cluster) && found.path.join(' ') === path.join(' ');
  });
}

function add(fault: FieldFault, name: KindName, path: Path, cluster: Cluster, facts: Facts, report: Report): void {
  const { version } = cluster.kubernetes;
  const whole = [...path, ...fault.path];
  const field = fault.path.join('.');
  const { kind } = KINDS[name];
  if (fault.kind === 'type')
    return report.add('kubernetes/field-type', { field, kind, expected: fault.expected }, { at: facts.at(whole) });
  const { meant, why } = fault;
  const hint = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
  const at = facts.key(whole);
  if (hasFieldsOf(version)) report.add('kubernetes/unknown-field', { field, kind, version, why }, { at, hint });
  else report.add('kubernetes/doubtful-field', { field, kind, version, newest: NEWEST_FIELDS }, { at, hint });
}

const known: Rule = {
  name: "a configuration of Kubernetes has fields of the cluster's version, and values of their types",
  check: (cluster, facts, report) => {
    for (const { name, path, value } of documentsOf(facts)) {
      for (const fault of fieldFaults(value, KINDS[name].type, cluster.kubernetes.version)) {
        if (!isRefused(name, fault.path, value, cluster)) add(fault, name, path, cluster, facts, report);
      }
    }
  },
};

export const fieldRules: readonly Rule[] = [known];
