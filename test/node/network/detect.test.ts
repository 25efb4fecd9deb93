/** Identity by network card: the machine continues only after an exact match with this node (errata 10 and 11). */
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CLAIM_AT } from '../disk/disk.ts';
import { machine, type Nic, plugIn } from '../machine.ts';

const MINE = '52:54:00:12:34:01';
const WORKER = '52:54:00:12:34:02';
const TWO_MACS = { env: { NODE_MACS: `${MINE} 52:54:00:12:34:0a` } };

describe('the node', () => {
  it('is recognised by any of several cards, in any order and any case', async () => {
    const made = await machine({
      ...{ nics: { eth0: { mac: '00:11:22:33:44:55' }, eth1: { mac: MINE.toUpperCase() } } },
    });
    expect(await made.run('cluster-detect.sh')).toEqual({
      status: 0,
      output:
        'coldstart: detect running: looking for a network card of master-01\ncoldstart: detect done: this machine is master-01',
    });
    expect(await made.read('hostname-set')).toBe('master-01.lab.example\n');
    expect(await made.read('run/cluster/identified')).toBe('master-01\n');
  });

  it('is told which declared card is missing', async () => {
    const made = await machine(TWO_MACS);
    expect((await made.run('cluster-detect.sh')).status).toBe(0);
    expect((await made.ledger()).at(-1)).toMatchObject({
      ...{ step: 'detect', state: 'done', cause: 'nic-missing' },
      message: 'this machine is master-01, but it has no card with 52:54:00:12:34:0a',
    });
  });

  it('is recognised behind a bond by the permanent addresses of its ports', async () => {
    const port = (permanent: string | null, remembered: string): Nic => ({
      ...{ mac: '02:00:00:00:00:99', permanent, files: { 'bonding_slave/perm_hwaddr': remembered } },
    });
    const made = await machine({
      ...TWO_MACS,
      nics: {
        bond0: { mac: '02:00:00:00:00:99', physical: false },
        eth0: port(MINE, MINE),
        eth1: port(null, '52:54:00:12:34:0a'),
      },
    });
    expect((await made.run('cluster-detect.sh')).status).toBe(0);
    expect(await made.steps()).toEqual(['detect running', 'detect done']);
  });

  it('waits for a card that appears late', async () => {
    const made = await machine({ nics: { eth0: { mac: '00:11:22:33:44:55' } }, deadline: 60 });
    await plugIn(made, 'eth1', { mac: MINE });
    await made.command(
      'ethtool',
      `[[ -e ${made.path('late')} || $2 == eth0 ]] || echo "Permanent address: 0a:00:00:00:00:01"`,
    );
    await made.command('sleep', `touch ${made.path('late')}`);
    expect((await made.run('cluster-detect.sh')).status).toBe(0);
    expect(await made.steps()).toEqual(['detect running', 'detect waiting no-matching-nic', 'detect done']);
  });

  it('takes virtual cards where there are no others, as in a container', async () => {
    const made = await machine({
      nics: {
        host0: { mac: MINE, physical: false },
        br0: { mac: WORKER, physical: false, files: { 'bridge/bridge_id': '' } },
      },
    });
    expect((await made.run('cluster-detect.sh')).status).toBe(0);
  });
});

describe('another machine', () => {
  it('is refused with every card and the nearest address of the node', async () => {
    const made = await machine({
      nics: {
        eth0: { mac: '52:54:00:12:34:03', driver: 'e1000e', carrier: 1 },
        eth1: { mac: '52:54:00:12:ff:02', driver: 'igb' },
      },
    });
    const { status, output } = await made.run('cluster-detect.sh');
    expect(status).toBe(1);
    expect(output).toBe(
      `coldstart: detect running: looking for a network card of master-01
coldstart: detect waiting (no-matching-nic): no network card of this machine belongs to master-01; waiting up to 30 s
coldstart: detect failed (no-matching-nic): the image is for master-01, but no network card of this machine belongs to it
eth0  52:54:00:12:34:03  driver e1000e, link up
  nearest address: 52:54:00:12:34:01 of master-01 (1 digit differs)
eth1  52:54:00:12:ff:02  driver igb, not brought up
  nearest address: 52:54:00:12:34:01 of master-01 (3 digits differ)
coldstart: what to do: on the build machine: coldstart identify 52:54:00:12:34:03 52:54:00:12:ff:02; boot the image of the node that it names, or correct hardware.mac_addresses, build again and boot the new image`,
    );
    expect(await made.read('hostname-set')).toBe('unidentified\n');
    await expect(made.read('run/cluster/identified')).rejects.toThrow('ENOENT');
  });

  it.each([
    [
      'lab/worker-02',
      'image-of-another-node',
      'the image is for master-01, but the state disk of lab/worker-02 is in this machine',
    ],
    [
      'lab/master-01',
      'no-matching-nic',
      'the state disk of lab/master-01 is in this machine, but no network card of master-01',
    ],
  ])('whose state disk is that of %s says so', async (owner, cause, message) => {
    const made = await machine({ nics: { eth0: { mac: WORKER } } });
    const disk = made.path('disk');
    await writeFile(disk, `${'\0'.repeat(CLAIM_AT)}coldstart-state-disk v1 ${owner}\n`);
    const disks = [
      { path: made.path('unreadable'), type: 'disk' },
      { path: disk, type: 'disk' },
      { path: disk, type: 'part' },
    ];
    await made.command('lsblk', `echo '${JSON.stringify({ blockdevices: disks })}'`);
    expect((await made.run('cluster-detect.sh')).status).toBe(1);
    const last = (await made.ledger()).at(-1);
    expect(last).toMatchObject({ step: 'detect', state: 'failed', cause });
    expect(last?.message.split('\n')[0]).toBe(message);
  });

  it('shows the report above the login prompt', async () => {
    const made = await machine({ nics: { eth0: { mac: '52:54:00:12:34:03', driver: 'e1000e' } } });
    await made.run('cluster-detect.sh');
    const issue = (await made.read('run/issue.d/50-cluster.issue')).replace(/since \S+/, 'since NOW');
    expect(issue).toBe(`coldstart: image for master-01 of cluster lab, master-first, uninitialized, failed
  detect: failed (no-matching-nic) since NOW
    the image is for master-01, but no network card of this machine belongs to it
    eth0  52:54:00:12:34:03  driver e1000e, not brought up
      nearest address: 52:54:00:12:34:01 of master-01 (1 digit differs)
    what to do: on the build machine: coldstart identify 52:54:00:12:34:03; boot the image of the node that it names, or correct hardware.mac_addresses, build again and boot the new image

`);
  });

  it.each([
    ['that is another node', { eth0: { mac: WORKER } }, 'no-matching-nic'],
    ['without a card', {}, 'no-nic'],
    ['whose card only begins alike', { eth0: { mac: '52:54:00:12:34:00' } }, 'no-matching-nic'],
  ])('%s is refused', async (_, nics, cause) => {
    const made = await machine({ nics });
    expect((await made.run('cluster-detect.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({ step: 'detect', state: 'failed', cause });
    expect(await made.read('hostname-set')).toBe('unidentified\n');
  });
});
