/** Comments stay with what they are about, also those at lists, maps and patches. */
import { expect, test } from 'vitest';
import { importTalos } from './talos.ts';
import { importTexts } from './world.ts';

test('a comment at a list or a map stands above what became of it, once', () => {
  const { cluster, written } = importTalos({
    patch: `machine:
  time:
    # two clocks
    servers: [a.lab.example, b.lab.example] # in the hall
  # for the database
  sysctls:
    vm.nr_hugepages: 1024
    vm.swappiness: 0
  registries:
    mirrors:
      docker.io:
        # the cache
        endpoints:
          - http://cache.lab.example # nearby
`,
  });
  expect(cluster).toContain('    # two clocks\n    # in the hall\n    ntp: [a.lab.example, b.lab.example]\n');
  expect(cluster).toContain("  # for the database\n  sysctl:\n    vm.nr_hugepages: '1024'\n");
  expect(cluster).toMatch(/# the cache\n *mirrors:\n *- url: http:\/\/cache\.lab\.example # nearby/);
  const all = Object.values(written).join('\n');
  for (const text of ['two clocks', 'in the hall', 'for the database', 'the cache', 'nearby']) expect(all.split(text)).toHaveLength(2); // prettier-ignore
});

test('a comment above a patch is about what stands in it', () => {
  const { written } = importTexts({
    'talconfig.yaml': `clusterName: home
endpoint: https://192.168.50.10:6443
patches:
  # More files than usual
  - |
    machine:
      sysctls:
        fs.inotify.max_user_watches: 1048576
        fs.inotify.max_user_instances: 8192
# Three of them, from 2019.
nodes:
  - hostname: alpha
    ipAddress: 192.168.50.11
    controlPlane: true
`,
  });
  expect(written['cluster.yaml']).toContain('  # More files than usual\n  sysctl:\n');
  expect(written['cluster.yaml']).toContain('# Three of them, from 2019.\nnodes:\n');
});

test('comments inside of documents that are passed through stay', () => {
  const { cluster } = importTalos({
    patch: `cluster:
  apiServer:
    auditPolicy:
      apiVersion: audit.k8s.io/v1
      kind: Policy
      rules:
        # everything
        - level: Metadata # but no bodies
`,
  });
  expect(cluster).toMatch(/rules:\n +# everything\n +- level: Metadata # but no bodies/);
});
