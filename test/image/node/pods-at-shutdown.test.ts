/**
 * The end of pods when their node is switched off, under the real systemd: slices and a scope as runc makes them, and a service with the
 * dependencies of Ceph's daemons. What the pod does on SIGTERM finds Ceph still there.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { cluster, ethernet, node as nodeOf } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { eventually, PATIENCE, Rack, type RackNode } from '../containers/rack.ts';
import { testRoot } from '../containers/root.ts';

const root = spawnSync('systemd-nspawn', ['--version']).status === 0 ? await testRoot() : null;
const MAC = '52:54:00:12:54:01';
const MASTER = nodeOf('master-01', 1, {
  ...{ roles: ['master'], bootRole: 'master-first', macs: [MAC], ips: ['192.168.50.11'] },
  interfaces: [ethernet('lan', MAC, { addresses: ['192.168.50.11/24'] })],
});

/** The dependencies of Debian's `ceph-osd@.service`. */
const OSD = `[Unit]
After=network-online.target local-fs.target time-sync.target
Before=remote-fs-pre.target
Wants=network-online.target local-fs.target time-sync.target remote-fs-pre.target
[Service]
ExecStart=/usr/bin/sleep infinity
ExecStop=/bin/sh -c "echo the OSD ends >/dev/console"
`;
const KUBELET = `[Service]
ExecStart=/usr/bin/sleep infinity
ExecStop=/bin/sh -c "echo the kubelet ends >/dev/console"
`;
const POD = `trap 'sleep 2; echo the pod ends >/dev/console; exit' TERM
sleep infinity & wait`;

/** As libcontainer does (cgroups/systemd/v2.go, Apply): without default dependencies. */
const START = `set -e
start() { busctl call -- org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' "$1" replace "\${@:2}" 0; }
systemctl daemon-reload
systemctl start osd kubelet
start kubepods.slice 2 DefaultDependencies b false Wants as 1 -.slice
start kubepods-burstable.slice 2 DefaultDependencies b false Wants as 1 kubepods.slice
setsid bash /run/pod.sh >/dev/null 2>&1 </dev/null &
start cri-containerd-1.scope 4 DefaultDependencies b false Delegate b true Slice s kubepods-burstable.slice PIDs au 1 $!`;

describe.skipIf(root === null)('pods at shutdown', () => {
  let rack: Rack;
  let node: RackNode;

  beforeAll(() => {
    rack = new Rack(root ?? '');
    const tree = renderNode(cluster({ nodes: [MASTER, nodeOf('worker-01', 2)] }), MASTER, SOURCES);
    node = rack.add('master-01', MAC, tree, 0);
    node.switchOn();
  });
  afterAll(() => rack.remove());

  it('end before the daemons that they may need', async () => {
    const isUp = async () => (await node.run('systemctl', 'is-active', 'network-online.target')).stdout.trim();
    expect(await eventually(PATIENCE * 90, isUp, (state) => state === 'active')).toBe('active');
    const files = {
      '/etc/systemd/system/osd.service': OSD,
      '/etc/systemd/system/kubelet.service': KUBELET,
      '/run/pod.sh': POD,
    };
    for (const [path, content] of Object.entries(files)) {
      expect(await node.run('bash', '-c', `printf '%s\\n' "$1" >${path}`, 'bash', content)).toMatchObject({ status: 0 }); // prettier-ignore
    }
    expect(await node.run('bash', '-c', START)).toMatchObject({ status: 0, stderr: '' });
    await node.shutDown();
    const [last, ...before] = (node.console().match(/the (kubelet|pod|OSD) ends/g) ?? []).reverse();
    expect(before.sort()).toEqual(['the kubelet ends', 'the pod ends']);
    expect(last).toBe('the OSD ends');
  });
});
