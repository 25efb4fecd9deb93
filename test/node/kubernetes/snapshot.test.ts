/** Snapshots of etcd: made when they are due, verified, bounded; every failure is said and leaves nothing behind. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { machine, type Machine } from '../machine.ts';

const DIR = 'var/lib/etcd-snapshots';
const MIB = 1 << 20;
const DATA = Buffer.alloc(4096, 'x');
const SNAPSHOT = Buffer.concat([DATA, createHash('sha256').update(DATA).digest()]);

/** etcdctl writes `fake/snapshot`; `fake/size` is the size of its data, `fake/free` what is free on /var. */
async function master(keep = 3): Promise<Machine> {
  const made = await machine({
    files: {
      'etc/cluster-config/etcd-snapshots.env': `SNAPSHOT_EVERY=3600\nSNAPSHOT_KEEP=${String(keep)}\n`,
      ...{ 'fake/size': '1000000\n', 'fake/free': `${String(100 * MIB)}\n`, 'fake/total': `${String(1000 * MIB)}\n` },
    },
  });
  await made.command(
    'etcdctl',
    `cd ${made.root}/fake
case "$*" in
  *'endpoint health') [[ ! -e unhealthy ]] ;;
  *'endpoint status'*) printf '"DBSize" : %s\\n' "$(cat size)" ;;
  *--command-timeout*--command-timeout*'snapshot save '*)
    if [[ -e broken ]]; then echo half >"\${!#}.part"; echo 'Error: rpc error: connection closed' >&2; exit 1; fi
    cat snapshot >"\${!#}" ;;
esac`,
  );
  await made.command(
    'etcdutl',
    `[[ ! -e ${made.root}/fake/torn ]] || { echo 'Error: integrity check failed' >&2; exit 1; }
echo '{"hash":1,"revision":42,"totalKey":7,"totalSize":4096}'`,
  );
  await made.command('df', `cd ${made.root}/fake; echo header; case $* in *avail*) cat free ;; *) cat total ;; esac`);
  await writeFile(made.path('fake/snapshot'), SNAPSHOT);
  return made;
}
const names = async (made: Machine): Promise<string[]> => (await readdir(made.path(DIR)).catch(() => [])).sort();
const take = (made: Machine, ...args: string[]) => made.run('cluster-etcd-snapshot.sh', ...args);
const last = async (made: Machine): Promise<string | undefined> => (await made.steps()).at(-1);
/** A snapshot of so many minutes ago. */
async function old(made: Machine, name: string, minutes: number, size = 10): Promise<void> {
  await mkdir(made.path(DIR), { recursive: true });
  await writeFile(made.path(`${DIR}/${name}`), Buffer.alloc(size));
  const time = new Date(Date.now() - minutes * 60_000);
  await utimes(made.path(`${DIR}/${name}`), time, time);
}

