/** The one try of an update: it becomes good, or the node returns to the former slot and says why. */
import { describe, expect, it } from 'vitest';
import { installed, type Installed } from './installed.ts';

const last = async (node: Installed): Promise<string | undefined> =>
  (await node.steps()).findLast((step) => step.startsWith('update'));
const write = (node: Installed) => node.run('cluster-update.sh', `${node.root}/update.raucb`);
const mark = (node: Installed) => node.run('cluster-mark-good.sh');
const breakNetwork = (node: Installed) => node.command('ip', `echo '[]'`);
const reboots = async (node: Installed): Promise<number> =>
  (await node.read('fake/systemctl')).match(/^reboot$/gm)?.length ?? 0;

describe('an update', () => {
  it('waits for its try, is tried, and becomes good', async () => {
    const node = await installed();
    expect(await node.status()).toEqual({
      ...{ node: 'master-01', cluster: 'lab', image: 'abc', slot: 'A', release: 6, kubernetes: '1.35.6' },
      ...{ state: 'good', pending: null, live: null, reason: null },
    });
    expect(await write(node)).toMatchObject({ status: 0 });
    expect(await node.status()).toMatchObject({ state: 'pending', pending: { slot: 'B', release: 7 } });
    expect(await node.environment()).toMatchObject({ ORDER: 'B A', B_TRIED: '0' });
    expect(await reboots(node)).toBe(0);
    expect(await node.run('cluster-update.sh', '--start')).toMatchObject({ status: 0 });
    expect(await reboots(node)).toBe(1);
    expect(await node.start()).toBe('B');
    expect(await node.status()).toMatchObject({ slot: 'B', state: 'trying', pending: null });
    expect(await mark(node)).toMatchObject({ status: 0 });
    expect(await node.status()).toMatchObject({ slot: 'B', state: 'good', reason: null });
    expect(await node.environment()).toEqual({
      ORDER: 'B A',
      A_OK: '1',
      A_TRY: '0',
      B_OK: '1',
      B_TRY: '0',
      A_TRIED: '1',
      B_TRIED: '1',
    });
    const stopped = (await node.read('fake/systemctl')).match(/^stop .*/gm);
    expect(stopped).toEqual(['stop cluster-try-start.timer', 'stop cluster-try.timer']);
    expect(await last(node)).toBe('update done');
    expect(await node.start()).toBe('B');
    expect(await mark(node)).toMatchObject({ status: 0 });
    expect(await node.environment()).toMatchObject({ ORDER: 'B A', B_OK: '1', B_TRY: '0' });
  });

  it('that is not healthy in time returns to the former slot, which says why until the next update', async () => {
    const node = await installed();
    await write(node);
    await node.start();
    await breakNetwork(node);
    expect(await mark(node)).toMatchObject({ status: 0 });
    expect(await reboots(node)).toBe(1);
    expect(await last(node)).toBe('update failed update-not-good');
    expect(await node.start()).toBe('A');
    const reason = expect.stringContaining('addresses: not up: 192.168.50.11') as string;
    expect(await node.status()).toMatchObject({ slot: 'A', state: 'returned', reason });
    for (const _ of [1, 2]) {
      await mark(node);
      expect(await last(node)).toBe('update failed update-returned');
      expect(await node.status()).toMatchObject({ slot: 'A', state: 'returned', reason });
      expect(await node.environment()).toMatchObject({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '0' });
      expect(await node.start()).toBe('A');
    }
    expect(await node.read('run/issue.d/50-cluster.issue')).toContain('node master-01');
    await write(node);
    expect(await node.status()).toMatchObject({ state: 'pending', reason: null });
  });

  it('is asked once in each pass, as a busy machine takes long to answer', async () => {
    const commands = { sleep: 'echo >>"$COLDSTART_ROOT/fake/sleep"; exec /bin/sleep 0.05' };
    const node = await installed({ commands, files: { 'fake/sleep': '' } });
    await write(node);
    await node.start();
    await node.command('ip', `echo "$*" >>"$COLDSTART_ROOT/fake/ip"; echo '[]'`);
    expect(await mark(node)).toMatchObject({ status: 0 });
    const passes = (await node.read('fake/sleep')).length + 1;
    expect((await node.read('fake/ip')).match(/-4 route show default/g)).toHaveLength(passes);
    expect(await node.record()).toMatchObject({ reason: expect.stringContaining('not up: 192.168.50.11') as string });
  });

  it('that ends without a word returns, too', async () => {
    const node = await installed();
    await write(node);
    await node.start(); // the kernel fails
    await node.start();
    expect(await node.status()).toMatchObject({
      slot: 'A',
      state: 'returned',
      reason: expect.stringContaining('initial RAM disk') as string,
    });
    await mark(node);
    expect(await last(node)).toBe('update failed update-returned');
    expect(await node.environment()).toMatchObject({ ORDER: 'A B', B_OK: '0' });
    await write(node);
    await node.start();
    await node.bash(`source $LIB_DIR/update/bundle.sh; source $LIB_DIR/update/slots.sh; source $LIB_DIR/update/record.sh
      read_record; RECORD_BOOT=x; write_record trying`); // it hangs after that
    await node.start();
    expect(await node.status()).toMatchObject({
      state: 'returned',
      reason: expect.stringContaining('without a word') as string,
    });
  });

  it('that follows another one at once is tried only once, too', async () => {
    const node = await installed();
    await write(node);
    expect(await node.start()).toBe('B');
    await mark(node);
    await write(node);
    expect(await node.start()).toBe('A'); // the kernel fails
    expect(await node.start()).toBe('B');
    expect(await node.status()).toMatchObject({ slot: 'B', state: 'returned' });
  });

  it('that hangs notes for what', async () => {
    const node = await installed({
      commands: {
        systemctl: `[[ $1 != list-jobs ]] || printf '%s\\n' '6 local-fs.target start waiting' '7 var.mount start running'`,
      },
    });
    await write(node);
    await node.start();
    expect(await node.run('cluster-mark-good.sh', '--hangs')).toMatchObject({ status: 0 });
    await node.start();
    expect(await node.status()).toMatchObject({ reason: 'it hangs; systemd waits for var.mount' });
  });

  it('does not suffer for what was broken before it', async () => {
    const node = await installed({ commands: { ip: `echo '[]'` } });
    await write(node);
    expect(await node.record()).toMatchObject({ known: ['addresses'] });
    await node.start();
    expect(await mark(node)).toMatchObject({ status: 0 });
    expect(await node.status()).toMatchObject({ state: 'good' });
    const health = JSON.parse((await node.run('cluster-health.sh', '--json')).output) as unknown;
    expect(health).toMatchObject({ healthy: true });
    expect((await node.run('cluster-health.sh')).output).toContain('not up: 192.168.50.11 (since before the update)');
  });

  it('is tried again when the boot loader could not be told that it is good', async () => {
    const node = await installed();
    await write(node);
    await node.start();
    await node.write('fake/rauc-fails', '');
    expect(await mark(node)).toMatchObject({ status: 1 });
    expect(await last(node)).toBe('update failed slot-not-marked');
    expect(await node.status()).toMatchObject({ state: 'trying' });
  });

  it('can be given up before its try, and taken back after it', async () => {
    const node = await installed();
    const back = () => node.run('cluster-update.sh', '--back');
    expect(await back()).toMatchObject({ status: 1 });
    expect(await last(node)).toBe('update failed no-way-back');
    expect(await node.run('cluster-update.sh', '--start')).toMatchObject({ status: 1 });
    expect(await last(node)).toBe('update failed nothing-to-try');
    await write(node);
    expect(await back()).toMatchObject({ status: 0 });
    expect(await node.status()).toMatchObject({ state: 'good', pending: null });
    expect(await node.start()).toBe('A');
    await mark(node);
    await write(node);
    await node.start();
    await mark(node);
    expect(await back()).toMatchObject({ status: 0 });
    expect(await node.status()).toMatchObject({ slot: 'B', state: 'pending', pending: { slot: 'A', release: 6 } });
    expect(await node.start()).toBe('A');
    await mark(node);
    expect(await node.status()).toMatchObject({ slot: 'A', state: 'good' });
  });
});

