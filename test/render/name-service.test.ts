/** Name servers of pods and nodes: the cluster's DNS forwards queries if every master has a name server, and avoids workers without one. */
import { describe, expect, test } from 'vitest';
import type { Interface } from '../../src/config/cluster.ts';
import { renderNode } from '../../src/render/plan/plan.ts';
import { cluster, ethernet, node } from './cluster.ts';
import { SOURCES } from './sources.ts';

const nic = (index: number, of: Partial<Interface>): Interface =>
  ethernet('lan', `52:54:00:12:00:0${String(index)}`, { addresses: [`10.0.0.${String(index)}/8`], ...of });

/** The Corefile of a cluster of a master and a worker with these settings. */
function corefile(...settings: readonly [Partial<Interface>, Partial<Interface>]): string {
  const [master, worker] = settings.map((of, index) => nic(index + 1, of));
  const nodes = [
    node('master-01', 1, { roles: ['master'], bootRole: 'master-first', interfaces: master ? [master] : [] }),
    node('worker-01', 2, { interfaces: worker ? [worker] : [] }),
  ];
  const tree = renderNode(cluster({ nodes }), nodes[0] ?? node('none', 1), SOURCES);
  const file = tree.find(({ path }) => path === 'etc/kubernetes/addons/20-dns.yaml');
  return file?.type === 'file' ? Buffer.from(file.content).toString('utf8') : '';
}

describe('the Corefile', () => {
  const dns = ['10.0.0.1'];

  test.each([
    ['name servers on all nodes', { dns }, { dns }],
    ['DHCP on one of them', { dns }, { dns: [], dhcp4: true }],
    ['router advertisements', { dns: [], autoconf6: true }, { dns }],
    ['none on a worker, which it avoids', { dns }, { dns: [] }],
  ])('asks on with %s', (_, master, worker) => {
    expect(corefile(master, worker)).toContain('forward . /etc/resolv.conf {');
    expect(corefile(master, worker)).toMatch(/- key: coldstart\/no-name-server\n +operator: DoesNotExist\n/);
  });

  test.each([
    ['name servers on no node', { dns: [] }, { dns: [] }],
    ['none on a master', { dns: [] }, { dns }],
    ['one of a family that the master does not have', { dns: ['fd00::1'] }, { dns }],
  ])('answers for the cluster alone with %s', (_, master, worker) => {
    const text = corefile(master, worker);
    expect(text).toContain('kubernetes cluster.local');
    expect(text).not.toContain('forward');
    expect(text).not.toContain('no-name-server');
  });
});

test('every node has an /etc/resolv.conf, for the kubelet needs one', () => {
  const of = cluster();
  for (const one of of.nodes) {
    const file = renderNode(of, one, SOURCES).find(({ path }) => path === 'etc/resolv.conf');
    expect(file).toMatchObject({ type: 'file', mode: 0o644, uid: 0, gid: 0 });
  }
});
