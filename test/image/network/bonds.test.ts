/**
 * Bonding options with NetworkManager as the judge: for each mode, NetworkManager loads and keeps every option that
 * `check` accepts, and refuses or silently drops every option that `check` refuses. Generated from the schema, so that
 * every new option is tested.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bond, Node } from '../../../src/config/cluster.ts';
import { loadCluster } from '../../../src/config/load.ts';
import { bondOptions, type BondOption } from '../../../src/config/schema/bond-options.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { bond, cluster, ethernet, node } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { networkManagerScript } from './networkmanager.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SCRIPT = networkManagerScript('bonds.sh');
const MODES = [
  'active-backup',
  '802.3ad',
  'balance-rr',
  'balance-xor',
  'broadcast',
  'balance-tlb',
  'balance-alb',
] as const;
const OPTIONS = Object.keys(bondOptions.shape) as BondOption[];

type Sample = Pick<Bond, 'mode' | 'options'>;

/** Numbers, words and addresses; which of them an option takes, the schema says. */
const VALUES = [
  ...['0', '1', '100', '255', '1000', '65535'],
  ...[
    'slow',
    'fast',
    'on',
    'off',
    'none',
    'active',
    'backup',
    'all',
    'any',
    'filter',
    'filter_active',
    'filter_backup',
  ],
  ...['always', 'better', 'failure', 'follow', 'stable', 'bandwidth', 'count', 'port'],
  ...['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4', 'vlan+srcmac'],
  ...['192.168.50.1', '192.168.50.1,192.168.50.2', 'fd00::1', 'fd00::1,fd00::2', '02:00:00:00:00:01'],
];

const valuesOf = (option: BondOption): string[] =>
  VALUES.filter((value) => bondOptions.shape[option].safeParse(value).success);

const oneOption = fc
  .constantFrom(...OPTIONS)
  .chain((option) => fc.tuple(fc.constant(option), fc.constantFrom(...valuesOf(option))));

const sample: fc.Arbitrary<Sample> = fc.record({
  mode: fc.constantFrom(...MODES),
  options: fc.array(oneOption, { maxLength: 4 }).map((all) => read(Object.fromEntries(all))),
});

/** As the schema reads it: a word for its number. */
const read = (options: Record<string, string>): Record<string, string> => ({ ...bondOptions.parse(options) }) as never;

const SEED = Date.now() % 2 ** 31;
/** Every option with every value in every mode, alone; and what chance puts together. */
const SAMPLES: readonly Sample[] = [
  ...MODES.flatMap((mode) =>
    OPTIONS.flatMap((option) => valuesOf(option).map((value) => ({ mode, options: read({ [option]: value }) }))),
  ),
  ...fc.sample(sample, { numRuns: 400, seed: SEED }),
];

const macOf = (index: number): string => `52:54:00:01:${[index >> 8, index & 255].map((n) => n.toString(16).padStart(2, '0')).join(':')}`; // prettier-ignore

/** The codes that `check` has for each sample. */
async function judged(samples: readonly Sample[]): Promise<readonly (readonly string[])[]> {
  const codes: (readonly string[])[] = [];
  for (let start = 0; start < samples.length; start += 100) {
    codes.push(...(await judgedTogether(samples.slice(start, start + 100))));
  }
  return codes;
}

