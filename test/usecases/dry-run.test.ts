import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, photograph, SECRET } from '../cli/world.ts';

test('prints plan, inventories and difference, and writes nothing at all', async () => {
  const { run, folder, edit } = await makeWorld();
  await run('render', 'lab');
  await mkdir(join(folder, 'cache'));
  await edit('  - name: worker-01', '  - name: worker-01\n    hostname: w1');
  const before = await photograph(folder);
  const { exitCode, stdout, stderr } = await run('build', 'lab', '--dry-run');
  expect(await photograph(folder)).toEqual(before);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(
    new RegExp(`^cluster lab: 2 nodes on 1 base layer, 2 of 2 to build

node master-01
  boot role   master-first
  roles       master
  MACs        52:54:00:12:34:01
  addresses   192.168.50.11
  base layer  common \\+ firmware \\+ kubernetes \\+ containerd \\(\\d+ packages, to be built\\)
  formats     iso
  kernel      console=\\S+ console=\\S+
  files       \\d+ files, \\d+ symlinks, [\\d.]+ KiB, 1 secret, 33 files not issued yet
  build       it has not been built yet

node worker-01
  boot role   worker
[^]*
diff worker-01/etc/hostname
--- a/worker-01/etc/hostname
\\+\\+\\+ b/worker-01/etc/hostname
@@ -1 \\+1 @@
-worker-01
\\+w1
[^]*
unchanged: master-01
1 of 2 nodes differs: \\d+ files changed\\.
$`),
  );
});

test('does not even make the folders that are not there', async () => {
  const { run, folder } = await makeWorld();
  const before = await photograph(folder);
  await run('build', 'lab', '--dry-run', '--out', 'somewhere/else');
  await run('build', 'lab', '--dry-run', '--json', '--verbose');
  expect(await photograph(folder)).toEqual(before);
});

test('--json holds whole inventories; --verbose as text as well; neither a secret', async () => {
  const { run } = await makeWorld();
  const json = (await run('build', 'lab', '--dry-run', '--json', '--node', 'worker-01')).stdout;
  const [plan] = json.split('\n').map((line) => JSON.parse(line || 'null') as Record<string, unknown>);
  expect(plan).toMatchObject({
    ...{ type: 'plan', node: 'worker-01', bootRole: 'worker', roles: ['worker'], macs: ['52:54:00:12:34:02'] },
    ...{ addresses: ['192.168.50.21'], formats: ['iso'], rebuild: true, reasons: ['it has not been built yet'] },
  });
  const lines = plan?.['inventory'] as string[];
  expect(lines).toContainEqual(expect.stringMatching(/^0644 0:0 file sha256:\w{64} etc\/hostname$/));
  const text = (await run('build', 'lab', '--dry-run', '--verbose', '--node', 'worker-01')).stdout;
  expect(text).toContain(lines.map((line) => `    ${line}\n`).join(''));
  expect(json + text).not.toContain(SECRET);
  expect(json + text).not.toContain('saltsalt');
});

test('formats that are asked for on the command line', async () => {
  const { run } = await makeWorld();
  const { stdout } = await run('build', 'lab', '--dry-run', '--format', 'tar', '--format', 'iso,tar');
  expect(stdout).toContain('  formats     tar, iso\n');
});
