/**
 * The only way to the values of an input. Whoever reads a value says what became of it, so that nothing is lost in silence: {@link Ledger}
 * has all verdicts.
 */
import type { Location } from '../../diagnostics/diagnostic.ts';
import { type Path, formatPath } from '../../diagnostics/path.ts';
import { isSecret } from './secrets.ts';
import type { Ledger } from './ledger.ts';
import { type NotReadable, type Note, type Tree, placeOf, plain } from './tree.ts';
import { readNestedTrees } from './yaml-tree.ts';

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}/g;

/** A value of an input, with its place. */
export class Field {
  readonly tree: Tree;
  readonly ledger: Ledger;

  constructor(tree: Tree, ledger: Ledger) {
    this.tree = tree;
    this.ledger = ledger;
  }

  /** The first value of a file, or of a document of it. */
  static root(tree: Tree, ledger: Ledger): Field {
    ledger.begin(tree);
    return new Field(tree, ledger);
  }

  get at(): Location {
    return placeOf(this.tree);
  }

  /** The key under which the value stands, or its position. */
  get key(): string {
    return String(this.tree.path.at(-1) ?? '');
  }

  get path(): Path {
    return this.tree.path;
  }

  /** The setting in the words of the input, e.g. `nodes[0].hostname`. */
  get setting(): string {
    return formatPath(this.tree.path) || this.tree.file.name;
  }

  /** The value below a path of keys; undefined if there is none, or if it is null. */
  get(...keys: readonly string[]): Field | undefined {
    const [key, ...rest] = keys;
    if (key === undefined) return this;
    if (this.tree.kind !== 'map') return undefined;
    const found = this.tree.entries.find((entry) => entry.key === key)?.tree;
    if (!found) return undefined;
    if (found.kind === 'scalar' && found.value === null) return void this.ledger.settle(found);
    return new Field(found, this.ledger).get(...rest);
  }

  fields(): readonly Field[] {
    return this.tree.kind === 'map' ? this.tree.entries.map(({ tree }) => new Field(tree, this.ledger)) : [];
  }

  /** The items of a list; the value itself if it is no list. */
  items(): readonly Field[] {
    if (this.tree.kind === 'list') return this.tree.items.map((tree) => new Field(tree, this.ledger));
    return this.tree.kind === 'scalar' && this.tree.value === null ? [] : [this];
  }

  get isMap(): boolean {
    return this.tree.kind === 'map';
  }

  get isList(): boolean {
    return this.tree.kind === 'list';
  }

  /** Takes a scalar as text; undefined, with a diagnostic, for a secret or a variable without a value. */
  text(): string | undefined {
    const { tree } = this;
    if (tree.kind !== 'scalar') return undefined;
    if (isSecret(tree)) return this.#secret();
    const text = this.#filledIn(typeof tree.value === 'string' ? tree.value : tree.source);
    this.ledger.settle(tree);
    return text;
  }

  /** Takes a truth value, also as text. */
  bool(): boolean | undefined {
    const text = this.text();
    return text === 'true' || text === 'yes' || text === 'on' ? true : text === undefined ? undefined : false;
  }

  /** Takes a whole number, also as text. */
  int(): number | undefined {
    const text = this.text();
    return text !== undefined && /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
  }

  /** Takes the texts of a list. */
  texts(): readonly Said<string>[] {
    return this.items().flatMap((item) => {
      const value = item.text();
      return value === undefined ? [] : [{ value, from: item }];
    });
  }

  said(): Said<string> | undefined {
    const value = this.text();
    return value === undefined ? undefined : { value, from: this };
  }

  /** Takes everything below, as plain values without secrets. */
  take(): unknown {
    const inner = (field: Field): unknown => {
      if (field.tree.kind === 'list') return field.items().map((item) => inner(item));
      if (field.tree.kind === 'map')
        return Object.fromEntries(field.fields().flatMap((one) => {
          const value = inner(one);
          return value === undefined ? [] : [[one.key, value]];
        })); // prettier-ignore
      if (field.tree.value === null) return (field.ledger.settle(field.tree), null);
      const text = field.text();
      return text === undefined || typeof field.tree.value === 'string' ? text : field.tree.value;
    };
    const value = inner(this);
    this.ledger.settle(this.tree);
    return value;
  }

  /** Says that the new definition does not need the value. */
  skip(reason: string): void {
    if (this.ledger.settleWithout(this.tree, false)) this.ledger.skipped.push({ at: this.at, reason });
  }

  /** The same for all that stands in it, also if parts have been read. */
  skipWhole(reason: string): void {
    if (this.ledger.settleWithout(this.tree, true)) this.ledger.skipped.push({ at: this.at, reason });
  }

  /** Says that the value could not be brought, and what the user can do. */
  lose(reason: string, todo: string, setting = this.setting): void {
    this.ledger.settleWithout(this.tree, true);
    this.ledger.lose({ setting, reason, todo, at: this.at });
  }

  /** Says that something was assumed. */
  assume(what: string, todo: string): void {
    this.ledger.add('import/assumed', { what, todo }, { at: this.at });
  }

  /** Reads the YAML that the text of this value is. Reports text that is none. */
  nested(): readonly Field[] {
    const { tree, ledger } = this;
    if (tree.kind !== 'scalar' || typeof tree.value !== 'string') return [this];
    try {
      const trees = readNestedTrees(tree);
      ledger.settle(tree);
      return trees.map((one) => Field.root(one, ledger));
    } catch (error) {
      this.lose(`its text is not YAML: ${(error as NotReadable).message}`, 'repair it, and import again');
      return [];
    }
  }

  plain(): unknown {
    return plain(this.tree);
  }

  /** The comments above and behind the value. */
  get comments(): { readonly before: string | undefined; readonly behind: string | undefined } {
    return { before: this.tree.before, behind: this.tree.behind };
  }

  /** The comments at the maps and lists around the value, the outermost first. */
  get around(): readonly Note[] {
    return this.tree.around ?? [];
  }

  #secret(): undefined {
    const { tree, ledger } = this;
    ledger.settleWithout(tree, true);
    ledger.add('import/secret', { setting: this.setting }, { at: this.at });
  }

  #filledIn(text: string): string | undefined {
    const unknown: string[] = [];
    const filled = text.replace(VARIABLE, (whole, name: string, otherwise: string | undefined) => {
      const value = this.ledger.variables.get(name) ?? otherwise;
      if (value === undefined) unknown.push(name);
      return value ?? whole;
    });
    // A template of another program, which may take several lines if it is the whole value.
    if (/^\s*\{\{[\s\S]*\}\}\s*$/.test(filled) || (filled.includes('{{') && !filled.includes('\n')))
      unknown.push('{{…}}');
    const [name] = unknown;
    if (name === undefined) return filled;
    this.ledger.add('import/unset-variable', { setting: this.setting, name }, { at: this.at });
    return undefined;
  }
}

/** A value with the place where the input says it; the comments there follow it. */
export interface Said<T> {
  readonly value: T;
  readonly from: Field | undefined;
}
