/** Cards that the definition knows by name, driver, path or a part of the address: the node finds exactly one for each interface. */
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CLAIM_AT } from '../disk/disk.ts';
import { machine, type Machine, plugIn, type Setup } from '../machine.ts';

const [FIRST, SECOND, KNOWN] = ['3c:ec:ef:00:00:01', '3c:ec:ef:00:00:02', '52:54:00:12:34:01'];
const KEY_FILE = 'etc/NetworkManager/system-connections/lan.nmconnection';
const NIC_LESS = { NODE_MACS: '' };
const CARDS = {
  eno1: { mac: FIRST, driver: 'ixgbe' },
  ens2: { mac: SECOND, driver: 'e1000e' },
};

/** Rows of nics.tsv: interface, name, driver, path, MAC. */
const wanting = (rows: readonly string[], setup: Setup = {}): Promise<Machine> =>
  machine({
    env: NIC_LESS,
    nics: CARDS,
    ...setup,
    commands: {
      // The path in the machine, as udev knows it.
      udevadm: `case "$*" in *net/eno1) echo pci-0000:02:00.0 ;; *net/ens2) echo pci-0000:03:00.0 ;; esac`,
      ...setup.commands,
    },
    files: {
      'etc/cluster-config/nics.tsv': rows.map((row) => `${row.replaceAll(' ', '\t')}\n`).join(''),
      [KEY_FILE]: '[ethernet]\nmac-address=00:00:00:00:00:00\nmtu=9000\n',
      ...setup.files,
    },
  });

const last = async (made: Machine) => (await made.ledger()).at(-1);

describe('a card', () => {
  it.each([
    ['its name', 'lan eno* - - -'],
    ['its driver', 'lan - ixgbe - -'],
    ['its path', 'lan - - pci-0000:0[12]:00.? -'],
    ['a part of its address', 'lan - - - 3c:ec:ef:*:01'],
    ['all of these', 'lan e* ix* pci* 3c:*'],
  ])('is found by %s, and is in the key file', async (_, row) => {
    const made = await wanting([row]);
    expect((await made.run('cluster-detect.sh')).status).toBe(0);
    expect(await last(made)).toMatchObject({ step: 'detect', state: 'done', cause: '' });
    expect(await made.read(KEY_FILE)).toBe(`[ethernet]\nmac-address=${FIRST}\nmtu=9000\n`);
  });

  it('has the address of the node where it is expected', async () => {
    const made = await wanting(['lan - ixgbe - -']);
    await made.run('cluster-detect.sh');
    await made.command('ip', `echo '[{"ifname":"eno1","operstate":"UP","addr_info":[{"local":"192.168.50.11"}]}]'`);
    expect((await made.run('configure-network.sh')).status).toBe(0);
  });

  it('that another interface names by its whole address is not meant', async () => {
    const made = await wanting(['lan e* - - -', `known - - - ${SECOND}`], { env: { NODE_MACS: SECOND } });
    expect((await made.run('cluster-detect.sh')).status).toBe(0);
    expect(await made.read(KEY_FILE)).toContain(FIRST);
  });

  it.each([
    ['several cards match', ['lan e* - - -'], `lan matches several cards: ${FIRST} ${SECOND}`],
    ['several interfaces match', ['lan eno* - - -', 'wan - ixgbe - -'], `${FIRST} matches several interfaces: lan wan`],
  ])('is not guessed where %s', async (_, rows, doubt) => {
    const made = await wanting(rows);
    expect((await made.run('cluster-detect.sh')).status).toBe(1);
    expect(await last(made)).toMatchObject({ step: 'detect', state: 'failed', cause: 'nic-ambiguous' });
    expect((await last(made))?.message).toContain(`it is not clear which network card is meant: ${doubt}`);
    expect(await made.read(KEY_FILE)).toContain('00:00:00:00:00:00');
  });

  it('that appears late is taken into service', async () => {
    const made = await wanting(['lan - ixgbe - -'], { env: {}, nics: { eth0: { mac: KNOWN } } });
    await made.run('cluster-detect.sh');
    expect(await last(made)).toMatchObject({
      ...{ step: 'detect', state: 'done', cause: 'nic-missing' },
      message: 'this machine is master-01, but it has no card with lan (driver ixgbe)',
    });
    await plugIn(made, 'eno1', CARDS.eno1);
    await made.command('ethtool', 'exit 1');
    await made.command('nmcli', `echo "$@" >${made.path('nmcli-called')}`);
    await made.run('cluster-watch.sh');
    expect(await last(made)).toMatchObject({ step: 'detect', state: 'done', cause: '' });
    expect(await made.read(KEY_FILE)).toContain(FIRST);
    expect(await made.read('nmcli-called')).toBe('connection reload\n');
  });
});

describe('a machine whose addresses are not known', () => {
  it('is refused without a card that matches', async () => {
    const made = await wanting(['lan eno* igb - 3c:*', 'wan ens* - - -']);
    expect((await made.run('cluster-detect.sh')).status).toBe(1);
    expect((await last(made))?.message).toBe(
      `the image is for master-01, but no network card of this machine is lan (name eno*, driver igb, mac 3c:*)
eno1  ${FIRST}  driver ixgbe, not brought up
ens2  ${SECOND}  driver e1000e, not brought up`,
    );
  });

  const STATE_DISK = {
    'etc/cluster-config/state-disk.env':
      'STATE_DISK_SERIAL=S1 STATE_DISK_OWNER=lab/master-01 VAR_PARTLABEL=v SLOT_A_PARTLABEL=a SLOT_B_PARTLABEL=b\n',
  };
  const disk = (serial: string) =>
    `echo '{"blockdevices":[{"name":"sda","path":"/dev/none","type":"disk","size":8000000000,"rota":false,"model":"m","serial":"${serial}","wwn":null,"ro":false,"mountpoints":[null],"partlabel":null}]}'`;

  it.each([
    ['S1', 0, ''],
    ['S2', 1, 'no-own-disk'],
  ])('with the state disk %s: %i', async (serial, status, cause) => {
    const made = await wanting(['lan - ixgbe - -'], { files: STATE_DISK, commands: { lsblk: disk(serial) } });
    expect((await made.run('cluster-detect.sh')).status).toBe(status);
    expect((await last(made))?.cause).toBe(cause);
  });

  it('is refused with the state disk of another node', async () => {
    const made = await wanting(['lan - ixgbe - -']);
    await writeFile(made.path('disk'), `${'\0'.repeat(CLAIM_AT)}coldstart-state-disk v1 lab/worker-02\n`);
    await made.command('lsblk', `echo '{"blockdevices":[{"path":"${made.path('disk')}","type":"disk"}]}'`);
    expect((await made.run('cluster-detect.sh')).status).toBe(1);
    expect(await last(made)).toMatchObject({ step: 'detect', state: 'failed', cause: 'image-of-another-node' });
  });
});
