/**
 * Updates of an installed node with a real kernel: the node takes a bundle from a file, tries it, and keeps it when it is healthy. A
 * release whose kernel panics or stops, whose initial RAM disk or start hangs, whose network is broken or whose service ends returns to the
 * former slot, which says why. By BIOS; a sound release and a kernel that stops by Secure Boot, too.
 */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/builder/system/run.ts';
import { blankDisk } from '../boot/blank-disk.ts';
import { folderOfFile, LOGS, missing } from '../boot/environment.ts';
import { boot, type Machine, type MachineOptions } from '../boot/machine.ts';
import { logIn, type Shell } from '../boot/shell.ts';
import { copyExample, requestBuild, runSilently } from '../image/build/definition.ts';
import { makeInstalledDisk } from '../install/installed-disk.ts';
import { writeVariants } from './bundles.ts';

const NODE = 'master-01';
const MASTER = '52:54:00:12:34:01';
/** crypt(5) of `console`. */
const PASSWORD_HASH =
  '$6$coldstart$8GpEkQsJYYUKlPZNVzSOS2ZR8mkUcujsli9Ihpil14uFUGBBW7IxfYZXEckDvDmWLprPuvqAHLxNofRLIiKrO/';
/** Seconds to the login prompt under emulation, on a busy machine. */
const BOOT = 900;
/** Seconds that a try may take, with what `bundles.ts` gives it. */
const TRY = 1200;

const folder = folderOfFile('update');
const iso = (): string => join(folder(), 'out', `${NODE}.iso`);

interface Hardware extends Pick<MachineOptions, 'firmware' | 'variables'> {
  readonly disk: { readonly path: string; readonly format: 'raw' | 'qcow2' };
}

const usual = (): Hardware => ({ firmware: 'bios', disk: { path: join(folder(), 'state.qcow2'), format: 'qcow2' } });
let hardware = usual;
let machine: Machine | null = null;
/** The shell of the machine that the former test left running. */
let running: Shell | null = null;
let count = 0;

async function start(medium: string | null = null): Promise<Machine> {
  const { disk, ...firmware } = hardware();
  const disks = [
    { ...disk, serial: 'state' },
    { path: join(folder(), 'bundles.img'), serial: 'bundles', format: 'raw' },
  ] as const;
  count += 1;
  const log = join(LOGS, `update-${String(count).padStart(2, '0')}.log`);
  machine = await boot({ iso: medium, ...firmware, macs: [MASTER], disks, log, watchdog: true });
  return machine;
}

async function shellOf(of: Machine): Promise<Shell> {
  await of.waitFor(/master-01 login: /, BOOT);
  return logIn(of, 'tester', 'console');
}

/** Logs in, and waits until the node knows whether its slot is good. */
async function marked(of: Machine): Promise<Shell> {
  const shell = await shellOf(of);
  await shell(`until [ "$(systemctl is-active cluster-mark-good)" = active ]; do sleep 2; done`, BOOT);
  return shell;
}

const statusOf = async (shell: Shell): Promise<Record<string, unknown>> =>
  JSON.parse(await shell('sudo cluster-update.sh --status')) as Record<string, unknown>;

/** Writes the bundle, and restarts into its try; the machine of the try is returned when it has been switched on. */
async function tryBundle(shell: Shell, name: string): Promise<Machine> {
  await shell('sudo mount -o ro /dev/disk/by-label/bundles /mnt || true');
  const said = await shell(`sudo cluster-update.sh /mnt/${name}.raucb; echo status $?`, 900);
  expect(said).toContain('status 0');
  expect(await statusOf(shell)).toMatchObject({ state: 'pending' });
  machine!.type('sudo cluster-update.sh --start\n');
  await machine!.ended;
  return start();
}

