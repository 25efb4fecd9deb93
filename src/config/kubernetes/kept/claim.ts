/**
 * What coldstart keeps of the settings of Kubernetes' programs. A user may set everything else: the programs know their own
 * fields and arguments, and no list of them is here.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../cluster.ts';

/** A field or an argument that coldstart keeps. */
export interface Claim {
  /** The path of a field like `authorization.mode`, or the name of an argument. */
  readonly name: string;
  /** The steps to the field, where they have dots in them. */
  readonly path?: readonly string[];
  /** Why a user cannot set it, as the end of a sentence. */
  readonly reason: string;
  /** The setting of coldstart that says it. */
  readonly setting?: string;
  /** Whether coldstart can work with the value: of a field the value, undefined for null; of an argument the list of its values. */
  readonly accepts: (value: unknown, cluster: Cluster) => boolean;
}

const never = (): boolean => false;

/** Fields or arguments that coldstart sets. */
export const taken = (names: string, reason: string, setting?: string): readonly Claim[] =>
  names.split(' ').map((name) => ({ name, reason, accepts: never, ...(setting === undefined ? {} : { setting }) }));

/** One that must have one of these values. */
export const only = (name: string, values: readonly unknown[], reason: string): Claim => ({
  ...{ name, reason },
  accepts: (value) => values.some((one) => isDeepStrictEqual(one, value)),
});

/** An argument that must have one of these values. */
export const onlyText = (name: string, values: readonly string[], reason: string): Claim =>
  only(
    name,
    values.map((value) => [value]),
    reason,
  );

/** One whose value must meet a condition. */
export const when = (name: string, accepts: Claim['accepts'], reason: string, setting?: string): Claim => ({
  ...{ name, reason, accepts },
  ...(setting === undefined ? {} : { setting }),
});

/** The values of an argument, each of which may be several with commas between them. */
export const itemsOf = (value: unknown): readonly string[] =>
  (value as readonly string[]).flatMap((text) => text.split(',')).map((text) => text.trim());

export const TLS_VERSIONS = ['VersionTLS12', 'VersionTLS13'] as const;
