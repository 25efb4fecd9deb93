/**
 * The registry of diagnostic codes with all messages to the user. Codes are permanent. A code whose name starts with
 * `unsupported` means "valid, but not supported by this version" (exit 3 instead of 2).
 */
import type { Diagnostic, Location } from './diagnostic.ts';
import type { CodeDefinition } from './codes/table.ts';
import { cephCodes } from './codes/ceph.ts';
import { clusterCodes } from './codes/cluster.ts';
import { componentCodes } from './codes/components.ts';
import { configCodes } from './codes/config.ts';
import { extrasCodes } from './codes/extras.ts';
import { fileCodes } from './codes/files.ts';
import { importCodes } from './codes/import.ts';
import { bondCodes } from './codes/bond.ts';
import { interfaceCodes } from './codes/interface.ts';
import { kernelCodes } from './codes/kernel.ts';
import { lockCodes } from './codes/lock.ts';
import { networkNameCodes } from './codes/network-names.ts';
import { networkCodes } from './codes/network.ts';
import { nodeCodes } from './codes/node.ts';
import { podNetworkCodes } from './codes/pod-network.ts';
import { registryCodes } from './codes/registry.ts';
import { renderCodes } from './codes/render.ts';
import { secretsCodes } from './codes/secrets.ts';
import { updateCodes } from './codes/update.ts';

export const codes = {
  ...configCodes,
  ...nodeCodes,
  ...networkCodes,
  ...podNetworkCodes,
  ...networkNameCodes,
  ...importCodes,
  ...interfaceCodes,
  ...bondCodes,
  ...clusterCodes,
  ...componentCodes,
  ...registryCodes,
  ...cephCodes,
  ...extrasCodes,
  ...fileCodes,
  ...kernelCodes,
  ...renderCodes,
  ...secretsCodes,
  ...lockCodes,
  ...updateCodes,
};

export type Code = keyof typeof codes;

type Placeholders<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
type Texts<C extends Code> = (typeof codes)[C] extends { message: infer M; hint: infer H }
  ? Placeholders<M> | Placeholders<H>
  : (typeof codes)[C] extends { message: infer M }
    ? Placeholders<M>
    : never;

/** One value for each placeholder of the code's message and hint. */
export type ValuesOf<C extends Code> = Readonly<Record<Texts<C> & string, string | number>>;

export interface Placement {
  readonly at?: Location | undefined;
  readonly related?: readonly { readonly message: string; readonly at: Location | undefined }[];
  /** Replaces the registered hint, e.g. by "did you mean …"; null for no hint. */
  readonly hint?: string | null | undefined;
}

/** Makes a diagnostic. @throws Error when the value of a placeholder is missing, which is a bug */
export function diagnostic<C extends Code>(code: C, values: ValuesOf<C>, placement: Placement = {}): Diagnostic {
  const { severity, message, hint: registered }: CodeDefinition = codes[code];
  const hint = placement.hint === undefined ? registered && fill(registered, values) : placement.hint;
  const related = (placement.related ?? []).flatMap(({ message: text, at }) => (at ? [{ message: text, at }] : []));
  return {
    code,
    severity,
    message: fill(message, values),
    ...(hint ? { hint } : {}),
    ...(placement.at ? { at: placement.at } : {}),
    ...(related.length > 0 ? { related } : {}),
  };
}

/** The exit code for a set of diagnostics: 0 without errors, 3 when every error is an `unsupported`, else 2. */
export function exitClass(diagnostics: readonly Diagnostic[]): 0 | 2 | 3 {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return 0;
  return errors.every(({ code }) => isUnsupported(code)) ? 3 : 2;
}

/** Whether a code means "valid, but not supported by this version". */
export function isUnsupported(code: string): boolean {
  return code.split('/')[1]?.startsWith('unsupported') ?? false;
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{([a-z0-9]+)\}/gi, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for {${name}} in: ${template}`);
    return String(value);
  });
}
