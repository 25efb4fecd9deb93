/** The owner of a disk; if a start is interrupted at any command, the next start completes it. */
import { describe, expect, it } from 'vitest';
import { block, CLAIM_AT, GIB, MIB, put, withBlankDisk } from './disk.ts';

const CLAIM = 'coldstart-state-disk v1 lab/master-01\n';
const FINISHED = 'coldstart-layout v1 lab/master-01\n';
const messages = (output: string): string[] => output.split('\n').filter((line) => line.startsWith('coldstart: disk'));

describe('a blank disk', () => {
  it('is claimed, partitioned and offered', async () => {
    const made = await withBlankDisk();
    const { status, output } = await made.run('cluster-disk.sh');
    expect([status, messages(output)]).toEqual([
      0,
      [
        'coldstart: disk running: looking for the state disk',
        'coldstart: disk running: partitioning the blank disk /disk',
        'coldstart: disk done: /var is on /dev/disk/by-partlabel/var-0a1b2c3d',
      ],
    ]);
    expect(await block(made.disk, CLAIM_AT)).toBe(CLAIM);
    expect(await block(made.disk, CLAIM_AT + 4096)).toBe(FINISHED);
  });

  it('hands a BIOS on to the next device, and leaves boot code that somebody put there', async () => {
    const made = await withBlankDisk();
    await made.run('cluster-disk.sh');
    expect((await block(made.disk, 0)).slice(0, 2)).toBe('\xcd\x18'); // INT 18h
    await put(made.disk, 0, 'GRUB');
    await made.restart();
    expect((await made.run('cluster-disk.sh')).status).toBe(0);
    expect((await block(made.disk, 0)).slice(0, 4)).toBe('GRUB');
  });

  it('carries the claim before systemd-repart begins', async () => {
    const made = await withBlankDisk({ commands: { 'systemd-repart': 'exit 1' } });
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect(await block(made.disk, CLAIM_AT)).toBe(CLAIM);
    expect(await block(made.disk, CLAIM_AT + 4096)).toBe('');
    expect((await made.steps()).at(-1)).toBe('disk failed layout-failed');
  });

  it('that is too small is named with its size, and stays blank', async () => {
    const made = await withBlankDisk({}, 10 * GIB);
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'disk-too-small',
      message: '/disk has 10.0GiB, the state disk needs at least 10.6GiB'.replace('/disk', made.disk),
    });
    expect(await block(made.disk, CLAIM_AT)).toBe('');
  });
});

describe('the layout of this node', () => {
  it('is used again without a write', async () => {
    const made = await withBlankDisk();
    await made.run('cluster-disk.sh');
    await made.command('systemd-repart', 'exit 1');
    await made.restart();
    expect((await made.run('cluster-disk.sh')).status).toBe(0);
  });

  it('is never made again once it was finished, whatever happened to it', async () => {
    const made = await withBlankDisk();
    await made.run('cluster-disk.sh');
    await made.command('systemd-repart', `touch ${made.path('wiped')}`);
    await made.bash(`rm ${made.path('dev/disk/by-partlabel/var-0a1b2c3d')}`);
    await put(made.disk, 0, '\0'.repeat(34 * 512));
    await made.restart();
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe('disk failed var-partition-missing');
    await expect(made.read('wiped')).rejects.toThrow('ENOENT');
  });

  it('is not offered with a file system that needs a decision', async () => {
    const made = await withBlankDisk({ commands: { e2fsck: 'exit 4' } });
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe('disk failed var-damaged');
    await expect(made.bash('readlink $RUN_DIR/var-disk')).resolves.toMatchObject({ status: 1 });
  });
});

it('a disk that was refused is not tried again before a restart', async () => {
  const made = await withBlankDisk();
  await put(made.disk, MIB / 4, 'precious');
  await made.run('cluster-disk.sh');
  const before = await made.steps();
  await put(made.disk, MIB / 4, '\0'.repeat(8));
  expect(await made.run('cluster-disk.sh')).toEqual({
    status: 1,
    output: 'cluster-disk.sh: this ran once since the machine was started; restart the machine to try again',
  });
  expect(await made.steps()).toEqual(before);
});

