/**
 * Parses shell scripts with shfmt (https://github.com/mvdan/sh): its typed syntax tree as JSON. Operators are read as
 * text, because their numbers differ between versions of shfmt.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Place {
  readonly Offset: number;
  readonly Line: number;
}

interface Word {
  readonly Parts?: readonly { readonly Type: string; readonly Value?: string }[];
}

export interface Substitution {
  readonly Type: 'CmdSubst' | 'ProcSubst';
  readonly Pos: Place;
  readonly End: Place;
  readonly Stmts?: readonly Statement[];
}

export interface Redirect {
  Op: string;
  readonly OpPos: Place;
  readonly Word: Word;
}

export type Command =
  | { readonly Type: 'CallExpr'; readonly Args?: readonly Word[]; readonly Assigns?: readonly object[] }
  | { readonly Type: 'DeclClause'; readonly Args?: readonly object[] }
  | { readonly Type: 'Block' | 'Subshell'; readonly Stmts: readonly Statement[] }
  | If
  | { readonly Type: 'WhileClause'; readonly Cond: readonly Statement[]; readonly Do: readonly Statement[] }
  | { readonly Type: 'ForClause'; readonly Loop: object; readonly Do: readonly Statement[] }
  | {
      readonly Type: 'CaseClause';
      readonly Word: Word;
      readonly Items: readonly { readonly Stmts?: readonly Statement[] }[];
    }
  | { readonly Type: 'BinaryCmd'; Op: string; readonly OpPos: Place; readonly X: Statement; readonly Y: Statement }
  | { readonly Type: 'FuncDecl'; readonly Name: { readonly Value: string }; readonly Body: Statement }
  | { readonly Type: 'TestClause' | 'ArithmCmd'; readonly X: object };

interface If {
  readonly Type: 'IfClause';
  /** Absent in an `else`. */
  readonly Cond?: readonly Statement[];
  readonly Then: readonly Statement[];
  readonly Else?: If;
}

export interface Statement {
  readonly Pos: Place;
  readonly End: Place;
  readonly Cmd?: Command;
  readonly Redirs?: readonly Redirect[];
  readonly Negated?: boolean;
  readonly Background?: boolean;
}

export interface Script {
  readonly path: string;
  readonly source: Buffer;
  readonly statements: readonly Statement[];
}

type Function = Extract<Command, { Type: 'FuncDecl' }>;

/** @throws when shfmt is missing, or finds a syntax error in the script */
export function parse(path: string, source: Buffer = readFileSync(path)): Script {
  const json = execFileSync('shfmt', ['-ln', 'bash', '--to-json'], { input: source, maxBuffer: 1 << 28 }).toString();
  const { Stmts } = JSON.parse(json) as { Stmts: Statement[] };
  visit(Stmts, (node) => {
    const { Op, OpPos } = node as unknown as Partial<Redirect>;
    if (OpPos !== undefined && Op !== undefined) {
      (node as unknown as Redirect).Op =
        /^[&|<>]+/.exec(source.toString('latin1', OpPos.Offset, OpPos.Offset + 3))?.[0] ?? '';
    }
  });
  return { path, source, statements: Stmts };
}

/** Visits every node, the root included; skips the nodes below one for which `look` returns false. */
export function visit(tree: unknown, look: (node: { readonly Type?: string }) => boolean | void): void {
  if (tree === null || typeof tree !== 'object') return;
  if (!Array.isArray(tree) && look(tree) === false) return;
  for (const child of Object.values(tree)) visit(child, look);
}

/** The functions that a script defines. */
export function functionsOf({ statements }: Script): Function[] {
  const found: Function[] = [];
  visit(statements, (node) => void (node.Type === 'FuncDecl' && found.push(node as Function)));
  return found;
}

/** The text of a plain word, also in quotes; null if the word contains an expansion. */
export function text(word: Word | undefined): string | null {
  const part = word?.Parts?.length === 1 ? word.Parts[0] : undefined;
  return part?.Type === 'Lit' || part?.Type === 'SglQuoted' ? (part.Value ?? null) : null;
}

/** The name of the command that a statement calls. */
export function commandName({ Cmd }: Statement): string | null {
  return Cmd?.Type === 'CallExpr' ? text(Cmd.Args?.[0]) : null;
}

/** `$(…)` and `<(…)` in words, without nested ones. */
export function substitutions(tree: unknown): Substitution[] {
  const found: Substitution[] = [];
  visit(tree, (node) => {
    if (node.Type !== 'CmdSubst' && node.Type !== 'ProcSubst') return true;
    found.push(node as Substitution);
    return false;
  });
  return found;
}

/** The branches of an `if`, from its own to `else`. */
export function branches(first: If): If[] {
  return first.Else === undefined ? [first] : [first, ...branches(first.Else)];
}
