/** The reference of all settings as Markdown, from the schema: a table for each group, in the order of the schema. */
import type * as z from 'zod';
import { expectation, unwrap } from '../../src/config/schema/inspect.ts';
import { clusterFile } from '../../src/config/schema/cluster.ts';
import { examples } from './examples.ts';

type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypes['_zod']['def'];
const defOf = (schema: Schema): Def => schema._zod.def as Def;

interface Group {
  readonly path: string;
  readonly title: string;
  readonly schema: Schema;
}

const preface = `# cluster.yaml

Generated from the schema by \`npm run docs\`; do not edit.

\`cluster.yaml\` holds the cluster and the list of its nodes. What belongs to one node may stand below \`nodes\`, or in
\`nodes/<name>.yaml\` below \`node\`, with the same settings. What is said twice must agree.

Sizes are text like \`"40G"\` (K, M, G, T, P: powers of 1024), durations like \`24h\` (s, m, h, d). Versions and file modes are
put in quotes. Editors that know \`schema.json\` complete and check while you type; begin a file with
\`# yaml-language-server: $schema=<path to schema.json>\`.
`;

/** The whole page. */
export function referencePage(): string {
  return `${[preface, ...groups({ path: '', title: 'cluster.yaml', schema: clusterFile }).map(section)].join('\n')}`;
}

/** A group and all groups inside it, depth first. */
function groups(group: Group): readonly Group[] {
  const shape = shapeOf(group.schema);
  const inner = Object.entries(shape).flatMap(([key, schema]) =>
    inside(group.path === '' ? key : `${group.path}.${key}`, schema),
  );
  return [group, ...inner.flatMap(groups)];
}

function inside(path: string, schema: Schema): readonly Group[] {
  const inner = unwrap(schema);
  const def = defOf(inner);
  if (def.type === 'array') return inside(`${path}[]`, def.element);
  if (def.type === 'union') return def.options.flatMap((option) => inside(path, option));
  return def.type === 'object' ? [{ path, title: (inner as z.ZodType).meta()?.title ?? '', schema: inner }] : [];
}

const shapeOf = (schema: Schema): Readonly<Record<string, Schema>> => {
  const def = defOf(unwrap(schema));
  return def.type === 'object' ? def.shape : {};
};

function section({ path, title, schema }: Group): string {
  const heading = path === '' ? 'Top level' : `\`${path}\``;
  const variant = /^an? (ethernet|bond|VLAN|bridge)/.test(title) ? `: ${title}` : '';
  const rows = Object.entries(shapeOf(schema)).map(([key, setting]) => row(key, setting as z.ZodType));
  const table = ['| setting | value | default | |', '|---|---|---|---|', ...rows, ''];
  return [`## ${heading}${variant}\n`, ...table, ...exampleOf(path)].join('\n');
}

function exampleOf(path: string): readonly string[] {
  const example = examples[path];
  return example ? [example.words, '', `\`\`\`yaml\n${example.yaml}\`\`\``, ''] : [];
}

function row(key: string, schema: z.ZodType): string {
  const cells = [`\`${key}\``, valueText(schema), defaultText(schema), schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function valueText(schema: Schema): string {
  const def = defOf(unwrap(schema));
  if (def.type === 'array')
    return isGroup(def.element) ? 'a list of groups, see below' : `a list; each ${expectation(def.element)}`;
  if (def.type === 'record') return `a map; each value ${expectation(def.valueType)}`;
  return isGroup(schema) ? 'a group, see below' : expectation(schema);
}

function isGroup(schema: Schema): boolean {
  const def = defOf(unwrap(schema));
  return (
    def.type === 'object' ||
    (def.type === 'union' && def.options.some((option) => defOf(unwrap(option)).type === 'object'))
  );
}

function defaultText(schema: Schema): string {
  const found = defaultOf(schema);
  if (found === undefined) return (schema._zod.optin ?? '') === 'optional' ? '' : '**required**';
  if (found === '') return '`""`';
  const isEmpty = typeof found === 'object' && found !== null && Object.keys(found).length === 0;
  if (isEmpty) return Array.isArray(found) ? 'none' : '';
  return `\`${typeof found === 'string' ? found : JSON.stringify(found)}\``;
}

function defaultOf(schema: Schema): unknown {
  const documented = (schema as z.ZodType).meta()?.['default'];
  if (documented !== undefined) return documented;
  const def = defOf(schema);
  if (def.type === 'prefault' || def.type === 'default') return def.defaultValue;
  return 'innerType' in def ? defaultOf(def.innerType) : undefined;
}