/** A node with a bond for each sample, on a NIC of its own. */
async function judgedTogether(samples: readonly Sample[]): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-bonds-'));
  const interfaces = samples.flatMap(({ mode, options }, index) => [
    { name: `p${String(index)}`, mac: macOf(index + 1) },
    { name: `b${String(index)}`, type: 'bond', mode, options: ofPort(options, index), ports: [`p${String(index)}`] },
  ]);
  const lan = { name: 'lan', mac: macOf(0), addresses: ['192.168.50.11/24'] };
  const definition = {
    cluster: {
      name: 'lab',
      networking: { node_cidr: '192.168.50.0/24', gateway: '192.168.50.1', dns: ['192.168.50.1'] },
    },
    nodes: [
      {
        ...{ name: 'solo', ip: '192.168.50.11', roles: ['master', 'worker'] },
        hardware: {
          mac_addresses: [macOf(0), ...samples.map((_, index) => macOf(index + 1))],
          state_disk: { serial: 'x' },
        },
        network: { interfaces: [lan, ...interfaces] },
      },
    ],
  };
  writeFileSync(join(folder, 'cluster.yaml'), JSON.stringify(definition));
  const { diagnostics } = await loadCluster(folder);
  rmSync(folder, { recursive: true });
  return samples.map((_, index) => {
    const path = `interfaces[${String(index * 2 + 2)}]`;
    return diagnostics.flatMap(({ code, at }) => (at?.path?.includes(`${path}.options`) ? [code] : []));
  });
}

/** `port` stands for the name of the bond's own port. */
const ofPort = (options: Sample['options'], index: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, value === 'port' ? `p${String(index)}` : value]),
  );

/** What NetworkManager has of each sample's options, `mode` left out; null where it refused the connection. */
function kept(samples: readonly Sample[]): readonly (Record<string, string> | null)[] {
  const bonds = samples.map(({ mode, options }, index) => bond(`b${String(index)}`, [], { mode, options }));
  const own: Node = node('solo', 1, { interfaces: [ethernet('lan', macOf(0)), ...bonds] });
  const on = nodeRoot(root ?? '', renderNode(cluster({ nodes: [own] }), own, SOURCES));
  try {
    const { status, stdout, stderr } = on.run('bash', ['-c', 'cat >/run/ask.sh && exec bash /run/ask.sh'], SCRIPT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const loaded = new Map(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    );
    return bonds.map(({ name }) => {
      const options = loaded.get(name);
      return options === undefined ? null : pairs(options);
    });
  } finally {
    on.remove();
  }
}

/** `mode=802.3ad,arp_ip_target=192.168.50.1,192.168.50.2`: what has no `=` goes on with the value before it; IPv6 has blanks. */
function pairs(text: string): Record<string, string> {
  const all = text
    .split(/,(?=[a-z_0-9-]+=)/)
    .map((pair) => [pair.replace(/=.*/, ''), pair.replace(/^[^=]*=/, '').replaceAll(' ', ',')]);
  return Object.fromEntries(all.filter(([key]) => key !== 'mode')) as Record<string, string>;
}

/** Without what needs no saying: NetworkManager drops an `arp_interval` that is off; `primary` is the port's to say. */
const said = (options: Record<string, string> | null): Record<string, string> | null =>
  options &&
  Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => name !== 'primary' && !(name === 'arp_interval' && value === '0'),
    ),
  );

describe.skipIf(root === null)(`bonding options, seed ${String(SEED)}`, async () => {
  const codes = await judged(SAMPLES);
  const errors = (found: readonly string[]): boolean =>
    found.some(
      (code) =>
        !['interface/bond-option-unused', 'interface/bond-delay-rounded', 'interface/bond-unwatched'].includes(code),
    );

  test('what check accepts, NetworkManager loads with every option', () => {
    const accepted = SAMPLES.filter((_, index) => !errors(codes[index] ?? []));
    expect(accepted.length).toBeGreaterThan(300);
    expect(kept(accepted).map(said)).toEqual(accepted.map(({ options }) => said(options)));
  });

  test('what check refuses for its mode, NetworkManager refuses or drops', () => {
    // `primary` never gets there, and `arp_missed_max` is kept in 802.3ad, where the kernel then refuses it.
    const others = SAMPLES.filter(({ options }) => !('primary' in options) && !('arp_missed_max' in options));
    const refused = others.filter((one) => codes[SAMPLES.indexOf(one)]?.includes('interface/bond-option-mode'));
    expect(refused.length).toBeGreaterThan(100);
    const left = kept(refused);
    const whole = refused.filter((sample, index) => JSON.stringify(sample.options) === JSON.stringify(left[index]));
    expect(whole).toEqual([]);
  });
});
