/** `diff --markdown`: each kind of change in a sentence, its effect, and text of the user that is no Markdown. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { comparisonMarkdown } from '../../src/cli/text/comparison-markdown.ts';
import { snapshotOf } from '../../src/render/tree/diff.ts';
import type { FileEntry } from '../../src/render/tree/tree.ts';
import { compareClusters, type NodeState } from '../../src/usecases/review/comparison.ts';
import { definition, type Definition } from '../usecases/changed-cluster.ts';
import { makeWorld, SECRET } from './world.ts';

const UNIT = '[Service]\nExecStart=/usr/bin/true\n\n[Install]\nWantedBy=multi-user.target\n';

type Node = Definition['nodes'][number];
type Edit = (to: Definition) => void;
const on = (name: string, edit: (node: Node) => void): Edit => {
  return ({ nodes }) => nodes.filter((node) => node.name === name).forEach(edit);
};

/** Of three masters, two workers, three monitors and four storage nodes. */
async function markdown(edit: Edit, prepare?: Edit): Promise<string> {
  const world = await makeWorld();
  const [before, after] = [definition(), definition()];
  prepare?.(before);
  prepare?.(after);
  edit(after);
  for (const [name, content] of [
    ['before', before],
    ['after', after],
  ] as const) {
    await mkdir(join(world.folder, name));
    await writeFile(join(world.folder, name, 'cluster.yaml'), stringify(content));
  }
  const { exitCode, stdout } = await world.run('diff', '--markdown', 'before', 'after');
  expect(exitCode).toBe(0);
  return stdout;
}

/** The sentences, and the rows of the table of effects. */
const gist = (text: string): string[] =>
  text
    .slice(0, text.indexOf('<details>'))
    .split('\n')
    .filter((line) => /^(\*\*|- |\| (?!---|at the))/.test(line) && !line.startsWith('| no effect'));

describe('kinds of changes', () => {
  test('a label: the image of its node alone', async () => {
    const text = await markdown(on('w-1', (node) => (node['labels'] = { rack: 'r1' })));
    expect(gist(text)).toEqual([
      '**The image of `w-1` alone is built, 11 others stay as they are; nothing reboots until you update.**',
      '- `w-1`: label `rack` (`r1`) added.',
      '| reboot | `w-1` |',
    ]);
    expect(text).toContain('| `/etc/cluster-config/nodes/w-1.yaml` | changed | `w-1` |\n');
  });

  test('a label of a node that updates itself: applied live; a taint as well: not', async () => {
    const edit: Edit = (to) => {
      for (const name of ['w-1', 'w-2']) on(name, (node) => (node['labels'] = { rack: 'r1' }))(to);
      on('w-2', (node) => (node['taints'] = [{ key: 'dedicated', effect: 'NoSchedule' }]))(to);
    };
    const text = await markdown(edit, ({ cluster }) => (cluster['image'] = { install: true }));
    expect(gist(text).slice(-2)).toEqual(['| reboot | `w-2` |', '| applied live | `w-1` |']);
  });

  test('VLANs, addresses, disks, network cards and files', async () => {
    const edits: readonly Edit[] = [
      on('w-1', (node) => {
        const [mac] = node.hardware.mac_addresses;
        node['network'] = {
          interfaces: [
            { name: 'primary', type: 'ethernet', mac, addresses: [`${node.ip}/24`] },
            { name: 'storage', type: 'vlan', id: 30, parent: 'primary', addresses: ['10.30.0.21/24'] },
          ],
        };
      }),
      on('w-2', (node) => (node.ip = '192.168.50.77')),
      on('o-1', (node) => (node.hardware.osd_disks = [{ serial: 'new' }])),
      on('o-2', (node) => void node.hardware.osd_disks?.push({ serial: 'further' })),
      on('o-3', (node) => (node.hardware.state_disk = { serial: 'new' })),
      on('o-4', (node) => (node.hardware.mac_addresses = ['52:54:00:12:50:ff'])),
      on('m-2', (node) => {
        node['files'] = [{ path: '/etc/motd', content: 'Hello\n' }];
        node['units'] = [{ name: 'note.service', content: UNIT }];
        node['hooks'] = [{ name: 'note', when: 'after-network', content: '#!/bin/sh\n' }];
        node['packages'] = ['vim'];
        node['kernel_modules'] = ['nbd'];
        node['sysctl'] = { 'vm.swappiness': '1' };
      }),
    ];
    const text = await markdown((to) => {
      edits.forEach((edit) => {
        edit(to);
      });
    });
    expect(gist(text)).toEqual([
      '**7 of 12 images are built, 5 others stay as they are; nothing reboots until you update.**',
      '- `o-1`: OSD disk `osd-o-1` removed; OSD disk `new` added.',
      '- `o-3`: `hardware.state_disk.serial` from `state-o-3` to `new`.',
      '- `w-2`: `ip` from `192.168.50.22` to `192.168.50.77`.',
      '- `m-2`: package `vim` added; kernel module `nbd` added; kernel setting `vm.swappiness` (`1`) added; hook `note` added; file `/etc/motd` added; unit `note.service` added.',
      '- `o-2`: OSD disk `further` added.',
      '- `o-4`: MAC address from `52:54:00:12:50:2c` to `52:54:00:12:50:ff`.',
      '- `w-1`: VLAN `storage` (id `30`, `10.30.0.21/24`) added.',
      '| **data at risk**: other disks, or a storage role less | `o-1`, `o-3` |',
      '| **re-join**: another name, address or role in the cluster | `w-2` |',
      '| reboot | `m-2`, `o-2`, `o-4`, `w-1` |',
    ]);
  });

  test('the version of Kubernetes, said once', async () => {
    const text = await markdown(
      ({ cluster }) => (cluster['kubernetes'] = { version: '1.35.3', delivery: 'first-boot' }),
    );
    expect(gist(text)).toEqual([
      '**5 of 12 images are built, 7 others stay as they are; nothing reboots until you update.**',
      '- On each node that changes: `kubernetes.version` from `1.35.4` to `1.35.3`.',
      '| reboot | `m-1`, `m-2`, `m-3`, `w-1`, `w-2` |',
    ]);
  });

  test('a further master, of which the others learn', async () => {
    const text = await markdown(({ nodes }) => {
      nodes.push({
        ...{ name: 'm-4', ip: '192.168.50.14', roles: ['master'] },
        hardware: { mac_addresses: ['52:54:00:12:50:0e'], state_disk: { serial: 'state-m-4' } },
      });
    });
    expect(gist(text)).toEqual([
      '**4 of 13 images are built, 9 others stay as they are; nothing reboots until you update.**',
      '- On each node that changes: also finds the cluster by `m-4`.',
      '- `m-4`: a new node.',
      '| reboot | `m-1`, `m-2`, `m-3` |',
      '| new: start the machine from its image | `m-4` |',
    ]);
  });

  test('a removed worker', async () => {
    const text = await markdown(({ nodes }) => void nodes.splice(3, 1));
    expect(gist(`${text}<details>`)).toEqual([
      '**No image is built; nothing reboots until you update.**',
      '- `w-1`: removed from the definition.',
      '| none, until you remove the node from the cluster | `w-1` |',
    ]);
  });

  test('no change', async () => {
    expect(await markdown(() => undefined)).toBe('No image changes; 12 nodes compared.\n');
  });
});