describe('a snapshot', () => {
  it('is complete, for root only, and made again only when it is due', async () => {
    const made = await master();
    expect(await take(made)).toMatchObject({ status: 0 });
    const [name] = await names(made);
    expect(await names(made)).toEqual([expect.stringMatching(/^etcd-\d{8}T\d{6}Z\.db$/)]);
    expect((await stat(made.path(`${DIR}/${name!}`))).mode & 0o777).toBe(0o600);
    expect((await stat(made.path(DIR))).mode & 0o777).toBe(0o700);
    expect(await last(made)).toBe('snapshots done');
    await take(made);
    expect(await names(made)).toEqual([name]);
    const hour = new Date(Date.now() - 3_700_000);
    await utimes(made.path(`${DIR}/${name!}`), hour, hour);
    await made.bash(`mv "$COLDSTART_ROOT/${DIR}/${name!}" "$COLDSTART_ROOT/${DIR}/etcd-20200101T000000Z.db"`);
    await take(made);
    expect(await names(made)).toHaveLength(2);
  });

  it('is made on request, and after a clock was ahead', async () => {
    const made = await master();
    await old(made, 'etcd-20200101T000000Z.db', 1);
    await take(made, '--now');
    expect(await names(made)).toHaveLength(2);
    const ahead = await master();
    await old(ahead, 'etcd-20990101T000000Z.db', -10_000);
    await take(ahead);
    expect(await names(ahead)).toHaveLength(2);
  });

  it('takes the place of the oldest, never of itself', async () => {
    const made = await master(3);
    for (const year of [2019, 2020, 2021, 2099]) await old(made, `etcd-${String(year)}0101T000000Z.db`, 100);
    await take(made);
    const left = await names(made);
    expect(left).toHaveLength(3);
    expect(left).toEqual(['etcd-20210101T000000Z.db', expect.stringMatching(/^etcd-202[6-9]/), 'etcd-20990101T000000Z.db']); // prettier-ignore
  });

  it('shares a tenth of /var with the others, two stay all the same', async () => {
    const made = await master(100);
    await made.write('fake/total', `${String(10 * MIB)}\n`);
    for (const year of [2019, 2020, 2021]) await old(made, `etcd-${String(year)}0101T000000Z.db`, 100, 0.6 * MIB);
    await take(made);
    expect((await names(made))[0]).toBe('etcd-20210101T000000Z.db');
    await made.write('fake/total', `${String(MIB)}\n`);
    await take(made, '--now');
    expect(await names(made)).toHaveLength(2);
  });

  const FAILURES: readonly (readonly [string, (made: Machine) => Promise<unknown>, string, RegExp])[] = [
    ['etcd does not answer', (made) => made.write('fake/unhealthy', ''), 'etcd-snapshot-failed', /no majority/],
    ['the connection breaks', (made) => made.write('fake/broken', ''), 'etcd-snapshot-failed', /connection closed/],
    ['it is cut off', (made) => writeFile(made.path('fake/snapshot'), SNAPSHOT.subarray(0, 3000)), 'etcd-snapshot-failed', /no checksum/], // prettier-ignore
    ['a bit is wrong', (made) => writeFile(made.path('fake/snapshot'), Buffer.concat([Buffer.alloc(4096), SNAPSHOT.subarray(4096)])), 'etcd-snapshot-failed', /checksum is wrong/], // prettier-ignore
    ['the database is damaged', (made) => made.write('fake/torn', ''), 'etcd-snapshot-failed', /integrity check failed/], // prettier-ignore
    ['there is no room', (made) => made.write('fake/free', '2999999\n'), 'etcd-snapshot-no-room', /three times|3 times/], // prettier-ignore
    ['the room is unknown', (made) => made.write('fake/free', '-\n'), 'etcd-snapshot-failed', /unknown/],
    ['the folder cannot be made', (made) => made.write(DIR, 'a file'), 'etcd-snapshot-failed', /cannot be written/],
  ];
  it.each(FAILURES)(
    'is none when %s; it says so, keeps the earlier ones, and comes later',
    async (_, fail, cause, message) => {
      // prettier-ignore
      const made = await master();
      if (!String(message).includes('written')) await old(made, 'etcd-20200101T000000Z.db', 100);
      await fail(made);
      expect((await take(made)).status).toBe(1);
      expect(await last(made)).toBe(`snapshots skipped ${cause}`);
      expect((await made.ledger()).at(-1)?.message).toMatch(message);
      if (!String(message).includes('written')) expect(await names(made)).toEqual(['etcd-20200101T000000Z.db']);
      await made.bash(
        `cd "$COLDSTART_ROOT"; rm -f fake/unhealthy fake/broken fake/torn; [[ -d ${DIR} ]] || rm -f ${DIR}`,
      );
      await made.write('fake/free', `${String(100 * MIB)}\n`);
      await writeFile(made.path('fake/snapshot'), SNAPSHOT);
      expect((await take(made)).status).toBe(0);
      expect(await last(made)).toBe('snapshots done');
    },
  );

  it('is no task of other nodes', async () => {
    const { status, output } = await (await machine()).run('cluster-etcd-snapshot.sh');
    expect([status, output]).toEqual([1, expect.stringContaining('makes no snapshots')]);
  });
});
