/**
 * The process behind a lab, with real QEMUs whose machines have nothing to boot: faults, frames between the machines
 * and the gateway, and every way to end a lab.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { launch } from '../../src/usecases/lab/launch.ts';
import { untilGone } from '../../src/usecases/lab/running.ts';
import { loadCluster } from '../../src/config/load.ts';
import { encodeFrame, frameReader } from '../../src/lab/network/frames.ts';
import { readPlace, runFolder } from '../../src/lab/supervisor/place.ts';
import { call, nodeSocket, type Action, type NodeStatus } from '../../src/lab/supervisor/protocol.ts';
import { makeWorld, type World } from '../cli/world.ts';
import { frameOf } from './frames.ts';

const EXAMPLE = new URL('../../examples/quick-start', import.meta.url).pathname;
const onPath = (command: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
const missing = ['qemu-system-x86_64', 'qemu-img', 'setpriv'].filter((command) => !onPath(command));

interface Lab {
  readonly world: World;
  readonly run: string;
  readonly folder: string;
  readonly act: (action: Action, node: string) => Promise<NodeStatus | undefined>;
}

/** A lab of master-01 and worker-01, whose images are empty. */
async function startLab(changes: { limit?: number; artifacts?: string } = {}): Promise<Lab> {
  const world = await makeWorld();
  Object.assign(world.session.env, { COLDSTART_RUN: world.folder });
  const { value: cluster } = await loadCluster(EXAMPLE);
  if (cluster === undefined) throw new Error('the example is not valid');
  const nodes = cluster.nodes.slice(0, 2);
  const outDir = join(world.folder, 'images');
  await mkdir(outDir);
  for (const { name } of nodes) await writeFile(join(outDir, `${name}.iso`), Buffer.alloc(1 << 16));
  const run = runFolder(world.folder, cluster.name);
  const folder = join(outDir, 'lab');
  onTestFinished(async () => {
    const place = await readPlace(run);
    if (place.state === 'running') await call(run, { do: 'down' }).then(() => untilGone(run));
  });
  await launch({
    ...{ cluster, nodes, outDir, folder, run, limit: changes.limit ?? 300, memory: 64, cpus: 1, internet: false },
    ...{ firmware: 'bios', artifacts: changes.artifacts ?? null },
  });
  const act = async (action: Action, node: string): Promise<NodeStatus | undefined> =>
    (await call(run, { do: action, node })).nodes.find(({ name }) => name === node);
  return { world, run, folder, act };
}

/** Takes the place of a machine's NIC, once the machine has begun, and notes the frames that it gets. */
async function asMachine({ run, act }: Lab, index: number): Promise<{ send: (frame: Buffer) => void; got: Buffer[] }> {
  await act('pause', index === 0 ? 'master-01' : 'worker-01');
  const socket: Socket = createConnection(nodeSocket(run, index, 'net0'));
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  const got: Buffer[] = [];
  const read = frameReader((frame) => got.push(Buffer.from(frame)));
  socket.on('data', (chunk) => void read(chunk));
  return { send: (frame) => void socket.write(encodeFrame(frame)), got };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await condition()) return;
    await delay(50);
  }
  throw new Error(`waited in vain until ${what}`);
}

