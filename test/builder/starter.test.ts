import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Starter, type FileProgram } from '../../src/builder/system/starter.ts';
import { temporaryFolder } from './temporary.ts';

async function start(signal?: AbortSignal): Promise<{ starter: Starter; folder: string }> {
  const folder = await temporaryFolder();
  const starter = new Starter(folder, signal);
  onTestFinished(() => starter.close());
  return { starter, folder };
}

const shell = (script: string, ...args: string[]): FileProgram => ({
  ...{ command: 'sh', args: ['-c', script, 'sh', ...args], reason: 'try something' },
});

test('starts programs at the same time, with arguments, settings and input as given', async () => {
  const { starter, folder } = await start();
  const odd = `it's "$HOME" \\ * ;\n&`;
  const input = join(folder, "in'put");
  await writeFile(input, 'content');
  const write = (name: string): Promise<void> =>
    starter.run({ ...shell('{ cat; printf %s "$1$OF"; } >"$2"', odd, join(folder, name)), env: { OF: odd }, input });
  await Promise.all([write('a'), write('b'), write('c')]);
  for (const name of ['a', 'b', 'c']) expect(await readFile(join(folder, name), 'utf8')).toBe(`content${odd}${odd}`);
  expect(await readdir(folder)).toEqual(['a', 'b', 'c', "in'put"]);
});

test('a program that fails or is missing is reported as by run', async () => {
  const { starter } = await start();
  await expect(starter.run(shell('echo first >&2; echo second >&2; exit 3'))).rejects.toMatchObject({
    message: '`sh` failed to try something (exit code 3).\n  first\n  second',
    exitCode: 5,
  });
  const missing = { command: 'no-such-program', args: [], reason: 'pack layers' };
  const message = 'Could not find `no-such-program`, which is needed to pack layers.';
  await expect(starter.run(missing)).rejects.toMatchObject({ message, exitCode: 4 });
});

test('an interrupted build ends its programs, and starts no further one', async () => {
  const abort = new AbortController();
  const { starter } = await start(abort.signal);
  const slow = starter.run(shell('sleep 60'));
  setTimeout(() => {
    abort.abort(new Error('interrupted'));
  }, 50);
  await expect(slow).rejects.toThrow('interrupted');
  await expect(starter.run(shell('true'))).rejects.toThrow('interrupted');
});
