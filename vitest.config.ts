/**
 * The test projects: `fast` needs nothing but Node, `fuzz` plays mutants of definitions, `image` needs the Debian tools and a
 * cached base layer, `boot` QEMU; `ceph` is the life of Ceph clusters in containers, `machines` boots several machines at a
 * time, `reproducible` makes base layers twice: commands of their own, as each takes long.
 */
import { defineConfig } from 'vitest/config';

const minutes = (count: number): number => count * 60_000;

const heavy = (name: string, timeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    pool: 'forks' as const,
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: timeout,
    hookTimeout: timeout,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/{diagnostics,config,render,pki,node,simulation,builder,lab,cli,meta}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      heavy('fuzz', minutes(30)),
      heavy('image', minutes(15)),
      heavy('boot', minutes(20)),
      heavy('ceph', minutes(30)),
      heavy('machines', minutes(30)),
      heavy('reproducible', minutes(40)),
    ],
  },
});
