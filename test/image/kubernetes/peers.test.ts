/**
 * What a node makes of what the cluster says of the others, with the programs of the base layer: haproxy, keepalived, nftables and
 * the kernel's routes. The API servers are stand-ins; test/image/kubernetes/peers-apiserver.test.ts has the real ones.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster, Node } from '../../../src/config/cluster.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import { wholeNode } from '../../../src/render/plan/plan.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { cluster, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { file } from '../containers/container.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();

const masters = [1, 2, 3].map((index): Node =>
  node(`master-0${String(index)}`, index, {
    ...{ roles: ['master'], bootRole: index === 1 ? 'master-first' : 'master-additional' },
    ips: [`192.168.50.1${String(index)}`],
  }),
);
const clusterOf = (nodes: readonly Node[]): Cluster =>
  cluster({ controlPlane: { ...cluster().controlPlane, virtualIp: '192.168.50.10' }, nodes });

/** master-01 as it was built when there was no third master, and the other masters' certificates. */
async function files(): Promise<FileTree> {
  const whole = clusterOf(masters);
  const { store } = await completeStore(null, needsOf(whole), { now: new Date(), random: systemRandomness });
  const certificates = masters.flatMap((master) =>
    wholeNode(whole, master, SOURCES, store).flatMap((entry) => {
      const [, name] = /^etc\/kubernetes\/pki\/(apiserver\.(?:crt|key))$/.exec(entry.path) ?? [];
      return name === undefined ? [] : [{ ...entry, path: `others/${master.name}/${name}` }];
    }),
  );
  const script = readFileSync(join(import.meta.dirname, 'peers.sh'));
  const [first, second] = masters as [Node, Node];
  return [
    ...wholeNode(clusterOf([first, second]), first, SOURCES, store),
    ...certificates,
    file('usr/local/sbin/peers.sh', script, 0o755),
  ];
}

describe.skipIf(root === null)(
  'a node that hears of the others, in the root of a base layer (needs a base layer)',
  () => {
    let said = '';
    beforeAll(async () => {
      const on = nodeRoot(root ?? '', await files());
      said = on.run('/usr/local/sbin/peers.sh').stdout;
      on.remove();
    });

    it.each([
      'the first guess is used',
      'the first guess is among keepalived',
      'a node comes: routes to its pods',
      'a node comes: it knows the way back',
      'a node comes: its names',
      'the share of this node',
      'a master comes: connections reach it',
      'a master comes: it is among keepalived',
      'a node moves: routes',
      'a node moves: it knows the way back',
      'a node moves: its name',
      'another share: routes',
      'a master moves: connections reach it',
      'a master moves: keepalived',
      'a master moves: its name',
      'a node goes: routes',
      'a node goes: nobody knows the way back',
      'a node goes: its name',
      'a connection to the third master',
      'a master is removed: nothing reaches it',
      'a master is removed: its connections end',
      'a master is removed: keepalived',
      'no news changes nothing',
      'no news closes nothing',
      'news after that',
      'half an event changes nothing',
      'a closed watch is opened again',
      'what is gone is asked for',
      'what is gone is not asked for all the time',
      'what is gone changes nothing',
      'news after that, too',
      'silence changes nothing',
      'after a restart all is as last known',
      'a master answers again',
    ])('%s', (name) => {
      expect(
        said.split('\n').filter((line) => line.startsWith(`${name}: `)),
        said,
      ).toEqual([`${name}: yes`]);
    });
  },
);
