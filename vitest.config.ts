/**
 * The test projects. `fast` needs nothing but Node and takes less than a minute: what a change of a line wants. `slow` has those
 * of the same kind that take many seconds each, `node` plays the scripts of a node, `simulation` those of whole clusters, `fuzz`
 * mutants of definitions. `image` needs the Debian tools and a cached base layer, `boot` QEMU. `install` has nodes that install themselves, and `served` boots images from `coldstart serve`, `inventory` the image of `coldstart inventory`. `ceph` is the life of Ceph
 * clusters in containers, `masters` of masters that move, come and go, `versions` of updates of Kubernetes, `machines` boots several machines at a time, `reproducible` makes base layers twice: commands of
 * their own, as each takes long.
 */
import { defineConfig } from 'vitest/config';

/** Tests that take many seconds each. */
const SLOW = [
  'test/config/one-mistake.test.ts',
  'test/render/oracle.test.ts',
  'test/cli/main.test.ts',
  'test/cli/build-failures.test.ts',
  'test/cli/completion.test.ts',
  'test/meta/components.test.ts',
  'test/usecases/draft-trees.test.ts',
  'test/usecases/growth.test.ts',
  'test/usecases/init.test.ts',
  'test/usecases/large-fleet.test.ts',
  'test/usecases/node-writer.test.ts',
  'test/pki/store.test.ts',
  'test/builder/mutex.test.ts',
  'test/builder/shared-cache.test.ts',
  'test/lab/supervisor.test.ts',
  'test/serve/processes.test.ts',
  'test/rollout/status.test.ts',
  'test/rollout/update.test.ts',
];

const minutes = (count: number): number => count * 60_000;
const within = (folder: string): string => `test/${folder}/**/*.test.ts`;

/** What a test waits for comes within a second on an idle machine; `expect.poll` gives up after this. */
const PATIENT = { poll: { timeout: minutes(0.5) } };

/** A file at a time for each processor. */
const light = (
  name: string,
  timeout: number,
  isolate: boolean,
  include: readonly string[],
  exclude: readonly string[] = [],
) => ({
  test: {
    ...{ name, include: [...include], exclude: [...exclude], pool: 'forks' as const, isolate },
    ...{ maxWorkers: '100%', testTimeout: timeout, hookTimeout: timeout, expect: PATIENT },
  },
});

const heavy = (name: string, timeout: number) => ({
  test: {
    ...{ name, include: [within(name)], pool: 'forks' as const },
    ...{ maxWorkers: 1, fileParallelism: false, testTimeout: timeout, hookTimeout: timeout, expect: PATIENT },
  },
});

const HEAVY = [
  heavy('simulation', minutes(10)),
  heavy('fuzz', minutes(30)),
  heavy('image', minutes(15)),
  heavy('boot', minutes(20)),
  heavy('install', minutes(60)),
  heavy('update', minutes(120)),
  heavy('served', minutes(20)),
  heavy('inventory', minutes(30)),
  heavy('ceph', minutes(30)),
  heavy('masters', minutes(30)),
  heavy('versions', minutes(30)),
  heavy('machines', minutes(30)),
  heavy('reproducible', minutes(40)),
];
const OTHERS = ['node', ...HEAVY.map(({ test }) => test.name)].map(within);

export default defineConfig({
  test: {
    projects: [
      // These share what they import, which is half of the time.
      light('fast', minutes(2), false, [within('**')], [...OTHERS, ...SLOW]),
      // V8's counts of calls (growth.test.ts) need a process of their own.
      light('slow', minutes(10), true, SLOW),
      light('node', minutes(2), false, [within('node')]),
      ...HEAVY,
    ],
  },
});
