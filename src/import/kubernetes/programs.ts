/**
 * Arguments and fields of Kubernetes' programs, as any format names them: they become the settings below `cluster.kubernetes`, or
 * coldstart's own settings of the same thing; what coldstart keeps is named.
 */
import { PROGRAMS, type ProgramName } from '../../config/kubernetes/kept/arguments.ts';
import { KINDS } from '../../config/kubernetes/kept/fields.ts';
import type { Field } from '../input/field.ts';
import type { Draft } from '../model.ts';
import { outOf } from '../write/out.ts';
import { type Argument, fieldOfArgument, loseKept, refusing, textsOf } from './arguments.ts';
import { putOidc } from './oidc.ts';

/** Arguments as a map, as Talos has them. */
export const argumentsOf = (field: Field | undefined): readonly Argument[] =>
  (field?.fields() ?? []).flatMap((from) => {
    const value = from.take();
    return value === undefined || value === null ? [] : [{ name: from.key, value, from }];
  });

/** Arguments as a list of `name=value`, as k3s and RKE2 have them. */
export const argumentsIn = (field: Field | undefined): readonly Argument[] =>
  (field?.items() ?? []).flatMap((from) => {
    const [, name, value = 'true'] = /^-{0,2}([^=]+?)(?:\s*=\s*([\s\S]*))?$/.exec(from.text() ?? '') ?? [];
    return name === undefined ? [] : [{ name: name.trim(), value, from }];
  });

/** Argument of the API servers, the controller managers, the schedulers or etcd. */
export function putArguments(program: ProgramName, given: readonly Argument[], draft: Draft): void {
  const isOidc = ({ name }: Argument): boolean => program === 'api_server' && name.startsWith('oidc-');
  putOidc(given.filter(isOidc), draft);
  for (const one of given) if (!isOidc(one) && !putShare(program, one, draft)) putArgument(program, one, draft);
}

function putArgument(program: ProgramName, one: Argument, { cluster }: Draft): void {
  const kept = refusing(PROGRAMS[program].claims, one.name, textsOf(one));
  // The scheduler ignores some arguments when it reads a configuration.
  const found = kept && program === 'scheduler' ? fieldOfArgument('scheduler.config', one.name, one.value) : undefined;
  const refused = found && refusing(KINDS['scheduler.config'].claims, found.path.join('.'), found.value);
  if (found !== undefined && refused === undefined)
    cluster.put(['kubernetes', 'scheduler', 'config', ...found.path], outOf(found.value, one.from));
  else if (kept !== undefined) loseKept(one.from, kept);
  else cluster.put(['kubernetes', program, 'extra_args', one.name], outOf(one.value, one.from));
}

const MASKS: Readonly<Record<string, 4 | 6>> = {
  'node-cidr-mask-size': 4,
  'node-cidr-mask-size-ipv4': 4,
  'node-cidr-mask-size-ipv6': 6,
};

/** The size of a node's share of the pod network, which coldstart has a setting for. */
function putShare(program: ProgramName, one: Argument, { podPrefixes }: Draft): boolean {
  const family = program === 'controller_manager' ? MASKS[one.name] : undefined;
  const [text = ''] = textsOf(one);
  if (family === undefined || !/^\d{1,3}$/.test(text)) return false;
  podPrefixes.set(family, { value: Number(text), from: one.from });
  return true;
}

/** Arguments of kube-proxy are fields of its configuration. */
export function putProxyArguments(given: readonly Argument[], isOff: boolean, { cluster }: Draft): void {
  for (const one of given) {
    if (isOff) {
      one.from.skipWhole('the service proxy is off');
      continue;
    }
    const found = fieldOfArgument('kube_proxy.config', one.name, one.value);
    const kept = found && refusing(KINDS['kube_proxy.config'].claims, found.path.join('.'), found.value);
    if (kept !== undefined) loseKept(one.from, kept);
    else if (found === undefined) loseUnknown(one.from, 'KubeProxyConfiguration', 'kube_proxy.config');
    else cluster.put(['kubernetes', 'kube_proxy', 'config', ...found.path], outOf(found.value, one.from));
  }
}

/** Says that an argument is no field of the configuration that took its place. */
export const loseUnknown = (field: Field, kind: string, setting: string): void =>
  field.lose(
    'the configuration of the program has no field for this argument',
    `look for a field in \`${kind}\`, for \`${setting}\``,
  );
