import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyDefinition, makeWorld, photograph, SECRET } from '../cli/world.ts';

const UNCHANGED = 'unchanged: master-01, worker-01\nNo differences in 2 nodes.\n';

describe('diff of two configurations', () => {
  test('nothing changes', async () => {
    const world = await makeWorld();
    await copyDefinition(world, 'other');
    expect(await world.run('diff', 'lab', 'other')).toEqual({ exitCode: 0, stderr: '', stdout: UNCHANGED });
  });

  test('one node changes: its files as a unified diff, the other said to be unchanged', async () => {
    const world = await makeWorld();
    await copyDefinition(world, 'other');
    await world.edit('    roles: [worker]', '    roles: [worker]\n    kernel_modules: [nbd]', 'other');
    const { stdout } = await world.run('diff', 'lab', 'other');
    expect(stdout).toContain('--- a/worker-01/etc/modules-load.d/coldstart.conf\n');
    expect(stdout).toMatch(/^\+nbd$/m);
    expect(stdout).toMatch(/\nunchanged: master-01\n1 of 2 nodes differs: \d files? changed\.\n$/);
  });

  test('a secret that changes shows as digests', async () => {
    const world = await makeWorld();
    await copyDefinition(world, 'other');
    await world.edit(SECRET, SECRET.replace('nh/', 'nh.'), 'other');
    for (const json of [[], ['--json']]) {
      const { stdout } = await world.run('diff', 'lab', 'other', ...json);
      expect(stdout).not.toContain('saltsalt');
    }
    expect((await world.run('diff', 'lab', 'other')).stdout).toMatch(
      /^node master-01: 1 file changed\ndiff master-01\/etc\/coldstart\/passwords\nsecret sha256:[0-9a-f]{64} -> sha256:[0-9a-f]{64}\nnode worker-01: 1 file changed\ndiff worker-01\/etc\/coldstart\/passwords\nas in master-01\/etc\/coldstart\/passwords\n2 of 2 nodes differ: 2 files changed\.\n$/,
    );
  });

  test('packages and kernel arguments count as well', async () => {
    const world = await makeWorld();
    await copyDefinition(world, 'other');
    await world.edit('    roles: [worker]', '    roles: [worker]\n    packages: [vim]', 'other');
    const { stdout } = await world.run('diff', 'lab', 'other');
    expect(stdout).toContain('node worker-01: image changed, ');
    expect(stdout).toMatch(/^diff worker-01 \(image\)\n@@ -\d+,0 \+\d+ @@\n\+package vim$/m);
  });

  test('how Debian is packed counts, without passwords; an output folder of an earlier version does not say it', async () => {
    const world = await makeWorld();
    const image = "  image: { compression_level: 9, mirrors: ['https://me:hidden@mirror.lab.example/debian'] }\n";
    await world.run('render', 'lab');
    await world.edit('  users:\n', `${image}  users:\n`);
    const { stdout } = await world.run('diff', 'lab', '--node', 'worker-01');
    expect(stdout).toMatch(
      /^-Debian compression level 6\n\+Debian source https:\/\/mirror.lab.example\/debian\n\+Debian compression level 9$/m,
    );
    expect(stdout).toContain('1 of 1 node differs');
    const { stdout: sentences } = await world.run('diff', 'lab', '--markdown');
    expect(sentences).toContain('Debian compression level `9` added');

    const plan = join(world.folder, 'out/lab/plan.json');
    await writeFile(plan, (await readFile(plan, 'utf8')).replaceAll('"debian":', '"other":'));
    expect((await world.run('diff', 'lab')).stdout).toBe(UNCHANGED);
  });

  test('a node that comes is counted, and shown whole with --verbose', async () => {
    const world = await makeWorld();
    await copyDefinition(world, 'other');
    const added = `  - name: worker-02
    ip: 192.168.50.22
    roles: [worker]
    hardware: { mac_addresses: ['52:54:00:12:34:03'], state_disk: { serial: disk-3 } }
`;
    await world.edit('serial: disk-2 }\n', `serial: disk-2 }\n${added}`, 'other');
    const { stdout } = await world.run('diff', 'lab', 'other', '--node', 'worker-02');
    expect(stdout).toMatch(/^node worker-02: added, (\d+) files\n1 of 1 node differs: \1 files added\.\n$/);
    const verbose = (await world.run('diff', 'lab', 'other', '--node', 'worker-02', '--verbose')).stdout;
    expect(verbose).toContain('diff worker-02/etc/hostname\nnew file mode 0644 owner 0:0\n--- /dev/null\n');
    const back = (await world.run('diff', 'other', 'lab', '--node', 'worker-02')).stdout;
    expect(back).toMatch(/^node worker-02: removed, /);
  });
});

