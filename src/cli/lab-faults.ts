/** `coldstart lab start|kill|pause|resume|partition|heal|wipe NODE`: what can happen to a machine, on purpose. */
import { call, type Action } from '../lab/protocol.ts';
import { findLab, knownNode } from './lab-options.ts';
import { tableText } from './lab-text.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

export interface LabOptions extends CommonOptions {
  readonly cluster?: string;
}

/** Returns 0. @throws UsageError for a node that the lab does not have */
export async function fault(action: Action, name: string, options: LabOptions, session: Session): Promise<number> {
  const { run } = await findLab(options.cluster, session);
  const before = await call(run, { do: 'status' });
  const known = before.nodes.map((one) => one.name);
  const node = knownNode(name, known, before.cluster);
  const { nodes } = await call(run, { do: action, node });
  const after = nodes.filter((one) => one.name === node);
  if (options.json) after.forEach((one) => writeJson(session, { type: 'machine', ...one }));
  else session.stdout.write(tableText(after));
  return 0;
}
