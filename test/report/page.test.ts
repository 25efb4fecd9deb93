/** The page of `coldstart report`: what it shows, what it never shows, and that it is the same each time. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyDefinition, makeWorld, SECRET, type World } from '../cli/world.ts';

async function pageOf({ folder, run }: World, ...argv: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await run('report', ...argv);
  expect([exitCode, stderr]).toEqual([0, '']);
  return readFile(join(folder, 'out/report.html'), 'utf8');
}

/** What a reader sees, in one line. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

test('machines, disks, networks, first boot, files with their places, and secrets by name', async () => {
  const world = await makeWorld();
  const page = await pageOf(world, 'lab');
  const text = textOf(page);
  for (const said of [
    '2 machines',
    '1.35.4 Kubernetes',
    'The definition passes every check without a warning.',
    'master-01 192.168.50.11 in 192.168.50.0/24 (primary)',
    'State disk serial disk-1',
    'The first master master-01 It looks for a cluster at the other masters.',
    'Workers worker-01 Each shows its certificate to a master',
    '/etc/hostname 0644 templates/etc/hostname.ejs',
    'nodes[‹node›].ip cluster.yaml:16',
    'There is no secrets store yet',
    '2027-02-28 fixes for Kubernetes 1.35.4',
    'The output folder holds no images yet.',
  ])
    expect(text).toContain(said);
  expect(text).toMatch(/\/etc\/kubernetes\/pki\/ca\.key 0600 cluster\.secrets\.yaml/);
  expect(page).not.toContain('saltsalt');
  const markup = page.replace(/<style>.*?<\/style>/s, '');
  expect(markup).not.toMatch(/<script|\son\w+=|src=|https?:\/\//);
});

test('the units in their order, with those of the user', async () => {
  const world = await makeWorld();
  await world.edit(
    '    roles: [worker]',
    `    roles: [worker]
    hooks: [{ name: tune, when: after-network, content: "#!/bin/sh\\n" }]
    units:
      - name: note.service
        content: "[Unit]\\nDescription=A note\\nAfter=cluster-network.service\\n\\n[Service]\\nExecStart=/usr/bin/true\\n\\n[Install]\\nWantedBy=multi-user.target\\n"`,
  );
  const page = await pageOf(world, 'lab');
  const worker = page.slice(page.indexOf('id="kind-2"'));
  const rows = [...worker.matchAll(/<tr><td class="number">\d+<\/td><th scope="row"><code>(.*?)<\/code>/g)];
  const order = rows.map(([, name]) => name ?? '');
  const isSorted = (...names: readonly string[]): boolean =>
    names.every((name, index) => index === 0 || order.indexOf(name) > order.indexOf(names[index - 1] ?? ''));
  expect(order).toContain('cluster-hooks@after-network.service');
  expect(isSorted('cluster-detect.service', 'cluster-disk.service', 'var.mount', 'cluster-state.service')).toBe(true);
  expect(isSorted('cluster-network.service', 'note.service', 'multi-user.target', 'cluster-bootstrap.service')).toBe(
    true,
  );
  // The drawing has no edge that a longer way implies.
  expect(worker).toMatch(/<g class="node yours">\s*<path [^>]*>\s*<text [^>]*>note<\/text>/);
});

test('the same input gives the same bytes', async () => {
  const world = await makeWorld();
  expect(await pageOf(world, 'lab')).toBe(await pageOf(world, 'lab'));
});

test('with a store: when certificates end, and no value of a secret', async () => {
  const world = await makeWorld();
  await world.run('secrets', 'issue', 'lab');
  const store = await readFile(join(world.folder, 'lab/cluster.secrets.yaml'), 'utf8');
  const page = await pageOf(world, 'lab');
  expect(textOf(page)).toMatch(/20\d\d-\d\d-\d\d certificates of nodes: kubelet 2/);
  const values = [...store.matchAll(/[\w+/=]{24,}/g)].map(([value]) => value);
  expect(values.length).toBeGreaterThan(50);
  expect(values.filter((value) => page.includes(value))).toEqual([]);
});

test('two definitions: the change in sentences, its effect, its lines; a secret has none', async () => {
  const world = await makeWorld();
  await copyDefinition(world, 'other');
  await world.edit('    roles: [worker]', '    roles: [worker]\n    kernel_modules: [nbd]', 'other');
  await world.edit(SECRET, SECRET.replace('nh/', 'nh.'), 'other');
  const page = await pageOf(world, 'lab', 'other');
  const text = textOf(page);
  expect(text).toContain('2 of 2 images are built. Nothing reboots until you update. Since lab .');
  expect(text).toContain('each node that changes 1 file with secrets');
  expect(text).toContain('worker-01 kernel module nbd added reboot');
  expect(page).toContain('<span class="ins">+nbd</span>');
  expect(text).toContain('/etc/coldstart/passwords changed on master-01, worker-01 a secret: its content is not shown');
  expect(page).not.toContain('saltsalt');
});

test('text of the user is text', async () => {
  const world = await makeWorld();
  await world.edit(
    '    roles: [worker]',
    `    roles: [worker]
    files: [{ path: '/etc/<b>x', content: "</pre><script>alert(1)</script>\\n" }]
    labels: { note: a }`,
  );
  await copyDefinition(world, 'other');
  await world.edit('alert(1)</script>', 'alert(2)</script>', 'other');
  const page = await pageOf(world, 'lab', 'other');
  expect(page).not.toMatch(/<script|<b>/);
  expect(page).toContain('/etc/&lt;b&gt;x');
  expect(page).toContain('&lt;script&gt;alert(2)');
});

test('a card without a MAC says how it is found', async () => {
  const world = await makeWorld();
  const network = `network: { interfaces: [{ name: lan, type: ethernet, match: { driver: e1000e }, addresses: [192.168.50.21/24] }] }`;
  await world.edit("    hardware:\n      mac_addresses: ['52:54:00:12:34:02']\n", `    ${network}\n    hardware:\n`);
  await world.run('report', 'lab');
  expect(textOf(await readFile(join(world.folder, 'out/report.html'), 'utf8'))).toContain('found by its match');
});

test('a warning with its place', async () => {
  const world = await makeWorld();
  await world.edit(`      password_hash: ${SECRET}\n`, '');
  await world.run('report', 'lab');
  const page = await readFile(join(world.folder, 'out/report.html'), 'utf8');
  const said =
    'The user admin cannot log in: it has neither SSH keys nor a password. Hint: add ssh_keys cluster.yaml:12 · user/no-login';
  expect(textOf(page).replaceAll(/ +(?=:)/g, '')).toContain(said);
});

test('a definition with errors: no page', async () => {
  const world = await makeWorld();
  await writeFile(join(world.folder, 'lab/cluster.yaml'), 'cluster: {}\n');
  expect((await world.run('report', 'lab')).exitCode).toBe(2);
  await expect(readFile(join(world.folder, 'out/report.html'))).rejects.toThrow('ENOENT');
});

test('as JSON: where the page is', async () => {
  const world = await makeWorld();
  const { stdout } = await world.run('report', 'lab', '--json', '--out', 'page.html');
  const bytes = (await readFile(join(world.folder, 'page.html'))).length;
  expect(JSON.parse(stdout)).toEqual({ type: 'report', cluster: 'lab', file: 'page.html', nodes: 2, bytes });
});
