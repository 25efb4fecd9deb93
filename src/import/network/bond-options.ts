/** Options of a bond: each tool has its own notation of the kernel's names. */
import { bondOptions } from '../../config/schema/bond-options.ts';
import { keysOf } from '../../config/schema/inspect.ts';
import type { Field } from '../input/field.ts';
import type { Link } from './links.ts';

const KNOWN = new Set(keysOf(bondOptions, {}));
/** Names of netplan and Talos that are not the kernel's in another notation. */
const OTHER: Readonly<Record<string, string>> = {
  mii_monitor_interval: 'miimon',
  transmit_hash_policy: 'xmit_hash_policy',
  hash_policy: 'xmit_hash_policy',
  arp_ip_targets: 'arp_ip_target',
  arpiptarget: 'arp_ip_target',
  up_delay: 'updelay',
  down_delay: 'downdelay',
  fail_over_mac_policy: 'fail_over_mac',
  gratuitous_arp: 'num_grat_arp',
  gratuitious_arp: 'num_grat_arp',
  primary_reselect_policy: 'primary_reselect',
  learn_packet_interval: 'lp_interval',
  num_peer_notif: 'num_grat_arp',
  use_carrier: 'use_carrier',
};

/** Reads all options, except those that have been read. */
export function readBondOptions(field: Field, link: Link, known: readonly string[]): void {
  for (const one of field.fields()) {
    if (known.includes(one.key)) continue;
    const name = nameOf(one.key);
    if (name === undefined) {
      one.lose('coldstart has no such option of a bond', 'leave it at the default of the kernel');
      continue;
    }
    const value = one.isList ? one.texts().map((item) => item.value).join(',') : one.text(); // prettier-ignore
    if (value !== undefined && value !== '')
      link.options.set(name, {
        value: /^\d+$/.test(value) ? Number(value) : value === 'true' ? 1 : value === 'false' ? 0 : value,
        from: one,
      });
  }
}

function nameOf(key: string): string | undefined {
  const plain = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_').toLowerCase(); // prettier-ignore
  const squeezed = plain.replaceAll('_', '');
  return [OTHER[plain], plain, [...KNOWN].find((name) => name.replaceAll('_', '') === squeezed)].find(
    (name): name is string => name !== undefined && KNOWN.has(name),
  );
}
