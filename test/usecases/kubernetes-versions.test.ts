/** Versions of Kubernetes against the last build, and against the calendar: what is refused, and what is said. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { endOfFixes } from '../../src/config/kubernetes/releases.ts';
import { endingSupport } from '../../src/usecases/prerequisites/support.ts';
import { builtVersions, skewedVersions } from '../../src/usecases/running-cluster/kubernetes-versions.ts';
import { makeWorld } from '../cli/world.ts';
import { cluster, node } from '../render/cluster.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const settings = { locate: () => undefined, isWritten: () => true, frame: () => undefined };

/** Two masters, a worker and a storage node, in this version. */
function project(version: string) {
  const base = cluster();
  const nodes = [
    node('master-01', 1, { roles: ['master'], bootRole: 'master-first' }),
    node('master-02', 2, { roles: ['master'], bootRole: 'master-additional' }),
    node('worker-01', 3, { roles: ['worker'] }),
    node('store-01', 4, { roles: ['ceph-osd'], bootRole: 'storage' }),
  ];
  return { cluster: { ...base, nodes, kubernetes: { ...base.kubernetes, version } }, settings };
}

const all = (version: string) => ({ 'master-01': version, 'master-02': version, 'worker-01': version });
const found = (version: string, built: Record<string, string>, chosen?: readonly string[]): string[] =>
  skewedVersions(project(version), chosen, new Map(Object.entries(built))).map(({ code, message }) =>
    [code, ...(message.match(/`[^`]+`/g) ?? [])].join(' '),
  );

describe('against the last build', () => {
  it.each([
    ['the first build', '1.36.0', {}, undefined, []],
    ['the same minor version', '1.35.4', all('1.35.9'), undefined, []],
    ['the next one', '1.36.0', all('1.35.4'), undefined, []],
    ['a skipped one', '1.36.0', all('1.34.1'), undefined, ['kubernetes/minor-skipped `master-01`']],
    ['a lower one', '1.35.4', all('1.36.0'), undefined, ['kubernetes/minor-lowered `master-01`']],
    ['a master alone', '1.36.0', all('1.35.4'), ['master-01'], []],
    ['a worker alone', '1.36.0', all('1.35.4'), ['worker-01'], ['kubernetes/version-skew `worker-01` `master-01`']],
    ['a worker after its masters', '1.36.0', { ...all('1.36.0'), 'worker-01': '1.33.0' }, ['worker-01'], []],
    [
      'a worker after one of two masters',
      ...(['1.36.0', { ...all('1.35.4'), 'master-01': '1.36.0' }, ['worker-01']] as const),
      ['kubernetes/version-skew `worker-01` `master-02`'],
    ],
    [
      'a master that another one does not follow',
      ...(['1.36.0', { ...all('1.34.1'), 'master-01': '1.35.4' }, ['master-01']] as const),
      ['kubernetes/version-skew `master-01` `master-02`'],
    ],
    ['a storage node', '1.36.0', all('1.34.1'), ['store-01'], []],
  ] as [string, string, Record<string, string>, string[] | undefined, string[]][])(
    '%s',
    (_, version, built, chosen, expected) => {
      expect(found(version, built, chosen)).toEqual(expected);
    },
  );

  it('says which version comes next: kubernetes/minor-skipped', () => {
    const [skipped] = skewedVersions(project('1.37.0'), undefined, new Map([['master-01', '1.34.1']]));
    expect(skipped).toMatchObject({ severity: 'error' });
    expect(skipped?.hint).toMatch(/^update to 1\.35 first/);
  });

  it('knows the versions of the manifest, not those of another cluster', async () => {
    const folder = await temporaryFolder();
    const nodes = { a: { kubernetes: '1.35.4' }, b: { kubernetes: null }, c: {} };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ schema: 2, cluster: 'lab', nodes }));
    expect([...(await builtVersions(folder, 'lab'))]).toEqual([['a', '1.35.4']]);
    expect([...(await builtVersions(folder, 'other'))]).toEqual([]);
    expect([...(await builtVersions(join(folder, 'none'), 'lab'))]).toEqual([]);
  });

  it('is an error for a build and a warning for a comparison: kubernetes/minor-lowered', async () => {
    const { folder, run } = await makeWorld();
    await mkdir(join(folder, 'out/lab'), { recursive: true });
    const manifest = { schema: 2, cluster: 'lab', nodes: { 'master-01': { kubernetes: '1.36.0' } } };
    await writeFile(join(folder, 'out/lab/manifest.json'), JSON.stringify(manifest));
    const build = await run('build', '--dry-run', 'lab');
    expect([build.exitCode, build.stderr]).toEqual([2, expect.stringContaining('error kubernetes/minor-lowered')]);
    const diff = await run('diff', 'lab');
    expect([diff.exitCode, diff.stderr]).toEqual([0, expect.stringContaining('warning kubernetes/minor-lowered')]);
  });
});

describe('against the calendar', () => {
  const codes = (day: string) => endingSupport(project('1.35.4'), new Date(day)).map(({ code }) => code);

  it.each([
    ['2026-12-31T23:59:59Z', []],
    ['2027-01-01T00:00:00Z', ['kubernetes/end-of-life-soon']],
    ['2027-02-28T23:59:59Z', ['kubernetes/end-of-life-soon']],
    ['2027-03-01T00:00:00Z', ['kubernetes/end-of-life']],
  ])('%s', (day, expected) => {
    expect(codes(day)).toEqual(expected);
    expect(endOfFixes('1.35.4')).toBe(Date.parse('2027-03-01'));
  });

  test('says nothing about a cluster of storage nodes', () => {
    const of = project('1.33.0');
    const nodes = of.cluster.nodes.filter(({ name }) => name === 'store-01');
    expect(endingSupport({ ...of, cluster: { ...of.cluster, nodes } }, new Date())).toEqual([]);
  });

  test('is a warning of `check` and `build`', async () => {
    const { edit, run } = await makeWorld();
    await edit('1.35.4', '1.34.9');
    for (const command of [['check'], ['build', '--dry-run']]) {
      const { exitCode, stderr } = await run(...command, 'lab');
      expect([exitCode, stderr]).toEqual([
        0,
        expect.stringContaining("Upstream's fixes for Kubernetes 1.34 ended on 2026-10-27."),
      ]);
    }
  });

  test('takes the day of SOURCE_DATE_EPOCH, if it is set', async () => {
    const { run } = await makeWorld({ SOURCE_DATE_EPOCH: String(Date.parse('2028-01-01') / 1000) });
    expect((await run('check', 'lab')).stderr).toContain('kubernetes/end-of-life:');
  });
});
