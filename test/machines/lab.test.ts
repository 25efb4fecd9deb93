/**
 * A lab of two nodes of the quick-start example, through the command line: they get the definition's addresses, reach
 * each other by name, lose contact in a partition, and keep their disks over a power cut. Nothing is left behind.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyExample } from '../image/build/definition.ts';
import { folderOfFile, missing } from '../boot/environment.ts';
import { logIn, type Shell } from '../boot/shell.ts';
import { attach, runLab, TESTER, type Console } from './lab.ts';

/** Seconds; two machines at once under TCG, on whatever else is busy. */
const BOOT = 700;

const folder = folderOfFile('lab');
const nodes = ['master-01', 'worker-01'] as const;
const lab = (...words: readonly string[]) => runLab(folder(), ...words);

const stateOf = async (...words: readonly string[]): Promise<unknown> => {
  const [node] = await lab(...words);
  return { power: node?.['power'], partitioned: node?.['partitioned'] };
};

/** Processes whose command line names the lab's folder. */
function processes(): string[] {
  const lines = readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return []; // it has ended meanwhile
    }
  });
  return lines.filter((line) => line.includes(join(folder(), 'out')) || line.includes(join(folder(), 'run')));
}

describe.skipIf(missing.length > 0)(`a lab of the quick-start example${missing.join('')}`, () => {
  let master: Console;
  let worker: Console;
  let onMaster: Shell;

  beforeAll(async () => {
    const definition = await copyExample('quick-start', join(folder(), 'definition'), [
      [['cluster', 'users'], [TESTER]],
    ]);
    await mkdir(join(folder(), 'run'));
    await mkdir(join(folder(), 'artifacts'));
    await writeFile(join(folder(), 'artifacts/greeting'), 'from the operator');
    const chosen = nodes.flatMap((name) => ['--node', name]);
    const options = ['--no-wait', '--memory', '1536', '--for', '1h', '--artifacts', 'artifacts'];
    await lab('up', definition, ...chosen, ...options);
    [master, worker] = [await attach(folder(), 'quick-start', 0), await attach(folder(), 'quick-start', 1)];
  });

  afterAll(async () => {
    if (processes().length > 0) await lab('down');
  });

  it('boots both to the login prompt, each with its own address', async () => {
    await master.waitFor(/master-01 login: /, BOOT);
    await worker.waitFor(/worker-01 login: /, BOOT);
    onMaster = await logIn(master, 'tester', 'console');
    const onWorker = await logIn(worker, 'tester', 'console');
    expect(await onMaster('ip -4 -o address show to 192.168.50.11 | wc -l')).toBe('1');
    expect(await onWorker('ip -4 -o address show to 192.168.50.21 | wc -l')).toBe('1');
    expect(await onWorker('echo kept | sudo tee /var/lib/cluster-state/note; sync')).toBe('kept');
  });

  const ping = (): Promise<string> => onMaster('sudo ping -q -c 2 -i 0.5 -W 5 worker-01 | grep -o "[0-9]* received"');

  it('lets one reach the other by name, the gateway, and what the operator has for them', async () => {
    expect(await ping()).toBe('2 received');
    expect(await onMaster('sudo ping -q -c 2 -W 5 192.168.50.1 | grep -o "[0-9]* received"')).toBe('2 received');
    expect(await onMaster('curl -s http://192.168.50.252:8080/greeting')).toBe('from the operator');
    expect(await onMaster('curl -s -o /dev/null -w "%{http_code}" http://192.168.50.252:8080/../out')).toBe('404');
  });

  it('cuts a node off, and puts it back', async () => {
    expect(await stateOf('partition', 'worker-01')).toEqual({ power: 'running', partitioned: true });
    expect(await ping()).toBe('0 received');
    expect(await stateOf('heal', 'worker-01')).toEqual({ power: 'running', partitioned: false });
    expect(await ping()).toBe('2 received');
  });

  it('stops a node for a while', async () => {
    expect(await stateOf('pause', 'worker-01')).toEqual({ power: 'paused', partitioned: false });
    expect(await ping()).toBe('0 received');
    expect(await stateOf('resume', 'worker-01')).toEqual({ power: 'running', partitioned: false });
    expect(await ping()).toBe('2 received');
  });

  it('cuts the power; switched on again, the node has its disk', async () => {
    expect(await stateOf('kill', 'worker-01')).toEqual({ power: 'off', partitioned: false });
    expect(await stateOf('start', 'worker-01')).toEqual({ power: 'running', partitioned: false });
    await worker.waitFor(/worker-01 login: /, BOOT);
    const onWorker = await logIn(worker, 'tester', 'console');
    expect(await onWorker('cat /var/lib/cluster-state/note')).toBe('kept');
    expect(await ping()).toBe('2 received');
  });

  it('knows from the console how far the nodes are', async () => {
    const status = await lab('status');
    expect(status.map(({ name, power }) => [name, power])).toEqual([
      ['master-01', 'running'],
      ['worker-01', 'running'],
      [undefined, undefined],
    ]);
    expect(status[1]?.['view']).toMatchObject({ stage: 'login' });
  });

  it('leaves no process behind', async () => {
    expect(processes()).toHaveLength(4); // the supervisor, the gateway, two nodes
    await lab('down');
    expect(processes()).toEqual([]);
    expect(readdirSync(join(folder(), 'run'))).toEqual([]);
  });
});
