/** The primary port of a bond; the kernel gets the name that the port has on this machine. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OVERLAY } from '../machine.ts';

const HOOK = join(OVERLAY, 'etc/NetworkManager/dispatcher.d/50-coldstart-bond-primary');

/** What the kernel has as the primary port of bond0 once the hook has run as NetworkManager runs it. */
function primaryAfter(device: string, event: string, environment: Readonly<Record<string, string>>): string {
  const sys = mkdtempSync(join(tmpdir(), 'coldstart-sys-'));
  const file = join(sys, 'class/net/bond0/bonding/primary');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  const { status } = spawnSync('/bin/bash', [HOOK, device, event], { env: { ...environment, SYS_DIR: sys } });
  expect(status).toBe(0);
  const primary = readFileSync(file, 'utf8');
  rmSync(sys, { recursive: true });
  return primary;
}

// NetworkManager-dispatcher(8), "CONNECTION_USER_": `coldstart.primary` of the section [user].
const MEANT = { CONNECTION_USER_COLDSTART__PRIMARY: 'bond0' };

it('is the port whose key file says so, when it comes up', () => {
  expect(primaryAfter('enp3s0', 'up', MEANT)).toBe('enp3s0\n');
  expect(primaryAfter('enp3s0', 'down', MEANT)).toBe('');
  expect(primaryAfter('enp4s0', 'up', {})).toBe('');
});
