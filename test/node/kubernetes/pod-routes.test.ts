/** The routes to other nodes' pods, set by the service and again when NetworkManager brings an interface up. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machine, OVERLAY, type Machine } from '../machine.ts';

const TABLE = {
  'etc/cluster-config/pod-routes.tsv': [
    'master-01\t10.244.0.0/24\t192.168.50.11\n',
    'worker-01\t10.244.1.0/24\t192.168.50.21\n',
    'worker-01\tfd00:1::/64\tfd00::21\n',
  ].join(''),
};
const asked = (made: Machine): Promise<string> => made.read('ip-asked');
const ip = 'cat >"$COLDSTART_ROOT/ip-asked"; printf "%s" "$*" >"$COLDSTART_ROOT/ip-called"';

describe('cluster-pod-routes', () => {
  it("sets a route for each other node's share, in one go, and lets one that fails keep nobody waiting", async () => {
    const made = await machine({ files: TABLE, commands: { ip } });
    expect(await made.run('cluster-pod-routes.sh')).toEqual({ status: 0, output: '' });
    expect(await asked(made)).toBe(
      'route replace 10.244.1.0/24 via 192.168.50.21\nroute replace fd00:1::/64 via fd00::21\n',
    );
    expect(await made.read('ip-called')).toBe('-force -batch -');
  });

  it('has nothing to do where pods have another network', async () => {
    const made = await machine({ commands: { ip: 'exit 9' } });
    expect(await made.run('cluster-pod-routes.sh')).toEqual({ status: 0, output: '' });
  });

  it('runs when an interface comes up, and only then', () => {
    const hook = join(OVERLAY, 'etc/NetworkManager/dispatcher.d/50-coldstart-pod-routes');
    // Where the script itself is not in its place, that it was tried is what can be seen.
    const tried = (event: string): boolean => spawnSync('/bin/bash', [hook, 'eth0', event]).status === 127;
    expect(['up', 'reapply', 'down', 'dhcp4-change'].map(tried)).toEqual([true, true, false, false]);
  });
});