describe('cluster-update.sh', () => {
  it('says of a node that runs from a medium that it does', async () => {
    const node = await installed({ files: { 'proc/cmdline': 'quiet\n' } });
    expect(await node.status()).toMatchObject({ state: 'medium', slot: null, image: null, release: 6, pending: null });
  });

  it('is called with one of its arguments', async () => {
    const node = await installed();
    for (const args of [
      [],
      ['--status', '--start'],
      ['a', 'b'],
      ['--what'],
      ['--back', '--force'],
      ['https://x/a b'],
      ['-'],
    ]) {
      expect([args, (await node.run('cluster-update.sh', ...args)).status]).toEqual([args, 2]);
    }
  });

  it('puts the token of a link into no argument list, ledger or message', async () => {
    const link = 'https://user:sEcReT1@store.lab.example:8443/l/sEcReT2/master-01/update.raucb?t=sEcReT3';
    const node = await installed();
    await node.command(
      'curl',
      `cat >"$COLDSTART_ROOT/fake/config"; echo "$*" >>"$COLDSTART_ROOT/fake/args"; echo "curl: (6) no ${link}" >&2; exit 6`,
    );
    const { status, output } = await node.bash(`cluster-update.sh - <<<'${link}'`);
    expect([status, await last(node)]).toEqual([1, 'update failed bundle-unreachable']);
    expect(await node.read('fake/config')).toContain('sEcReT2');
    const texts = [
      output,
      await node.read('fake/args'),
      await node.read('run/cluster/ledger.jsonl'),
      await node.read('run/cluster/status.json'),
    ];
    expect(texts.join('')).not.toMatch(/sEcReT/);
    expect(output).toContain('https://store.lab.example:8443/…/update.raucb');
  });
});
