/** Plans and trees: pure, complete, and shared between nodes with the same files. */
import { describe, expect, test } from 'vitest';
import type { Cluster, ExtraFile, Node } from '../../src/config/cluster.ts';
import type { Location } from '../../src/diagnostics/diagnostic.ts';
import { inventory } from '../../src/render/tree/inventory.ts';
import { draftNode, planImages, draftNodes } from '../../src/render/plan/plan.ts';
import type { OverlaySource, Sources } from '../../src/render/plan/sources.ts';
import { cluster, node } from './cluster.ts';
import { everything, USER_OVERLAYS } from './everything.ts';
import { SOURCES } from './sources.ts';

const overlay = (path: string): OverlaySource => ({ path, type: 'file', mode: 0o644, content: new Uint8Array([10]) });
const extra = (path: string): ExtraFile => ({
  ...{ path, mode: 0o644, uid: 0, gid: 0, content: 'x\n', secret: false, setting: 'nodes[worker-01].files[0]' },
});
const withNode = (of: Partial<Node>): Cluster => cluster({ nodes: [node('worker-01', 1, of)] });
const withOverlay = (...paths: string[]): Sources => ({ ...SOURCES, userOverlays: paths.map(overlay) });
const messages = (of: Cluster, sources: Sources): string[] =>
  planImages(of, sources).diagnostics.map(({ code, message, hint }) => `${code}: ${message} (${hint ?? ''})`);

test('a plan is plain data and holds no secret', () => {
  const { value, diagnostics } = planImages(everything(), { ...SOURCES, userOverlays: USER_OVERLAYS });
  expect(diagnostics).toEqual([]);
  expect(JSON.parse(JSON.stringify(value))).toEqual(value);
  expect(JSON.stringify(value)).not.toMatch(/made.?up/);
});

