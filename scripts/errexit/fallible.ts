/**
 * Decides which statements may fail. Every program may fail. A function may fail if it can return a status other than
 * 0, or end the shell in which it runs.
 */
import {
  branches,
  commandName,
  functionsOf,
  substitutions,
  text,
  visit,
  type Redirect,
  type Script,
  type Statement,
  type Substitution,
} from './syntax.ts';

/** Builtins that do not fail in the ways in which the scripts use them. */
const SAFE = new Set(
  [
    'local',
    'declare',
    'readonly',
    'export',
    'return',
    'exit',
    'break',
    'continue',
    'shift',
    ':',
    'true',
    'printf',
    'echo',
  ].concat([...['trap', 'set', 'shopt', 'umask', 'wait']]),
);
/** They read lines, and fail at the end of the input; a here-string always has a line. */
const READERS = new Set(['read', 'mapfile']);

export class Fallible {
  readonly #failing = new Set<string>();
  readonly #ending = new Set<string>();
  readonly #names: ReadonlySet<string>;

  constructor(scripts: readonly Script[]) {
    const functions = scripts.flatMap(functionsOf);
    this.#names = new Set(functions.map(({ Name }) => Name.Value));
    // At first no function may fail; each pass adds functions whose statements may. So this ends for recursive
    // functions, too.
    for (let before = -1; before < this.#failing.size + this.#ending.size;) {
      before = this.#failing.size + this.#ending.size;
      for (const { Name, Body } of functions) {
        if (this.list([Body])) this.#failing.add(Name.Value);
        if (this.#ends(Body)) this.#ending.add(Name.Value);
      }
    }
  }

  /** Whether the status of a list of statements may differ from 0. */
  list(statements: readonly Statement[] = []): boolean {
    const last = statements.at(-1);
    return (last !== undefined && this.statement(last)) || this.#returnsFailure(statements);
  }

  /** Whether `$(…)` may fail; an `exit` in it ends only the subshell. */
  substitution({ Stmts }: Substitution): boolean {
    return this.list(Stmts) || this.#ends(Stmts);
  }

  statement(statement: Statement): boolean {
    const { Cmd, Background, Redirs = [] } = statement;
    if (Background === true || Cmd === undefined) return false;
    if (Redirs.some(opensFile)) return true;
    switch (Cmd.Type) {
      case 'CallExpr':
        return this.#call(statement, Cmd);
      case 'DeclClause':
      case 'FuncDecl':
        return false;
      case 'Block':
        return this.list(Cmd.Stmts);
      case 'Subshell':
        return this.list(Cmd.Stmts) || this.#ends(Cmd.Stmts);
      case 'IfClause':
        return branches(Cmd).some(({ Then }) => this.list(Then));
      case 'WhileClause':
      case 'ForClause':
        return this.list(Cmd.Do);
      case 'CaseClause':
        return Cmd.Items.some(({ Stmts }) => this.list(Stmts));
      case 'BinaryCmd':
        return Cmd.Op === '||' ? this.statement(Cmd.Y) : this.statement(Cmd.X) || this.statement(Cmd.Y);
      default:
        return true;
    }
  }

  #call(statement: Statement, { Args, Assigns }: { Args?: readonly unknown[]; Assigns?: readonly object[] }): boolean {
    if (Args === undefined || Args.length === 0) {
      return substitutions(Assigns).some((each) => this.substitution(each));
    }
    const name = commandName(statement);
    if (name === null) return true;
    if (this.#names.has(name)) return this.#failing.has(name);
    return READERS.has(name) ? !statement.Redirs?.some(({ Op }) => Op === '<<<') : !SAFE.has(name);
  }

  /** `return` with a status other than 0, or with the status of a failed command. */
  #returnsFailure(tree: unknown): boolean {
    let found = false;
    visit(tree, (node) => {
      const { Cmd } = node as Statement;
      if (Cmd?.Type === 'CallExpr' && text(Cmd.Args?.[0]) === 'return' && Cmd.Args!.length > 1) {
        found ||= text(Cmd.Args![1]) !== '0';
      }
      if (Cmd?.Type === 'BinaryCmd' && Cmd.Op === '||' && isBareReturn(Cmd.Y)) found = true;
      if (Array.isArray((node as { Stmts?: unknown }).Stmts))
        found ||= this.#returnsWhatFailed((node as { Stmts: Statement[] }).Stmts);
      return node.Type !== 'FuncDecl' && node.Type !== 'CmdSubst' && node.Type !== 'ProcSubst';
    });
    return found;
  }

  #returnsWhatFailed(statements: readonly Statement[]): boolean {
    return statements.some((each, index) => index > 0 && isBareReturn(each) && this.statement(statements[index - 1]!));
  }

  #ends(tree: unknown): boolean {
    let found = false;
    visit(tree, (node) => {
      const name = commandName(node as Statement);
      if (name === 'exit' || (name !== null && this.#ending.has(name))) found = true;
      return node.Type !== 'Subshell' && node.Type !== 'CmdSubst' && node.Type !== 'ProcSubst';
    });
    return found;
  }
}

export function isBareReturn({ Cmd }: Statement): boolean {
  return Cmd?.Type === 'CallExpr' && Cmd.Args?.length === 1 && text(Cmd.Args[0]) === 'return';
}

/** Whether the open may fail. It cannot for a descriptor's number, a device of every machine, or text in the script. */
export function opensFile({ Op, Word }: Redirect): boolean {
  if (Op.startsWith('<<') || substitutions(Word).length > 0) return false;
  return !/^(\d+|-|\/dev\/(null|zero|urandom))$/.test(text(Word) ?? '');
}
