/** Readiness of the network: this node's addresses on this node's links, wherever the default route points (erratum 11). */
import { describe, expect, it } from 'vitest';
import { machine, type Nic } from '../machine.ts';

const MINE = '52:54:00:12:34:01';
const address = (ifname: string, local: string, of: object = {}, operstate = 'UP'): object => ({
  ...{ ifname, operstate },
  addr_info: [{ local, ...of }],
});
const ip = (...interfaces: object[]): Record<string, string> => ({ ip: `printf '%s' '${JSON.stringify(interfaces)}'` });
const virtual = (mac: string): Nic => ({ mac, physical: false });

describe('an address by reservation', () => {
  const leased = (ifname: string, local: string): object => address(ifname, local, { dynamic: true, scope: 'global' });
  const env = { LEASED_IPS: '192.168.50.11' };

  it('that is another one is said', async () => {
    const made = await machine({ env, commands: ip(leased('eth0', '192.168.50.77'), leased('eth9', '10.0.0.9')) });
    expect((await made.run('configure-network.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({ step: 'network', state: 'failed', cause: 'address-differs' });
    expect((await made.ledger()).at(-1)?.message).toContain(
      'not up: 192.168.50.11; the network gave 192.168.50.77 (eth0) instead\n',
    );
  });

  it.each([
    ['that did not come is missing', [leased('eth0', 'fe80::1')], env],
    ['is not what a static address waits for', [leased('eth0', '192.168.50.77')], {}],
  ])('%s', async (_, addresses, values) => {
    const made = await machine({ env: values, commands: ip(...addresses) });
    expect((await made.run('configure-network.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)?.cause).toBe('address-missing');
  });

  it('that came is enough', async () => {
    const made = await machine({ env, commands: ip(leased('eth0', '192.168.50.11')) });
    expect((await made.run('configure-network.sh')).status).toBe(0);
  });
});

describe('configure-network', () => {
  it('is done when the address is up on the card with the MAC', async () => {
    const made = await machine();
    expect(await made.run('configure-network.sh')).toEqual({
      ...{ status: 0, output: 'coldstart: network done: 192.168.50.11 up' },
    });
  });

  it('has NetworkManager read the key files', async () => {
    const made = await machine();
    await made.command('nmcli', `echo "$@" >${made.path('nmcli-called')}`);
    await made.run('configure-network.sh');
    expect(await made.read('nmcli-called')).toBe('connection reload\n');
  });

  it('takes an address on a VLAN over a bridge over a bond over the card', async () => {
    const made = await machine({
      nics: {
        eth0: { mac: MINE, files: { 'upper_bond0/x': '' } },
        bond0: { ...virtual(MINE), files: { 'upper_br0/x': '' } },
        br0: { ...virtual(MINE), files: { 'upper_br0.7/x': '' } },
        'br0.7': virtual(MINE),
      },
      commands: ip(address('br0.7', '192.168.50.11')),
    });
    expect((await made.run('configure-network.sh')).status).toBe(0);
  });

  it.each([
    ['on another card', address('eth1', '192.168.50.11')],
    ['tentative', address('eth0', '192.168.50.11', { tentative: true })],
    ['a duplicate', address('eth0', '192.168.50.11', { dadfailed: true })],
    ['on a link without carrier', address('eth0', '192.168.50.11', {}, 'DOWN')],
    ['only a longer one', address('eth0', '192.168.50.110')],
  ])('does not take an address that is %s', async (_, found) => {
    const made = await machine({
      nics: { eth0: { mac: MINE, carrier: 0 }, eth1: { mac: '52:54:00:12:34:77' } },
      commands: ip(found),
    });
    expect((await made.run('configure-network.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)).toMatchObject({
      ...{ step: 'network', state: 'failed', cause: 'address-missing' },
      message: `not up: 192.168.50.11\n${MINE} (eth0): no link`,
    });
  });

  it('wants every address, and names those that are missing and the links', async () => {
    const made = await machine({
      env: { NODE_IPS: '192.168.50.11 fd00::11', NODE_MACS: `${MINE} 52:54:00:12:34:0a` },
      nics: { eth0: { mac: MINE, carrier: 1 } },
    });
    expect((await made.run('configure-network.sh')).status).toBe(1);
    expect((await made.ledger()).at(-1)?.message).toBe(
      `not up: fd00::11\n${MINE} (eth0): link up\n52:54:00:12:34:0a (not in this machine): no card`,
    );
  });

  it('keeps the failure on the console while it tries again, until it is over', async () => {
    const made = await machine({ commands: ip() });
    await made.run('configure-network.sh');
    await made.run('configure-network.sh');
    const failed = ['network waiting address-missing', 'network failed address-missing'];
    expect(await made.steps()).toEqual(failed);
    await made.command('ip', ip(address('eth0', '192.168.50.11')).ip ?? '');
    await made.run('configure-network.sh');
    expect(await made.steps()).toEqual([...failed, 'network done']);
  });

  it('does nothing on a machine that is not the node', async () => {
    const made = await machine({ files: { 'run/cluster/identified': '' } });
    await made.command('nmcli', `touch ${made.path('nmcli-called')}`);
    expect((await made.run('configure-network.sh')).status).toBe(1);
    await expect(made.read('nmcli-called')).rejects.toThrow('ENOENT');
  });

  it('says when NetworkManager does not run', async () => {
    const made = await machine({ commands: { nmcli: 'exit 8' } });
    expect((await made.run('configure-network.sh')).status).toBe(1);
    expect(await made.steps()).toEqual(['network failed networkmanager-missing']);
  });
});
