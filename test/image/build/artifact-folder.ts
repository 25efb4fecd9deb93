/** The folder with the real programs of Kubernetes, for the tests that need them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Empty where there is none. */
export const ARTIFACTS = process.env['COLDSTART_ARTIFACTS'] ?? '';
/** The folder with those of the next minor version. */
export const NEXT_ARTIFACTS = process.env['COLDSTART_ARTIFACTS_NEXT'] ?? '';
/** Text for a skipped test's name. */
export const needsArtifacts = ARTIFACTS === '' ? ' (needs COLDSTART_ARTIFACTS)' : '';

/** The version that the kubelet of a folder says it is. */
export async function versionOf(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(join(folder, 'kubelet'), ['--version']);
  return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '';
}
