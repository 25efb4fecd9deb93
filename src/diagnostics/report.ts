/** Collects the diagnostics of a run and returns them in the order of their places. */
import { type Code, type Placement, type ValuesOf, diagnostic } from './codes.ts';
import type { Diagnostic, Location } from './diagnostic.ts';

export interface Report {
  readonly add: <C extends Code>(code: C, values: ValuesOf<C>, placement?: Placement) => void;
  readonly addAll: (diagnostics: readonly Diagnostic[]) => void;
  /** Sorted by file, line, column and code, without duplicates. */
  readonly diagnostics: () => readonly Diagnostic[];
}

/** An empty collection. */
export function createReport(): Report {
  const collected: Diagnostic[] = [];
  return {
    add: (code, values, placement) => void collected.push(diagnostic(code, values, placement)),
    addAll: (diagnostics) => void collected.push(...diagnostics),
    diagnostics: () => sortDiagnostics(collected),
  };
}

/** Sorts by file, line, column, code and message, without duplicates; diagnostics without a place come first. */
function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyed = new Map(diagnostics.map((item) => [JSON.stringify([item.code, item.message, item.at]), item]));
  return [...keyed.values()].sort(
    (a, b) => comparePlaces(a.at, b.at) || compareText(a.code, b.code) || compareText(a.message, b.message),
  );
}

interface Counts {
  readonly errors: number;
  readonly warnings: number;
}

/** The number of diagnostics of each severity. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): Counts {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: diagnostics.length - errors };
}

function comparePlaces(a: Location | undefined, b: Location | undefined): number {
  if (!a || !b) return Number(Boolean(a)) - Number(Boolean(b));
  return compareFiles(a.file, b.file) || a.line - b.line || a.column - b.column;
}

/** Files in the configuration's folder come before files in its sub-folders. */
function compareFiles(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
