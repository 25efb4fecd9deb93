/**
 * The scripts of Ceph against fake commands with fixed answers: which node founds a cluster and which nodes join, the
 * owner of a disk, the order of writes. The daemons themselves are in test/ceph.
 */
import { open, truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { lsblk, MIB } from './disk/disk.ts';
import { machine, UUID, type Machine, type Setup } from './machine.ts';

const FSID = '5f0c1a52-1111-4222-8333-444455556666';
const OTHER = '99999999-1111-4222-8333-444455556666';
const SIZE = 64 * MIB;
const RING = '[mon.]\n\tkey = MON\n\tcaps mon = "allow *"\n[client.admin]\n\tkey = ADMIN\n\tcaps mon = "allow *"\n';

const ENV = `CEPH_FSID=${FSID}
CEPH_MONS="store-01 master-01 store-03"
CEPH_MON_ADDRS="[v2:127.0.0.1:3300,v1:127.0.0.1:6789] [v2:127.0.0.2:3300] [v2:127.0.0.3:3300]"
CEPH_MON_IPS="127.0.0.1 127.0.0.2 127.0.0.3"
CEPH_CEPHFS=no
CEPH_DASHBOARD=no
`;

/** `master-01` as a storage node, with one disk that a selector means. Calls of the commands stand in /calls. */
async function storage(setup: Setup = {}): Promise<Machine & { readonly disk: string }> {
  const made = await machine({
    ...setup,
    env: { NODE_ROLES: 'ceph-mon ceph-osd', BOOT_ROLE: 'storage', ...setup.env },
    files: {
      'etc/cluster-config/ceph.env': ENV,
      'etc/ceph/ceph.mon.keyring': RING,
      disk: '',
      calls: '',
      ...setup.files,
    },
  });
  const disk = made.path('disk');
  await truncate(disk, SIZE);
  await made.write('etc/cluster-config/osd-disks.tsv', `-\t-\t-\tdisk\t-\t-\t-\t-\n`);
  const note = `printf '%s\\n' "\${0##*/} $*" >>${made.path('calls')}`;
  const ceph = `case "$*" in
  *' osd new '*) echo 7 ;;
  *' osd dump '*) echo '{"osds": [{"osd": 7, "uuid": "${UUID}", "up": 1}]}' ;;
  'daemon osd.7 status '*) echo '{"state": "active"}' ;;
  *bootstrap-osd*' mon getmap '*) ;;
  *' mon getmap '*) exit 1 ;;
esac`;
  const commands = {
    lsblk: `cat <<'EOF'\n${lsblk({ disk: { model: 'disk', size: SIZE } }).replace('/dev/disk', disk)}\nEOF`,
    chown: 'exit 0',
    blockdev: 'exec stat -c %s "$2"',
    ceph: `${note}\n${ceph}`,
    monmaptool: `${note}\ntouch "\${@: -1}"`,
    'ceph-mon': `${note}\nmkdir -p ${made.path('var/lib/ceph/mon/new')}`,
    'ceph-osd': note,
    'ceph-volume': note,
    'ceph-authtool': 'echo KEY',
    'ceph-bluestore-tool': 'exit 1',
    ...setup.commands,
  };
  for (const [name, body] of Object.entries(commands)) await made.command(name, body);
  return { ...made, disk };
}

const run = (made: Machine, body: string) => made.bash(`load_ceph\n${body}`);
const calls = async (made: Machine): Promise<string[]> =>
  (await made.read('calls'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(made.root, ''));

const label = (of: Readonly<Record<string, unknown>>): string => `echo '${JSON.stringify({ disk: of })}'`;
const FINISHED = { osd_uuid: UUID, ceph_fsid: FSID, ready: 'ready', whoami: '7' };

async function put(disk: string, offset: number, text: string): Promise<void> {
  const file = await open(disk, 'r+');
  await file.write(Buffer.from(text), 0, text.length, offset);
  await file.close();
}

async function textAt(disk: string, offset: number): Promise<string> {
  const file = await open(disk, 'r');
  const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, offset);
  await file.close();
  return buffer.toString('latin1').replace(/\0+$/, '');
}

describe('a monitor with a store', () => {
  const store = (fsid: string): Setup => ({
    files: { 'var/lib/ceph/mon/ceph-master-01/keyring': '' },
    commands: {
      'ceph-mon': 'map=$(sed "s/.*--extract-monmap \\([^ ]*\\).*/\\1/" <<<"$*"); touch "$map"',
      monmaptool: `echo 'epoch 1'; echo 'fsid ${fsid}'`,
      systemctl: '[[ $1 != is-active ]]',
    },
  });

  it('of another cluster starts nothing, asks a person, and may be reset without asking the others', async () => {
    const made = await storage(store(OTHER));
    expect((await run(made, 'start_monitor')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe('monitor failed ceph-store-of-another-cluster');
    expect((await made.ledger()).at(-1)?.message).toContain(OTHER);
    expect(await run(made, 'ls "$(mon_store)"')).toMatchObject({ output: 'keyring' });
    await made.command('ceph', 'exit 1');
    expect((await run(made, 'monitors_let_go')).status).toBe(0);
  });

  it('of its own cluster is the one that it starts', async () => {
    const made = await storage(store(FSID));
    expect((await run(made, 'mon_store_is_ours')).status).toBe(0);
  });

  it('that cannot be read is left to the monitor, which says why', async () => {
    const made = await storage(store(OTHER));
    await made.command('ceph-mon', 'exit 1');
    expect((await run(made, 'mon_store_is_ours')).status).toBe(0);
  });
});

describe('a monitor without a store', () => {
  it('founds the cluster from the map that all images have, when nothing tells of an earlier one', async () => {
    const made = await storage();
    expect(await run(made, 'make_monitor')).toMatchObject({ status: 0 });
    expect((await calls(made))[0]).toBe(
      `monmaptool --create --clobber --fsid ${FSID} --addv store-01 [v2:127.0.0.1:3300,v1:127.0.0.1:6789] --addv master-01 [v2:127.0.0.2:3300] --addv store-03 [v2:127.0.0.3:3300] /run/cluster/ceph.monmap`,
    );
    await expect(run(made, 'ls "$CEPH_VAR/mon"')).resolves.toMatchObject({ output: 'ceph-master-01' });
  });

  it('joins the cluster that others stand behind, with the map as it is now', async () => {
    const made = await storage();
    await made.command('ceph', `[[ "$*" == *getmap* ]] && touch ${made.path('run/cluster/ceph.monmap')}`);
    expect(await run(made, 'reachable_monitors() { echo store-01; }\nmake_monitor')).toMatchObject({ status: 0 });
    expect((await calls(made)).map((line) => line.split(' ')[0])).toEqual(['ceph-mon']);
  });

  it.each<[string, Setup]>([
    ['was part of the cluster', { files: { 'var/lib/cluster-state/ceph-bootstrapped': '2026-11-26T07:00:00Z\n' } }],
    ['holds data of the cluster', { commands: { 'ceph-bluestore-tool': label(FINISHED) } }],
  ])('founds none on a node that %s', async (_, setup) => {
    const made = await storage(setup);
    expect((await run(made, 'make_monitor')).status).toBe(1);
    expect(await made.steps()).toEqual([
      ...['monitor waiting ceph-store-missing', 'monitor failed ceph-store-missing'],
    ]);
    expect(await calls(made)).toEqual([]);
  });

  it('leaves no half of one behind', async () => {
    const made = await storage({ commands: { 'ceph-mon': 'echo no room; exit 1' } });
    expect((await run(made, 'make_monitor')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'ceph-monitor-not-made',
      message: "the monitor's store cannot be created: no room",
    });
    expect((await run(made, 'ls "$CEPH_VAR/mon"')).output).toBe('new');
  });
});

describe('a node whose monitor', () => {
  const journal = `case "$*" in
  *'--grep Main process exited, code=(killed|dumped)'*) echo 'Main process exited, code=killed, status=4/ILL' ;;
  *_SYSTEMD_UNIT=*) echo 'what it wrote last' ;;
esac`;
  const unit = (restarts: number, isActive: boolean): string => `case $1 in
  show) echo ${String(restarts)} ;;
  is-active) exit ${isActive ? '0' : '3'} ;;
esac`;
  const WITHOUT_IT = `[[ $* != *quorum_status* ]] || echo '{"quorum_names": ["store-01", "store-03"]}'`;
  const outcome = async (restarts: number, isActive: boolean, ceph: string) => {
    const commands = { systemctl: unit(restarts, isActive), journalctl: journal, ceph };
    const made = await storage({ commands });
    expect(await run(made, 'await_own_monitor')).toMatchObject({ status: 1 });
    return (await made.ledger()).at(-1);
  };

  it.each<[string, number, boolean, string, string]>([
    ['ends again and again, while no other answers,', 2, true, 'exit 1', 'what it wrote last'],
    ['does not run', 0, false, 'exit 1', 'Main process exited, code=killed, status=4/ILL'],
    ['ends again and again beside others that work', 2, true, WITHOUT_IT, 'what it wrote last'],
  ])('%s is told so', async (_, restarts, isActive, ceph, words) => {
    expect(await outcome(restarts, isActive, ceph)).toMatchObject({
      cause: 'ceph-monitor-down',
      message: `this node's monitor keeps ending: ${words}`,
    });
  });

  it.each([
    ['no majority', 'exit 1', 'ceph-no-quorum'],
    ['a majority without it', WITHOUT_IT, 'ceph-monitor-outside'],
  ])('stays up hears that there is %s', async (_, ceph, cause) => {
    expect(await outcome(1, true, ceph)).toMatchObject({ cause });
  });
});

describe('whose a disk is', () => {
  const claim = (fsid: string): string => `coldstart-osd-disk v1 ${fsid} ${UUID}\n`;
  const state = async (made: Machine & { disk: string }): Promise<string> =>
    (await run(made, `osd_disk_state ${made.disk}`)).output;

  it('is nobody’s when it is blank', async () => {
    expect(await state(await storage())).toBe('blank');
  });

  it.each<[string, Record<string, unknown>]>([
    ['finished', FINISHED],
    ['other', { ...FINISHED, ceph_fsid: OTHER }],
    ['other', { osd_uuid: UUID }],
  ])('is said by the label: %s', async (expected, of) => {
    expect(await state(await storage({ commands: { 'ceph-bluestore-tool': label(of) } }))).toBe(expected);
  });

  it('is this node’s when it was being prepared: by the claim, or by the label that has taken its place', async () => {
    const files = { [`var/lib/cluster-state/osd-preparing/${UUID}`]: '{}' };
    const claimed = await storage({ files });
    await put(claimed.disk, 4096, claim(FSID));
    expect(await state(claimed)).toBe('unfinished');
    expect(await state(await storage({ files, commands: { 'ceph-bluestore-tool': label({ osd_uuid: UUID }) } }))).toBe(
      'unfinished',
    );
    const ready = label(FINISHED);
    expect(await state(await storage({ files, commands: { 'ceph-bluestore-tool': ready } }))).toBe('finished');
  });

  it('is nobody’s when there is a claim for this cluster and nothing else', async () => {
    const made = await storage();
    await put(made.disk, 4096, claim(FSID));
    expect(await state(made)).toBe('blank');
    await put(made.disk, 9000, 'x');
    expect(await state(made)).toBe('foreign');
  });

  it.each<[string, number, string]>([
    ['a claim for another cluster', 4096, claim(OTHER)],
    ['data at the beginning', 0, 'x'],
    ['data at the end', SIZE - 1, 'x'],
  ])('is somebody else’s with %s', async (_, offset, text) => {
    const made = await storage();
    await put(made.disk, offset, text);
    expect(await state(made)).toBe('foreign');
  });
});

describe('an OSD', () => {
  const begin = 'begin_osds; await_osds';

  it('is prepared from a blank disk, which carries the claim before the monitors hear of it', async () => {
    const made = await storage();
    await made.command(
      'ceph',
      `[[ "$*" == *' osd new '* ]] && { dd if=${made.disk} bs=4096 skip=1 count=1 status=none | tr -d '\\0' >${made.path('then')}; exit 1; }`,
    );
    await run(made, begin);
    expect(await made.read('then')).toBe(`coldstart-osd-disk v1 ${FSID} ${UUID}\n`);
    expect((await made.steps()).at(-1)).toBe('osd failed osd-not-prepared');
  });

  it('is prepared as the same OSD when the first attempt was cut off', async () => {
    const made = await storage({ commands: { 'ceph-osd': 'kill -9 -- "-$(ps -o pgid= $$ | tr -d " ")"' } });
    await run(made, begin);
    await made.write('proc/sys/kernel/random/uuid', `${OTHER}\n`);
    await made.command('ceph-osd', `printf 'ceph-osd %s\\n' "$*" >>${made.path('calls')}`);
    await run(made, begin);
    const asked = (await calls(made)).filter((line) => line.includes(' osd new '));
    expect(asked.length).toBe(2);
    expect(asked[1]).toBe(asked[0]);
    expect((await calls(made)).find((line) => line.startsWith('ceph-osd '))).toContain(`--osd-uuid ${UUID}`);
  });

  it('that is finished is taken up without a write', async () => {
    const made = await storage({
      commands: { 'ceph-bluestore-tool': label(FINISHED), systemctl: '[[ $1 != is-active ]]' },
    });
    expect((await run(made, begin)).status).toBe(0);
    expect((await calls(made)).filter((line) => !line.startsWith('ceph '))).toEqual([
      'ceph-volume raw activate --no-systemd --no-tmpfs --device /disk',
    ]);
    expect(await textAt(made.disk, 4096)).toBe('');
    expect((await made.steps()).at(-1)).toBe('osd done');
  });

  it('is up when it says so itself, whatever the monitors remember of it', async () => {
    const made = await storage({ commands: { 'ceph-bluestore-tool': label(FINISHED) } });
    const answer = `case "$*" in
  *' osd dump '*) echo '{"osds": [{"osd": 7, "uuid": "${UUID}", "up": 1}]}' ;;
  'daemon osd.7 status '*) echo '{"state": "booting"}' ;;
esac`;
    await made.command('ceph', answer);
    expect((await run(made, begin)).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({ step: 'osd', cause: 'osd-not-up' });
  });

  it('that the monitors do not know is left alone, and not mistaken for a blank disk', async () => {
    const unknown = { ...FINISHED, osd_uuid: OTHER };
    const made = await storage({
      commands: { 'ceph-bluestore-tool': label(unknown), systemctl: '[[ $1 != is-active ]]' },
    });
    await run(made, begin);
    expect((await made.steps()).at(-1)).toBe('osd failed osd-not-known');
    expect((await calls(made)).filter((line) => !line.startsWith('ceph '))).toEqual([]);
  });

  it('on a foreign disk is refused with what is on it and the way to allow it', async () => {
    const made = await storage();
    await put(made.disk, 0x8000, '\x01CD001');
    await put(made.disk, 0x8028, 'Debian 13'.padEnd(32));
    await run(made, begin);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'osd-foreign-disk',
      todo: `if its content is not needed: cluster-ceph-disk.sh --take ${made.disk}; otherwise correct the selector`,
    });
    expect((await made.ledger()).at(-1)?.message).toContain('iso9660 labelled "Debian 13"');
  });

  it('that is one disk on two paths is left untouched, and said', async () => {
    const seen = { model: 'disk', size: SIZE, wwn: '0x5002538e40a1b2c3', serial: 'S4EV1' };
    const made = await storage({ commands: { lsblk: `cat <<'EOF'\n${lsblk({ sda: seen, sdb: seen })}\nEOF` } });
    await run(made, begin);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'osd-on-several-paths',
      message: 'running OSDs: 0; /dev/sda and /dev/sdb are one disk on several paths; it was not changed',
    });
    expect((await calls(made)).filter((line) => line.includes('osd new'))).toEqual([]);
  });

  it('whose disk is not there is said with what the other disks are', async () => {
    const made = await storage();
    await made.write('etc/cluster-config/osd-disks.tsv', '-\t-\tS1\t-\t-\t-\t-\t-\n');
    await run(made, begin);
    expect((await made.ledger()).at(-1)).toMatchObject({ cause: 'osd-disk-missing' });
    expect((await made.ledger()).at(-1)?.message).toContain('its serial number is "", not "S1"');
  });
});

