/** Names of units. Sources: systemd.unit(5), "String escaping for inclusion in unit names"; src/basic/unit-name.c. */

export interface UnitName {
  /** The part before the `@`; without `@`, the name without its suffix. */
  readonly prefix: string;
  /** The part after the `@`: empty for a template, undefined for a unit without `@`. */
  readonly instance: string | undefined;
  /** Without the dot. */
  readonly suffix: string;
}

/** UNIT_NAME_MAX of systemd, without the final NUL; in bytes. */
const LONGEST = 255;

const NAME = /^([A-Za-z0-9:_.\\-]+)(?:@([A-Za-z0-9:_.\\@-]*))?\.([a-z]+)$/;

const SUFFIXES = ['service', 'socket', 'timer', 'path', 'mount', 'automount', 'target', 'slice', 'swap'];

/** The parts of a name; undefined if it is not the name of a unit. */
export function readUnitName(name: string): UnitName | undefined {
  const [, prefix = '', instance, suffix = ''] = NAME.exec(name) ?? [];
  const isKnown = [...SUFFIXES, 'device', 'scope'].includes(suffix);
  return isKnown && name.length <= LONGEST ? { prefix, instance, suffix } : undefined;
}

export const isTemplate = (name: string): boolean => readUnitName(name)?.instance === '';

/** The template of an instance: `a@.service` for `a@b.service`. */
export const templateOf = (name: string): string => name.replace(/@.*(\.[a-z]+)$/, '@$1');

/** Only units of these types may be templates and have aliases (unit_type_may_template, unit_type_may_alias). */
export const MAY_TEMPLATE = new Set(['service', 'socket', 'target', 'timer', 'path']);

/** The name of the unit of a path, without suffix: unit_name_path_escape(). @param path absolute */
export function escapePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) return '-';
  const escaped = parts.map((part) => [...Buffer.from(part)].map(escapeByte).join('')).join('-');
  return escaped.startsWith('.') ? `\\x2e${escaped.slice(1)}` : escaped;
}

const escapeByte = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9:_.]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
};

/** The name of a slice is its path in the tree of slices: no part between dashes may be empty (slice_name_is_valid). */
export const isSliceName = (prefix: string): boolean =>
  prefix === '-' || prefix.split('-').every((part) => part !== '');
