/**
 * The end of a build when its tools are missing, fail or are interrupted: fakes on the PATH replace Debian's programs.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeWorld } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOOLS = ['mmdebstrap', 'mksquashfs', 'xorriso', 'mkfs.vfat', 'mmd', 'mcopy'];

interface Build {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly end: Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
}

/** @param mmdebstrap lines of sh, or null for a machine without any of the tools */
async function startBuild(mmdebstrap: string | null): Promise<Build> {
  const { folder } = await makeWorld();
  const path = join(folder, 'bin');
  await mkdir(path);
  await symlink(process.execPath, join(path, 'node'));
  // Every Debian system has these: util-linux and coreutils are essential.
  for (const essential of ['flock', 'cat']) await symlink(join('/usr/bin', essential), join(path, essential));
  for (const tool of mmdebstrap === null ? [] : TOOLS) {
    const lines = tool === 'mmdebstrap' ? mmdebstrap : 'exec cat >/dev/null';
    await writeFile(join(path, tool), `#!/bin/sh\nPATH=/usr/bin:/bin\ncd ${folder}\n${lines}\n`);
    await chmod(join(path, tool), 0o755);
  }
  const loader = join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  const argv = ['--import', loader, join(ROOT, 'src/main.ts'), 'build', 'lab'];
  const env = { PATH: path, COLDSTART_CACHE: join(folder, 'cache') };
  const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const end = Promise.all([closed, text(child.stderr)]).then(([exitCode, stderr]) => ({ exitCode, stderr }));
  return { folder, child, end };
}

/** What is left of a build, below `out` and `cache`; empty folders say nothing. */
async function leftovers(folder: string): Promise<string[]> {
  const found = await Promise.all(
    ['out', 'cache'].map(async (name) => {
      const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    }),
  );
  return found.flat().filter((name) => name !== '.lock');
}

test('a machine without the tools: exit 4, all of them named at once', async () => {
  const { end, folder } = await startBuild(null);
  const { exitCode, stderr } = await end;
  expect(exitCode).toBe(4);
  expect(stderr).toContain('Could not find `mmdebstrap`, which is needed to build base layers; `mksquashfs`, which');
  expect(stderr).toMatch(/\n {2}= hint: on Debian and Ubuntu: apt-get install mmdebstrap squashfs-tools xorriso /);
  expect(await leftovers(folder)).toEqual([]);
});

test('a tool that fails: exit 5, with its last words', async () => {
  const { end, folder } = await startBuild('echo "E: no network" >&2; exit 100');
  const { exitCode, stderr } = await end;
  expect(exitCode).toBe(5);
  expect(stderr).toContain('error: `mmdebstrap` failed to build the base layer (exit code 100).\n  E: no network\n');
  expect(await leftovers(folder)).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s: exit 130, nothing left, no program left running', async (signal) => {
  const { child, end, folder } = await startBuild('echo $$ >pid; echo working >&2; exec sleep 60');
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('working')) resolve();
    });
  });
  child.kill(signal);
  const { exitCode, stderr } = await end;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/\nInterrupted\. Existing files are unchanged\.\n$/);
  expect(await leftovers(folder)).toEqual([]);
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  await delay(100);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
