/**
 * The state disk and data disks with the real systemd-repart, mkfs and wipefs on a loop device: created on an empty disk, and
 * completed from every state that a power cut may leave. The container's boots (first-boot.test.ts) test the rest.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { cluster, noDisk, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { DISK_EXTRA } from '../containers/container.ts';
import { writeTree } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const SIZE = 20 * GIB;
const CLAIM_AT = 512 * 1024;
const SECTOR = 512;
const MADE = ['running', 'running', 'done'];
const USED = ['running', 'done'];

let folder: string;
let number = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldstart-disk-'));
  const disk = { ...noDisk, path: '/dev/test-disk' };
  const partitions = [
    { mount: '/srv/small', filesystem: 'ext4', size: 2 * GIB },
    { mount: '/srv/large', filesystem: 'ext4', size: null },
  ] as const;
  const subject = node('master-01', 1, { stateDisk: disk, dataDisks: [{ name: 'data', disk, partitions }] });
  mkdirSync(join(folder, 'tree'));
  writeTree(join(folder, 'tree'), [...renderNode(cluster({ nodes: [subject] }), subject, SOURCES), ...DISK_EXTRA]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function blankDisk(): string {
  number += 1;
  const disk = join(folder, `disk-${String(number)}.img`);
  writeFileSync(disk, '');
  truncateSync(disk, SIZE);
  return disk;
}

/** States of the program's step, or everything that was printed when the file system is not as it should be. */
function run(disk: string, snapshots = '', program = 'cluster-disk.sh'): string[] {
  const scratch = mkdtempSync(join(folder, 'scratch-'));
  const script = join(import.meta.dirname, 'run-on-disk.sh');
  const args = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    script,
    root ?? '',
    join(folder, 'tree'),
    scratch,
    disk,
    snapshots,
    program,
  ];
  const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) return [`status ${String(status)}`, stdout, stderr];
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { state: string; cause: string })
    .map(({ state, cause }) => `${state} ${cause}`.trimEnd());
}

function overwrite(disk: string, offset: number, content: Buffer): void {
  const file = openSync(disk, 'r+');
  writeSync(file, content, 0, content.length, offset);
  closeSync(file);
}

function bytesAt(disk: string, offset: number, length: number): Buffer {
  const file = openSync(disk, 'r');
  const buffer = Buffer.alloc(length);
  readSync(file, buffer, 0, length, offset);
  closeSync(file);
  return buffer;
}

const textAt = (disk: string, offset: number): string =>
  bytesAt(disk, offset, 4096).toString('latin1').replace(/\0+$/, '');

/** Digests of the first 16 MiB and the last: tables, claims, superblocks of what begins there. */
const edges = (disk: string): string[] =>
  [bytesAt(disk, 0, 16 * MIB), bytesAt(disk, SIZE - MIB, MIB)].map((bytes) =>
    createHash('sha256').update(bytes).digest('hex'),
  );

