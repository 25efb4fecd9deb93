/** `coldstart explain CODE`. */
import { expect, test } from 'vitest';
import { codes } from '../../src/diagnostics/codes.ts';
import { makeWorld } from './world.ts';

test('the message, what to do, and an example', async () => {
  const { run } = await makeWorld();
  const { exitCode, stdout, stderr } = await run('explain', 'network/gateway-outside');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^The gateway `…` is in none of the node networks, so no node could reach it\.\n/);
  expect(stdout).toContain('\nWhat to do: correct the gateway, or `cluster.networking.node_cidr`;');
  expect(stdout).toContain('\n        gateway: 192.168.5.1\n');
  expect(stdout).toContain('\n    error network/gateway-outside: The gateway `192.168.5.1`');
  expect(stdout).toContain('\n    +    gateway: 192.168.50.1\n');
});

test('as JSON', async () => {
  const { run } = await makeWorld();
  const { stdout } = await run('explain', 'node/no-mac', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ type: 'explanation', code: 'node/no-mac', severity: 'error', message: codes['node/no-mac'].message },
    page: expect.stringMatching(/^# Node `…` has no MAC/) as string,
  });
});

test('every code has a page without marks of Markdown', async () => {
  const { run } = await makeWorld();
  for (const code of Object.keys(codes)) {
    const { exitCode, stdout } = await run('explain', code);
    expect([code, exitCode]).toEqual([code, 0]);
    expect(stdout).not.toMatch(/^(```|#|<!--|\[All)/m);
    expect(stdout).toContain(code);
  }
});

test('a slip of the pen', async () => {
  const { run } = await makeWorld();
  await expect(run('explain', 'node/no-mack')).rejects.toMatchObject({ hint: 'did you mean `node/no-mac`?' });
});

test('a path of a node is no code', async () => {
  const { run } = await makeWorld();
  const { stdout } = await run('explain', 'lab', 'etc/hosts', '--node', 'master-01');
  expect(stdout).toContain('/etc/hosts of master-01');
});
