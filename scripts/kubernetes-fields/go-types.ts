/**
 * Types of Go in the repositories of Kubernetes, as their JSON is read: the names and types of fields, from the text of the sources.
 * Knows what upstream's configuration uses of the language, no more: structs with tags, named types, pointers, lists, maps.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The fields of a struct, in the notation of `src/config/kubernetes/upstream-fields.ts`. */
export type Types = Map<string, ReadonlyMap<string, string>>;

interface Package {
  readonly repository: string;
  /** Texts of its sources, without comments. */
  readonly text: string;
  /** Import paths by local name. */
  readonly imports: ReadonlyMap<string, string>;
}

/** Types that read their JSON themselves, or whose content is not upstream's to say. */
const SPECIAL: Readonly<Record<string, string>> = {
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'duration',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'string',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
};

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  ...Object.fromEntries(
    ['int', 'int32', 'int64', 'uint', 'uint32', 'uint64', 'uint8', 'uint16'].map((one) => [one, 'int']),
  ),
  float32: 'float',
  float64: 'float',
};

/** The types that can be reached from a type, at a branch. @param folder holds a clone of each repository, by its name */
export class GoTypes {
  readonly found: Types = new Map();
  readonly #packages = new Map<string, Package>();

  readonly #folder: string;
  readonly #branch: string;

  constructor(folder: string, branch: string) {
    [this.#folder, this.#branch] = [folder, branch];
  }

  /** The notation of a struct or another named type, e.g. `k8s.io/kubelet/config/v1beta1` and `KubeletConfiguration`. */
  named(path: string, name: string): string {
    const special = SPECIAL[`${path}.${name}`];
    if (special !== undefined) return special;
    const pack = path.startsWith('k8s.io/apimachinery/') ? undefined : this.#package(path);
    if (pack === undefined) return 'any';
    const key = `${pack.repository}/${name}`;
    if (this.found.has(key)) return key;
    if (new RegExp(`\\*?${name}\\) UnmarshalJSON\\(`).test(pack.text)) return 'any';
    const [, body] = new RegExp(`\\btype ${name} struct \\{\\n([\\s\\S]*?)\\n\\}`).exec(pack.text) ?? [];
    if (body === undefined) {
      const [, other] = new RegExp(`\\btype ${name} ([^\\n{]+)\\n`).exec(pack.text) ?? [];
      return other === undefined ? 'any' : this.#notation(path, other.replace(/^= /, '').trim());
    }
    const fields = new Map<string, string>();
    this.found.set(key, fields);
    this.#addFields(path, body, fields);
    return key;
  }

  #addFields(path: string, body: string, fields: Map<string, string>): void {
    for (const line of body.split('\n')) {
      const [, name, type, tag] = /^\s*(?:(\w+)\s+)?([\w.*[\]]+)(?:\s+`(.*)`)?\s*$/.exec(line) ?? [];
      if (type === undefined) continue;
      const [json = '', ...options] = (/json:"([^"]*)"/.exec(tag ?? '')?.[1] ?? '').split(',');
      if (json === '-') continue;
      if (options.includes('inline') || (name === undefined && json === '')) this.#inline(path, type, fields);
      else fields.set(json === '' ? (name ?? '') : json, this.#notation(path, type));
    }
  }

  #inline(path: string, type: string, fields: Map<string, string>): void {
    if (type.endsWith('TypeMeta')) {
      fields.set('apiVersion', 'string');
      fields.set('kind', 'string');
      return;
    }
    for (const [key, value] of this.found.get(this.#notation(path, type)) ?? []) fields.set(key, value);
  }

  #notation(path: string, type: string): string {
    if (type.startsWith('*')) return this.#notation(path, type.slice(1));
    if (type === '[]byte') return 'string';
    if (type.startsWith('[]')) return `[${this.#notation(path, type.slice(2))}]`;
    const [, value] = /^map\[[\w.]+\](.+)$/.exec(type) ?? [];
    if (value !== undefined) return `{${this.#notation(path, value)}}`;
    const [, local, name = ''] = /^(\w+)\.(\w+)$/.exec(type) ?? [];
    if (local === undefined) return PLAIN[type] ?? this.named(path, type);
    const imported = this.#package(path)?.imports.get(local);
    if (imported === undefined) throw new Error(`${path} does not import ${local}`);
    return this.named(imported, name);
  }

  #package(path: string): Package | undefined {
    const known = this.#packages.get(path);
    if (known !== undefined) return known;
    const [, repository = '', below = ''] = /^k8s\.io\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (repository === '') return undefined;
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', join(this.#folder, repository), ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const names = git('ls-tree', '--name-only', this.#branch, `${below}/`).split('\n');
    const sources = names.filter((one) => one.endsWith('.go') && !/(_test|zz_generated\.[a-z.]+)\.go$/.test(one));
    const texts = sources.map((one) => git('show', `${this.#branch}:${one}`));
    const imports = texts.flatMap((text) => {
      const [, block = ''] = /^import \(\n([\s\S]*?)^\)/m.exec(text) ?? [];
      return [...block.matchAll(/^\s*(?:(\w+)\s+)?"([^"]+)"/gm)].map(
        ([, local, from = '']) => [local ?? from.split('/').at(-1) ?? '', from] as const,
      );
    });
    const text = texts
      .join('\n')
      .replaceAll(/(^|[ \t])\/\/.*$/gm, '')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '');
    const pack = { repository, text, imports: new Map(imports) };
    this.#packages.set(path, pack);
    return pack;
  }
}
