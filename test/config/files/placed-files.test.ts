/** Files in overlays are checked like those of `files`; a diagnostic names the overlay's own file. */
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOGIN_UNIT, NEEDED_BY_MEMBERS, NEEDED_UNITS } from '../../../src/config/base-system/needed-units.ts';
import { BASE_UNITS, OWN_UNITS } from '../../../src/config/base-system/units.ts';
import { loadCluster } from '../../../src/config/load.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-placed-'));
  await cp(join(import.meta.dirname, '../../../examples/single-node'), folder, { recursive: true });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Overlay {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly target?: string;
  readonly mode?: number;
}

async function place({ path, content, target, mode = 0o644 }: Overlay): Promise<void> {
  const file = join(folder, 'overlays', path);
  await mkdir(dirname(file), { recursive: true });
  if (target !== undefined) return symlink(target, file);
  await writeFile(file, content ?? '');
  await chmod(file, mode);
}

/** What is said with some overlays, as `severity code file:line`. */
async function saidOf(...overlays: readonly Overlay[]): Promise<readonly string[]> {
  for (const overlay of overlays) await place(overlay);
  const { diagnostics } = await loadCluster(folder);
  return diagnostics.map(({ severity, code, at }) => `${severity} ${code} ${at?.file ?? ''}:${String(at?.line)}`);
}

const SYSTEM = 'common/etc/systemd/system';
const KEY = '-----BEGIN EC PRIVATE KEY-----\nTUE=\n-----END EC PRIVATE KEY-----\n';

/** The start of a 64-bit program. @param machine `e_machine` of elf(5) */
const elf = (machine: number): Buffer =>
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...Array<number>(9).fill(0), 2, 0, machine, 0]);

describe('overlays are proved', () => {
  test.each<[string, Overlay, string]>([
    ['a unit', { path: `${SYSTEM}/x.service`, content: '[Unit]\n\n[Servce]\nA=b\n' }, 'error unit/refused :3'],
    [
      'a drop-in',
      { path: `${SYSTEM}/kubelet.service.d/x.conf`, content: '\n[Servce]\n' },
      'warning unit/ignored-line :2',
    ],
    [
      'a second command',
      { path: `${SYSTEM}/kubelet.service.d/10.conf`, content: '[Service]\nExecStart=/bin/true\n' },
      'error unit/refused :2',
    ],
    ['a script', { path: 'role-master/opt/x', content: '#!/bin/sh\r\n', mode: 0o755 }, 'warning file/cannot-run :1'],
    [
      'a link',
      { path: `${SYSTEM}/timers.target.wants/x.timer`, target: '../x.timer' },
      'warning unit/starts-nothing :1',
    ],
    ['a mask', { path: `${SYSTEM}/NetworkManager.service`, target: '/dev/null' }, 'error unit/over-needed :1'],
    [
      'a boot to a rescue shell',
      { path: `${SYSTEM}/default.target`, target: '/usr/lib/systemd/system/rescue.target' },
      'error unit/over-needed :1',
    ],
    [
      'a boot that ends early',
      { path: `${SYSTEM}/default.target`, target: 'basic.target' },
      'error unit/over-needed :1',
    ],
    ['a target', { path: 'role-worker/usr/lib/systemd/system/local-fs.target' }, 'error unit/over-needed :1'],
    ['a broken copy', { path: `${SYSTEM}/dbus.service`, content: 'x' }, 'error unit/over-needed :1'],
    [
      'a connection',
      { path: 'common/etc/NetworkManager/system-connections/vpn.nmconnection', content: '[connection]\nid=vpn\n' },
      'warning file/ignored-mode :1',
    ],
    ['rules of sudo', { path: 'common/etc/sudoers.d/ops', content: '\nnonsense\n' }, 'warning file/ignored-line :2'],
    ['a key', { path: 'common/etc/app.key', content: KEY }, 'warning file/readable-key :1'],
    ['a shell', { path: 'common/usr/bin/bash', content: elf(183), mode: 0o755 }, 'error file/not-a-program :1'],
    ['a library', { path: 'common/usr/lib/x86_64-linux-gnu/libc.so.6', content: '' }, 'error file/not-a-program :1'],
    ['a program', { path: 'common/opt/app', content: elf(183), mode: 0o755 }, 'warning file/cannot-run :1'],
    ['a home', { path: 'common/home/admin', content: '' }, 'error file/over-folder :1'],
    ['the way in', { path: `${SYSTEM}/ssh.service`, target: '/dev/null' }, 'warning unit/over-login :1'],
  ])('%s', async (_, overlay, expected) => {
    expect(await saidOf(overlay)).toEqual([expected.replace(' :', ` overlays/${overlay.path}:`)]);
  });

  test('and nothing is said of what is sound, of what is not text, and of what no node gets', async () => {
    const unit = '[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n';
    const binary = Buffer.from([0x23, 0x21, 0x0d, 0x0a, 0xff, 0x00]);
    const said = await saidOf(
      { path: `${SYSTEM}/x.service`, content: unit },
      { path: `${SYSTEM}/multi-user.target.wants/x.service`, target: '../x.service' },
      { path: `${SYSTEM}/multi-user.target.wants/serial-getty@ttyS1.service`, target: '/nowhere' },
      { path: `${SYSTEM}/y.service`, content: binary },
      { path: `${SYSTEM}/containerd.service.d/1.conf`, content: '[Service]\nExecStart=\nExecStart=/bin/true\n' },
      { path: `${SYSTEM}/cluster-watch.service.d/1.conf`, content: '[Service]\nExecStart=/bin/true\n' },
      { path: `${SYSTEM}/default.target`, target: '/usr/lib/systemd/system/multi-user.target' },
      { path: `${SYSTEM}/swap.target`, target: '/dev/null' },
      { path: 'common/opt/binary', content: binary, mode: 0o755 },
      { path: 'common/usr/bin/bash', content: elf(62), mode: 0o755 },
      { path: 'common/opt/program', content: elf(62), mode: 0o755 },
      { path: 'common/opt/page', content: '#!/bin/sh\r\n' },
      { path: 'role-ceph-mon/opt/x', content: '#!/bin/sh\r\n', mode: 0o755 },
    );
    expect(said).toEqual([]);
  });
});

test('units that a node needs are of the base layer, and none of ours', () => {
  const needed = [...NEEDED_UNITS, ...NEEDED_BY_MEMBERS, LOGIN_UNIT];
  expect(needed.filter((name) => !BASE_UNITS.has(name) || OWN_UNITS.has(name))).toEqual([]);
});
