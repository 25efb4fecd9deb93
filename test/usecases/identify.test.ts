/** `identify`: whose network card it is, for a console that reports the cards of an unknown machine. */
import { expect, test } from 'vitest';
import { makeWorld } from '../cli/world.ts';

test('a card of a node in any notation, and the most similar address for another card', async () => {
  const { run } = await makeWorld();
  expect(await run('identify', '52-54-00-12-34-02', '52:54:00:12:34:12', '--config', 'lab')).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `52:54:00:12:34:02  worker-01
52:54:00:12:34:12  no node of cluster lab; nearest: 52:54:00:12:34:02 of worker-01 (1 digit differs)
`,
  });
});

test('--json: an object for each card', async () => {
  const { run } = await makeWorld();
  const { stdout } = await run('identify', '52:54:00:12:34:0F', '--config', 'lab', '--json');
  expect(JSON.parse(stdout)).toEqual({
    ...{ type: 'card', mac: '52:54:00:12:34:0f', node: null },
    nearest: [
      { node: 'master-01', mac: '52:54:00:12:34:01', digits: 1 },
      { node: 'worker-01', mac: '52:54:00:12:34:02', digits: 1 },
    ],
  });
});

test('a word that is no address is a mistake on the command line', async () => {
  const { run } = await makeWorld();
  await expect(run('identify', 'eth0', '--config', 'lab')).rejects.toThrow('`eth0` is no MAC address.');
});
