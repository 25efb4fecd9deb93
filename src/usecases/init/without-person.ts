/** Flags and defaults, where nobody can be asked. */
import { UsageError } from '../usage.ts';
import type { Known, Machine } from './answers.ts';
import type { WholeAnswers } from './definition.ts';
import { QUESTIONS, VIRTUAL_IP } from './questions.ts';
import { withStandIns } from './stand-ins.ts';

/** Completes what is given by defaults. @throws UsageError that names all that is missing */
export function withDefaults(given: Known): WholeAnswers {
  const missing = [...missingFlags(given), ...missingParts(given)];
  if (missing.length > 0)
    throw new UsageError(
      `Nobody can be asked here, and these are missing: ${missing.join(', ')}.`,
      'give them on the command line, or call `coldstart init` in a terminal without `--yes`',
    );
  const { masters = [], workers = [] } = given;
  const whole = (machine: Partial<Machine>): Partial<Machine> => ({ disk: '', osds: [], ...machine });
  return withStandIns({ domain: '', ceph: false, virtualIp: '', ...given, masters: masters.map(whole), workers: workers.map(whole) }); // prettier-ignore
}

function missingFlags(given: Known): readonly string[] {
  const questions = [...QUESTIONS, VIRTUAL_IP];
  const needed = questions.filter(({ key, hasDefault }) => given[key] === undefined && !hasDefault);
  return [
    ...needed.map(({ flag }) => `\`${flag}\``),
    ...(given.masters === undefined ? ['`--master name=NAME,mac=MAC,ip=ADDRESS,disk=DISK`'] : []),
  ];
}

function missingParts({ masters = [], workers = [] }: Known): readonly string[] {
  const named = [
    ...masters.map((machine, index) => ({ machine, name: machine.name ?? `master ${index + 1}` })),
    ...workers.map((machine, index) => ({ machine, name: machine.name ?? `worker ${index + 1}` })),
  ];
  return named.flatMap(({ machine, name }) => {
    const needed = { name: machine.name, mac: machine.macs, ip: machine.ips };
    return Object.entries(needed).flatMap(([key, value]) => (value === undefined ? [`\`${key}=\` of ${name}`] : []));
  });
}
