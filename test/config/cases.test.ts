/**
 * Every code of the front end has a folder under `cases/`: `cluster.yaml` triggers it, with exactly the text in
 * `expected.txt`; `ok.yaml` is the nearest definition that does not. `vitest -u` rewrites the texts.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { codes, exitClass } from '../../src/diagnostics/codes.ts';
import { formatDiagnostics } from '../../src/diagnostics/format.ts';

const root = join(import.meta.dirname, 'cases');
const cases = readdirSync(root).flatMap((area) => readdirSync(join(root, area)).map((name) => `${area}/${name}`));

describe.each(cases)('%s', (code) => {
  const folder = join(root, code);

  test('fires, with its exact text', async () => {
    const loaded = await loadCluster(folder);
    const text = formatDiagnostics(loaded.diagnostics, { colour: false, frame: loaded.frame });
    expect(loaded.diagnostics.map((found) => found.code)).toContain(code);
    await expect(text).toMatchFileSnapshot(join(folder, 'expected.txt'));
  });

  test('names places that exist, and has a value only without errors', async () => {
    const { diagnostics, value } = await loadCluster(folder);
    for (const at of diagnostics.flatMap((found) => [found.at, ...(found.related ?? []).map((other) => other.at)])) {
      if (!at) continue;
      const lines = readFileSync(join(folder, at.file), 'utf8').split('\n');
      expect(at.line).toBeLessThanOrEqual(lines.length);
      expect(at.column - 1 + (at.length > 1 ? at.length : 0)).toBeLessThanOrEqual((lines[at.line - 1] ?? '').length);
    }
    expect(value === undefined).toBe(exitClass(diagnostics) !== 0);
  });

  // Without `ok.yaml` the fault lies in the folder itself; the examples are what stays silent then.
  if (!existsSync(join(folder, 'ok.yaml'))) return;

  test('stays silent', async () => {
    const { diagnostics } = await loadCluster(join(folder, 'ok.yaml'));
    expect(diagnostics.filter((found) => found.code === code)).toEqual([]);
  });
});

test('every code has a case or is named in a test', () => {
  const areas = ['config', 'diagnostics', 'render', 'builder', 'usecases', 'cli', 'import'];
  const folders = areas.map((area) => join(import.meta.dirname, '..', area));
  const tests = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') || /^expected\/.*\.txt$/.test(name))
      .map((name) => join(folder, name)),
  );
  const text = tests.map((path) => readFileSync(path, 'utf8')).join('\n');
  const untested = Object.keys(codes).filter((code) => !cases.includes(code) && !text.includes(code));
  expect(untested).toEqual([]);
});

test('every case belongs to a code', () => {
  expect(cases.filter((name) => !(name in codes))).toEqual([]);
});
