/**
 * Kernel arguments that a node takes away, with `-` in front, as Talos writes it: `-quiet` takes away an argument of the cluster by its
 * name, `-console=tty1` one with this value only.
 */

/** What is taken away, without the `-`; undefined for an argument that is set. */
export const takenAway = (argument: string): string | undefined =>
  argument.startsWith('-') ? argument.slice(1) : undefined;

/** The arguments of a node: the cluster's, without those that the node takes away, then its own. */
export function argumentsOf(common: readonly string[], own: readonly string[]): readonly string[] {
  const taken = own.flatMap((argument) => takenAway(argument) ?? []);
  const kept = common.filter((argument) => !taken.some((one) => takes(one, argument)));
  return [...kept, ...own].filter((argument) => takenAway(argument) === undefined);
}

/** Whether an argument is the one to take away. */
export const takes = (taken: string, argument: string): boolean =>
  argument === taken || argument.startsWith(`${taken}=`);

/** Arguments that every node has from its boot loader (scripts/base-layer/grub.cfg, src/builder/images/ipxe-script.ts). */
const NEEDED: readonly (readonly [argument: RegExp, reason: string])[] = [
  [
    /^(boot|nofstab|nonetworking|nopersistence|live-media|root|coldstart\..+|rauc\..+)(=|$)/,
    'by it the node finds its system and its image',
  ],
  [
    /^(oops|panic)(=|$)/,
    'a node whose kernel fails must start again by itself; another value may be set, e.g. `panic=60`',
  ],
  [/^console(=|$)/, '`cluster.image.consoles` lists the consoles'],
];

/** Why an argument cannot be taken away, as the end of a sentence. */
export const whyNeeded = (taken: string): string | undefined => NEEDED.find(([argument]) => argument.test(taken))?.[1];
