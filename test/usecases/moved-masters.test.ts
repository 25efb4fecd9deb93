/** A master gets another address: warnings before a build about the effects on a running cluster. */
import { describe, expect, test } from 'vitest';
import { copyDefinition, makeWorld, type World } from '../cli/world.ts';

test('the only one: network/master-moved', async () => {
  const world = await makeWorld();
  expect((await world.run('render', 'lab')).exitCode).toBe(0);
  expect((await world.run('diff', 'lab')).stderr).toBe('');
  await world.edit('ip: 192.168.50.11', 'ip: 192.168.50.12');
  for (const command of [['diff'], ['build', '--dry-run']]) {
    const { stderr } = await world.run(...command, 'lab');
    expect(stderr).toContain(
      'warning network/master-moved: The address of the only master `master-01` changes from `192.168.50.11` to `192.168.50.12`',
    );
    expect(stderr).toMatch(/cluster\.yaml:\d+:9/);
  }
  expect((await world.run('diff', 'lab', '--strict')).exitCode).toBe(2);
});

test('one of several: network/one-of-masters-moved, at each that moves and at no worker', async () => {
  const world = await makeWorld();
  const other = (index: number): string => `  - name: master-0${String(index)}
    ip: 192.168.50.1${String(index)}
    roles: [master]
    hardware: { mac_addresses: ['52:54:00:12:34:1${String(index)}'], state_disk: { serial: disk-1${String(index)} } }
`;
  await world.edit('  - name: worker-01\n', `${other(2)}${other(3)}  - name: worker-01\n`);
  expect((await world.run('render', 'lab')).exitCode).toBe(0);
  await world.edit('ip: 192.168.50.12', 'ip: 192.168.50.42');
  await world.edit('ip: 192.168.50.21', 'ip: 192.168.50.22');
  const { stderr } = await world.run('diff', 'lab');
  expect(stderr.match(/network\/[a-z-]+: .*/g)).toEqual([
    expect.stringContaining('The address of the master `master-02` changes from `192.168.50.12` to `192.168.50.42`'),
  ]);
});

describe('diff of two sides', () => {
  const MOVED =
    'network/master-moved: The address of the only master `master-01` changes from `192.168.50.11` to `192.168.50.12`';

  async function twoSides(): Promise<World> {
    const world = await makeWorld();
    await copyDefinition(world, 'moved');
    await world.edit('ip: 192.168.50.11', 'ip: 192.168.50.12', 'moved');
    for (const name of ['lab', 'moved']) await world.run('render', name, '--out', `out-${name}`);
    return world;
  }

  test.each(['lab moved', 'out-lab moved', 'lab out-moved', 'out-lab out-moved'])('%s', async (sides) => {
    const { run } = await twoSides();
    expect((await run('diff', ...sides.split(' '))).stderr).toContain(MOVED);
    expect((await run('diff', ...sides.split(' '), '--strict')).exitCode).toBe(2);
  });

  test('of two clusters: nobody moves', async () => {
    const world = await twoSides();
    await world.edit('name: lab', 'name: other', 'moved');
    for (const before of ['lab', 'out-lab']) expect((await world.run('diff', before, 'moved')).stderr).toBe('');
  });
});

test('one of several whose etcd alone moves: the address in the network of etcd counts, and an `ip` that moves does not', async () => {
  const world = await makeWorld();
  const master = (index: number): string => `  - name: master-0${String(index)}
    ip: 192.168.50.1${String(index)}
    roles: [master]
    hardware: { mac_addresses: ['52:54:00:12:34:1${String(index)}'], state_disk: { serial: disk-1${String(index)} } }
    network: { interfaces: [{ name: lan, mac: '52:54:00:12:34:1${String(index)}', addresses: [192.168.50.1${String(index)}/24, 10.20.0.1${String(index)}/24] }] }
`;
  const interfaces = `    network: { interfaces: [{ name: lan, mac: '52:54:00:12:34:01', addresses: [192.168.50.11/24, 10.20.0.11/24] }] }\n`;
  await world.edit('  - name: worker-01\n', `${interfaces}${master(2)}${master(3)}  - name: worker-01\n`);
  await world.edit('  kubernetes: {', '  kubernetes: { etcd: { cidr: 10.20.0.0/24 },');
  expect((await world.run('render', 'lab')).exitCode).toBe(0);
  await world.edit('10.20.0.12/24', '10.20.0.42/24');
  await world.edit('ip: 192.168.50.13', 'ip: 192.168.50.43');
  await world.edit('192.168.50.13/24', '192.168.50.43/24');
  const { stderr } = await world.run('diff', 'lab');
  expect(stderr.match(/network\/[a-z-]+: .*/g)).toEqual([
    expect.stringContaining('The address of the master `master-02` changes from `10.20.0.12` to `10.20.0.42`'),
  ]);
});
