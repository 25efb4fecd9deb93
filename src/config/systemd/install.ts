/** The links that `systemctl enable` creates for a unit. Source: systemd.unit(5), "[INSTALL] SECTION OPTIONS"; src/shared/install.c. */
import { suggest } from '../../diagnostics/suggest.ts';
import { type UnitFault, type UnitFile, readUnitFile, valuesOf, lastValue } from './unit-file.ts';
import { MAY_TEMPLATE, readUnitName } from './unit-name.ts';

const FOLDERS: Readonly<Record<string, string>> = { WantedBy: 'wants', RequiredBy: 'requires', UpheldBy: 'upholds' };

interface Wish {
  readonly key: string;
  /** The unit that starts this one, the alias, or the other unit to enable (`Also`). */
  readonly unit: string;
  readonly line: number;
}

/** A link that enables a unit, relative to the folder of units. */
interface UnitLink {
  readonly path: string;
  readonly target: string;
}

interface Installation {
  readonly wishes: readonly Wish[];
  /** Empty if no setting makes the unit start. */
  readonly links: readonly UnitLink[];
}

const KEYS = ['WantedBy', 'RequiredBy', 'UpheldBy', 'Alias', 'Also'];

export function installationOf(name: string, text: string): Installation {
  const unit = readUnitFile(text);
  const wishes = KEYS.flatMap((key) =>
    valuesOf(unit, 'Install', key).flatMap(({ value, line }) =>
      value.split(/\s+/).map((word) => ({ key, unit: word, line })),
    ),
  );
  const instance = lastValue(unit, 'Install', 'DefaultInstance');
  const instanced = isBare(name) ? name.replace('@.', `@${instance ?? ''}.`) : name;
  const links = isBare(instanced) ? [] : wishes.flatMap((wish) => linkOf(wish, instanced, name));
  return { wishes, links };
}

/** Whether a unit is a template without an instance, which cannot run. */
const isBare = (name: string): boolean => readUnitName(name)?.instance === '';

function linkOf({ key, unit }: Wish, instanced: string, file: string): UnitLink[] {
  if (key === 'Alias') return [{ path: unit, target: file }];
  const folder = FOLDERS[key];
  return folder === undefined ? [] : [{ path: `${unit}.${folder}/${instanced}`, target: `../${file}` }];
}

/** Why a name cannot be an alias of a unit (unit_symlink_name_compatible); undefined if it can. */
export function aliasFault(alias: string, name: string): string | undefined {
  const [other, own] = [readUnitName(alias), readUnitName(name)];
  if (other === undefined) return 'it is not the name of a unit';
  if (own === undefined) return undefined;
  if (other.suffix !== own.suffix) return `it ends with \`.${other.suffix}\` and not with \`.${own.suffix}\``;
  if (!MAY_TEMPLATE.has(own.suffix)) return `a unit \`.${own.suffix}\` can have no other name`;
  if ((other.instance === undefined) !== (own.instance === undefined)) return 'one is a template and the other is not';
  return undefined;
}

/** A mistake because of which systemd does not read the settings of `[Install]`. */
interface InstallSlip {
  readonly line: number;
  readonly hint: string;
  /** The faults of the unit that this mistake causes. */
  readonly faults: readonly UnitFault[];
}

/** The mistake that hides the settings of `[Install]`; undefined if the unit seems to have none. @param faults of the unit */
export function installSlip(
  { sections, assignments }: UnitFile,
  faults: readonly UnitFault[],
): InstallSlip | undefined {
  const isMeant = (key: string): boolean => suggest(key, KEYS) !== undefined;
  const hidden = faults.filter(
    ({ line }) =>
      assignments.some((one) => one.line === line && isMeant(one.key)) ||
      sections.some(
        ({ name, line: start }) =>
          start === line && assignments.some(({ section, key }) => section === name && isMeant(key)),
      ),
  );
  const [first] = hidden;
  if (first === undefined) return undefined;
  const joined = assignments.find(({ value, line }) => line < first.line && value.split(/\s+/).includes('[Install]'));
  if (joined !== undefined) {
    const hint = 'remove the `\\` at the end of the line above `[Install]`: it joins the two lines';
    return { line: joined.line, hint, faults: hidden };
  }
  const isBelowOther = assignments.some(({ line, key }) => line === first.line && KEYS.includes(key));
  const isStarted = sections.some(({ name }) => name === 'Install');
  const above = isStarted ? 'move it below `[Install]`' : 'write a line `[Install]` above it';
  return { line: first.line, hint: isBelowOther ? above : (first.hint ?? above), faults: hidden };
}
