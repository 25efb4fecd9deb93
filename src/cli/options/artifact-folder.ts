/** `--artifacts`, or else `COLDSTART_ARTIFACTS`: a folder with files that Debian does not package. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSet, type Session } from '../session.ts';
import { UsageError } from '../../usecases/usage.ts';

/** The folder, absolute; null when none is named. @throws UsageError when it does not exist */
export function artifactFolder(option: string | undefined, session: Session): string | null {
  const named = option ?? session.env['COLDSTART_ARTIFACTS'];
  if (!isSet(named) || named === undefined) return null;
  const folder = resolve(session.cwd, named);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  const source = option === undefined ? 'COLDSTART_ARTIFACTS' : '--artifacts';
  throw new UsageError(`${source} names \`${named}\`, which is not a folder.`);
}
