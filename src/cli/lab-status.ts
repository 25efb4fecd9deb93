/** `coldstart lab status` and `coldstart lab down`. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BuildError } from '../builder/errors.ts';
import { clearDead, readPlace } from '../lab/place.ts';
import { call, type LabStatus } from '../lab/protocol.ts';
import type { LabOptions } from './lab-faults.ts';
import { findLab } from './lab-options.ts';
import { statusText } from './lab-text.ts';
import { writeJson, type Session } from './session.ts';

export const KUBECONFIG = 'kubeconfig';

export async function labStatus(options: LabOptions, session: Session): Promise<number> {
  const { run } = await findLab(options.cluster, session);
  await writeStatus(await call(run, { do: 'status' }), options, session);
  return 0;
}

/** The product of `status` and of `up`. */
export async function writeStatus(status: LabStatus, options: LabOptions, session: Session): Promise<void> {
  const file = join(status.folder, KUBECONFIG);
  const kubeconfig = await stat(file).then(
    () => file,
    () => null,
  );
  if (!options.json) {
    session.stdout.write(statusText(status, kubeconfig, Date.now()));
    return;
  }
  const { nodes, ...lab } = status;
  nodes.forEach((node) => writeJson(session, { type: 'machine', ...node }));
  writeJson(session, { type: 'lab', ...lab, kubeconfig });
}

/** Milliseconds for QEMUs to write back their disks and end. */
const PATIENCE = 30_000;

/** Ends the lab; what is left of one that ended otherwise is cleared away. */
export async function labDown(options: LabOptions, session: Session): Promise<number> {
  const { run, note } = await findLab(options.cluster, session);
  await call(run, { do: 'down' });
  await untilGone(run);
  if (options.json) writeJson(session, { type: 'down', cluster: note.cluster, folder: note.folder });
  else session.stdout.write(`The lab of cluster ${note.cluster} is down; its disks and logs stay in ${note.folder}\n`);
  return 0;
}

/** Waits until the supervisor has ended and its folder is gone. @throws BuildError exit 5 when it does not */
export async function untilGone(run: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const place = await readPlace(run);
    if (place.state === 'died') await clearDead(run, place.note.cluster);
    if (place.state === 'absent' || place.state === 'died') return;
    if (Date.now() > deadline) throw new BuildError('The lab does not end.', { exitCode: 5 });
    await delay(100);
  }
}
