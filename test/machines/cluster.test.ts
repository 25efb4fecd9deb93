/**
 * A master and a worker from real images, from power-on to pods that reach each other, without a login; again after a
 * power cut, and after a blank machine replaced one of them.
 */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, kubernetesOf, needsArtifacts } from '../image/build/artifact-folder.ts';
import { copyExample } from '../image/build/definition.ts';
import { PATIENCE } from '../image/containers/rack.ts';
import { folderOfFile, missing } from '../boot/environment.ts';
import { logIn } from '../boot/shell.ts';
import { Cluster, eventually, everyoneReaches } from './kubernetes.ts';
import { attach, runLab, TESTER } from './lab.ts';

/** Seconds; two emulated machines on whatever else is busy. */
const FORMATION = PATIENCE * 1500;
const PROBES = PATIENCE * 300;

const folder = folderOfFile('cluster');
const nodes = ['master-01', 'worker-01'];
const lab = (...words: readonly string[]) => runLab(folder(), ...words);

describe.skipIf(missing.length > 0 || ARTIFACTS === '')(
  `a master and a worker with real Kubernetes${missing.join('')}${needsArtifacts}`,
  () => {
    let cluster: Cluster;
    const boots = new Map<string, string>();

    /** Waits until every node is ready in a life that the cluster had not seen of it before. */
    const allReadyAnew = async (): Promise<void> => {
      const anew = (of: { ready: boolean; name: string; boot: string }): boolean =>
        of.ready && boots.get(of.name) !== of.boot;
      const found = await eventually(
        FORMATION,
        () => cluster.nodes(),
        (all) => all.length === nodes.length && all.every((node) => anew(node)),
      );
      expect(found.map((node) => [node.name, anew(node)])).toEqual(nodes.map((name) => [name, true]));
      found.forEach(({ name, boot }) => boots.set(name, boot));
    };

    beforeAll(async () => {
      const definition = await copyExample('quick-start', join(folder(), 'definition'), [
        [['cluster', 'kubernetes'], await kubernetesOf(ARTIFACTS)],
        [['cluster', 'users'], [TESTER]],
      ]);
      await mkdir(join(folder(), 'run'));
      const chosen = nodes.flatMap((name) => ['--node', name]);
      await lab('up', definition, ...chosen, '--no-wait', '--memory', '3072', '--for', '2h', '--artifacts', ARTIFACTS);
      cluster = new Cluster(join(folder(), 'out/quick-start/lab/kubeconfig'));
    });

    afterAll(() => lab('down'));

    it('are both ready, from power-on, with nobody logged in', async () => {
      await allReadyAnew();
    });

    /** Pods of a node that has just come back are still the dead ones of its last life for a moment. */
    const allReach = async (): Promise<void> => {
      const all = everyoneReaches(nodes);
      const found = await eventually(
        PROBES,
        () => cluster.reach(),
        (answers) => isDeepStrictEqual(answers, all),
      );
      expect(found).toEqual(all);
    };

    it('leave a kubeconfig beside the images that nobody else can read', async () => {
      const path = join(folder(), 'out/quick-start/kubeconfig');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readFile(path, 'utf8')).toContain('server: https://192.168.50.11:6443');
    });

    it('run a pod each, which reaches the other, and the service by its address and names', async () => {
      await cluster.startProbes(PROBES);
      await allReach();
    });

    it('come back after both were rebooted', async () => {
      for (const [index] of nodes.entries()) {
        const at = await attach(folder(), 'quick-start', index);
        await logIn(at, TESTER.name, 'console');
        at.type('sudo systemctl reboot\n'); // nobody is there any more to say that it was done
      }
      await allReadyAnew();
      await allReach();
    });

    it('come back after the power was cut to both', async () => {
      for (const name of nodes) await lab('kill', name);
      for (const name of nodes) await lab('start', name);
      await allReadyAnew();
      await allReach();
    });

    it('take the worker in again when it was replaced by a blank machine', async () => {
      await lab('wipe', 'worker-01');
      await lab('start', 'worker-01');
      const { boot } = await eventually(
        FORMATION,
        async () => (await cluster.nodes()).find(({ name }) => name === 'worker-01') ?? { ready: false, boot: '' },
        ({ ready, boot: current }) => ready && current !== boots.get('worker-01'),
      );
      expect(boot).not.toBe(boots.get('worker-01'));
      await allReach();
    });
  },
);
