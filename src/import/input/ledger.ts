/** What became of each value of an input. At the end, {@link Ledger.untouched} has all values that nobody asked for. */
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import { type Code, type Placement, type ValuesOf, diagnostic } from '../../diagnostics/codes.ts';
import { type Tree, childrenOf, leavesOf, placeOf } from './tree.ts';

/** A value that the new definition does not need. */
export interface Skipped {
  readonly at: Location;
  readonly reason: string;
}

interface Lost {
  readonly setting: string;
  readonly reason: string;
  readonly todo: string;
  readonly at: Location;
}

/** What became of each value. */
export class Ledger {
  readonly skipped: Skipped[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #lost: Lost[] = [];
  readonly #settled = new Set<Tree>();
  /** Settled values that are not brought. */
  readonly #without = new Set<Tree>();
  readonly #roots = new Set<Tree>();
  /** Values of variables that the input's own files give. */
  readonly variables = new Map<string, string>();

  /** Begins a file, or a document of it. */
  begin(tree: Tree): void {
    this.#roots.add(tree);
  }

  /** Number of values that are brought. */
  get taken(): number {
    return this.#settled.size - this.#without.size;
  }

  settle(tree: Tree): void {
    leavesOf(tree).forEach((leaf) => this.#settled.add(leaf));
  }

  /** Settles what is not settled yet in a value, or the single value. Returns whether there was any. */
  settleWithout(tree: Tree, isWhole: boolean): boolean {
    const open = leavesOf(tree).filter((leaf) =>
      isWhole || leaf === tree ? !this.#without.has(leaf) : !this.#settled.has(leaf),
    );
    open.forEach((leaf) => this.#settled.add(leaf) && this.#without.add(leaf));
    return open.length > 0;
  }

  /** The places of all values that are not brought; the user has been told of each. */
  get without(): readonly Location[] {
    return [...this.#without].map(placeOf);
  }

  isSettled(tree: Tree): boolean {
    return leavesOf(tree).every((leaf) => this.#settled.has(leaf));
  }

  add<C extends Code>(code: C, values: ValuesOf<C>, placement: Placement): void {
    this.#diagnostics.push(diagnostic(code, values, placement));
  }

  /** Values that are lost for the same reason at several places, e.g. in each node, are one diagnostic. */
  diagnostics(): readonly Diagnostic[] {
    const groups = new Map<string, Lost[]>();
    for (const one of this.#lost) {
      const key = JSON.stringify([one.at.file, one.setting.replaceAll(/\[[^\]]*\]/g, '[]'), one.reason, one.todo]);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    const lost = [...groups.values()].flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const lines = [...new Set(group.map(({ at }) => at.line))].slice(1);
      const others =
        lines.length === 0 ? '' : ` (the same in line${lines.length === 1 ? '' : 's'} ${lines.join(', ')})`;
      return [diagnostic('import/not-brought', { ...first, reason: `${first.reason}${others}` }, { at: first.at })];
    });
    return [...this.#diagnostics, ...lost];
  }

  lose(lost: Lost): void {
    this.#lost.push(lost);
  }

  /** The largest values in which nothing was settled, and that nobody settled. */
  untouched(): readonly Tree[] {
    const find = (tree: Tree): Tree[] => {
      const leaves = leavesOf(tree);
      const settled = leaves.filter((leaf) => this.#settled.has(leaf)).length;
      if (settled === leaves.length) return [];
      const isWhole = settled === 0 && tree.path.length > 0 && typeof tree.path.at(-1) === 'string';
      return isWhole || childrenOf(tree).length === 0 ? [tree] : childrenOf(tree).flatMap(find);
    };
    return [...this.#roots].flatMap(find);
  }
}
