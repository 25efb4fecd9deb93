/**
 * Rules about a bond's options: its mode supports them, and they do not need or exclude each other. For some faults
 * NetworkManager refuses the whole connection; others it drops silently, and the kernel ignores the rest. Users expect
 * every option to have an effect. `schema/bond-options.ts` names the sources.
 */
import type { Bond, Cluster } from '../../cluster.ts';
import type { BondOption } from '../../schema/bond-options.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { type Placed, placed } from './interfaces.ts';
import { type Facts, type Rule, quoted } from '../rule.ts';

type Mode = Bond['mode'];

const ONE_ACTIVE: readonly Mode[] = ['active-backup', 'balance-tlb', 'balance-alb'];
const LACP: readonly Mode[] = ['802.3ad'];
const BY_LOAD: readonly Mode[] = ['balance-tlb', 'balance-alb'];
const ASKING: readonly Mode[] = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'];

/** The modes in which the kernel accepts an option (`unsuppmodes` in its bond_options.c). Other options: all modes. */
const TAKEN_IN: Readonly<Partial<Record<BondOption, readonly Mode[]>>> = {
  primary: ONE_ACTIVE,
  lacp_rate: LACP,
  lacp_active: LACP,
  ad_actor_sys_prio: LACP,
  ad_actor_system: LACP,
  ad_user_port_key: LACP,
  arp_interval: ASKING,
  arp_ip_target: ASKING,
  ns_ip6_target: ASKING,
  arp_validate: ASKING,
  arp_missed_max: ASKING,
  packets_per_slave: ['balance-rr'],
  tlb_dynamic_lb: BY_LOAD,
};

/** Options that are accepted in all modes, with the modes in which they have an effect (Documentation/networking/bonding.rst). */
const USED_IN: Readonly<Partial<Record<BondOption, readonly Mode[]>>> = {
  primary_reselect: ONE_ACTIVE,
  ad_select: LACP,
  min_links: LACP,
  xmit_hash_policy: ['802.3ad', 'balance-xor', 'balance-tlb'],
  fail_over_mac: ['active-backup'],
  num_grat_arp: ['active-backup'],
  num_unsol_na: ['active-backup'],
  peer_notif_delay: ['active-backup'],
  arp_all_targets: ['active-backup'],
  resend_igmp: ['balance-rr', ...ONE_ACTIVE],
  lp_interval: BY_LOAD,
};

/** A bond with its options, without those that have no effect: `arp_interval: 0` turns off a feature that is off by default. */
interface PlacedBond extends Placed {
  readonly one: Bond;
  readonly options: Readonly<Partial<Record<BondOption, string>>>;
}

const OFF_AT_ZERO: readonly BondOption[] = ['arp_interval', 'updelay', 'downdelay', 'peer_notif_delay'];

/** All bonds of the cluster. */
export const bondsOf = (cluster: Cluster, facts: Facts): readonly PlacedBond[] =>
  cluster.nodes.flatMap((node) =>
    placed(node, facts).flatMap((all) => {
      if (all.one.type !== 'bond') return [];
      const said = Object.entries(all.one.options).filter(
        ([name, value]) => value !== '0' || !OFF_AT_ZERO.includes(name as BondOption),
      );
      return [{ ...all, one: all.one, options: Object.fromEntries(said) }];
    }),
  );

const isIn = (table: typeof TAKEN_IN, option: string, mode: Mode): boolean =>
  table[option as BondOption]?.includes(mode) ?? true;

const modesFit: Rule = {
  name: "a bond's options are those of its mode",
  check: (cluster, facts, report) => {
    for (const { node, one, options, at } of bondsOf(cluster, facts)) {
      const own = { mode: one.mode, name: one.name, node: node.name };
      const refused = Object.keys(options).filter((option) => !isIn(TAKEN_IN, option, one.mode));
      const [first] = refused;
      // Several such options have one cause: the user meant another mode. So one diagnostic is enough.
      if (first !== undefined) {
        const values = { ...own, options: quoted(refused), modes: quoted(TAKEN_IN[first as BondOption] ?? []) };
        report.add('interface/bond-option-mode', values, { at: at('options', first) });
      }
      for (const option of Object.keys(options).filter((each) => !isIn(USED_IN, each, one.mode))) {
        const values = { ...own, option, modes: quoted(USED_IN[option as BondOption] ?? []) };
        report.add('interface/bond-option-unused', values, { at: at('options', option) });
      }
    }
  },
};

/** A conflict of an option, and its correction. */
interface Clash {
  readonly option: BondOption;
  readonly reason: string;
  readonly advice: string;
}

const clashes: Rule = {
  name: "a bond's options fit together",
  check: (cluster, facts, report) => {
    for (const { node, one, options, at } of bondsOf(cluster, facts)) {
      const taken = Object.fromEntries(Object.entries(options).filter(([name]) => isIn(TAKEN_IN, name, one.mode)));
      for (const { option, reason, advice } of [watching, asking, delays, announcements, quorum].flatMap((find) =>
        find(taken, one),
      )) {
        const values = { option, reason, advice, name: one.name, node: node.name };
        report.add('interface/bond-option-clash', values, { at: at('options', option) });
      }
    }
  },
};