/** Where the partitions begin, in bytes. */
function starts(disk: string): number[] {
  const { stdout } = spawnSync('partx', ['--output', 'START', '--noheadings', '--raw', disk], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((start) => Number(start) * SECTOR);
}

const startOfVar = (disk: string): number => starts(disk)[3] ?? 0;

/** When the file system of /var was made: the superblock is 1024 bytes into the partition, `s_mkfs_time` at 0x108. */
const madeAt = (disk: string, start = startOfVar(disk)): number =>
  bytesAt(disk, start + 1024 + 0x108, 4).readUInt32LE();

const copyOf = (disk: string): string => {
  const copy = blankDisk();
  rmSync(copy);
  spawnSync('cp', ['--sparse=always', disk, copy]);
  return copy;
};

describe.skipIf(root === null)('a state disk', () => {
  let finished: string;
  beforeAll(() => {
    finished = blankDisk();
    expect(run(finished)).toEqual(MADE);
  });

  test('is claimed outside of the partition table and the partitions', () => {
    expect(textAt(finished, CLAIM_AT)).toBe('coldstart-state-disk v1 lab/master-01\n');
    expect(textAt(finished, CLAIM_AT + 4096)).toBe('coldstart-layout v1 lab/master-01\n');
    expect(Math.min(...starts(finished))).toBeGreaterThanOrEqual(MIB);
  });

  test('is used as it is from then on', () => {
    const disk = copyOf(finished);
    expect(run(disk)).toEqual(USED);
    expect(edges(disk)).toEqual(edges(finished));
    expect(madeAt(disk)).toBe(madeAt(finished));
    rmSync(disk);
  });

  test('is refused to another node', () => {
    const disk = copyOf(finished);
    overwrite(disk, CLAIM_AT, Buffer.from('coldstart-state-disk v1 lab/master-02\n'));
    expect(run(disk)).toEqual(['running', 'failed claimed-disk']);
    rmSync(disk);
  });

  const lost: readonly [string, readonly (readonly [offset: number, bytes: number])[]][] = [
    ['the protective MBR', [[0, SECTOR]]],
    ['the first table', [[SECTOR, 33 * SECTOR]]],
    ['the copy of the table', [[SIZE - 33 * SECTOR, 33 * SECTOR]]],
    [
      'both tables',
      [
        [0, 34 * SECTOR],
        [SIZE - 33 * SECTOR, 33 * SECTOR],
      ],
    ],
    ['nothing but the mark', []],
  ];

  test.each(lost)('whose first start was cut off before it had written %s is finished', (_, ranges) => {
    const disk = copyOf(finished);
    overwrite(disk, CLAIM_AT + 4096, Buffer.alloc(4096));
    for (const [offset, bytes] of ranges) overwrite(disk, offset, Buffer.alloc(bytes));
    expect(run(disk)).toEqual(MADE);
    rmSync(disk);
  });

  test('that was complete once is never formatted again, even without its table', () => {
    const disk = copyOf(finished);
    overwrite(disk, 0, Buffer.alloc(34 * SECTOR));
    overwrite(disk, SIZE - 33 * SECTOR, Buffer.alloc(33 * SECTOR));
    const before = copyOf(disk);
    expect(run(disk)).toEqual(['running', 'failed var-partition-missing']);
    expect(edges(disk)).toEqual(edges(before));
    expect(madeAt(disk, startOfVar(finished))).toBe(madeAt(finished));
    rmSync(disk);
    rmSync(before);
  });

  test('is finished from whatever had reached it at any moment of the first start', () => {
    const snapshots = join(folder, 'snapshots');
    mkdirSync(snapshots);
    expect(run(blankDisk(), snapshots)).toEqual(MADE);
    // The last copy may have been cut off in the middle itself.
    const taken = readdirSync(snapshots).sort().slice(0, -1);
    expect(taken.length).toBeGreaterThan(3);
    // A BIOS runs the code of a boot sector with a signature; zeros would hang it.
    const sectors = taken.map((name) => bytesAt(join(snapshots, name), 0, SECTOR));
    const bootable = sectors.filter((sector) => sector.readUInt16LE(510) === 0xaa55);
    expect(bootable.length).toBeGreaterThan(0);
    for (const sector of bootable) expect(sector.readUInt16BE(0)).toBe(0xcd18);
    const some = taken.filter((_, index) => index % Math.ceil(taken.length / 12) === 0);
    for (const name of some) {
      const outcome = run(join(snapshots, name));
      expect([MADE, USED], `${name} of ${taken.join(' ')}`).toContainEqual(outcome);
    }
  });

  test('that belongs to something else is left untouched', () => {
    const disk = blankDisk();
    spawnSync('mkfs.ext4', ['-q', '-F', '-L', 'precious', disk]);
    const before = copyOf(disk);
    expect(run(disk)).toEqual(['running', 'failed foreign-disk']);
    expect(edges(disk)).toEqual(edges(before));
  });
});

describe.skipIf(root === null)('a data disk', () => {
  const runData = (disk: string): string[] => run(disk, '', 'cluster-data-disks.sh');
  let finished: string;
  beforeAll(() => {
    finished = blankDisk();
    expect(runData(finished)).toEqual(MADE);
  });

  test('has its partitions, with file systems, and is claimed beside them', () => {
    expect(textAt(finished, CLAIM_AT)).toBe('coldstart-data-disk v1 lab/master-01/data\n');
    const [small = 0, large = 0, ...more] = starts(finished);
    expect(more).toEqual([]);
    expect(large - small).toBe(2 * GIB);
    expect(madeAt(finished, large)).toBeGreaterThan(0);
  });

  test('is used as it is from then on, and formatted again only if its first start was cut off', () => {
    const disk = copyOf(finished);
    expect(runData(disk)).toEqual(USED);
    for (const start of starts(finished)) expect(madeAt(disk, start)).toBe(madeAt(finished, start));
    overwrite(disk, CLAIM_AT + 4096, Buffer.alloc(4096));
    expect(runData(disk)).toEqual(MADE);
    rmSync(disk);
  });

  test('is refused as the state disk, and the state disk as a data disk', () => {
    const disk = copyOf(finished);
    expect(run(disk)).toEqual(['running', 'failed claimed-disk']);
    expect(edges(disk)).toEqual(edges(finished));
    const state = blankDisk();
    run(state);
    expect(runData(state)).toEqual(['running', 'failed claimed-disk']);
  });
});
