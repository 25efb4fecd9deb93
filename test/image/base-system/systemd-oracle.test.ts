/**
 * Property test of the escapers for systemd, with the systemd of the base layer as the judge: random texts go through
 * an env file, `Environment=`, a command line and a plain value, and must equal the texts that a service receives.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ESCAPES, type Format } from '../../../src/render/engine/escape.ts';
import { UnrepresentableError } from '../../../src/render/engine/error.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SPECIAL = fc.constantFrom(...`"'\\$\`!#;%&|<>(){}[]*?~=:, -@+ä€😀`, '$HOME', '${V0}', '%n', '\\x41', '\\n', ' ;');
const text = fc
  .array(fc.oneof(SPECIAL, fc.string({ unit: 'grapheme' })), { maxLength: 10 })
  .map((parts) => parts.join(''));
const TEXTS = fc.sample(text, { numRuns: 400, seed: Date.now() });

function representable(format: Format): string[] {
  return TEXTS.filter((candidate) => {
    try {
      return ESCAPES[format](candidate) !== '';
    } catch (error) {
      if (error instanceof UnrepresentableError) return false;
      throw error;
    }
  });
}

const FILE = representable('env');
const VALUES = representable('unit');
const named = (prefix: string, texts: readonly string[]): [string, string][] =>
  texts.map((value, index) => [`${prefix}${String(index)}`, value]);

function service(): string {
  const words = named('W', FILE).map(([name, value]) => `${name}=${value}`);
  return `[Unit]
DefaultDependencies=no
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
EnvironmentFile=/oracle/values.env
Environment=${ESCAPES.unit(words)}
ExecStart=${ESCAPES.unit({ argv: ['/oracle/read-back.sh', ...FILE] })}
`;
}

/** Boots the oracle's service alone and returns what it saw. */
function readBack(lower: string): Record<'arguments' | 'environment' | 'descriptions', string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-oracle-'));
  try {
    mkdirSync(join(folder, 'oracle/out'), { recursive: true });
    mkdirSync(join(folder, 'units'));
    cpSync(join(import.meta.dirname, 'read-back.sh'), join(folder, 'oracle/read-back.sh'));
    const pairs = named('V', FILE).map(([name, value]) => `${name}=${ESCAPES.env(value)}\n`);
    writeFileSync(join(folder, 'oracle/values.env'), pairs.join(''));
    writeFileSync(join(folder, 'units/oracle.service'), service());
    for (const [name, value] of named('text-', VALUES)) {
      const unit = `[Unit]\nDescription=${ESCAPES.unit(value)}\n[Service]\nExecStart=/bin/true\n`;
      writeFileSync(join(folder, `units/${name}.service`), unit);
    }
    const seen = boot(lower, folder);
    const list = (name: string): string[] =>
      readFileSync(join(folder, 'oracle/out', name), 'utf8')
        .split('\0')
        .slice(0, -1);
    if (seen !== 0) throw new Error(`the container ended with ${String(seen)}`);
    return { arguments: list('arguments'), environment: list('environment'), descriptions: list('descriptions') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function boot(lower: string, folder: string): number | null {
  const args = [
    ...['--quiet', '--register=no', '--keep-unit', '--private-network', '--volatile=overlay', `--directory=${lower}`],
    ...[`--bind=${folder}/oracle:/oracle`, `--bind-ro=${folder}/units:/etc/systemd/system`],
    ...['--boot', 'systemd.unit=oracle.service', 'systemd.show_status=no'],
  ];
  const env = { PATH: process.env['PATH'] ?? '', SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' };
  return spawnSync('systemd-nspawn', args, { env, encoding: 'utf8', timeout: 120_000 }).status;
}

describe.skipIf(root === null)('systemd reads', () => {
  let seen: ReturnType<typeof readBack>;
  beforeAll(() => {
    seen = readBack(root ?? '');
  });
  const variables = (prefix: string): [string, string][] =>
    seen.environment.flatMap((line): [string, string][] => {
      const [, name, value] = /^([A-Z]\d+)=(.*)$/s.exec(line) ?? [];
      return name?.startsWith(prefix) === true ? [[name, value ?? '']] : [];
    });

  test('an env file as the texts it stands for', () => {
    expect(Object.fromEntries(variables('V'))).toEqual(Object.fromEntries(named('V', FILE)));
  });

  test('quoted words as the texts they stand for', () => {
    expect(Object.fromEntries(variables('W'))).toEqual(Object.fromEntries(named('W', FILE)));
  });

  test('a command line as the arguments it stands for', () => {
    expect(seen.arguments).toEqual(FILE);
  });

  test('a plain value as the text it stands for', () => {
    const expected = named('text-', VALUES).map(([name, value]) => `${name}=${value}`);
    expect(seen.descriptions.toSorted()).toEqual(expected.toSorted());
  });
});
