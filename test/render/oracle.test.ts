/** Property tests: for every text that an escaper accepts, the program that reads the format gets exactly this text. */
import fc from 'fast-check';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { UnrepresentableError } from '../../src/render/engine/error.ts';
import { ESCAPES, type Format } from '../../src/render/engine/escape.ts';
import { ask, bashVariables, isInstalled } from './oracle.ts';

const SPECIAL = fc.constantFrom(
  ...`"'\\$\`!#;%&|<>(){}[]*?~=:, \t-ä€😀`,
  '$(x)',
  '\\n',
  '%%',
  '${v0}',
  'yes',
  '1.30',
  '0x1',
);
const anyText = fc
  .array(fc.oneof(SPECIAL, fc.string({ unit: 'grapheme' })), { maxLength: 12 })
  .map((parts) => parts.join(''));
const manyTexts = fc.array(anyText, { minLength: 50, maxLength: 50 });

/** The texts that the format accepts, with what it writes for them. */
function accepted(format: Format, texts: readonly string[]): { text: string; written: string }[] {
  return texts.flatMap((text) => {
    try {
      return [{ text, written: ESCAPES[format](text) }];
    } catch (error) {
      if (error instanceof UnrepresentableError) return [];
      throw error;
    }
  });
}

function holds(format: Format, read: (written: readonly string[]) => unknown[]): void {
  fc.assert(
    fc.property(manyTexts, (texts) => {
      const pairs = accepted(format, texts);
      expect(read(pairs.map(({ written }) => written))).toEqual(pairs.map(({ text }) => text));
    }),
    { numRuns: 20 },
  );
}

const assignments = (written: readonly string[]): string =>
  written.map((value, index) => `v${String(index)}=${value}\n`).join('');

test('bash reads a shell word as the text it stands for', () => {
  holds('shell', (written) => bashVariables(assignments(written), written.length));
});

test('bash sources an env file as the texts it stands for', () => {
  holds('env', (written) => bashVariables(`source /dev/fd/3 3<<'END'\n${assignments(written)}END\n`, written.length));
});

test.skipIf(!isInstalled('python3', '-c', 'import tomllib'))('Python reads TOML as the texts it stands for', () => {
  const program = 'import json, sys, tomllib; print(json.dumps(list(tomllib.loads(sys.stdin.read()).values())))';
  holds('toml', (written) => JSON.parse(ask('python3', ['-c', program], assignments(written))) as unknown[]);
});

test.skipIf(!isInstalled('jq', '--version'))('jq reads JSON as the texts it stands for', () => {
  holds('json', (written) => JSON.parse(ask('jq', ['-s', '.'], written.join('\n'))) as unknown[]);
});

test.skipIf(!isInstalled('python3', '-c', 'import yaml'))(
  'a YAML 1.1 reader reads YAML as the texts it stands for',
  () => {
    const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.read())))';
    fc.assert(
      fc.property(manyTexts, (texts) => {
        const plain = accepted('shell', texts).map(({ text }) => text);
        const document = Object.fromEntries(plain.map((text, index) => [text, plain.at(-index) ?? text]));
        const written = ESCAPES.yaml(document);
        expect(parse(written)).toEqual(document);
        expect(JSON.parse(ask('python3', ['-c', program], written))).toEqual(document);
      }),
      { numRuns: 30 },
    );
  },
);
