/** `bin/coldstart` before the program runs: the versions of Node.js that it accepts. */
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../builder/temporary.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/coldstart');

async function launchOn(version: string): Promise<{ exitCode?: number; stderr: string }> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'node'), `#!/bin/sh\n[ "$1" != --version ] || echo ${version}\n`);
  await chmod(join(folder, 'node'), 0o755);
  return execa(LAUNCHER, ['check'], { env: { PATH: [folder, process.env['PATH']].join(delimiter) }, reject: false });
}

test.each(['v8.17.0', 'v18.19.0', 'v20.5.0', 'v20.18.3'])('%s is too old', async (version) => {
  const { exitCode, stderr } = await launchOn(version);
  expect([exitCode, stderr]).toEqual([4, `Node.js 20.19 or newer is needed; this is ${version}.`]);
});

test.each(['v20.19.0', 'v20.20.2', 'v22.1.0', 'v26.12.1', 'v100.0.0'])('%s is not', async (version) => {
  expect((await launchOn(version)).stderr).not.toContain('needed');
});
