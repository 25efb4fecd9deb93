/**
 * A master and a worker from images that were built before a second worker was thought of. The second worker joins with its
 * own image alone: pods on all three nodes reach each other.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, kubernetesOf, needsArtifacts } from '../image/build/artifact-folder.ts';
import { copyExample } from '../image/build/definition.ts';
import { folderOfFile, missing } from '../boot/environment.ts';
import { Cluster, eventually, everyoneReaches } from './kubernetes.ts';
import { runLab, runProgram, TESTER } from './lab.ts';

/** Seconds; three emulated machines on whatever else is busy. */
const FORMATION = 2400;
const PROBES = 600;

const folder = folderOfFile('further-worker');
const lab = (...words: readonly string[]) => runLab(folder(), ...words);
const first = ['master-01', 'worker-01'];
const further = 'worker-02';

describe.skipIf(missing.length > 0 || ARTIFACTS === '')(
  `a worker that the definition did not have${missing.join('')}${needsArtifacts}`,
  () => {
    let cluster: Cluster;
    let definition: string;

    /** The lines of SHA256SUMS for the images of the first nodes. */
    const digests = async (): Promise<string[]> => {
      const sums = await readFile(join(folder(), 'out/quick-start/SHA256SUMS'), 'utf8');
      return sums.split('\n').filter((line) => first.some((name) => line.endsWith(` ${name}.iso`)));
    };

    const allReady = (names: readonly string[]) =>
      eventually(
        FORMATION,
        async () => (await cluster.nodes()).filter(({ ready }) => ready).map(({ name }) => name),
        (ready) => isDeepStrictEqual(ready, names),
      );

    const allReach = async (names: readonly string[]): Promise<void> => {
      const all = everyoneReaches(names);
      const ask = () => cluster.reach();
      expect(await eventually(PROBES, ask, (answers) => isDeepStrictEqual(answers, all))).toEqual(all);
    };

    /** Takes the node out of the definition, and returns what puts it back. */
    async function withoutFurther(): Promise<() => Promise<void>> {
      const file = join(definition, 'cluster.yaml');
      const whole = await readFile(file, 'utf8');
      const document = parseDocument(whole);
      const { nodes } = document.toJS() as { nodes: readonly { name: string }[] };
      document.deleteIn(['nodes', nodes.findIndex(({ name }) => name === further)]);
      await writeFile(file, document.toString());
      const own = join(definition, `nodes/${further}.yaml`);
      await rename(own, join(folder(), 'later.yaml'));
      return async () => {
        await rename(join(folder(), 'later.yaml'), own);
        await writeFile(file, whole);
      };
    }

    beforeAll(async () => {
      definition = await copyExample('quick-start', join(folder(), 'definition'), [
        [['cluster', 'kubernetes'], await kubernetesOf(ARTIFACTS)],
        [['cluster', 'users'], [TESTER]],
      ]);
      await mkdir(join(folder(), 'run'));
      const putBack = await withoutFurther();
      await runProgram(folder(), 'build', definition, '--artifacts', ARTIFACTS);
      const before = await digests();
      expect(before).toHaveLength(first.length);
      await putBack();
      await lab('up', definition, '--no-wait', '--memory', '3072', '--for', '3h', '--artifacts', ARTIFACTS);
      await lab('kill', further);
      expect(await digests()).toEqual(before);
      cluster = new Cluster(join(folder(), 'out/quick-start/lab/kubeconfig'));
    });

    afterAll(() => lab('down'));

    it('is not missed by the others', async () => {
      expect(await allReady(first)).toEqual(first);
      await cluster.startProbes(PROBES);
      await allReach(first);
    });

    it('becomes ready, and its pods reach all others and are reached', async () => {
      await lab('start', further);
      const all = [...first, further];
      expect(await allReady(all)).toEqual(all);
      await allReach(all);
    });

    it('is missed by nobody once it was removed', async () => {
      await lab('kill', further);
      await cluster.kubectl('delete', 'node', further);
      expect(await allReady(first)).toEqual(first);
      await allReach(first);
    });
  },
);