test('a secret that changes has no value, and its file is named', async () => {
  const world = await makeWorld();
  await world.run('render', 'lab');
  await world.edit(SECRET, SECRET.replace('nh/', 'nh.'));
  const { stdout } = await world.run('diff', '--markdown', 'lab');
  expect(stdout).toContain('- On each node that changes: 1 file with secrets.\n');
  expect(stdout).toContain('| `/etc/coldstart/passwords` | changed | `master-01`, `worker-01` |\n');
  expect(stdout).not.toContain('saltsalt');
});

/** A node with only the document of its settings. */
function stateOf(name: string, node: object, placed: readonly string[] = []): NodeState {
  const origin = { kind: 'setting' as const, source: 'cluster', settings: [] };
  const file = (path: string, content: string): FileEntry => {
    return {
      ...{ type: 'file', path, content: new TextEncoder().encode(content) },
      ...{ secret: false, mode: 0o644, uid: 0, gid: 0, origin },
    };
  };
  const documents = file(`etc/cluster-config/nodes/${name}.yaml`, stringify({ node }));
  return {
    image: null,
    snapshot: snapshotOf([documents, ...placed.map((path) => file(path, ''))]),
    placed: new Set(placed),
  };
}

function markdownOf(before: Record<string, NodeState>, after: Record<string, NodeState>): string {
  return comparisonMarkdown(compareClusters(new Map(Object.entries(before)), new Map(Object.entries(after))));
}

test('text of the user is code: neither Markdown nor HTML nor a mention', () => {
  const value = 'a``b|c <img src=x> @team\n\n# d';
  const path = 'etc/x`y|<b>@team';
  const text = markdownOf({ n: stateOf('n', {}) }, { n: stateOf('n', { labels: { rack: value } }, [path]) });
  expect(text).toContain(
    'label `rack` (``` a``b|c <img src=x> @team # d ```) added; file `` /etc/x`y|<b>@team `` added.',
  );
  // Only in a cell a bar has to be escaped, also in code.
  expect(text).toContain('| `` /etc/x`y\\|<b>@team `` | added | `n` |');
});

describe('a thousand nodes', () => {
  const named = (index: number): string => `worker-${String(index).padStart(4, '0')}`;
  const nodes = (settings: (index: number) => object): Record<string, NodeState> =>
    Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [named(index), stateOf(named(index), settings(index))]),
    );

  test('with the same change: a row', () => {
    const text = markdownOf(
      nodes(() => ({})),
      nodes(() => ({ labels: { rack: 'r1' } })),
    );
    expect(text.length).toBeLessThan(60_000);
    expect(gist(text)).toEqual([
      '**All 1,000 images are built; nothing reboots until you update.**',
      '- On each node that changes: label `rack` (`r1`) added.',
      '| reboot | 1000 nodes |',
    ]);
  });

  test('each with a change of its own: GitHub takes the comment, and it says what is cut', () => {
    const long = 'x'.repeat(200);
    const text = markdownOf(
      nodes(() => ({})),
      nodes((index) => ({ labels: { rack: `${index}${long}`, row: long } })),
    );
    expect(text.length).toBeLessThan(65_536);
    const shown = text.match(/^- `worker-/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(100);
    expect(text).toContain(`_Cut: ${String(1000 - shown)} further lines; \`coldstart diff\` shows all._`);
    expect(text).toContain('| `/etc/cluster-config/nodes/‹node›.yaml` | changed | 1000 nodes |\n');
  });
});
