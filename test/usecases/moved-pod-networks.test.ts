/** Removal of a node: the effects on the parts of the pod network of the nodes after it, and how they keep them. */
import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { join } from 'node:path';
import { makeWorld, type World } from '../cli/world.ts';

const worker = (index: number, more = ''): string => `  - name: worker-0${String(index)}
    ip: 192.168.50.2${String(index)}
    roles: [worker]
${more}    hardware: { mac_addresses: ['52:54:00:12:34:0${String(index + 1)}'], state_disk: { serial: disk-${String(index + 1)} } }
`;

/** Three workers, rendered into `out/lab`. */
async function rendered(): Promise<World> {
  const world = await makeWorld();
  await world.edit('serial: disk-2 }\n', `serial: disk-2 }\n${worker(2)}${worker(3)}`);
  expect((await world.run('render', 'lab')).exitCode).toBe(0);
  return world;
}

async function shares({ folder }: World): Promise<Record<string, string>> {
  const { value } = await loadCluster(join(folder, 'lab'));
  return Object.fromEntries((value?.nodes ?? []).map(({ name, podCidrs }) => [name, podCidrs.join(' ')]));
}

describe('shares of the pod network', () => {
  test('move with the nodes before them, and that is said: network/pod-share-moved', async () => {
    const world = await rendered();
    await world.edit(worker(2), '');
    const { exitCode, stderr } = await world.run('diff', 'lab');
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'warning network/pod-share-moved: Shares of the pod network change: `worker-03` from 10.244.3.0/24 to 10.244.2.0/24.',
    );
    expect((await world.run('diff', 'lab', '--strict')).exitCode).toBe(2);
  });

  test('stay where they are written down; what is free is for new nodes', async () => {
    const world = await rendered();
    await world.edit(worker(2), '');
    await world.edit(worker(3), `${worker(3, '    pod_cidr: 10.244.3.0/24\n')}${worker(4)}${worker(5)}`);
    expect((await world.run('diff', 'lab')).stderr).toBe('');
    expect(await shares(world)).toEqual({
      ...{ 'master-01': '10.244.0.0/24', 'worker-01': '10.244.1.0/24', 'worker-03': '10.244.3.0/24' },
      ...{ 'worker-04': '10.244.2.0/24', 'worker-05': '10.244.4.0/24' },
    });
  });

  test('say nothing while nothing moves, and nothing without routes of ours', async () => {
    const world = await rendered();
    expect((await world.run('diff', 'lab')).stderr).toBe('');
    await world.edit(worker(2), '');
    await world.edit('    dns:', '    cni: none\n    dns:');
    expect((await world.run('diff', 'lab')).stderr).toBe('');
  });
});
