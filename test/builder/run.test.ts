import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { run } from '../../src/builder/system/run.ts';

const shell = (script: string): { command: string; args: string[]; reason: string } => ({
  ...{ command: 'sh', args: ['-c', script], reason: 'try something' },
});

it('returns standard output and hands on standard error by the line', async () => {
  const lines: string[] = [];
  const output = await run({ ...shell('printf one; printf "a\\nb\\rc" >&2'), onLine: (line) => lines.push(line) });
  expect([output, lines]).toEqual(['one', ['a', 'b', 'c']]);
});

it('says what a program was needed for when it is missing, exit 4', async () => {
  const missing = run({ command: 'no-such-program', args: [], reason: 'pack layers' });
  const message = 'Could not find `no-such-program`, which is needed to pack layers.';
  await expect(missing).rejects.toMatchObject({ message, exitCode: 4 });
});

it('says what failed, how, and what the program said last, exit 5', async () => {
  await expect(run(shell('echo first >&2; echo second >&2; exit 3'))).rejects.toMatchObject({
    message: '`sh` failed to try something (exit code 3).\n  first\n  second',
    exitCode: 5,
  });
});

it('gives a program our environment and nothing else', async () => {
  process.env['COLDSTART_SECRET_OF_CI'] = 'hunter2';
  const environment = await run({ command: 'env', args: [], reason: 'look', env: { SOURCE_DATE_EPOCH: '7' } });
  expect(environment).not.toContain('hunter2');
  expect(environment).toContain('SOURCE_DATE_EPOCH=7\n');
  expect(environment).toContain('LC_ALL=C.UTF-8\n');
});

it('drains what a program leaves unread', async () => {
  const source = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(1 << 20)));
  const middle = source.pipe(new PassThrough());
  expect(await run({ ...shell('head -c 3 | wc -c'), stdin: middle })).toBe('3\n');
  expect(source.readableEnded || source.destroyed).toBe(true);
});

it('fails with the source when the source fails', async () => {
  const source = new Readable({
    read() {
      this.destroy(new Error('the tar broke'));
    },
  });
  await expect(run({ command: 'cat', args: [], reason: 'copy', stdin: source })).rejects.toThrow();
});

it('ends the whole process group when it is aborted', async () => {
  const abort = new AbortController();
  const pids: string[] = [];
  const running = run({
    ...shell('sleep 600 & echo $! >&2; wait'),
    signal: abort.signal,
    onLine: (line) => {
      pids.push(line);
      abort.abort(new Error('interrupted'));
    },
  });
  await expect(running).rejects.toThrow('interrupted');
  await delay(100);
  const status = await readFile(`/proc/${pids[0] ?? ''}/status`, 'utf8').catch(() => 'State:\tgone');
  expect(status).toMatch(/State:\t(gone|Z)/); // nobody may have collected it yet
});

it('ends when it is aborted, though its source goes on and a process that ignores signals holds its output', async () => {
  const abort = new AbortController();
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const deaf = shell('exec 3<&0; (trap "" TERM; echo ready; sleep 3) & wait');
  const running = run({ ...deaf, ...{ stdin, stdout, signal: abort.signal } });
  stdout.once('data', () => {
    abort.abort(new Error('interrupted'));
  });
  await expect(running).rejects.toThrow('interrupted');
  expect([stdin.destroyed, stdout.destroyed]).toEqual([true, true]);
});

it('ends when it is aborted, though its output is read by the line and a process that has left its group holds it', async () => {
  const abort = new AbortController();
  const stdout = new PassThrough();
  createInterface({ input: stdout }).on('line', () => {
    abort.abort(new Error('interrupted'));
  });
  const running = run({ ...shell('setsid sleep 3 & echo ready; exec sleep 600'), stdout, signal: abort.signal });
  await expect(running).rejects.toThrow('interrupted');
});