type Options = PlacedBond['options'];

/** NetworkManager drops `arp_interval` if `miimon` is set, and refuses it without a target. */
function watching({ miimon = '0', arp_interval, arp_ip_target, ns_ip6_target }: Options): readonly Clash[] {
  if (arp_interval === undefined) return [];
  const option = 'arp_interval';
  if (miimon !== '0') {
    return [{ option, reason: '`miimon` already monitors the links', advice: 'remove one of the two' }];
  }
  if (arp_ip_target !== undefined || ns_ip6_target !== undefined) return [];
  return [{ option, reason: 'it has no targets', advice: 'name addresses in `arp_ip_target`' }];
}

const ABOUT_ASKING = ['arp_ip_target', 'ns_ip6_target', 'arp_validate', 'arp_all_targets', 'arp_missed_max'] as const;

function asking(options: Options): readonly Clash[] {
  const option = ABOUT_ASKING.find((name) => options[name] !== undefined && options[name] !== 'none');
  if (option === undefined || options.arp_interval !== undefined) return [];
  const reason = 'without `arp_interval` no requests are sent';
  return [{ option, reason, advice: `set \`arp_interval\`, e.g. to 1000, or remove \`${option}\`` }];
}

const DELAYS = ['updelay', 'downdelay', 'peer_notif_delay'] as const;

/** If neither `miimon` nor `arp_interval` is set, NetworkManager sets `miimon` to 100. */
const isWatched = ({ miimon = '100', arp_interval }: Options): boolean => arp_interval === undefined && miimon !== '0';

function delays(options: Options): readonly Clash[] {
  if (!isWatched(options)) {
    const option = DELAYS.find((name) => options[name] !== undefined);
    const advice = 'remove it, or set `miimon`, e.g. to 100, instead of `arp_interval`';
    return option ? [{ option, reason: 'it is a multiple of `miimon`, which is off', advice }] : [];
  }
  const { miimon = '100', peer_notif_delay: delay = '0' } = options;
  if (Number(delay) % Number(miimon) === 0) return [];
  const reason = `${delay} is not a multiple of \`miimon\`, which is ${miimon}`;
  return [{ option: 'peer_notif_delay', reason, advice: 'write a multiple' }];
}

/** In the kernel, both names set the same value. */
function announcements({ num_grat_arp, num_unsol_na }: Options): readonly Clash[] {
  if (num_grat_arp === undefined || num_unsol_na === undefined || num_grat_arp === num_unsol_na) return [];
  const reason = 'it is the same setting as `num_grat_arp`, which has another value';
  return [{ option: 'num_unsol_na', reason, advice: 'remove one of the two' }];
}

/** A bond with fewer active links than `min_links` has no carrier (bond_3ad_set_carrier in bond_3ad.c). */
function quorum({ min_links = '0' }: Options, { mode, ports }: Bond): readonly Clash[] {
  const count = new Set(ports).size;
  if (!isIn(USED_IN, 'min_links', mode) || Number(min_links) <= count) return [];
  const reason = `it has ${String(count)} ports, so it never comes up`;
  return [{ option: 'min_links', reason, advice: `write at most ${String(count)}` }];
}

const wholeDelays: Rule = {
  name: "a bond's delays are multiples of `miimon`, as the kernel rounds them down",
  check: (cluster, facts, report) => {
    for (const { node, one, options, at } of bondsOf(cluster, facts).filter((bond) => isWatched(bond.options))) {
      const miimon = Number(options.miimon ?? '100');
      for (const option of ['updelay', 'downdelay'] as const) {
        const delay = Number(options[option] ?? '0');
        if (delay % miimon === 0) continue;
        const values = { option, delay, miimon, real: delay - (delay % miimon), name: one.name, node: node.name };
        report.add('interface/bond-delay-rounded', values, { at: at('options', option) });
      }
    }
  },
};

const watched: Rule = {
  name: "a bond notices when a port's link is gone",
  check: (cluster, facts, report) => {
    for (const { node, one, options, at } of bondsOf(cluster, facts)) {
      if (isWatched(options) || options.arp_interval !== undefined) continue;
      report.add('interface/bond-unwatched', { name: one.name, node: node.name }, { at: at('options', 'miimon') });
    }
  },
};

const primaryIsPort: Rule = {
  name: 'the primary port of a bond is one of its ports',
  check: (cluster, facts, report) => {
    for (const { node, one, options, at } of bondsOf(cluster, facts)) {
      const { primary } = options;
      if (primary === undefined || one.ports.includes(primary) || !isIn(TAKEN_IN, 'primary', one.mode)) continue;
      const near = suggest(primary, one.ports);
      const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
      const values = { primary, name: one.name, node: node.name, ports: quoted(one.ports) };
      report.add('interface/bond-primary', values, { at: at('options', 'primary'), hint });
    }
  },
};

export const bondRules: readonly Rule[] = [modesFit, clashes, wholeDelays, watched, primaryIsPort];
