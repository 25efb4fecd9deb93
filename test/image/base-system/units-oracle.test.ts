/**
 * Diagnostics of `check` for units, compared with the systemd of the base layer: `check` refuses the units that
 * `systemd-analyze verify` does not load, and is silent when systemd is silent. The list of settings is compared with
 * systemd's own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SETTINGS, type Form } from '../../../src/config/systemd/settings.ts';
import { circlesOf } from '../../../src/config/rules/units/order.ts';
import { isCalendarEvent } from '../../../src/config/systemd/values/calendar.ts';
import { proveUnit } from '../../../src/config/systemd/prove.ts';
import { readUnitFile } from '../../../src/config/systemd/unit-file.ts';
import { makeTree, type FileEntry } from '../../../src/render/tree/tree.ts';
import { nodeRoot, type NodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';
import { LINES, VALUES } from './unit-values.ts';
import { CALENDAR, ORDERS, UNITS } from './units-oracle.ts';

const root = await testRoot();

type Verdict = 'refused' | 'ignored' | 'fine';

const NOT_LOADED = /bad unit file setting|failed to load|Failed to load unit|is masked|Failed to prepare/;
/** Of other things than the file: what `check` says elsewhere, or what it need not say. */
const BESIDE = /not loaded, socket cannot be started|is not executable|legacy cgroups|deprecated|does not match strict/;

function verdictOf(said: string): Verdict {
  const lines = said.split('\n').filter((line) => line !== '' && !BESIDE.test(line));
  if (lines.some((line) => NOT_LOADED.test(line))) return 'refused';
  return lines.length > 0 ? 'ignored' : 'fine';
}

function ours(name: string, text: string): Verdict {
  const weights = proveUnit(name, text).map(({ weight }) => weight);
  return weights.includes('refused') ? 'refused' : weights.length > 0 ? 'ignored' : 'fine';
}

/** Units that are sound without the lines in question, by section. */
const SOUND: Readonly<Record<string, readonly [name: string, text: string]>> = {
  Service: ['a.service', '[Service]\nExecStart=/usr/bin/true\n'],
  Unit: ['a.service', '[Service]\nExecStart=/usr/bin/true\n[Unit]\n'],
  Socket: ['a.socket', '[Socket]\nListenStream=81\n'],
  Timer: ['a.timer', '[Timer]\nOnBootSec=5\n'],
  Path: ['a.path', '[Path]\nPathExists=/x\n'],
  Mount: ['mnt-data.mount', '[Mount]\nWhat=/dev/x\nWhere=/mnt/data\n'],
  Automount: ['mnt-data.automount', '[Automount]\nWhere=/mnt/data\n'],
  Swap: ['swapfile.swap', '[Swap]\nWhat=/swapfile\n'],
};

const lines = (section: string): readonly string[] => [
  ...Object.entries(VALUES[section] ?? {}).flatMap(([settings, values]) =>
    settings
      .split(' ')
      .flatMap((key) =>
        [...values.split(' ').map((value) => value.replaceAll('|', ' ')), ''].map((value) => `${key}=${value}`),
      ),
  ),
  ...(section === 'Service' ? LINES : []),
];

const VALUE_UNITS = Object.entries(SOUND).map(([section, [name, text]]) => ({
  name,
  text: text + lines(section).join('\n'),
}));

/** Numbers of lines that systemd passes over; that something is old-fashioned, but works, is not among them. */
function passedOver(said: string): ReadonlySet<number> {
  const found = said.matchAll(/^[^\s:]*:(\d+): (?!Standard output type|Unit uses)/gm);
  return new Set([...found].map(([, line]) => Number(line)));
}

const file = (path: string, content: string): FileEntry => ({
  ...{ type: 'file', path, mode: 0o644, uid: 0, gid: 0, secret: false, content: Buffer.from(content) },
  origin: { kind: 'setting', source: path, settings: [] },
});

