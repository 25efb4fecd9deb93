/**
 * Three masters and a worker of real Kubernetes, started at once: their etcd has three voting members, the cluster
 * continues without the master that founded it, and accepts that master again as a blank machine. Needs KVM: two cores
 * are too few to emulate four machines (decision 12); test/image/kubernetes/masters.test.ts is the same in containers.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAccelerated } from '../../src/lab/qemu/firmware.ts';
import { ARTIFACTS, kubernetesOf, needsArtifacts } from '../image/build/artifact-folder.ts';
import { copyExample } from '../image/build/definition.ts';
import { folderOfFile, missing } from '../boot/environment.ts';
import { logIn, type Shell } from '../boot/shell.ts';
import { Cluster, eventually, pauseImage } from './kubernetes.ts';
import { attach, runLab, TESTER } from './lab.ts';

/** Seconds; on whatever else is busy. */
const FORMATION = 3600;
const HOUR_AND_A_HALF = 5_400_000;

const folder = folderOfFile('three');
const masters = ['master-01', 'master-02', 'master-03'];
const nodes = [...masters, 'worker-01'];
const lab = (...words: readonly string[]) => runLab(folder(), ...words);

/** A definition of a node with the MAC of its place, and a state disk. */
const nodeFile = (name: string, index: number): string => `node:
  name: ${name}
  hardware:
    mac_addresses: ['52:54:00:12:35:0${String(index)}']
    state_disk: { serial: state }
`;

async function writeDefinition(): Promise<string> {
  const definition = await copyExample('quick-start', join(folder(), 'definition'), [
    [['cluster', 'name'], 'three'],
    [['cluster', 'kubernetes'], await kubernetesOf(ARTIFACTS)],
    [['cluster', 'users'], [TESTER]],
    [
      ['nodes'],
      nodes.map((name, index) => ({
        name,
        ip: `192.168.50.${String(11 + index)}`,
        roles: [masters.includes(name) ? 'master' : 'worker'],
      })),
    ],
  ]);
  for (const [index, name] of nodes.entries()) {
    await writeFile(join(definition, `nodes/${name}.yaml`), nodeFile(name, index));
  }
  await rm(join(definition, 'nodes/worker-02.yaml'));
  return definition;
}

describe.skipIf(missing.length > 0 || ARTIFACTS === '' || !isAccelerated())(
  `three masters and a worker with real Kubernetes${missing.join('')}${needsArtifacts}${isAccelerated() ? '' : ' (needs KVM)'}`,
  { timeout: HOUR_AND_A_HALF },
  () => {
    let cluster: Cluster;
    let onSecond: Shell;

    const ready = async (): Promise<string[]> =>
      (await cluster.nodes()).flatMap(({ name, ready: is }) => (is ? [name] : []));
    /** `name state learner` of each member, as etcd says. */
    const members = async (): Promise<string[]> => {
      const list = await onSecond(
        'sudo bash -c "source /usr/local/lib/coldstart/coldstart.sh; etcdctl_at https://127.0.0.1:2379 member list"',
      );
      const rows = list.split('\n').map((line) => line.trim().split(', '));
      return rows.map(([, state, name, , , learner]) => `${name ?? ''} ${state ?? ''} ${learner ?? ''}`).toSorted();
    };
    const voters = masters.map((name) => `${name} started false`);

    beforeAll(async () => {
      const definition = await writeDefinition();
      await mkdir(join(folder(), 'run'));
      const options = ['--no-wait', '--memory', '2560', '--for', '4h', '--artifacts', ARTIFACTS];
      await lab('up', definition, ...options);
      cluster = new Cluster(join(folder(), 'out/three/lab/kubeconfig'));
    });

    afterAll(() => lab('down'));

    it('become one cluster with three voting members of etcd', async () => {
      // Questions are work for an API server that has just begun to start, on emulated machines more than it can do.
      await (await attach(folder(), 'three', 0)).waitFor(/, bootstrapped, ok\s/, FORMATION);
      const all = await eventually(FORMATION, ready, (found) => found.length === nodes.length);
      expect(all).toEqual(nodes);
      onSecond = await logIn(await attach(folder(), 'three', 1), TESTER.name, 'console');
      expect(await members()).toEqual(voters);
    });

    it('go on without the first: the API answers, and a pod is scheduled', async () => {
      await lab('kill', 'master-01');
      cluster = new Cluster(join(folder(), 'out/three/lab/kubeconfig'), 'three-master-02');
      await eventually(
        600,
        () => cluster.kubectl('create', 'configmap', 'written-without-the-first'),
        () => true,
      );
      await cluster.kubectl('create', 'deployment', 'late', `--image=${await pauseImage()}`);
      await cluster.kubectl('rollout', 'status', 'deployment/late', '--timeout=600s');
    });

    it('take the first in again as a blank machine, as a voting member', async () => {
      await lab('wipe', 'master-01');
      await lab('start', 'master-01');
      const suits = (found: readonly string[]): boolean => found.join() === voters.join();
      expect(await eventually(FORMATION, members, suits)).toEqual(voters);
      expect(await eventually(FORMATION, ready, (found) => found.length === nodes.length)).toEqual(nodes);
      expect(await cluster.kubectl('get', 'configmap', 'written-without-the-first', '-o', 'name')).not.toBe('');
    });
  },
);
