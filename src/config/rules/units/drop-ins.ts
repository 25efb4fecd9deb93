/** Rule: drop-in files of users leave a service with one command: only a service of `Type=oneshot` may have several (systemd.service(5)). */
import { LONG_RUNNING } from '../../base-system/long-running.ts';
import type { Node } from '../../cluster.ts';
import { lastValue, readUnitFile, type UnitFile } from '../../systemd/unit-file.ts';
import { readUnitName, templateOf } from '../../systemd/unit-name.ts';
import { placedFiles, type PlacedFile } from '../files/placed-files.ts';
import type { Rule } from '../rule.ts';
import { UNIT_PATH } from './written-units.ts';

interface DropIn {
  readonly file: PlacedFile;
  /** The name of the file: systemd reads drop-in files in the order of their names. */
  readonly base: string;
  readonly unit: UnitFile;
}

const oneCommand: Rule = {
  name: 'a drop-in file does not give a service a second command',
  check: (cluster, facts, report) => {
    const files = unitFilesByNode(placedFiles(cluster, facts));
    for (const node of cluster.nodes) {
      const own = files.get(node) ?? [];
      for (const [name, dropIns] of dropInsOf(own)) {
        const second = isSimple(name, node, dropIns, own) ? secondCommand(dropIns) : undefined;
        if (second === undefined) continue;
        const reason = 'this is a second `ExecStart=`, and only a service of `Type=oneshot` may have several';
        const hint = 'write an empty `ExecStart=` in the line before it: that removes the first command';
        report.add('unit/refused', { name, reason }, { ...second, hint });
      }
    }
  },
};

/** A unit file or drop-in file. */
interface Written {
  readonly file: PlacedFile;
  /** The name of the unit. */
  readonly name: string;
  /** The rest of a drop-in file's path. */
  readonly dropIn: string | undefined;
}

function unitFilesByNode(files: readonly PlacedFile[]): ReadonlyMap<Node, readonly Written[]> {
  const byNode = new Map<Node, Written[]>();
  for (const file of files) {
    const [, name, dropIn] = UNIT_PATH.exec(file.path) ?? [];
    if (name === undefined) continue;
    for (const node of file.nodes) {
      const own = byNode.get(node) ?? [];
      byNode.set(node, own);
      own.push({ file, name, dropIn });
    }
  }
  return byNode;
}

function dropInsOf(files: readonly Written[]): ReadonlyMap<string, readonly DropIn[]> {
  const found = files.flatMap(({ file, name, dropIn }): readonly (DropIn & { readonly name: string })[] => {
    if (dropIn === undefined || file.text === undefined || !name.endsWith('.service')) return [];
    return [{ name, file, base: dropIn.slice(dropIn.lastIndexOf('/') + 1), unit: readUnitFile(file.text) }];
  });
  const sorted = found.toSorted((a, b) => (a.base < b.base ? -1 : 1));
  const names = new Set(sorted.map(({ name }) => name));
  return new Map([...names].map((one) => [one, sorted.filter(({ name }) => name === one)]));
}

/** Whether a service certainly has exactly one command without the drop-in files, and is not of `Type=oneshot`. */
function isSimple(name: string, node: Node, dropIns: readonly DropIn[], files: readonly Written[]): boolean {
  if (dropIns.some(({ unit }) => lastValue(unit, 'Service', 'Type') !== undefined)) return false;
  const names = new Set([name, templateOf(name)]);
  const written = node.units.find((unit) => names.has(unit.name))?.content ?? placedUnit(names, files);
  if (written === undefined) return LONG_RUNNING.has(name);
  const unit = readUnitFile(written);
  const hasCommand = unit.assignments.some(
    ({ section, key, value }) => section === 'Service' && key === 'ExecStart' && value !== '',
  );
  return hasCommand && readUnitName(name) !== undefined && lastValue(unit, 'Service', 'Type') !== 'oneshot';
}

function placedUnit(names: ReadonlySet<string>, files: readonly Written[]): string | undefined {
  const found = files.find(({ name, dropIn }) => names.has(name) && dropIn === undefined);
  return found && (found.file.text ?? '');
}

/** The place of the second command; the service itself has the first. */
function secondCommand(dropIns: readonly DropIn[]): ReturnType<PlacedFile['place']> | undefined {
  let count = 1;
  for (const { file, unit } of dropIns) {
    for (const { section, key, value, line } of unit.assignments) {
      if (section !== 'Service' || key !== 'ExecStart') continue;
      count = value === '' ? 0 : count + 1;
      if (count > 1) return file.place(line);
    }
  }
  return undefined;
}

export const dropInRules: readonly Rule[] = [oneCommand];