describe('the keys of the image', () => {
  const exported = (text: string): Setup => ({
    commands: {
      ceph: `printf 'ceph %s\\n' "$*" >>"$(dirname "$0")/../calls"\n[[ "$*" != *'auth export'* ]] || printf '${text}'`,
    },
  });
  const same = '[client.admin]\\n key = ADMIN\\n caps mon = "allow *"\\n[osd.0]\\n\\tkey = X\\n';

  it('are left alone when the cluster has them', async () => {
    const made = await storage(exported(same));
    expect((await run(made, 'import_entities')).status).toBe(0);
    expect((await calls(made)).filter((line) => line.includes('auth import'))).toEqual([]);
  });

  it.each([
    ['a key differs', same.replace('ADMIN', 'OLD')],
    ['a capability differs', same.replace('allow *', 'allow r')],
    ['one is missing', '[osd.0]\\n\\tkey = X\\n'],
  ])('are given to it when %s', async (_, text) => {
    const made = await storage(exported(text));
    expect((await run(made, 'import_entities')).status).toBe(0);
    expect((await calls(made)).filter((line) => line.includes('auth import')).length).toBe(1);
  });

  it('reach the store of the monitor before it starts', async () => {
    const made = await storage({ files: { 'var/lib/ceph/mon/ceph-master-01/keyring': '[mon.]\n\tkey = OLD\n' } });
    await run(made, 'renew_monitor_key');
    expect(await made.read('var/lib/ceph/mon/ceph-master-01/keyring')).toBe(
      '[mon.]\n\tkey = MON\n\tcaps mon = "allow *"\n',
    );
  });
});

