/** The data disks of a node: made once on blank disks, used again, and refused where something else is on them. */
import { describe, expect, it } from 'vitest';
import { block, CLAIM_AT, GIB, put, withBlankDisk } from './disk.ts';

const LABEL = 'data-0a1b2c3d-01';
const CLAIM = 'coldstart-data-disk v1 lab/master-01/fast\n';
const FINISHED = 'coldstart-layout v1 lab/master-01/fast\n';

const row = (...fields: readonly string[]): string => `${fields.join('\t')}\n`;

/** A node whose only disk is to be the data disk `fast`, mounted at /srv/fast. */
async function withDataDisk(filesystem = 'ext4', size = 20 * GIB) {
  const files = {
    'etc/cluster-config/data-disks.tsv': row('fast', '-', '-', '-', '-', '-', String(GIB), '-', '-'),
    'etc/cluster-config/data-mounts.tsv': row('fast', LABEL, filesystem, '/srv/fast'),
    'etc/cluster-config/data-disks/fast/01.conf': '[Partition]\nSizeMinBytes=4G\n',
  };
  const made = await withBlankDisk({ files }, size);
  const partition = made.path(`dev/disk/by-partlabel/${LABEL}`);
  await made.command(
    'systemd-repart',
    `printf '%s\\n' "$@" >${made.path('repart')}\nmkdir -p "$(dirname ${partition})"\ntouch ${partition}`,
  );
  return made;
}

const last = async (made: { steps(): Promise<string[]> }): Promise<string | undefined> => (await made.steps()).at(-1);

describe('a blank data disk', () => {
  it('is claimed by its name, partitioned by its own definitions and offered', async () => {
    const made = await withDataDisk();
    expect((await made.run('cluster-data-disks.sh')).status).toBe(0);
    expect(await made.steps()).toEqual(['data running', 'data running', 'data done']);
    expect(await block(made.disk, CLAIM_AT)).toBe(CLAIM);
    expect(await block(made.disk, CLAIM_AT + 4096)).toBe(FINISHED);
    expect(await made.read('repart')).toContain(made.path('etc/cluster-config/data-disks/fast'));
    const link = await made.bash(`readlink "$RUN_DIR/data-disks/${LABEL}"`);
    expect(link.output).toBe(`/dev/disk/by-partlabel/${LABEL}`);
  });

  it('that is too small stays blank', async () => {
    const made = await withDataDisk('ext4', 2 * GIB);
    expect((await made.run('cluster-data-disks.sh')).status).toBe(1);
    expect(await last(made)).toBe('data failed disk-too-small');
    expect(await block(made.disk, CLAIM_AT)).toBe('');
  });
});

describe('the data disk of this node', () => {
  it('is used again and never formatted again', async () => {
    const made = await withDataDisk();
    await made.run('cluster-data-disks.sh');
    await made.command('systemd-repart', `touch ${made.path('wiped')}`);
    await made.restart();
    expect((await made.run('cluster-data-disks.sh')).status).toBe(0);
    await made.bash(`rm ${made.path(`dev/disk/by-partlabel/${LABEL}`)}`);
    await made.restart();
    expect((await made.run('cluster-data-disks.sh')).status).toBe(1);
    expect(await last(made)).toBe('data failed data-partition-missing');
    await expect(made.read('wiped')).rejects.toThrow('ENOENT');
  });

  it('is not offered with a file system that needs a decision; XFS decides for itself', async () => {
    const made = await withDataDisk();
    await made.command('e2fsck', 'exit 4');
    expect((await made.run('cluster-data-disks.sh')).status).toBe(1);
    expect(await last(made)).toBe('data failed data-damaged');
    expect((await made.bash(`readlink "$RUN_DIR/data-disks/${LABEL}"`)).status).toBe(1);
    const xfs = await withDataDisk('xfs');
    await xfs.command('e2fsck', 'exit 4');
    expect((await xfs.run('cluster-data-disks.sh')).status).toBe(0);
  });

  it('is left alone while it is mounted', async () => {
    const made = await withDataDisk();
    await made.run('cluster-data-disks.sh');
    await made.command('findmnt', `echo ${made.path(`dev/disk/by-partlabel/${LABEL}`)}`);
    await made.command('lsblk', 'exit 1');
    expect((await made.run('cluster-data-disks.sh')).status).toBe(0);
    expect(await last(made)).toBe('data done');
  });
});

describe('is refused and left as it is:', () => {
  it.each([
    ['the state disk of this node', 'coldstart-state-disk v1 lab/master-01\n', 'the state disk of lab/master-01'],
    ['another data disk of it', 'coldstart-data-disk v1 lab/master-01/slow\n', 'the data disk of lab/master-01/slow'],
  ])('%s', async (_, claim, words) => {
    const made = await withDataDisk();
    await put(made.disk, CLAIM_AT, claim);
    expect((await made.run('cluster-data-disks.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'claimed-disk',
      message: `${made.disk} is ${words} and was not changed; this node is lab/master-01/fast`,
    });
    expect(await block(made.disk, CLAIM_AT)).toBe(claim);
  });

  it('a disk with data', async () => {
    const made = await withDataDisk();
    await put(made.disk, 1000, 'precious');
    expect((await made.run('cluster-data-disks.sh')).status).toBe(1);
    expect(await last(made)).toBe('data failed foreign-disk');
    await expect(made.read('repart')).rejects.toThrow('ENOENT');
  });

  it('a data disk as the state disk', async () => {
    const made = await withDataDisk();
    await put(made.disk, CLAIM_AT, CLAIM);
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect(await last(made)).toBe('disk failed claimed-disk');
  });
});

it('a node without its data disk does not take part in the cluster', async () => {
  const made = await withDataDisk();
  await made.bash('rm "$CONFIG_DIR/state-disk.env"');
  expect((await made.run('cluster-state.sh')).status).toBe(1);
  expect((await made.ledger()).at(-1)).toMatchObject({
    cause: 'data-disk-missing',
    message: 'not mounted from a data disk: /srv/fast; the node does not take part in the cluster',
  });
  await made.run('cluster-data-disks.sh');
  await made.command('findmnt', `echo ${made.path(`dev/disk/by-partlabel/${LABEL}`)}`);
  expect((await made.run('cluster-state.sh')).status).toBe(0);
});
