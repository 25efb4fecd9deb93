/** `coldstart lock`. */
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { lock as writeLock } from '../../usecases/lock.ts';
import { artifactFolder } from '../options/artifact-folder.ts';
import { hostOf } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface LockOptions {
  readonly artifacts?: string;
}

export async function lock(
  config: string | undefined,
  options: CommonOptions & LockOptions,
  session: Session,
): Promise<number> {
  const request = { config, artifacts: artifactFolder(options.artifacts, session) };
  const { value, diagnostics } = await writeLock(request, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  if (options.json) writeJson(session, { type: 'lock', ...value });
  else {
    const { file, changed, artifacts, bases } = value;
    const pinned = `${quantity(artifacts, 'artifact')} and ${quantity(bases, 'base layer')}`;
    session.stdout.write(`${file}: ${changed ? 'pins' : 'unchanged, pins'} ${pinned}\n`);
  }
  return 0;
}