describe('a pool', () => {
  const told = async (answer: string): Promise<string[]> => {
    const made = await storage();
    await made.command('ceph', `printf 'ceph %s\\n' "$*" >>${made.path('calls')}\n${answer}`);
    expect((await run(made, 'make_pool images')).status).toBe(0);
    return (await calls(made)).map((line) => line.replace(/^.* (?=osd )/, ''));
  };

  it('begins with the placement groups that the autoscaler would give it', async () => {
    expect(await told('')).toEqual(['osd pool create images 32']);
  });

  it('begins with fewer where these are too many for the OSDs', async () => {
    const refused = `if [[ $* == *' 32' ]]; then echo 'Error ERANGE: pg_num 32 would be too many' >&2; exit 34; fi`;
    expect(await told(refused)).toEqual(['osd pool create images 32', 'osd pool create images']);
  });

  it('is not made otherwise while the monitors do not answer', async () => {
    const made = await storage();
    await made.command('ceph', `printf 'ceph %s\\n' "$*" >>${made.path('calls')}\nexit 1`);
    expect((await run(made, 'make_pool images || exit 7')).status).toBe(7);
    expect(await calls(made)).toHaveLength(1);
  });
});

describe('the pool of the managers', () => {
  const told = async (pool: Readonly<Record<string, unknown>> | null): Promise<string[]> => {
    const pools = pool === null ? [] : [{ pool_name: '.mgr', ...pool }];
    const made = await storage({ files: { 'etc/cluster-config/ceph-pools.tsv': '' } });
    await made.command('ceph', `printf 'ceph %s\\n' "$*" >>${made.path('calls')}\necho '${JSON.stringify(pools)}'`);
    expect((await run(made, 'offer_pools')).status).toBe(0);
    return (await calls(made))
      .filter((line) => line.includes(' enable '))
      .map((line) => line.replace(/^.* (?=osd )/, ''));
  };

  it('gets the mark that a manager did not come to set', async () => {
    expect(await told({ application_metadata: {} })).toEqual(['osd pool application enable .mgr mgr']);
  });

  it.each([null, { application_metadata: { mgr: {} } }])('is left alone otherwise (%j)', async (pool) => {
    expect(await told(pool)).toEqual([]);
  });
});

