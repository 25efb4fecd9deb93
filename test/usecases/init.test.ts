/** Every definition of `coldstart init` passes `check`, which makes the trees of all nodes, whatever the sound answers are. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rangeOf, formatIp } from '../../src/config/network/net.ts';
import { makeWorld } from '../cli/world.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ me@example';
const NETWORKS = [
  ['192.168.50.0/24'],
  ['10.100.7.0/24'], // in the default network of services
  ['10.244.8.0/22'], // in the default network of pods
  ['172.16.0.0/12'],
  ['192.168.128.0/17'],
  ['fd00:50::/64'],
  ['10.96.0.0/27', 'fd00:10:244::/64'],
];
const DISKS = [
  (id: number) => `SERIAL${id}`,
  (id: number) => `0x5000c500a1b2c3${10 + id}`,
  (id: number) => `/dev/disk/by-id/ata-DISK_${id}`,
  (id: number) => `/dev/disk/by-path/pci-0000:00:${10 + id}.0-ata-1`,
];
const VERSIONS = ['1.34.3', '1.35.4', '1.36.1', '1.37.0'];

/** Choices of one combination: the same number always chooses the same. */
function chooser(seed: number) {
  let state = seed;
  return <T>(options: readonly T[]): T => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return options[Math.floor(state / 65_536) % options.length] as T;
  };
}

function flagsOf(seed: number): string[] {
  const choose = chooser(seed);
  const networks = choose(NETWORKS);
  const address = (offset: number): string[] =>
    networks.map((one) => {
      const { family, network } = rangeOf(one);
      return formatIp({ family, value: network + BigInt(offset) });
    });
  const hasCeph = choose([true, false]);
  const [masters, workers] = [choose([1, 2, 3, 5]), choose([0, 1, 3])];
  const machine = (name: string, id: number): string => {
    const disk = choose(DISKS);
    const osds = hasCeph && (workers === 0 || name.startsWith('w')) ? [`osd=OSD${id}A`, `osd=OSD${id}B`] : [];
    const mac = `52:54:00:00:00:${10 + id}`;
    return [
      `name=${name}`,
      `mac=${mac}`,
      ...address(10 + id).map((ip) => `ip=${ip}`),
      `disk=${disk(id)}`,
      ...osds,
    ].join();
  };
  const flag = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [name, value]);
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  return [
    ...['--name', choose(['lab', 'k8s', 'a-long-name-of-a-cluster']), '--admin-key', KEY],
    ...flag('--network', networks),
    ...flag('--gateway', choose([address(1), ['none']])),
    ...flag('--dns', choose([address(1), address(2)])),
    ...choose([[], ['--domain', 'lab.example']]),
    ...choose([[], ['--kubernetes', choose(VERSIONS)]]),
    ...flag('--master', numbers(masters).map((id) => machine(`m-${id}`, id))), // prettier-ignore
    ...flag('--worker', numbers(workers).map((id) => machine(`w-${id}`, masters + id))), // prettier-ignore
    ...(masters > 1 ? choose([[], flag('--virtual-ip', address(9).slice(0, 1))]) : []),
    ...(hasCeph ? ['--ceph'] : []),
  ];
}

test.each(Array.from({ length: 10 }, (_, index) => index * 10))('ten combinations from %i on', async (first) => {
  const { run, folder } = await makeWorld();
  for (let seed = first; seed < first + 10; seed += 1) {
    const flags = flagsOf(seed);
    const made = await run('init', `new-${seed}`, ...flags, '--yes');
    expect([seed, flags.join(' '), made.exitCode, made.stderr.match(/^error.*/gm)]).toEqual([seed, flags.join(' '), 0, null]); // prettier-ignore
    const checked = await run('check', `new-${seed}`);
    expect([seed, checked.exitCode, checked.stderr.match(/^error.*/gm)]).toEqual([seed, 0, null]);
    if (seed > first) continue;
    const rendered = await run('render', `new-${seed}`, '--out', `out-${seed}`);
    expect([seed, rendered.exitCode]).toEqual([seed, 0]);
    const written = await readdir(join(folder, `new-${seed}/nodes`));
    expect(await readdir(join(folder, `out-${seed}`))).toEqual(expect.arrayContaining(written.map((name) => name.replace('.yaml', '')))); // prettier-ignore
  }
});
