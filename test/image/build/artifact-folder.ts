/** The folder with the real programs of Kubernetes, for the tests that need them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
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

/** The setting `kubernetes` of a definition whose images hold the programs of a folder. `COLDSTART_RUNC` is the version of its `runc.amd64`, if any. */
export async function kubernetesOf(folder: string): Promise<object> {
  const runc = existsSync(join(folder, 'runc.amd64')) ? process.env['COLDSTART_RUNC'] : undefined;
  const containerd = runc === undefined ? {} : { containerd: { source: 'upstream', runc_version: runc } };
  return { version: await versionOf(folder), delivery: 'embedded', ...containerd };
}
