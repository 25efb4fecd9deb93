/**
 * Adds up the results that `scripts/test.sh` collected in a folder: `checks.tsv` (result, name), vitest's reports, a
 * JSON file per project, and `unsuccessful.txt`, the projects for which vitest ended with an error. Names every test
 * that failed or was skipped; the last line is `N passed, N failed, N skipped`. Exit 1 when one failed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Counted {
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly name: string;
}

/** The parts of vitest's JSON report (jest's format) that this program reads. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/**
 * The tests of a project. A file that vitest could not load has no tests, but counts as one failed test. So does a
 * missing report, and an unsuccessful run without a failed test.
 * @param text the report; null when it is missing
 */
export function countProject(project: string, text: string | null, successful: boolean): Counted[] {
  if (text === null) return [{ result: 'failed', name: `${project}: vitest left no report` }];
  const tests = countReport(project, JSON.parse(text) as Report);
  const explained = successful || tests.some(({ result }) => result === 'failed');
  return explained ? tests : [...tests, { result: 'failed', name: `${project}: vitest ended with an error` }];
}

function countReport(project: string, { testResults }: Report): Counted[] {
  return testResults.flatMap(({ name: file, status, assertionResults }): Counted[] => {
    const tests = assertionResults.map(({ status: result, fullName }) => {
      return { result: resultOf(result), name: `${project}: ${fullName}` };
    });
    const isBroken = status === 'failed' && !tests.some(({ result }) => result === 'failed');
    return isBroken ? [...tests, { result: 'failed', name: `${project}: ${file}` }] : tests;
  });
}

function resultOf(status: string): Counted['result'] {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped'; // pending, skipped, todo, disabled
}

/** Lines of `result<TAB>name`. */
export function countChecks(text: string): Counted[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [result = '', name = ''] = line.split('\t');
      return { result: resultOf(result), name };
    });
}

/** The text to print. */
export function summarize(all: readonly Counted[]): string {
  const of = (result: Counted['result']): Counted[] => all.filter((test) => test.result === result);
  const lines = (['failed', 'skipped'] as const).flatMap((result) =>
    of(result).map(({ name }) => `${result}: ${name}`),
  );
  const counts = (['passed', 'failed', 'skipped'] as const).map((result) => `${of(result).length} ${result}`);
  return [...lines, counts.join(', ')].map((line) => `${line}\n`).join('');
}

function main(folder: string, projects: readonly string[]): void {
  const read = (name: string): string | null => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };
  const unsuccessful = (read('unsuccessful.txt') ?? '').split('\n');
  const all = [
    ...countChecks(read('checks.tsv') ?? ''),
    ...projects.flatMap((name) => countProject(name, read(`${name}.json`), !unsuccessful.includes(name))),
  ];
  process.stdout.write(summarize(all));
  process.exitCode = all.length > 0 && all.every(({ result }) => result !== 'failed') ? 0 : 1;
}

const [, program = '', folder = '.', ...projects] = process.argv;
if (import.meta.url === pathToFileURL(program).href) main(folder, projects);
