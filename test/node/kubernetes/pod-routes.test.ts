/** The routes to other nodes' pods, set from what the cluster said last, and again when an interface comes up. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machine, OVERLAY, type Machine } from '../machine.ts';

const PEERS = {
  masters: [{ name: 'master-01', address: '192.168.50.11' }],
  nodes: [
    { name: 'master-01', addresses: ['192.168.50.11'], pods: ['10.244.0.0/24'] },
    { name: 'worker-01', addresses: ['192.168.50.21', 'fd00::21'], pods: ['10.244.1.0/24', 'fd00:1::/64'] },
    { name: 'worker-02', addresses: ['192.168.50.22'], pods: ['10.244.2.0/24'] },
  ],
};
const FILES = {
  'etc/kubernetes/pod-network.conflist': '{"plugins": [{"ipam": {}}]}',
  'run/cluster/peers.json': JSON.stringify(PEERS),
};
/** What `ip -j route` lists: a route of this node to a share that nobody has any more, one that is as it should be, and one elsewhere. */
const PRESENT = [
  { dst: '10.244.9.0/24', gateway: '192.168.50.29' },
  { dst: '10.244.2.0/24', gateway: '192.168.50.22' },
  { dst: '10.244.1.0/24', gateway: '192.168.50.20' },
];
const ip = `case "$*" in
  *-4*) echo '${JSON.stringify(PRESENT)}' ;;
  *-6*) echo '[]' ;;
  *) cat >"$COLDSTART_ROOT/ip-asked"; printf "%s" "$*" >"$COLDSTART_ROOT/ip-called"; exit 1 ;;
esac`;
const nft = 'cat >"$COLDSTART_ROOT/nft-asked"';
const env = { MASTER_IPS: '192.168.50.11', NODE_IPS: '192.168.50.11' };
const asked = (made: Machine, program: string): Promise<string> => made.read(`${program}-asked`);

describe('cluster-pod-routes', () => {
  it('changes the routes that differ, in one go, removes those of nodes that left, and lets one that fails keep nobody waiting', async () => {
    const made = await machine({ env, files: FILES, commands: { ip, nft } });
    expect(await made.run('cluster-pod-routes.sh')).toEqual({ status: 0, output: '' });
    expect(await asked(made, 'ip')).toBe(
      [
        'route del 10.244.9.0/24 proto 202',
        'route replace 10.244.1.0/24 via 192.168.50.21 proto 202',
        'route replace fd00:1::/64 via fd00::21 proto 202',
        '',
      ].join('\n'),
    );
    expect(await made.read('ip-called')).toBe('-force -batch -');
  });

  it('tells nftables which addresses know the way back to a pod', async () => {
    const made = await machine({ env, files: FILES, commands: { ip, nft } });
    await made.run('cluster-pod-routes.sh');
    expect((await asked(made, 'nft')).split('\n')).toEqual([
      'flush set inet coldstart-pods nodes4',
      'add element inet coldstart-pods nodes4 { 192.168.50.11, 192.168.50.21, 192.168.50.22 }',
      'flush set inet coldstart-pods nodes6',
      'add element inet coldstart-pods nodes6 { fd00::21 }',
      '',
    ]);
  });

  it('has nothing to do where pods have another network', async () => {
    const made = await machine({ commands: { ip: 'exit 9', nft: 'exit 9' } });
    expect(await made.run('cluster-pod-routes.sh')).toEqual({ status: 0, output: '' });
  });

  it('runs when an interface comes up, and only then', () => {
    const hook = join(OVERLAY, 'etc/NetworkManager/dispatcher.d/50-coldstart-pod-routes');
    // Where the script itself is not in its place, that it was tried is what can be seen.
    const tried = (event: string): boolean => spawnSync('/bin/bash', [hook, 'eth0', event]).status === 127;
    expect(['up', 'reapply', 'down', 'dhcp4-change'].map(tried)).toEqual([true, true, false, false]);
  });
});