describe.skipIf(missing.length > 0)(`a running lab${missing.map((name) => ` (needs ${name})`).join('')}`, () => {
  test('has machines that faults happen to, and leaves nothing but its disks and logs', async () => {
    const { world, run, folder, act } = await startLab();
    await expect(world.run('lab', 'up', EXAMPLE)).rejects.toMatchObject({
      ...{ message: 'A lab of cluster `quick-start` is running already.', exitCode: 6 },
    });
    const running = { power: 'running', partitioned: false, problem: null };
    expect(await act('pause', 'worker-01')).toMatchObject({ ...running, power: 'paused' });
    expect(await act('start', 'worker-01')).toMatchObject(running);
    expect(await act('partition', 'worker-01')).toMatchObject({ ...running, partitioned: true });
    expect(await act('kill', 'worker-01')).toMatchObject({ ...running, power: 'off', partitioned: true });
    expect(await act('heal', 'worker-01')).toMatchObject({ ...running, power: 'off' });
    await writeFile(join(folder, 'worker-01.state.qcow2'), 'what the machine had written');
    expect(await act('wipe', 'worker-01')).toMatchObject({ power: 'off' });
    expect((await readFile(join(folder, 'worker-01.state.qcow2'))).subarray(0, 4).toString('latin1')).toBe('QFI\xfb');
    expect(await act('start', 'worker-01')).toMatchObject(running);

    const failure = { exitCode: 2, hint: 'coldstart lab start worker-01' };
    await act('kill', 'worker-01');
    await expect(world.run('lab', 'pause', 'worker-01')).rejects.toMatchObject({
      ...failure,
      message: '`worker-01` is off.',
    });
    const misspelt = {
      message: '`worker-1` is not a node of the lab of cluster `quick-start`.',
      hint: 'did you mean `worker-01`?',
    };
    await expect(world.run('lab', 'kill', 'worker-1')).rejects.toMatchObject(misspelt);

    const { stdout } = await world.run('lab', 'status');
    expect(stdout).toMatch(
      /^NODE {7}POWER {4}NETWORK {4}DOING\nmaster-01 {2}running {2}connected {2}.*\nworker-01 {2}off .*\n/,
    );
    expect(await world.run('lab', 'down')).toEqual({
      ...{ exitCode: 0, stderr: '' },
      stdout: `The lab of cluster quick-start is down; its disks and logs stay in ${folder}\n`,
    });
    expect(existsSync(run)).toBe(false);
    expect((await readdir(folder)).sort()).toEqual([
      ...['lab-plan.json', 'master-01.serial.log', 'master-01.state.qcow2', 'supervisor.log'],
      ...['worker-01.serial.log', 'worker-01.state.qcow2'],
    ]);
    await expect(world.run('lab', 'status')).rejects.toMatchObject({ message: 'No lab is running.', exitCode: 4 });
  });

  test('carries frames between machines and gateway, but not across a partition', async () => {
    const lab = await startLab();
    const [master, worker] = [await asMachine(lab, 0), await asMachine(lab, 1)];
    const [masterMac, workerMac] = ['52:54:00:12:34:01', '52:54:00:12:34:02'];
    const hello = frameOf(workerMac, masterMac, 'hello');
    const arrived = (): boolean => worker.got.some((frame) => frame.equals(hello));
    master.send(hello);
    await until('the frame is there', arrived);

    // Who has 192.168.50.1? Tell 192.168.50.11 (RFC 826).
    const question = '000108000604000152540012340' + '1c0a8320b000000000000c0a83201';
    const arp = Buffer.from(`ffffffffffff5254001234010806${question}`, 'hex');
    master.send(arp);
    const isAnswer = (frame: Buffer): boolean =>
      frame.subarray(12, 14).toString('hex') === '0806' && frame.subarray(20, 22).toString('hex') === '0002';
    await until('the gateway answers', () => master.got.some(isAnswer));

    worker.got.length = 0;
    await lab.act('partition', 'worker-01');
    master.send(hello);
    await delay(200);
    expect(arrived()).toBe(false);
    await lab.act('heal', 'worker-01');
    master.send(hello);
    await until('the frame is there again', arrived);
  });

  test('takes its machines along when it is killed, and is known to be dead', async () => {
    const { world, run, folder } = await startLab();
    const place = await readPlace(run);
    if (place.state !== 'running') throw new Error('the lab does not run');
    expect(await processesOf(folder)).toHaveLength(3); // the supervisor and two machines
    process.kill(place.note.pid, 'SIGKILL');
    await until('all of it is gone', async () => (await processesOf(folder)).length === 0);
    await expect(world.run('lab', 'status')).rejects.toMatchObject({
      ...{ message: 'The lab of cluster `quick-start` was killed; its disks are still there.', exitCode: 4 },
    });
  });

  test('ends by itself when its time is up', async () => {
    const { run } = await startLab({ limit: 3 });
    await until('it is gone', async () => (await readPlace(run)).state === 'absent');
  });
});

/** Command lines of the processes that name a folder. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

test('words too many or too few', async () => {
  const { run } = await makeWorld();
  await expect(run('lab', 'kill')).rejects.toMatchObject({ message: '`lab kill` takes the name of one node.' });
  await expect(run('lab', 'kill', 'a', 'b')).rejects.toMatchObject({ hint: 'coldstart lab kill NODE' });
  await expect(run('lab', 'status', 'a')).rejects.toMatchObject({ message: '`lab status` takes no arguments.' });
  await expect(run('lab', 'up', 'a', 'b')).rejects.toMatchObject({
    message: '`lab up` takes at most one argument, the configuration.',
  });
  await expect(run('lab', 'up', 'lab', '--for', '2')).rejects.toMatchObject({
    message: '`2` is not a duration for --for.',
  });
  await expect(run('lab', 'up', 'lab', '--node', 'master-1')).rejects.toMatchObject({
    hint: 'did you mean `master-01`?',
  });
});
