/** `coldstart import` as users call it: what it refuses, and that it writes all or nothing. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld } from './world.ts';

const TALCONFIG = `clusterName: home
kubernetesVersion: v1.35.4
endpoint: https://192.168.50.10:6443
nodes:
  - hostname: alpha
    ipAddress: 192.168.50.11
    controlPlane: true
    installDiskSelector: { serial: DISK-1 }
    networkInterfaces:
      - deviceSelector: { hardwareAddr: '52:54:00:12:34:01' }
        addresses: [192.168.50.11/24]
        routes: [{ network: 0.0.0.0/0, gateway: 192.168.50.1 }]
`;

/** Imports a folder with these files. */
async function importing(files: Readonly<Record<string, string>>) {
  const { folder, run } = await makeWorld();
  await mkdir(join(folder, 'old'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'old', name), text);
  const outcome = await run('import', join(folder, 'old'), '--out', join(folder, 'new'));
  return { ...outcome, run, folder, written: () => readdir(join(folder, 'new')).catch(() => null) };
}

test('a definition that is recognised', async () => {
  const { exitCode, stdout, folder, written } = await importing({ 'talconfig.yaml': TALCONFIG });
  expect(await written()).toEqual(expect.arrayContaining(['cluster.yaml']));
  expect(await readFile(join(folder, 'new/cluster.yaml'), 'utf8')).toMatch(/^ {2}name: home$/m);
  expect([stdout.includes('1 node from'), [0, 2].includes(exitCode)]).toEqual([true, true]);
});

test('a folder that holds something stays as it is', async () => {
  const { folder, run } = await importing({ 'talconfig.yaml': TALCONFIG });
  await writeFile(join(folder, 'new/mine.txt'), 'mine');
  await expect(run('import', join(folder, 'old'), '--out', join(folder, 'new'))).rejects.toThrow(/is not empty/);
  expect(await readFile(join(folder, 'new/mine.txt'), 'utf8')).toBe('mine');
});

test.each([
  ['import/unknown-format', { 'notes.yaml': 'shopping: [milk]\n' }],
  [
    'import/several-formats',
    { 'talconfig.yaml': TALCONFIG, 'netplan.yaml': 'network: { version: 2, ethernets: {} }\n' },
  ],
  ['import/unreadable', { 'talconfig.yaml': `${TALCONFIG}patches: ['@./a.yaml']\n`, 'a.yaml': 'machine: [\n' }],
  ['import/unreadable', { 'talconfig.yaml': `${TALCONFIG}nodes: [\n` }],
  [
    'import/unreadable',
    {
      'agent-config.yaml': 'kind: AgentConfig\nhosts: [{ hostname: alpha, role: master }]\n',
      'install-config.yaml': 'baseDomain: lab.example\nmetadata: [\n',
    },
  ],
  ['import/no-nodes', { 'talconfig.yaml': TALCONFIG.replace(/nodes:[^]*/, 'nodes: []\n') }],
])('%s: nothing is written', async (code, files) => {
  const { exitCode, stderr, written } = await importing(files);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(code) as string });
  expect(await written()).toBeNull();
});

test('a file that cannot be read is named, with the place of its fault', async () => {
  const { folder, run } = await makeWorld();
  await writeFile(join(folder, 'talconfig.yaml'), `${TALCONFIG}token: hidden-value\nnodes: [\n`);
  const { exitCode, stderr } = await run('import', join(folder, 'talconfig.yaml'), '--out', join(folder, 'new'));
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/import\/unreadable: .*talconfig\.yaml[^]*--> .*talconfig\.yaml:\d+:\d+/);
  expect(stderr).not.toContain('hidden-value');
});

test('import/unset-variable names a variable that has no value', async () => {
  const { stderr } = await importing({ 'talconfig.yaml': TALCONFIG.replace('home', '${clusterName}') });
  expect(stderr).toContain('import/unset-variable');
});

test('what `check` refuses later is refused at once: a manifest from the network needs `coldstart lock`', async () => {
  const talconfig = `${TALCONFIG}cniConfig: { name: custom, urls: ['https://lab.example/cni.yaml'] }\n`;
  const { exitCode, stdout, stderr, run, folder } = await importing({ 'talconfig.yaml': talconfig });
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('refuses it: 1 error')]);
  expect(stderr).toContain('lock/manifest-not-pinned');
  expect((await run('check', join(folder, 'new'))).exitCode).toBe(exitCode);
});