describe('a file system', () => {
  const files = '\nCEPH_CEPHFS=yes CEPH_FS_NAME=cephfs CEPH_FS_METADATA_POOL=cephfs.meta\n';
  const made = (marks: string): Promise<Machine> =>
    storage({
      files: { 'etc/cluster-config/ceph.env': ENV + files },
      commands: {
        ceph: `printf 'ceph %s\\n' "$*" >>"$(dirname "$0")/../calls"\n[[ "$*" != *'application get'* ]] || { ${marks}; }`,
      },
    });
  const told = async (node: Machine): Promise<string[]> =>
    (await calls(node)).filter((line) => line.includes(' fs ')).map((line) => line.replace(/^.* (?=fs )/, ''));

  it('is made over a pool that was none’s', async () => {
    const node = await made(`echo '{}'`);
    expect((await run(node, 'make_file_system cephfs.data')).status).toBe(0);
    expect(await told(node)).toEqual(['fs new cephfs cephfs.meta cephfs.data']);
  });

  it('is taken up where the pool was a file system’s, and not made over it', async () => {
    const node = await made(`echo '{"cephfs": {"metadata": "cephfs"}}'`);
    expect((await run(node, 'make_file_system cephfs.data')).status).toBe(0);
    expect(await told(node)).toEqual([
      ...['fs new cephfs cephfs.meta cephfs.data --force --recover', 'fs set cephfs joinable true'],
    ]);
  });

  it.each(['exit 1', 'echo no JSON', 'exit 0'])(
    'is left alone when nothing is known of the pool (%s)',
    async (answer) => {
      const node = await made(answer);
      expect((await run(node, 'make_file_system cephfs.data || exit 7')).status).toBe(7);
      expect(await told(node)).toEqual([]);
    },
  );
});