describe.skipIf(root === null)('systemd of the base layer', () => {
  let on: NodeRoot;
  beforeAll(() => {
    const files = UNITS.map(([name, text], index) => file(`oracle/${String(index)}/${name}`, text));
    on = nodeRoot(root ?? '', makeTree(files));
  });
  afterAll(() => {
    on.remove();
  });

  test('says of each unit what we say of it', () => {
    const script = `cd /oracle; for folder in $(ls | sort -n); do
      systemd-analyze --man=no --generators=no --recursive-errors=no verify "$PWD/$folder"/* 2>&1 | tr '\\n' '\\1'; echo; done`;
    const { stdout } = on.run('bash', ['-c', script]);
    // eslint-disable-next-line no-control-regex -- what the script puts in the place of line ends, and colours
    const said = stdout.split('\n').map((line) => line.replaceAll('\u0001', '\n').replace(/\u001b\[[0-9;:]*m/g, ''));
    const verdicts = UNITS.map(([name, text], index) => ({ name, text, verdict: verdictOf(said[index] ?? '') }));
    expect(verdicts.map(({ verdict }) => verdict)).toContain('fine');
    expect(verdicts).toEqual(UNITS.map(([name, text]) => ({ name, text, verdict: ours(name, text) })));
  });

  test('passes over the values that we say it passes over, and no others', () => {
    const units = VALUE_UNITS.map(({ name, text }, index) => file(`oracle/${String(index)}/${name}`, text));
    const values = nodeRoot(root ?? '', makeTree(units));
    // As a child, as above: it would log to the machine's console.
    const script =
      'systemd-analyze --man=no --generators=no --recursive-errors=yes verify "$1" 2>&1 | grep -F "$1:"; true';
    const wrong = VALUE_UNITS.flatMap(({ name, text }, index) => {
      const { stdout } = values.run('bash', ['-c', script, 'verify', `/oracle/${String(index)}/${name}`]);
      // eslint-disable-next-line no-control-regex -- colours
      const theirs = passedOver(stdout.replace(/\u001b\[[0-9;:]*m/g, ''));
      const own = new Set(proveUnit(name, text, true).map(({ line }) => line));
      return text
        .split('\n')
        .map((line, at) => ({ line: `${name} ${line}`, systemd: theirs.has(at + 1), own: own.has(at + 1) }))
        .filter((one) => one.systemd !== one.own);
    });
    values.remove();
    expect(wrong).toEqual([]);
  });

  test('finds the circles in the order of units that we find, and no others', () => {
    const files = ORDERS.flatMap((units, index) =>
      units.map(([name, text]) => file(`oracle/${String(index)}/${name}`, text)),
    );
    const orders = nodeRoot(root ?? '', makeTree(files));
    const script =
      'systemd-analyze --man=no --generators=no verify "$1"/* 2>&1 | grep -q "ordering cycle" && echo circle || echo none';
    const theirs = ORDERS.map(
      (_, index) => orders.run('bash', ['-c', script, 'verify', `/oracle/${String(index)}`]).stdout,
    );
    orders.remove();
    const own = ORDERS.map((units) => {
      const circles = circlesOf(units.map(([name, text]) => ({ name, unit: readUnitFile(text) })));
      return circles.length > 0 ? 'circle\n' : 'none\n';
    });
    expect(own).toEqual(theirs);
  });

  test('understands the calendar events that we take, and no others of the table', () => {
    const script = 'for event; do systemd-analyze calendar -- "$event" >/dev/null 2>&1 && echo yes || echo no; done';
    const { stdout } = on.run('bash', ['-c', script, 'calendar', ...CALENDAR]);
    const answers = stdout.trim().split('\n');
    expect(CALENDAR.map((event) => [event, isCalendarEvent(event) ? 'yes' : 'no'])).toEqual(
      CALENDAR.map((event, index) => [event, answers[index]]),
    );
  });

  test('knows the settings that the list says, in these forms, and no others', () => {
    // As a child: as process 1 it would take over the machine.
    const { stdout } = on.run('bash', ['-c', '/usr/lib/systemd/systemd --dump-configuration-items; true']);
    const real: Record<string, Record<string, Form>> = {};
    let section: Record<string, Form> = {};
    for (const line of stdout.split('\n')) {
      const [, name, key, type] = /^(?:\[(\w+)\]|(\w+)=(.*))$/.exec(line) ?? [];
      if (name !== undefined) section = real[name] ??= {};
      if (key !== undefined) section[key] = formOf(key, type ?? '');
    }
    delete real['Scope'];
    const listed = Object.entries(SETTINGS).map(([name, forms]) => [name, Object.fromEntries(forms)]);
    expect(Object.fromEntries(listed)).toEqual(real);
  });
});

function formOf(key: string, type: string): Form {
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'SECONDS') return 'span';
  if (type === 'MODE' && !key.endsWith('JobMode')) return 'mode';
  if (type === 'PATH') return 'path';
  if (type === 'PATH [...]') return 'paths';
  if (type === 'CONDITION' && /Path|Directory|File|NeedsUpdate/.test(key)) return 'condition';
  return type.startsWith('PATH [ARGUMENT') ? 'command' : 'other';
}
