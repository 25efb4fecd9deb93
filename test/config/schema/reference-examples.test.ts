/** The examples of the reference are definitions to copy: they load without any diagnostic. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examples, smallCluster } from '../../../scripts/docs/examples.ts';
import { loadCluster } from '../../../src/config/load.ts';

const cases = join(import.meta.dirname, '../cases');
const plain = readFileSync(join(cases, 'registry/duplicate/ok.yaml'), 'utf8').replace(
  /^ {2}registries:\n( {4}.*\n)*/m,
  '',
);

test.each(Object.entries(examples))('%s', async (path, { yaml }) => {
  expect(path.startsWith('cluster.')).toBe(true);
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-example-'));
  const indented = yaml.replace(/^(?=.)/gm, '  ');
  writeFileSync(
    join(folder, 'cluster.yaml'),
    plain.replace('nodes:\n', () => `${indented}nodes:\n`),
  );
  copyFileSync(join(cases, 'registry/verify-contradiction/ca.pem'), join(folder, 'harbor-ca.pem'));
  const { value, diagnostics } = await loadCluster(folder);
  rmSync(folder, { recursive: true });
  expect(diagnostics).toEqual([]);
  expect(value).toBeDefined();
});

test('the cluster at the beginning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-example-'));
  writeFileSync(join(folder, 'cluster.yaml'), smallCluster);
  const { value, diagnostics } = await loadCluster(folder);
  rmSync(folder, { recursive: true });
  expect(diagnostics).toEqual([]);
  expect(value?.nodes).toHaveLength(2);
});