describe('the monitors that a node knows', () => {
  const mon = (name: string, host: number) => ({
    ...{ name, public_addrs: { addrvec: [{ type: 'v2', addr: `192.168.50.${String(host)}:3300` }] } },
  });
  const dump = (...mons: object[]): string => `echo '${JSON.stringify({ mons })}'`;
  const files = { 'etc/ceph/ceph.conf': '[global]\nmon_host = [v2:127.0.0.2:3300]\nms_bind_ipv4 = true\n' };

  it('are those that the cluster had last, and those of its image', async () => {
    const made = await storage({ files, commands: { ceph: dump(mon('master-01', 2), mon('store-09', 9)) } });
    expect((await run(made, 'remember_monitors && known_monitors | name_monitors && known_monitor_names')).output).toBe(
      'master-01\nstore-01\nstore-03\nstore-09',
    );
    const last = ['192.168.50.2', '192.168.50.9'].map((ip) => `[v2:${ip}:3300]`);
    const image = ['[v2:127.0.0.1:3300,v1:127.0.0.1:6789]', '[v2:127.0.0.2:3300]', '[v2:127.0.0.3:3300]'];
    expect(await made.read('etc/ceph/ceph.conf')).toBe(
      `[global]\nmon_host = ${[...last, ...image].join(',')}\nms_bind_ipv4 = true\n`,
    );
  });

  it('have addresses of IPv6 that can be asked', async () => {
    const addrvec = ['v2:[fd00:50::11]:3300', 'v1:[fd00:50::11]:6789'].map((text) => ({
      ...{ type: text.slice(0, 2), addr: text.slice(3) },
    }));
    const made = await storage({ commands: { ceph: dump({ name: 'a', public_addrs: { addrvec } }) } });
    await run(made, 'remember_monitors');
    expect(await made.read('var/lib/cluster-state/ceph-monitors')).toBe(
      'a\tfd00:50::11\t[v2:[fd00:50::11]:3300,v1:[fd00:50::11]:6789]\n',
    );
  });

  it('stay those of before while none answers, and damage leaves those of the image', async () => {
    const made = await storage({
      files: { 'var/lib/cluster-state/ceph-monitors': 'store-09\t192.168.50.9\t[v2:192.168.50.9:3300]\nsto' },
      commands: { ceph: 'exit 1' },
    });
    expect((await run(made, 'remember_monitors || known_monitor_names')).output).toBe(
      'master-01\nstore-01\nstore-03\nstore-09',
    );
  });
});

