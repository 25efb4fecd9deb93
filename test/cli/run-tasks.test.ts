import { expect, test } from 'vitest';
import { runTasks } from '../../src/cli/streams/run-tasks.ts';
import { makeWorld } from './world.ts';

const tasks = [
  { title: 'Look', task: () => undefined },
  { title: 'Leap', skip: () => 'no need', task: () => undefined },
  {
    title: 'Land',
    task: (_: object, task: { newListr: (list: object[]) => unknown }) =>
      task.newListr([{ title: 'softly', task: (__: object, own: { output: string }) => void (own.output = 'thud') }]),
  },
];

async function progressOf(log: 'plain' | 'json' | 'silent', list: object[] = tasks): Promise<string> {
  const { session } = await makeWorld();
  let text = '';
  const stderr = { ...session.stderr, write: (chunk: string) => void (text += chunk) };
  const quiet = { ...session, stderr };
  await runTasks(list as never, {}, { session: quiet, log }).catch((error: unknown) => {
    text += `thrown: ${String(error)}\n`;
  });
  return text;
}

test('plain progress is a line per event, subtasks named with their parents', async () => {
  expect(await progressOf('plain')).toBe(`[   0.0s] Look
[   0.0s] Look: done
[   0.0s] Leap
[   0.0s] Leap: skipped (no need)
[   0.0s] Land
[   0.0s] Land > softly
            thud
[   0.0s] Land > softly: done
[   0.0s] Land: done
`);
});

test('JSON progress is an object per event', async () => {
  const events = (await progressOf('json'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { state: string; step: string[] });
  expect(events.map(({ state, step }) => `${state} ${step.join('/')}`)).toEqual([
    'started Look',
    'done Look',
    'started Leap',
    'skipped Leap',
    'started Land',
    'started Land/softly',
    'output Land/softly',
    'done Land/softly',
    'done Land',
  ]);
});

test('silent progress says nothing', async () => {
  expect(await progressOf('silent')).toBe('');
});

test('the error of a failing task reaches the caller as it is', async () => {
  const failing = [{ title: 'Fall', task: () => Promise.reject(new Error('gravity')) }, ...tasks];
  expect(await progressOf('plain', failing)).toBe('[   0.0s] Fall\n[   0.0s] Fall: failed\nthrown: Error: gravity\n');
});