describe('diff against an output folder', () => {
  test('nothing is there yet', async () => {
    const { run } = await makeWorld();
    const { exitCode, stdout, stderr } = await run('diff', 'lab');
    expect([exitCode, stderr]).toEqual([0, 'out/lab contains no output yet, so all files are new.\n']);
    expect(stdout).toMatch(/^node master-01: added, \d+ files\nnode worker-01: added, /);
  });

  test('nothing has changed since, secrets included', async () => {
    const { run } = await makeWorld();
    await run('render', 'lab');
    expect(await run('diff', 'lab')).toEqual({ exitCode: 0, stderr: '', stdout: UNCHANGED });
    await run('render', 'lab', '--out', 'elsewhere');
    expect((await run('diff', 'lab', '--out', 'elsewhere')).stdout).toBe(UNCHANGED);
    expect((await run('diff', 'out/lab', 'elsewhere')).stdout).toBe(UNCHANGED);
  });

  test('a file in it that was written to is not believed', async () => {
    const { run, folder, edit } = await makeWorld();
    await run('render', 'lab');
    await writeFile(join(folder, 'out/lab/worker-01/tree/etc/hostname'), 'forged\n');
    expect((await run('diff', 'lab')).stdout).toBe(UNCHANGED); // its inventory still says what was made
    await edit('  - name: worker-01', '  - name: worker-01\n    hostname: w1');
    const { stdout } = await run('diff', 'lab', '--node', 'worker-01');
    expect(stdout).toMatch(/^diff worker-01\/etc\/hostname\ncontent sha256:\w+ -> sha256:\w+$/m);
    expect(stdout).not.toContain('forged');
  });

  test('writes nothing', async () => {
    const { run, folder } = await makeWorld();
    await run('render', 'lab');
    const before = await photograph(folder);
    await run('diff', 'lab');
    await run('check', 'lab');
    await run('explain', 'lab', 'etc/hosts', '--node', 'worker-01');
    expect(await photograph(folder)).toEqual(before);
  });
});

test('--json: an object per changed file, per node and for the whole', async () => {
  const world = await makeWorld();
  await copyDefinition(world, 'other');
  await world.edit('    roles: [worker]', '    roles: [worker]\n    packages: [vim]', 'other');
  const { stdout } = await world.run('diff', 'lab', 'other', '--json');
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const types = records.map(({ type }) => type);
  expect(records.at(-1)).toEqual({
    type: 'comparison',
    nodes: 2,
    changed: ['master-01', 'worker-01'].filter((node) =>
      records.some((record) => record['type'] === 'node' && record['node'] === node && record['change'] === 'changed'),
    ),
  });
  expect(types.filter((type) => type === 'node')).toHaveLength(2);
  expect(records.find(({ node, type }) => type === 'node' && node === 'worker-01')).toMatchObject({
    image: ['+package vim'],
  });
  for (const record of records.filter(({ type }) => type === 'file')) {
    expect(record).toMatchObject({ change: 'changed', before: { mode: '0644' }, after: { mode: '0644' } });
    expect(record['patch']).toMatch(/^--- a\/[^]*^@@ /m);
  }
});