describe('a manager', () => {
  const RING_OF_ITS_OWN = '[mgr.master-01]\n\tkey = KEY\n';
  const begin =
    'start_ceph_unit() { printf "start %s\\n" "$1"; }\nmanager_begins || printf "%s %s\\n" "$REFUSED_ENTITY" "$WHY"';
  const path = 'var/lib/ceph/mgr/ceph-master-01/keyring';

  it('gets its key from the monitors, so that no image of theirs names it', async () => {
    const made = await storage({ files: { ring: RING_OF_ITS_OWN } });
    await made.command('ceph', `printf 'ceph %s\\n' "$*" >>${made.path('calls')}; cat ${made.path('ring')}`);
    expect((await run(made, begin)).output).toBe('start ceph-mgr@master-01');
    expect(await made.read(path)).toBe(RING_OF_ITS_OWN);
    expect((await calls(made)).at(-1)).toMatch(
      /--name client.bootstrap-mgr .* auth get-or-create mgr.master-01 mon allow profile mgr osd allow \* mds allow \*$/,
    );
  });

  it('that is refused does not begin, unless it has a key', async () => {
    const commands = { ceph: 'echo "Error EACCES: access denied" >&2; exit 13' };
    const made = await storage({ commands });
    expect((await run(made, begin)).output).toBe('mgr.master-01 Error EACCES: access denied');
    await made.write(path, RING_OF_ITS_OWN);
    expect((await run(made, begin)).output).toBe('start ceph-mgr@master-01');
  });
});

