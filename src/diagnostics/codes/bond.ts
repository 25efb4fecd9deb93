/** Codes about bonds: their options, ports and monitoring. */
import type { CodeTable } from './table.ts';

export const bondCodes = {
  'interface/bond-option-mode': {
    severity: 'error',
    message: 'Bond `{name}` of node `{node}` has the mode `{mode}`, which does not support {options}.',
    hint: 'remove it, or choose a mode that supports it: {modes}',
  },
  'interface/bond-option-unused': {
    severity: 'warning',
    message: '`{option}` has no effect on bond `{name}` of node `{node}`: its mode is `{mode}`.',
    hint: 'remove it, or choose a mode that supports it: {modes}',
  },
  'interface/bond-option-clash': {
    severity: 'error',
    message: 'Bond `{name}` of node `{node}` cannot use this `{option}`: {reason}.',
    hint: '{advice}',
  },
  'interface/bond-delay-rounded': {
    severity: 'warning',
    message:
      'The `{option}` of bond `{name}` of node `{node}` becomes {real}: {delay} is not a multiple of `miimon`, which is {miimon}.',
    hint: 'write a multiple of {miimon}',
  },
  'interface/bond-unwatched': {
    severity: 'warning',
    message:
      'Bond `{name}` of node `{node}` does not monitor its links, so it sends frames to a port even if its link has failed.',
    hint: 'set `miimon: 100`, or `arp_interval` and `arp_ip_target`',
  },
  'interface/bond-primary': {
    severity: 'error',
    message: 'The primary port `{primary}` of bond `{name}` of node `{node}` is not one of its ports.',
    hint: 'its ports are: {ports}',
  },
  'interface/bond-target-self': {
    severity: 'error',
    message:
      'The ARP target `{target}` of bond `{name}` of node `{node}` is an address of the node itself: no answer comes over a port.',
    hint: 'name a neighbour that always answers, such as the gateway',
  },
  'interface/bond-target-outside': {
    severity: 'error',
    message:
      'The ARP target `{target}` of bond `{name}` of node `{node}` is in no network of the bond, so it cannot answer.',
    hint: 'name a neighbour; if the target is on the link, add a route to it without `via`',
  },
  'interface/bond-target-family': {
    severity: 'warning',
    message:
      'Bond `{name}` of node `{node}` has the target `{target}`, but neither the bond nor an interface on it has an IPv{family} address.',
    hint: 'give one of them an IPv{family} address, or name a target of the other family',
  },
} as const satisfies CodeTable;
