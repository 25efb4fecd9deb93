/**
 * Finds failures that nobody would notice (docs/decisions/0014-scripts-handle-every-failure.md): a command whose status
 * is ignored, in a function that is called where bash ignores errexit; and a `$(…)` outside of an assignment.
 */
import { Fallible, isBareReturn, opensFile } from './fallible.ts';
import { namesOf, reached, type Reached } from './reach.ts';
import {
  branches,
  commandName,
  substitutions,
  type Command,
  type Place,
  type Script,
  type Statement,
} from './syntax.ts';
import { SELF_EVIDENT, TELLERS } from './tellers.ts';

/** The use of a statement's status: a statement checks it, the function returns it, or it is lost. */
type Fate = 'asked' | 'handed on' | 'dropped';

/** @param scripts a program and the library that it reads; findings are lines `path:line: what`, sorted */
export function findings(scripts: readonly Script[]): string[] {
  const fallible = new Fallible(scripts);
  const reach = reached(scripts, namesOf(scripts));
  const found = scripts.flatMap((script) => {
    const walk = new Walk(script, fallible, reach);
    walk.list(script.statements, 'dropped', null);
    return walk.found;
  });
  return [...new Set(found)].sort();
}

type Compound = Extract<Command, { Stmts: unknown } | { Items: unknown } | { Do: unknown } | { Then: unknown }>;

class Walk {
  readonly found: string[] = [];
  readonly #script: Script;
  readonly #fallible: Fallible;
  readonly #reach: Reached;

  constructor(script: Script, fallible: Fallible, reach: Reached) {
    this.#script = script;
    this.#fallible = fallible;
    this.#reach = reach;
  }

  /** `name` is the enclosing function, null outside of functions. */
  list(statements: readonly Statement[] = [], fate: Fate, name: string | null): void {
    statements.forEach((each, index) => {
      const next = statements[index + 1];
      const isLast = next === undefined || isBareReturn(next);
      this.#statement(each, isLast ? (next === undefined ? fate : 'handed on') : 'dropped', name);
    });
  }

  #statement(statement: Statement, fate: Fate, name: string | null): void {
    const { Cmd, Redirs = [] } = statement;
    this.#words(Redirs, name);
    if (Cmd === undefined) return;
    switch (Cmd.Type) {
      case 'FuncDecl':
        return this.#statement(Cmd.Body, 'handed on', Cmd.Name.Value);
      case 'CallExpr':
        this.#call(statement, name);
        return this.#judge(statement, fate, name);
      case 'BinaryCmd':
        return this.#pair(statement, Cmd, fate, name);
      case 'DeclClause':
      case 'ArithmCmd':
        return this.#words(Cmd, name);
      case 'TestClause':
        this.#words(Cmd, name);
        return this.#judge(statement, fate, name);
      default:
        if (Redirs.some(opensFile)) this.#judge(statement, fate, name);
        return this.#inside(Cmd, fate, name);
    }
  }

  /** Compound commands. */
  #inside(cmd: Compound, fate: Fate, name: string | null): void {
    if (cmd.Type === 'CaseClause') {
      this.#words(cmd.Word, name);
      for (const { Stmts } of cmd.Items) this.list(Stmts, fate, name);
    } else if (cmd.Type === 'IfClause') {
      for (const { Cond, Then } of branches(cmd)) {
        this.list(Cond, 'asked', name);
        this.list(Then, fate, name);
      }
    } else if ('Do' in cmd) {
      if (cmd.Type === 'ForClause') this.#words(cmd.Loop, name);
      else this.list(cmd.Cond, 'asked', name);
      this.list(cmd.Do, 'dropped', name);
    } else this.list(cmd.Stmts, fate, name);
  }

  #pair(
    statement: Statement,
    { Op, X, Y }: { Op: string; X: Statement; Y: Statement },
    fate: Fate,
    name: string | null,
  ): void {
    const isPipe = Op === '|' || Op === '|&';
    this.#statement(X, 'asked', name);
    this.#statement(Y, isPipe ? 'asked' : fate, name);
    // `a && b` as a statement of its own hides a failure of `a`, with or without errexit.
    if (Op !== '||') this.#judge(statement, fate, name, Op === '&&');
  }

  #call(statement: Statement, name: string | null): void {
    const { Args = [], Assigns = [] } = statement.Cmd as { Args?: never[]; Assigns?: object[] };
    const command = commandName(statement);
    if (Args.length === 0) return this.#assignment(Assigns, name);
    this.#words(Assigns, name);
    if (command === null || !(TELLERS.has(command) || SELF_EVIDENT.has(command))) this.#words(Args, name);
  }

  /** Its status is the status of the last `$(…)`. */
  #assignment(assigns: readonly object[], name: string | null): void {
    const all = substitutions(assigns);
    for (const { Stmts } of all) this.list(Stmts, 'handed on', name);
    this.#masked(all.slice(0, -1));
  }

  #words(tree: unknown, name: string | null): void {
    const all = substitutions(tree);
    for (const { Stmts } of all) this.list(Stmts, 'handed on', name);
    this.#masked(all);
  }

  #masked(all: ReturnType<typeof substitutions>): void {
    for (const each of all.filter((one) => this.#fallible.substitution(one))) {
      this.#report(each, 'its failure is not seen here: give it to a variable first, and look at the status of that');
    }
  }

  #judge(statement: Statement, fate: Fate, name: string | null, isAlways = false): void {
    if (fate !== 'dropped' || name === null || !this.#fallible.statement(statement)) return;
    const asked = this.#reach.get(name);
    if (asked !== undefined) {
      this.#report(
        statement,
        `its failure is passed over: ${name} runs without errexit, being asked at ${asked}; add || return, or || exit`,
      );
    } else if (isAlways) {
      this.#report(statement, 'where its first part fails, nothing says so; write it as an if');
    }
  }

  #report({ Pos, End }: { Pos: Place; End: Place }, what: string): void {
    const [first = ''] = this.#script.source.toString('utf8', Pos.Offset, End.Offset).split('\n');
    this.found.push(`${this.#script.path}:${String(Pos.Line)}: ${first.slice(0, 80).replace(/;$/, '')}: ${what}`);
  }
}
