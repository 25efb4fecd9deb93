/**
 * Runs a definition through the commands that read one, in this process, and checks how they end. Commands may refuse
 * it, with diagnostics that have places; they may not crash, contradict each other, or write anything to stderr that is
 * not JSON.
 */
import { join } from 'node:path';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { describeFailure } from '../../src/cli/failure.ts';
import { asJsonLines } from '../../src/cli/streams/json-log.ts';
import { runCli } from '../../src/cli/program.ts';
import type { Session } from '../../src/cli/session.ts';
import { write, type Definition } from './definition.ts';
import { leakIn } from './secrets.ts';

const PAGE = 'page.html';

export interface Attempt {
  readonly isAccepted: boolean;
  /** How it failed; null when every command ended as it may. The first line tells failures of different kinds apart. */
  readonly failure: string | null;
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param folder for the definition and its output; emptied
 * @param isThorough runs all commands also where `check` refuses the definition, as all of them load it in the same way
 */
export async function attempt(folder: string, definition: Definition, isThorough: boolean): Promise<Attempt> {
  rmSync(folder, { recursive: true, force: true });
  write(join(folder, 'lab'), definition);
  const checked = await run(folder, ['check', 'lab', '--log', 'json']);
  const isAccepted = checked.exitCode === 0;
  const failure =
    faultOf('check', checked) ?? (isAccepted || isThorough ? await others(folder, definition, checked) : null);
  return { isAccepted, failure };
}

async function others(folder: string, definition: Definition, checked: Ended): Promise<string | null> {
  const node = firstNode(definition);
  const only = node === undefined ? [] : ['--node', node];
  const ends = [
    ['render', await run(folder, ['render', 'lab', '--out', 'out', ...only, '--log', 'json'])],
    ['explain', await run(folder, ['explain', 'lab', '/etc/hosts', ...only, '--log', 'json'])],
    ['diff', await run(folder, ['diff', 'lab', '--out', 'out', ...only, '--json', '--log', 'json'])],
    ['report', await run(folder, ['report', 'lab', '--out', PAGE, '--log', 'json'])],
  ] as const;
  for (const [command, end] of ends) {
    const fault = faultOf(command, end);
    if (fault !== null) return fault;
    // Without a node, the call itself may be refused; only `check` says what lies beside a definition.
    const mayDiffer = (node === undefined && end.exitCode === 2) || isRefusedBeside(checked);
    if (end.exitCode !== checked.exitCode && !mayDiffer) {
      return `${command} ends with ${String(end.exitCode)}, check with ${String(checked.exitCode)}\n${end.stderr}`;
    }
  }
  return faultOfPage(join(folder, PAGE), definition, checked);
}

/** A definition that `check` accepts has a whole page, and the page has none of its secrets. */
function faultOfPage(file: string, definition: Definition, { exitCode }: Ended): string | null {
  if (!existsSync(file)) return exitCode === 0 ? 'report writes no page' : null;
  const page = readFileSync(file, 'utf8');
  const leak = leakIn(page, definition);
  if (leak !== undefined) return `report shows a secret\n${leak}`;
  return page.endsWith('</html>\n') ? null : 'report writes half a page';
}

/** Whether all that a build would refuse is about the lock or the secrets store (src/usecases/prerequisites/preconditions.ts). */
function isRefusedBeside({ stderr }: Ended): boolean {
  const lines = stderr.split('\n').filter((line) => line !== '');
  const found = lines.map((line) => JSON.parse(line) as { severity?: string; code?: string });
  const errors = found.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ code }) => /^(lock|secrets)\//.test(code ?? ''));
}

function firstNode(definition: Definition): string | undefined {
  const name: unknown = parseDocument(definition.get('cluster.yaml') ?? '', { logLevel: 'silent' }).getIn([
    'nodes',
    0,
    'name',
  ]);
  return typeof name === 'string' && name !== '' && !name.startsWith('-') ? name : undefined;
}

async function run(cwd: string, argv: readonly string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const session: Session = {
    cwd,
    env: {},
    stdout: { write: (text) => void (written.stdout += text), isTTY: false, columns: 0 },
    stderr: asJsonLines({ write: (text) => void (written.stderr += text), isTTY: false, columns: 0 }),
    signal: new AbortController().signal,
    clock: () => 0,
    now: new Date('2026-11-01T00:00:00Z'),
  };
  try {
    return { exitCode: await runCli(argv, session), ...written };
  } catch (error) {
    const { exitCode, text } = describeFailure(error, false);
    return { exitCode, ...written, stderr: exitCode === 1 ? text : written.stderr };
  }
}

function faultOf(command: string, { exitCode, stderr }: Ended): string | null {
  if (exitCode === 1) return `${command} crashes: ${stderr}`;
  if (exitCode !== 0 && exitCode !== 2 && exitCode !== 3) return `${command} ends with ${String(exitCode)}: ${stderr}`;
  for (const line of stderr.split('\n').filter((each) => each !== '')) {
    try {
      JSON.parse(line);
    } catch {
      return `${command} writes a line that is no JSON\n${line}`;
    }
  }
  return command === 'check' && exitCode !== 0 && !stderr.includes('"severity":"error"')
    ? 'check refuses without a word'
    : null;
}