describe('anything else is refused and left as it is', () => {
  it('the state disk of another node, by its name', async () => {
    const made = await withBlankDisk();
    await put(made.disk, CLAIM_AT, 'coldstart-state-disk v1 lab/worker-01\n');
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'claimed-disk',
      message: `${made.disk} is the state disk of lab/worker-01 and was not changed; this node is lab/master-01`,
    });
  });

  it.each<[string, number, string]>([
    ['data in the first MiB', 40 * 512, 'x'],
    ['data in the last MiB', 20 * GIB - 512, 'x'],
    ['a claim of an unknown version', CLAIM_AT, 'coldstart-state-disk v2 lab/master-01'],
    ['a longer claim', CLAIM_AT, 'coldstart-state-disk v1 lab/master-01x\n'],
  ])('%s', async (_, offset, text) => {
    const made = await withBlankDisk();
    await made.command('systemd-repart', `touch ${made.path('wiped')}`);
    await put(made.disk, offset, text);
    expect((await made.run('cluster-disk.sh')).status).toBe(1);
    expect((await made.steps()).at(-1)).toMatch(/^disk failed (foreign|claimed)-disk$/);
    expect(await block(made.disk, offset)).toMatch(text);
    await expect(made.read('wiped')).rejects.toThrow('ENOENT');
  });

  it('a file system, named in words with what a person may do', async () => {
    const made = await withBlankDisk();
    await put(made.disk, 0x8001, 'CD001');
    await put(made.disk, 0x8000, '\x01');
    await put(made.disk, 0x8028, 'Debian 13'.padEnd(32));
    await made.run('cluster-disk.sh');
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'foreign-disk',
      message: `${made.disk} contains data that does not belong to this node; it was not changed\n${made.disk}: iso9660 labelled "Debian 13"`,
      todo: `if its content is not needed: cluster-disk.sh --clear ${made.disk}, then restart; otherwise correct the selector`,
    });
  });
});

/** The boot sector as a BIOS takes it: it runs the code if there is a signature, and zeros would hang it. */
async function bootSector(disk: string): Promise<string> {
  const sector = (await block(disk, 0)).padEnd(512, '\0');
  if (sector.slice(510, 512) !== '\x55\xaa') return 'no signature';
  return sector.startsWith('\xcd\x18') ? 'hands over' : 'a signature without code';
}

describe('cut off', () => {
  // Each is a command after which, or instead of which, the machine goes down.
  const die = 'kill -9 -- "-$(ps -o pgid= $$ | tr -d " ")"';
  it.each<[string, string, string]>([
    ['before the claim is written', 'dd', `[[ "$*" != *of=*seek=${CLAIM_AT}* ]] && exec /bin/dd "$@"`],
    ['after the claim is written', 'dd', `/bin/dd "$@"; [[ "$*" != *of=*seek=${CLAIM_AT}* ]] && exit`],
    ['before the partition table is begun', 'sfdisk', ':'],
    ['before systemd-repart has done anything', 'systemd-repart', ':'],
    [
      'before the layout is marked as finished',
      'dd',
      `[[ "$*" != *of=*seek=${CLAIM_AT + 4096}* ]] && exec /bin/dd "$@"`,
    ],
    ['before the file system is checked', 'e2fsck', ':'],
    ['before the partition is offered', 'ln', ':'],
  ])('%s, the next start finishes it', async (_, command, body) => {
    const made = await withBlankDisk();
    const blank = await withBlankDisk();
    await made.command(command, `${body}\n${die}`);
    expect((await made.run('cluster-disk.sh')).status).not.toBe(0);
    expect(await bootSector(made.disk)).not.toBe('a signature without code');
    const whole = await blank.read(`commands/${command}`).catch(() => `exec /bin/${command} "$@"`);
    await made.command(command, whole.replaceAll(blank.root, made.root));
    await made.restart();
    const { status } = await made.run('cluster-disk.sh');
    expect(status).toBe(0);
    expect(await block(made.disk, CLAIM_AT)).toBe(CLAIM);
    expect(await block(made.disk, CLAIM_AT + 4096)).toBe(FINISHED);
  });
});

describe('--clear', () => {
  it('changes nothing unless the name is typed', async () => {
    const made = await withBlankDisk();
    await put(made.disk, MIB / 4, 'precious');
    expect((await made.run('cluster-disk.sh', '--clear', made.disk)).status).toBe(1);
    expect(await block(made.disk, MIB / 4)).toBe('precious');
  });

  it('makes the disk blank for the next start', async () => {
    const made = await withBlankDisk();
    await put(made.disk, MIB / 4, 'precious');
    await put(made.disk, 20 * GIB - 512, 'precious');
    await made.bash(`"$BIN_DIR/cluster-disk.sh" --clear ${made.disk} <<<${made.disk}`);
    expect((await made.run('cluster-disk.sh')).status).toBe(0);
  });

  it('leaves a disk in use alone', async () => {
    const made = await withBlankDisk({ commands: { lsblk: 'echo /srv' } });
    await put(made.disk, MIB / 4, 'precious');
    expect((await made.bash(`"$BIN_DIR/cluster-disk.sh" --clear ${made.disk} <<<${made.disk}`)).status).toBe(1);
    expect(await block(made.disk, MIB / 4)).toBe('precious');
  });
});