describe('a node of Ceph outside of Kubernetes', () => {
  it('has joined without an answer of an API server', async () => {
    const made = await storage({ commands: { systemctl: 'exit 0' } });
    expect((await run(made, 'end_role joined')).status).toBe(0);
    expect(await made.read('var/lib/cluster-state/bootstrap-state')).toBe('joined\n');
    expect(await made.steps()).toEqual(['bootstrap done']);
  });
});

describe('reset-bootstrap', () => {
  const joined = { 'var/lib/cluster-state/bootstrap-state': 'joined\n', 'var/lib/ceph/mon/ceph-master-01/keyring': '' };
  const quorum = (...names: string[]): string =>
    `echo '${JSON.stringify({ quorum_names: names, monmap: { mons: [{}, {}, {}] } })}'`;

  it('is refused to a monitor that the others cannot do without', async () => {
    const made = await storage({ files: joined, commands: { ceph: quorum('store-01', 'master-01') } });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      cause: 'reset-refused',
      message: 'the monitors of Ceph need this node: without master-01 only 1 of 3 monitors would be left',
    });
    expect((await run(made, 'ls "$CEPH_VAR/mon"')).output).toBe('ceph-master-01');
  });

  it('puts the store of the monitor aside', async () => {
    const made = await storage({ files: joined, commands: { ceph: quorum('store-01', 'store-03', 'master-01') } });
    expect((await made.run('reset-bootstrap.sh', '--yes')).status).toBe(0);
    expect((await run(made, 'ls "$CEPH_VAR/mon"')).output).toBe('before-reset');
    expect(await made.read('var/lib/cluster-state/bootstrap-state')).toBe('uninitialized\n');
  });
});