test('a plan names exactly the entries of the trees', () => {
  const of = everything();
  const sources = { ...SOURCES, userOverlays: USER_OVERLAYS };
  const plan = planImages(of, sources).value;
  for (const image of plan?.nodes ?? []) {
    const planned = new Map(
      [...(plan?.shared[image.shared] ?? []), ...image.files].map((entry) => [entry.path, entry]),
    );
    const tree = draftNode(of, of.nodes.find(({ name }) => name === image.node) as Node, sources);
    const made = tree.map(({ path, mode, uid, gid, type, origin: { holes: _, ...origin } }) => {
      return { path, mode, uid, gid, type: type === 'pending' ? 'file' : type, origin };
    });
    const listed = [...planned.values()].map(({ secret: _, ...entry }) => entry);
    expect(listed.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(made);
  }
});

test('what a node boots with is in its plan', () => {
  const [image] = planImages(withNode({ kernelArgs: ['quiet'] }), SOURCES).value?.nodes ?? [];
  expect(image).toMatchObject({
    ...{ node: 'worker-01', bootRole: 'worker', formats: ['iso'], install: false },
    kernelArgs: ['console=tty0', 'console=ttyS0,115200', 'quiet'],
  });
});

test('the same input gives the same bytes, in whatever order sources were read', () => {
  const sources = { ...SOURCES, userOverlays: USER_OVERLAYS };
  const shuffled: Sources = {
    templates: SOURCES.templates.toReversed(),
    overlays: SOURCES.overlays.toReversed(),
    userOverlays: USER_OVERLAYS.toReversed(),
  };
  const of = everything();
  for (const each of of.nodes) {
    expect(inventory(draftNode(structuredClone(of), each, shuffled))).toBe(inventory(draftNode(of, each, sources)));
  }
});

test('nodes share what they have in common by reference', () => {
  const of = cluster();
  const [, first, second] = of.nodes.map((each) => draftNode(of, each, SOURCES));
  const own = second?.filter((entry) => first?.includes(entry) === false).map(({ path }) => path) ?? [];
  expect(own).not.toContain('etc/kubernetes/pki/ca.crt');
  expect(own.length).toBeLessThan(33);
});

const HOSTNAME = '`templates/etc/hostname.ejs`';
const NM = 'etc/NetworkManager/conf.d';

describe('what stands in the way of a tree', () => {
  test.each([
    [
      'common/etc/hosts',
      'overlay/overwrites-rendered: `overlays/common/etc/hosts` would overwrite `/etc/hosts`, which ' +
        '`templates/etc/hosts.ejs` creates. (choose another path, or change `nodes[worker-01].hostname`, ' +
        '`nodes[worker-01].ip`, `cluster.control_plane`, `cluster.networking.hosts`, `nodes[worker-01].network.hosts` instead)',
    ],
    [
      'node-worker-01/etc/hostname',
      `overlay/overwrites-rendered: \`overlays/node-worker-01/etc/hostname\` would overwrite \`/etc/hostname\`, which ${HOSTNAME} creates. ` +
        '(choose another path, or change `nodes[worker-01].hostname` instead)',
    ],
    [
      'node-worker-1/etc/motd',
      'overlay/unknown-root: `overlays/node-worker-1` applies to no node: there is no node `worker-1`. ' +
        '(did you mean `node-worker-01`?)',
    ],
    [
      'role-control-plane/etc/motd',
      'overlay/unknown-root: `overlays/role-control-plane` applies to no node: there is no role `control-plane`. ' +
        '(did you mean `role-master`?)',
    ],
    [
      'etc/motd',
      'overlay/unknown-root: `overlays/etc` applies to no node: it is neither `common`, `role-<role>` nor `node-<name>`. ' +
        '(move its files to `overlays/common`, `overlays/role-<role>` or `overlays/node-<name>`)',
    ],
  ])('the overlay %s', (path, expected) => {
    expect(messages(withNode({}), withOverlay(path))).toEqual([expected]);
  });

  test.each([
    [
      '/etc/hostname',
      `render/path-taken: {} would create \`/etc/hostname\`, but ${HOSTNAME} already creates this file. ` +
        '(choose another path, or change `nodes[worker-01].hostname` instead)',
    ],
    [
      '/usr/local/bin/cluster-detect.sh',
      'render/path-taken: {} would create `/usr/local/bin/cluster-detect.sh`, but ' +
        '`overlays/common/usr/local/bin/cluster-detect.sh` already creates this file. (choose another path)',
    ],
    [
      '/etc/hostname/x',
      'render/not-a-directory: `/etc/hostname/x` from {} conflicts with `/etc/hostname` from ' +
        '`templates/etc/hostname.ejs`: one of them needs a folder where the other has a file. (rename one of them)',
    ],
    [
      `/${NM}`,
      `render/not-a-directory: \`/${NM}\` from {} conflicts with \`/${NM}/10-coldstart.conf\` from ` +
        `\`templates/${NM}/10-coldstart.conf.ejs\`: one of them needs a folder where the other has a file. ` +
        '(rename one of them)',
    ],
    [
      '/srv/../etc/hosts',
      'render/illegal-path: The path `/srv/../etc/hosts` from {} has the part `..`. (rename the file)',
    ],
  ])('the extra file %s', (path, expected) => {
    const source = `\`files[${path}]\``;
    expect(messages(withNode({ files: [extra(path)] }), SOURCES)).toEqual([expected.replace('{}', source)]);
  });

  test.each([
    ['usr/local/lib/coldstart/common/wait.sh', 'choose another path'],
    [
      'etc/systemd/system/cluster-bootstrap.service',
      'put what is to differ into `/etc/systemd/system/cluster-bootstrap.service.d/50-site.conf`',
    ],
  ])('an overlay of what makes a node work: %s', (path, hint) => {
    expect(messages(withNode({}), withOverlay(`common/${path}`))).toEqual([
      `overlay/overwrites-rendered: \`overlays/common/${path}\` would overwrite \`/${path}\`, which ` +
        `\`overlays/common/${path}\` creates. (${hint})`,
    ]);
  });

  test('a file in place of a folder of many files is one mistake, and has the place of that file', () => {
    const { diagnostics } = planImages(cluster(), withOverlay('common/etc/systemd'));
    expect(diagnostics.map(({ code, at }) => [code, at?.file, at?.line])).toEqual([
      ['render/not-a-directory', 'overlays/common/etc/systemd', 1],
    ]);
  });

  test("a user's overlay may replace a mask of the system's", () => {
    const path = 'etc/systemd/system/man-db.timer';
    const sources = withOverlay(`node-worker-01/${path}`);
    const of = withNode({});
    expect(messages(of, sources)).toEqual([]);
    const entry = draftNode(of, of.nodes[0] as Node, sources).find((found) => found.path === path);
    expect(entry?.origin).toEqual({ kind: 'user-overlay', source: `overlays/node-worker-01/${path}`, settings: [] });
  });

  test('a role applies to nodes with exactly that role', () => {
    const sources = withOverlay('role-master/etc/a', 'role-worker/etc/b', 'node-worker/etc/c', 'node-worker-01/etc/d');
    const of = withNode({});
    const tree = draftNode(of, of.nodes[0] as Node, sources);
    const found = tree.filter(({ origin }) => origin.kind === 'user-overlay').map(({ path }) => path);
    expect(found).toEqual(['etc/b', 'etc/d']);
  });
});

test('a value that its format cannot hold is a diagnostic that names file, line and setting, not the value', () => {
  const of = withNode({ sysctl: { 'vm.swappiness': 'hunter2\nkernel.panic = 0' } });
  expect(draftNodes(of, of.nodes, SOURCES)).toEqual({
    value: undefined,
    diagnostics: [
      {
        code: 'render/unrepresentable',
        severity: 'error',
        message:
          'A value cannot be written into `templates/etc/sysctl.d/90-coldstart.conf.ejs:2` for worker-01: a control character or line break cannot be written here.',
        hint: 'check `nodes[worker-01].sysctl`, `nodes[worker-01].roles`, `cluster.sysctl`, `cluster.networking.cni`',
      },
    ],
  });
});

test('diagnostics have the place of the first setting that was written', () => {
  const at: Location = { file: 'cluster.yaml', line: 7, column: 3, length: 5, path: 'nodes[worker-01].files[0].path' };
  const locate = (setting: string): Location | undefined => (setting === at.path ? at : undefined);
  const { diagnostics } = planImages(withNode({ files: [extra('/etc/hostname')] }), SOURCES, locate);
  expect(diagnostics.map((found) => found.at)).toEqual([at]);
});