/** From slot A; the shell of slot B, which is good. */
async function keepSound(first: Shell): Promise<Shell> {
  expect(await statusOf(first)).toMatchObject({ state: 'good', slot: 'A', release: 1 });
  const second = await shellOf(await tryBundle(first, 'sound'));
  expect(await second('cat /proc/cmdline')).toMatch(/ coldstart.try=yes .*rauc.slot=B /);
  expect(await second('cat /etc/motd')).toBe('the second release');
  await second(`until sudo cluster-update.sh --status | grep -qv trying; do sleep 5; done`, TRY);
  expect(await statusOf(second)).toMatchObject({ state: 'good', slot: 'B', release: 2, reason: null });
  expect(await second('systemctl is-active cluster-try-start.timer cluster-try.timer')).toMatch(
    /^inactive\s+inactive$/,
  );
  return second;
}

/** @param shell of slot B; returns that of the start after the try, of the same slot. */
async function returnFrom(name: string, reason: RegExp, shell: Shell): Promise<Shell> {
  expect(await statusOf(shell)).toMatchObject({ slot: 'B', release: 2, pending: null });
  const tried = await tryBundle(shell, name);
  await tried.waitFor(/ coldstart\.try=yes .*rauc\.slot=A /, BOOT);
  await tried.ended;
  const returned = await marked(await start());
  expect(await statusOf(returned)).toMatchObject({
    ...{ state: 'returned', slot: 'B', release: 2, pending: null, reason: expect.stringMatching(reason) as string },
  });
  expect(await returned('check-bootstrap-status.sh')).toContain('update: failed (update-returned)');
  return returned;
}

describe.skipIf(missing.length > 0)(`an installed node${missing.join('')}`, () => {
  beforeAll(async () => {
    const definition = await copyExample('quick-start', join(folder(), 'definition'), [
      [['cluster', 'users'], [{ name: 'tester', sudo: true, password_hash: PASSWORD_HASH }]],
      [['cluster', 'image', 'install'], true],
    ]);
    const request = await requestBuild(definition, { outDir: join(folder(), 'out'), only: [NODE] });
    await runSilently(request);
    const bundles = join(folder(), 'bundles');
    await mkdir(bundles);
    await writeVariants(request, NODE, bundles);
    const image = join(folder(), 'bundles.img');
    await run({ command: 'truncate', args: ['--size=1G', image], reason: 'make a disk' });
    await run({ command: 'mkfs.ext4', args: ['-q', '-L', 'bundles', '-d', bundles, image], reason: 'fill a disk' });
    await blankDisk(usual().disk.path);
    const kept = process.env['COLDSTART_UPDATE_KEPT'];
    if (kept !== undefined) await cp(bundles, kept, { recursive: true });
  });
  // A machine that has returned takes the next update, as one of a user does; one that failed a test starts anew.
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await machine?.cutPower();
    running = null;
  });
  afterAll(() => machine?.cutPower());

  it('keeps a release that is healthy', async () => {
    const medium = await shellOf(await start(iso()));
    expect(await statusOf(medium)).toMatchObject({ state: 'medium', slot: null });
    const step = `jq -r '.steps[] | select(.step == "install").state' /run/cluster/status.json`;
    await medium(`until ${step} | grep -q done; do sleep 2; done`, BOOT);
    await machine!.cutPower();
    running = await keepSound(await marked(await start()));
  });

  it.each([
    ['panic', /did not reach multi-user\.target/],
    ['ramdisk', /did not reach multi-user\.target/],
    ['start', /it hangs; systemd waits for .*systemd-user-sessions\.service/],
    ['network', /addresses: not up: 192\.168\.50\.11/],
    ['service', /service-containerd: it does not stay up/],
  ])('returns from a release that fails: %s', async (name, reason) => {
    running = await returnFrom(name, reason, running ?? (await marked(await start())));
  });

  it('does so by Secure Boot: keeps what is healthy, and returns from a kernel that stops, by the watchdog', async () => {
    await machine?.cutPower();
    const disk = { path: join(folder(), 'secure.raw'), format: 'raw' } as const;
    await makeInstalledDisk({ iso: iso(), tree: join(folder(), 'out', NODE, 'tree') }, disk.path);
    hardware = () => ({ firmware: 'secure-boot', disk, variables: join(folder(), 'secure.fd') });
    const first = await marked(await start());
    expect(machine!.console()).toContain('secureboot: Secure boot enabled');
    await returnFrom('kernel', /did not reach multi-user\.target/, await keepSound(first));
  });
});
