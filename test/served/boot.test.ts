/**
 * Boots nodes from `coldstart serve`, running as a process of its own: by iPXE with BIOS and UEFI, and from an ISO of which QEMU
 * reads each byte over HTTP. No machine has an image, and none reaches another network.
 */
import { existsSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { blankDisk } from '../boot/blank-disk.ts';
import { folderOfFile, LOGS, missing } from '../boot/environment.ts';
import { boot, type Machine, type MachineOptions } from '../boot/machine.ts';
import { copyExample } from '../image/build/definition.ts';

const PROJECT = join(import.meta.dirname, '../..');
const MACS = { 'master-01': '52:54:00:12:34:01', 'worker-01': '52:54:00:12:34:02', 'worker-02': '52:54:00:12:34:03' };
type Node = keyof typeof MACS;

/** Seconds to the login prompt; emulation takes one to three minutes, a busy machine more. */
const BOOT = 900;

/** Where guests find the server. */
const GUEST_ADDRESS = '10.0.2.100';

/** Connects standard input and output with a port of this machine; the user network starts one for each connection. */
const RELAY =
  "const s=require('net').connect(+process.argv[1],'127.0.0.1');" +
  "s.on('error',()=>process.stdin.destroy());" +
  'process.stdin.pipe(s).pipe(process.stdout)';

const folder = folderOfFile('served');
const machines: Machine[] = [];
const events: { readonly event: string; readonly node: string; readonly file: string }[] = [];
let server: ChildProcess;
let port = 0;

const needs = [
  ['ipxe-qemu', existsSync('/usr/lib/ipxe/qemu/efi-virtio.rom')],
  ['qemu-block-extra', existsSync('/usr/lib/x86_64-linux-gnu/qemu/block-curl.so')],
] as const;
const lacking = [...missing, ...needs.filter(([, found]) => !found).map(([name]) => ` (needs ${name})`)];

describe.skipIf(lacking.length > 0)(`nodes of the quick-start example${lacking.join('')}`, () => {
  beforeAll(async () => {
    const definition = await copyExample('quick-start', join(folder(), 'definition'));
    const args = ['serve', definition, '--listen', '127.0.0.1:0', '--host', GUEST_ADDRESS, '--plain-http', '--json'];
    const links = ['--links', join(folder(), 'links.jsonl')];
    server = spawn(process.execPath, ['--import', 'tsx', join(PROJECT, 'src/main.ts'), ...args, ...links], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: server.stdout! });
    port = await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const record = JSON.parse(line) as { type: string; url: string } & (typeof events)[number];
        if (record.type === 'serving') resolve(Number(new URL(record.url).port));
        else events.push(record);
      });
      server.once('exit', (code) => {
        reject(new Error(`the server ended with ${String(code)}`));
      });
    });
  });
  afterEach(async () => {
    for (const machine of machines.splice(0)) await machine.cutPower();
  });
  afterAll(async () => {
    server.kill();
    await once(server, 'exit');
  });

  it('boot by iPXE with BIOS, once for each link', async () => {
    const link = await linkOf('master-01');
    const machine = await start('master-01', { iso: null, firmware: 'bios', network: networkFor(link) });
    await machine.waitFor(/coldstart: node master-01 of cluster quick-start/, BOOT);
    await machine.waitFor(/master-01 login: /, BOOT);
    expect(filesOf('master-01')).toEqual(['boot.ipxe', 'vmlinuz', 'system.img', 'node.img', 'used node.img']);
    expect(await linkOf('master-01')).not.toBe(link);
  });

  it('boot by iPXE with UEFI', async () => {
    const link = await linkOf('worker-01');
    const machine = await start('worker-01', { iso: null, firmware: 'uefi', network: networkFor(link) });
    await machine.waitFor(/worker-01 login: /, BOOT);
    expect(filesOf('worker-01')).toContain('used node.img');
  });

  it('boot from an ISO that nobody wrote, and keep its link while they run from it', async () => {
    const link = await linkOf('worker-02');
    const iso = `http://127.0.0.1:${port}${new URL(link).pathname}node.iso`;
    const machine = await start('worker-02', { iso, firmware: 'bios' });
    await machine.waitFor(/worker-02 login: /, BOOT);
    expect(filesOf('worker-02')).toEqual(['node.iso']);
    expect(await linkOf('worker-02')).toBe(link);
  });
});

function filesOf(node: Node): string[] {
  const own = events.filter((event) => event.node === node);
  return own.map(({ event, file }) => (event === 'began' ? file : `${event} ${file}`));
}

async function linkOf(node: Node): Promise<string> {
  const lines = (await readFile(join(folder(), 'links.jsonl'), 'utf8')).trim().split('\n');
  const links = lines.map((line) => JSON.parse(line) as { node: string; url: string });
  return links.find((link) => link.node === node)!.url;
}

function networkFor(link: string): string {
  const relay = [process.execPath, '-e', RELAY, String(port)]
    .map((word) => `"${word.replaceAll(',', ',,')}"`)
    .join(' ');
  return `restrict=on,guestfwd=tcp:${GUEST_ADDRESS}:${port}-cmd:${relay},bootfile=${link}boot.ipxe`;
}

async function start(node: Node, options: Omit<MachineOptions, 'macs' | 'log'>): Promise<Machine> {
  const path = await blankDisk(join(folder(), `${node}.qcow2`));
  const machine = await boot({
    ...{ macs: [MACS[node]], memory: 2560, ...options, log: join(LOGS, `served-${node}.log`) },
    disks: [{ path, serial: 'state', format: 'qcow2' }],
  });
  machines.push(machine);
  return machine;
}
