/** A node with users, proxy and registries of its own: its files; the other nodes still share theirs. */
import { expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/config/cluster.ts';
import { draftNode, planImages, draftNodes } from '../../src/render/plan/plan.ts';
import type { DraftTree } from '../../src/render/tree/tree.ts';
import { cluster, node } from './cluster.ts';
import { everything } from './everything.ts';
import { expectGolden } from './golden.ts';
import { SOURCES } from './sources.ts';

const FILES =
  /^etc\/(containerd|ssh|sysusers\.d|sudoers\.d|tmpfiles\.d|coldstart\/passwords|profile\.d|systemd\/system\.conf\.d\/10-)/;

/** Two workers as the cluster says, and one that differs in everything. */
function mixed(): Cluster {
  const { users, networking, registries } = everything();
  const [root, alice, bob] = users as [Cluster['users'][0], Cluster['users'][0], Cluster['users'][0]];
  const own: Partial<Node> = {
    users: [root, { ...alice, groups: [] }, { ...bob, passwordHash: null }, { ...bob, name: 'carol' }],
    proxy: { http: 'http://near.lab.example:3128', https: null, noProxy: [] },
    registries: [
      {
        host: 'docker.io',
        mirrors: [{ url: 'https://near.lab.example', ca: '-----BEGIN CERTIFICATE-----\nown\n', skipVerify: false }],
        auth: { username: 'near', password: 'made-up' },
      },
    ],
  };
  return cluster({
    ...{ users, networking, registries },
    nodes: [
      node('worker-01', 1),
      node('worker-02', 2),
      node('worker-03', 3, own),
      node('worker-04', 4, { proxy: null }),
    ],
  });
}

const treesOf = (of: Cluster): ReadonlyMap<string, DraftTree> =>
  draftNodes(of, of.nodes, SOURCES).value ?? new Map<string, DraftTree>();

test('the files that a node has of its own', () => {
  expectGolden('own-settings', mixed(), SOURCES, FILES);
});

test('the others share theirs by reference', () => {
  const trees = treesOf(mixed());
  const [first = [], second = [], own = [], direct = []] = [...trees.values()];
  const shared = (tree: DraftTree): string[] =>
    first.filter((entry) => FILES.test(entry.path) && tree.includes(entry)).map(({ path }) => path);
  const differing = ['etc/containerd/config.toml', 'etc/ssh/ssh_host_ecdsa_key'];
  const all = first.filter(({ path }) => FILES.test(path) && !differing.includes(path));
  expect(shared(second)).toEqual(all.map(({ path }) => path));
  expect(shared(own)).toEqual(['etc/ssh/sshd_config.d/10-coldstart.conf']);
  const proxy = ['etc/profile.d/coldstart-proxy.sh', 'etc/systemd/system.conf.d/10-coldstart-proxy.conf'];
  expect(shared(direct)).toEqual(shared(second).filter((path) => !proxy.includes(path)));
  expect(direct.filter(({ path }) => proxy.includes(path))).toEqual([]);
});

test('the plan groups nodes by what they have of their own, and names exactly the entries of the trees', () => {
  const of = mixed();
  const plan = planImages(of, SOURCES).value;
  expect(plan?.nodes.map(({ shared }) => shared)).toEqual([
    ...['worker', 'worker', 'worker/users/proxy/registries', 'worker/proxy'],
  ]);
  for (const [index, each] of of.nodes.entries()) {
    const image = plan?.nodes[index];
    const planned = [...(plan?.shared[image?.shared ?? ''] ?? []), ...(image?.files ?? [])].map(({ path }) => path);
    expect([...new Set(planned)].toSorted()).toEqual(
      draftNode(of, each, SOURCES)
        .map(({ path }) => path)
        .toSorted(),
    );
  }
  expect(JSON.stringify(plan)).not.toMatch(/made.?up/);
});

test("a node's own value that cannot be written is said of that node and its setting", () => {
  const of = mixed();
  const users = [{ ...(of.users[0] as Cluster['users'][0]), passwordHash: 'a:b' }];
  const nodes = of.nodes.map((each) => (each.name === 'worker-03' ? { ...each, users } : each));
  const { diagnostics } = draftNodes({ ...of, nodes }, nodes, SOURCES);
  expect(diagnostics.map(({ message, hint }) => [message, hint])).toEqual([
    [
      'A value cannot be written into `templates/etc/coldstart/passwords.ejs` for worker-03: a password hash holds a ' +
        'colon, which no crypt(5) hash does.',
      'check `nodes[worker-03].users`, `cluster.users`',
    ],
  ]);
});
