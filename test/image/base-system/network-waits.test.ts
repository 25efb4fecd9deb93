/**
 * What a start of the node waits for, in real base layers: nothing that waits for the network holds up the login prompt, the report on the
 * console, or the try of an update, which all come also where the network is broken.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OVERLAY } from '../../node/machine.ts';
import { cephRoot } from '../ceph/ceph-root.ts';
import { testRoot } from '../containers/root.ts';

/** In systemd's order. */
const folders = (root: string): string[] => [
  join(OVERLAY, 'etc/systemd/system'),
  join(root, 'etc/systemd/system'),
  join(root, 'usr/lib/systemd/system'),
];

/** Empty for a unit that is masked or not there. */
function textOf(root: string, unit: string): string {
  const [folder] = folders(root).filter((one) => readdirSync(one).includes(unit));
  if (folder === undefined || isMask(join(folder, unit))) return '';
  return readFileSync(join(folder, unit), 'utf8');
}

function isMask(path: string): boolean {
  try {
    return readlinkSync(path) === '/dev/null';
  } catch {
    return false; // no link
  }
}

/** The units in the values of a setting. */
const namesIn = (text: string, setting: string): string[] =>
  [...text.matchAll(new RegExp(`^(?:${setting})=(.*)$`, 'gm'))].flatMap(([, names = '']) => names.split(/\s+/));

/** A target is reached after all that it wants: systemd.target(5), "Automatic Dependencies". */
function wantedBy(root: string, target: string): string[] {
  const links = new Map<string, boolean>();
  for (const folder of folders(root)) {
    const wants = join(folder, `${target}.wants`);
    if (!existsSync(wants)) continue;
    for (const unit of readdirSync(wants)) links.set(unit, links.get(unit) ?? !isMask(join(wants, unit)));
  }
  const linked = [...links].flatMap(([unit, counts]) => (counts ? [unit] : []));
  return [...linked, ...namesIn(textOf(root, target), 'Wants|Requires')];
}

/** The units before which these targets are not reached. */
function heldUpBy(root: string, targets: readonly string[]): string[] {
  const seen = new Set(targets);
  for (const unit of seen) {
    if (unit.endsWith('.target')) wantedBy(root, unit).forEach((one) => seen.add(one));
  }
  return [...seen].filter((unit) => !unit.endsWith('.target'));
}

const roots = { 'of Kubernetes': await testRoot(), 'of Ceph': await cephRoot() };

it.skipIf(Object.values(roots).includes(null)).each(Object.entries(roots))(
  'a start of a node %s does not wait for the network',
  (_, root) => {
    const units = heldUpBy(root ?? '', ['default.target', 'multi-user.target']);
    expect(units).toContain('ssh.service');
    const waiting = units.filter((unit) => {
      const after = namesIn(textOf(root ?? '', unit), 'After');
      return after.includes('network-online.target') && !after.includes('multi-user.target');
    });
    expect(waiting).toEqual([]);
  },
);
