/**
 * Checks the parts of the documentation that could become outdated: links, flags, commands with their output,
 * definitions, recipes.
 */
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Command } from 'commander';
import { parseAllDocuments } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import { qemuCommand, UEFI_FLAG } from '../../src/cli/text/qemu-command.ts';
import { codes } from '../../src/diagnostics/codes.ts';
import { loadCluster } from '../../src/config/load.ts';
import { temporaryFolder } from '../builder/temporary.ts';
import { makeWorld } from '../cli/world.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

const pages = [
  'README.md',
  ...(await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];
const decisions = (await readdir(join(ROOT, 'docs/decisions'))).map((name) => `docs/decisions/${name}`);
const recipes = (await readdir(join(ROOT, 'examples/ci'))).map((name) => `examples/ci/${name}`);
const examples = (await readdir(join(ROOT, 'examples'))).filter((name) => name !== 'ci');
const README = await read('README.md');

interface Fence {
  readonly language: string;
  readonly text: string;
}

function fencesOf(page: string): Fence[] {
  return [...page.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({ language, text }));
}

const nowhere = { write: () => undefined, isTTY: false, columns: 0 };
const programWith = (stdout: typeof nowhere | { readonly write: (text: string) => void }): Command =>
  createProgram(
    {
      ...{ cwd: ROOT, env: {}, stdout: { ...nowhere, ...stdout }, stderr: nowhere },
      ...{ signal: new AbortController().signal, clock: () => 0, now: new Date('2026-11-01') },
    },
    () => undefined,
  );
const program = programWith(nowhere);
const commands = program
  .createHelp()
  .visibleCommands(program)
  .map((command) => command.name());
const flagsOf = (name: string): string[] =>
  (program.commands.find((command) => command.name() === name)?.options ?? []).flatMap(({ long }) => long ?? []);

describe('the command line', () => {
  test.each(commands)('%s and its flags are in the README', (name) => {
    expect(README).toContain(`| \`coldstart ${name} `);
    for (const flag of [...flagsOf(name), '--help', '--version']) expect(README).toMatch(new RegExp(`\`${flag}[ \`]`));
  });

  test('the README names no flag of a command that does not have it', () => {
    const rows = [...README.matchAll(/^\| `(--[\w-]+)[^|]*\| ([^|]*)\|/gm)];
    expect(rows.length).toBeGreaterThan(8);
    for (const [, flag = '', of = ''] of rows) {
      const named = commands.filter((name) => new RegExp(`\\b${name}\\b`).test(of));
      const actual = commands.filter((name) => flagsOf(name).includes(flag));
      if (!of.startsWith('all')) expect([flag, named.sort()]).toEqual([flag, actual.sort()]);
      else if (!['--help', '--version'].includes(flag))
        expect([flag, actual]).toEqual([flag, commands.filter((name) => !named.includes(name))]);
    }
  });

  test('the exit codes of the help are those of the README', () => {
    let help = '';
    programWith({ write: (text) => void (help += text) }).outputHelp();
    const [, listed = ''] = help.split('Exit codes: ');
    const [, table = ''] = README.split('### Exit codes');
    const codes = [...table.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => code);
    expect([...listed.matchAll(/(?:^|;\s)(\d+) /g)].map(([, code]) => code)).toEqual(codes);
    expect(codes).toHaveLength(10);
  });

  test('every call in the documentation and the recipes is one that exists', async () => {
    const texts = await Promise.all([...pages, ...recipes].map(read));
    const calls = texts.flatMap((text) => [...text.matchAll(/\b(coldstart|build-iso) ((?:[a-z]+ )?[^`\n|>#]*)/g)]);
    let checked = 0;
    for (const [call, name = '', rest = ''] of calls) {
      const words = rest.trim().split(/\s+/);
      const command = name === 'build-iso' ? 'build' : (words[0] ?? '');
      const known = flagsOf(command);
      if (known.length === 0) continue; // prose
      checked += 1;
      const flags = words.filter((word) => /^--\w/.test(word)).map((word) => word.replace(/[=.,;:)].*$/, ''));
      expect([call, flags.filter((flag) => ![...known, '--help'].includes(flag))]).toEqual([call, []]);
    }
    expect(checked).toBeGreaterThan(15);
  });
});

test('every kind of JSON line is described, and no other', async () => {
  const folder = join(ROOT, 'src/cli');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const written = sources.flatMap((text) => [...text.matchAll(/\btype: '([a-z-]+)'/g)].map(([, type]) => type));
  const [, lines = ''] = (await read('docs/CI.md')).split('## The lines of `--json`');
  const described = [...lines.matchAll(/^\| `(\w+)` +\|/gm)].map(([, type]) => type);
  expect(new Set(described)).toEqual(new Set(['type', ...written, 'diagnostic'])); // with the head of the table
});

test.each([...pages, ...decisions, 'overlays/README.md'])('the links of %s lead somewhere', leadSomewhere);

describe('the pages of diagnostics', () => {
  const folder = 'docs/diagnostics';
  const codePages = Object.keys(codes).map((code) => `${folder}/${code}.md`);

  test('are one for each code, and no others', async () => {
    const entries = await readdir(join(ROOT, folder), { recursive: true });
    const found = entries.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
    expect(found.sort()).toEqual(codePages.toSorted());
  });

  test('have links that lead somewhere, and the message as their title', async () => {
    for (const [code, { message }] of Object.entries(codes)) {
      const page = `${folder}/${code}.md`;
      await leadSomewhere(page);
      const text = await read(page);
      expect(text.split('\n')[0]).toBe(`# ${message.replaceAll(/\{\w+\}/g, '…')}`);
      expect(text).toContain(code);
    }
  });
});

async function leadSomewhere(page: string): Promise<void> {
  // What stands in a fence is no link.
  const text = (await read(page)).replaceAll(/^(`{3,})\w*\n[^]*?^\1$/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));
  for (const link of links) {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    await expect(stat(join(ROOT, file)), `${page} links to ${link}`).resolves.toBeTruthy();
    if (anchor === undefined) continue;
    const headings = [...(await read(file)).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => slug(title));
    expect(headings, `${page} links to ${link}`).toContain(anchor);
  }
}

test.each(pages)('%s is short, or begins by pointing to its sections', async (page) => {
  const text = await read(page);
  if (text.split(/\s+/).length < 1500) return;
  const beginning = text.split('\n').slice(0, 70).join('\n');
  expect([...beginning.matchAll(/\]\(#[^)]+\)/g)].length).toBeGreaterThan(4);
});

/** As GitHub makes anchors of headings. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe('the README', () => {
  const consoles = fencesOf(README).filter(({ language }) => language === 'console');

  test.each(consoles.map(({ text }) => [text.split('\n')[0] ?? '', text]))('%s', async (call, text) => {
    const { run, session } = await makeWorld();
    Object.assign(session, { cwd: ROOT });
    const { stdout } = await run(...call.replace(/^\$ coldstart /, '').split(' '));
    // An ellipsis stands for what changes with the version: anything up to the rest of its line.
    const pattern = text
      .split('\n')
      .slice(1)
      .map((line) => line.split('…').map(escaped).join('.*'))
      .join('\n');
    expect(stdout).toMatch(new RegExp(`^${pattern}$`));
  });

  test('has outputs to check', () => {
    expect(consoles.length).toBeGreaterThan(2);
  });

  test('describes a cluster that is valid', async () => {
    const folder = await temporaryFolder();
    const files = fencesOf(README).filter(({ language }) => language === 'yaml');
    await mkdir(join(folder, 'nodes'));
    for (const { text } of files) await writeFile(join(folder, /^# (\S+)\n/.exec(text)?.[1] ?? 'nameless'), text);
    const { run } = await makeWorld();
    expect(await run('check', folder, '--strict')).toEqual({
      ...{ exitCode: 0, stderr: '' },
      stdout: 'cluster lab: 2 nodes, no problems found\n',
    });
  });

  test('boots the example in QEMU by the command that a build prints', async () => {
    const { value } = await loadCluster(join(ROOT, 'examples/quick-start'));
    const node = value?.nodes[0];
    const fence = fencesOf(README).find(({ language }) => language === 'sh qemu');
    expect(node && `${qemuCommand(node, 'out/quick-start/master-01.iso', true)}\n`).toBe(fence?.text);
    expect(README).toContain(`\`${UEFI_FLAG}\``);
  });

  test('names scripts that are there and can be run', async () => {
    const scripts = fencesOf(README)
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text.trim());
    expect(scripts).toEqual(['scripts/quick-start.sh', 'scripts/test.sh']);
    for (const script of scripts) expect((await stat(join(ROOT, script))).mode & 0o111).not.toBe(0);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Of one example a build needs a lock, or a folder of artifacts, and `check` says so. */
const NEEDED: Readonly<Record<string, string>> = { 'three-masters-ceph': 'lock/needed-for-drivers' };

test.each(examples)('check finds nothing in the example %s but a lock that is to be made', async (name) => {
  const folder = await temporaryFolder();
  await cp(join(ROOT, 'examples', name), folder, { recursive: true });
  const { run } = await makeWorld();
  const { exitCode, stderr } = await run('check', folder, '--log', 'json');
  const codes = stderr
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { code: string }).code]));
  expect({ exitCode, codes }).toEqual({ exitCode: 0, codes: [NEEDED[name] ?? []].flat() });
});

test.each(recipes)('recipe %s is YAML and calls what is there', async (recipe) => {
  const text = await read(recipe);
  const parsed = [parseAllDocuments(text, { stringKeys: true, strict: true, uniqueKeys: true })].flat();
  expect(parsed.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  const called = [...text.matchAll(/\bcoldstart\/((?:bin|scripts)\/[\w./-]+)/g)].map(([, path = '']) => path);
  expect(new Set(called)).toEqual(new Set(['bin/coldstart', 'bin/build-iso', 'scripts/install-tools.sh']));
  for (const path of called) await expect(stat(join(ROOT, path))).resolves.toBeTruthy();
});
