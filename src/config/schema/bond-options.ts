/**
 * The options of a bond, with the values that both NetworkManager and the kernel accept. Names, ranges and words:
 * `libnm-core-impl/nm-setting-bond.c` of NetworkManager 1.52 (trixie's) and `drivers/net/bonding/bond_options.c`; meaning:
 * Documentation/networking/bonding.rst. `test/image/network/bonds.test.ts` compares them with the real NetworkManager.
 */
import * as z from 'zod';
import { formatIp, parseIp } from '../network/net.ts';
import { isUnicastMac, mac } from './forms.ts';
import { interfaceName } from './names.ts';
import { expectations, group, scalar } from './scalar.ts';

/** INT_MAX of the kernel. */
const LARGEST = 2_147_483_647;
/** BOND_MAX_ARP_TARGETS and BOND_MAX_NS_TARGETS in include/net/bonding.h. */
const MOST_TARGETS = 16;

/** A whole number, also in quotes, read as its text. */
function whole(min: number, max: number, note = '') {
  const written = z.string().regex(/^(0|[1-9]\d{0,9})$/);
  return z
    .union([z.int().min(min).max(max), written])
    .refine((value) => Number(value) >= min && Number(value) <= max)
    .transform(String)
    .register(expectations, { expected: `a whole number from ${min} to ${max}${note}` });
}

const milliseconds = whole(0, LARGEST);
const flag = whole(0, 1);

/** One of the kernel's words, or its number, read as the word. */
function word(...words: readonly string[]) {
  const expected = `one of ${words.map((each) => `\`${each}\``).join(', ')}`;
  return z
    .union([z.enum(words), z.int(), z.string().regex(/^\d$/)])
    .transform((value, context): string => {
      const found = words.find((each, index) => value === each || String(value) === String(index));
      if (found !== undefined) return found;
      context.issues.push({ code: 'custom', input: value, params: { expected } });
      return z.NEVER;
    })
    .register(expectations, { expected });
}

/** Addresses of one family, as a list or with commas between them, read into NetworkManager's notation. */
function targets(family: 4 | 6) {
  const expected = `1 to ${MOST_TARGETS} IPv${family} addresses, with commas between them`;
  return z
    .union([z.string(), z.array(z.string())])
    .meta({ examples: [family === 4 ? '192.168.50.1' : 'fd00:50::1'] })
    .transform((value, context): string => {
      const ips = [value].flat().flatMap((text) => text.split(',')).map((text) => parseIp(text.trim())); // prettier-ignore
      const own = ips.flatMap((ip) => (ip?.family === family ? [formatIp(ip)] : []));
      if (own.length === ips.length && own.length <= MOST_TARGETS) return own.join(',');
      context.issues.push({ code: 'custom', input: value, params: { expected } });
      return z.NEVER;
    })
    .register(expectations, { expected });
}

const actorSystem = scalar({
  expected: 'the MAC address of one machine like `02:00:00:00:00:01`',
  examples: ['02:00:00:00:00:01'],
  parse: (text) => {
    const read = mac.safeParse(text).data;
    return read !== undefined && isUnicastMac(read) ? read : undefined;
  },
});

export const bondOptions = group("a bond's `options`", {
  miimon: milliseconds
    .optional()
    .describe('Milliseconds between two looks at the link of each port. Default: 100, or 0 with `arp_interval`.'),
  updelay: milliseconds
    .optional()
    .describe('Milliseconds from a link that is back to its use, a multiple of `miimon`. Default: 0.'),
  downdelay: milliseconds
    .optional()
    .describe('Milliseconds from a link that is lost to its end, a multiple of `miimon`. Default: 0.'),
  use_carrier: flag.optional().describe("Whether the driver's word (1) or MII (0) tells about a link. Default: 1."),
  arp_interval: milliseconds
    .optional()
    .describe('Milliseconds between two ARP requests to `arp_ip_target`, instead of `miimon`. Default: 0, none.'),
  arp_ip_target: targets(4).optional().describe('IPv4 addresses that answer over a good port.'),
  ns_ip6_target: targets(6).optional().describe('IPv6 addresses that answer over a good port.'),
  arp_validate: word('none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup')
    .optional()
    .describe('Which answers to ARP requests count. Default: `none`, all of them.'),
  arp_all_targets: word('any', 'all')
    .optional()
    .describe('How many targets must answer, in `active-backup` with `arp_validate`. Default: `any`.'),
  arp_missed_max: whole(1, 255).optional().describe('Answers that a port may miss in a row. Default: 2.'),
  primary: interfaceName
    .optional()
    .describe(
      'Name of the port that carries the traffic while it has a link, in `active-backup`, `balance-tlb` and `balance-alb`.',
    ),
  primary_reselect: word('always', 'better', 'failure')
    .optional()
    .describe('When the traffic goes back to `primary`. Default: `always`.'),
  fail_over_mac: word('none', 'active', 'follow')
    .optional()
    .describe(
      'Whose MAC an `active-backup` bond has: the same for all ports, or that of the active one. Default: `none`.',
    ),
  num_grat_arp: whole(0, 255).optional().describe('Announcements after a change of the active port. Default: 1.'),
  num_unsol_na: whole(0, 255).optional().describe('The same as `num_grat_arp`.'),
  peer_notif_delay: whole(0, 300_000)
    .optional()
    .describe('Milliseconds between two of these announcements, a multiple of `miimon`. Default: 0, as `miimon`.'),
  resend_igmp: whole(0, 255).optional().describe('IGMP reports after a change of the active port. Default: 1.'),
  all_slaves_active: flag.optional().describe('Whether frames that reach a port not in use are taken. Default: 0.'),
  lacp_rate: word('slow', 'fast')
    .optional()
    .describe('How often the switch sends LACP frames, in `802.3ad`. Default: `slow`.'),
  lacp_active: word('off', 'on')
    .optional()
    .describe('Whether the bond itself begins with LACP, in `802.3ad`. Default: `on`.'),
  ad_select: word('stable', 'bandwidth', 'count')
    .optional()
    .describe('Which aggregate is in use, in `802.3ad`. Default: `stable`.'),
  ad_actor_sys_prio: whole(1, 65_535).optional().describe('System priority in `802.3ad`. Default: 65535.'),
  ad_actor_system: actorSystem.optional().describe("MAC address in LACP frames of `802.3ad`. Default: the bond's."),
  ad_user_port_key: whole(0, 1023).optional().describe('Upper bits of the port key in `802.3ad`. Default: 0.'),
  min_links: milliseconds.optional().describe('Links that an `802.3ad` bond needs to be up. Default: 0.'),
  xmit_hash_policy: word('layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac')
    .optional()
    .describe('What decides on the port of a frame, in `802.3ad`, `balance-xor` and `balance-tlb`. Default: `layer2`.'),
  packets_per_slave: whole(0, 65_535)
    .optional()
    .describe('Packets before the next port, in `balance-rr`; 0 is by chance. Default: 1.'),
  tlb_dynamic_lb: flag
    .optional()
    .describe('Whether flows move by load, in `balance-tlb` and `balance-alb`. Default: 1.'),
  lp_interval: whole(1, LARGEST)
    .optional()
    .describe('Seconds between learning packets, in `balance-tlb` and `balance-alb`. Default: 1.'),
});

export type WrittenBondOptions = z.output<typeof bondOptions>;
export type BondOption = keyof WrittenBondOptions;
