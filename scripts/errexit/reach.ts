/**
 * Finds the functions that run where bash ignores errexit: those called in a condition, and all functions that they
 * call.
 */
import { commandName, substitutions, text, visit, type Script, type Statement } from './syntax.ts';
import { TELLERS } from './tellers.ts';

/** The place of such a call: the statement's script and line. */
export type Reached = ReadonlyMap<string, string>;

export function reached(scripts: readonly Script[], names: ReadonlySet<string>): Reached {
  const calls = new Map<string, Set<string>>();
  const found = new Map<string, string>();
  for (const script of scripts) new Scan(script, names, calls, found).statements(script.statements, '', false);
  for (const name of found.keys()) {
    for (const called of calls.get(name) ?? []) if (!found.has(called)) found.set(called, found.get(name)!);
  }
  return found;
}

class Scan {
  readonly #script: Script;
  readonly #names: ReadonlySet<string>;
  readonly #calls: Map<string, Set<string>>;
  readonly #found: Map<string, string>;

  constructor(script: Script, names: ReadonlySet<string>, calls: Map<string, Set<string>>, found: Map<string, string>) {
    this.#script = script;
    this.#names = names;
    this.#calls = calls;
    this.#found = found;
  }

  statements(of: readonly Statement[] = [], from: string, isAsked: boolean): void {
    for (const each of of) this.#statement(each, from, isAsked);
  }

  #statement(statement: Statement, from: string, isAsked: boolean): void {
    const { Cmd, Redirs } = statement;
    if (statement.Negated === true) isAsked = true;
    this.#inWords(Redirs, from, true);
    switch (Cmd?.Type) {
      case 'CallExpr':
        return this.#call(statement, from, isAsked);
      case 'FuncDecl':
        return this.#statement(Cmd.Body, Cmd.Name.Value, false);
      case 'Block':
      case 'Subshell':
        return this.statements(Cmd.Stmts, from, isAsked);
      case 'IfClause':
        this.statements(Cmd.Cond, from, true);
        this.statements(Cmd.Then, from, isAsked);
        return Cmd.Else && this.#statement({ ...statement, Redirs: [], Cmd: Cmd.Else }, from, isAsked);
      case 'WhileClause':
        this.statements(Cmd.Cond, from, true);
        return this.statements(Cmd.Do, from, isAsked);
      case 'ForClause':
        this.#inWords(Cmd.Loop, from, true);
        return this.statements(Cmd.Do, from, isAsked);
      case 'CaseClause':
        this.#inWords(Cmd.Word, from, true);
        return Cmd.Items.forEach(({ Stmts }) => this.statements(Stmts, from, isAsked));
      case 'BinaryCmd':
        this.#statement(Cmd.X, from, isAsked || Cmd.Op === '&&' || Cmd.Op === '||');
        return this.#statement(Cmd.Y, from, isAsked);
      default:
        return this.#inWords(Cmd, from, true);
    }
  }

  /**
   * A function's name as a word counts as a call from this function, and as one in a condition, because its use is
   * unknown.
   */
  #call(statement: Statement, from: string, isAsked: boolean): void {
    const { Args = [], Assigns } = statement.Cmd as { Args?: never[]; Assigns?: object[] };
    const name = commandName(statement);
    const isPure = Args.length === 0;
    this.#inWords(Assigns, from, isAsked || !isPure);
    if (name !== null) this.#note(name, from, isAsked, statement);
    if (name !== null && TELLERS.has(name)) return;
    this.#inWords(Args, from, true);
    if (name === null || !this.#names.has(name)) return;
    for (const word of Args.slice(1)) this.#note(text(word) ?? '', from, true, statement);
  }

  #inWords(tree: unknown, from: string, isAsked: boolean): void {
    for (const { Stmts } of substitutions(tree)) this.statements(Stmts, from, isAsked);
  }

  #note(name: string, from: string, isAsked: boolean, { Pos }: Statement): void {
    if (!this.#names.has(name)) return;
    if (!this.#calls.has(from)) this.#calls.set(from, new Set());
    this.#calls.get(from)!.add(name);
    if (isAsked && !this.#found.has(name)) this.#found.set(name, `${this.#script.path}:${String(Pos.Line)}`);
  }
}

export function namesOf(scripts: readonly Script[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { statements } of scripts) {
    visit(
      statements,
      (node) => void (node.Type === 'FuncDecl' && names.add((node as { Name?: { Value: string } }).Name!.Value)),
    );
  }
  return names;
}
