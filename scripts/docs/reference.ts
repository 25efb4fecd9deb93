/**
 * The reference of all settings as Markdown, from the schema: the most used settings first, then a table for each
 * group.
 */
import type * as z from 'zod';
import { clusterFile } from '../../src/config/schema/cluster.ts';
import { expectation, unwrap } from '../../src/config/schema/inspect.ts';
import { examples, smallCluster } from './examples.ts';
import { defOf, groupsOf, type Group, type Schema, type Shape } from './groups.ts';

/** Headings of the groups that occur in several places. */
const SHARED: Readonly<Record<string, string>> = {
  'a route': 'Routes',
  'an entry for hosts': 'Entries for hosts',
  'the proxy': 'HTTP proxies',
  'a registry': 'Container registries',
  'a mirror': 'Mirrors of a registry',
  'the credentials': 'Credentials of a registry',
  'a user': 'Users',
  'a file': 'Files',
  'a unit': 'systemd units',
  'a hook': 'Hooks',
  'a disk selector': 'Disk selectors',
  'the kubelet settings': 'Kubelets',
};

/** The settings of nearly every definition, in the order in which a user writes them. */
const USUAL = [
  ...['cluster.name', 'cluster.networking.node_cidr', 'cluster.networking.gateway', 'cluster.networking.dns'],
  ...['cluster.networking.pod_cidr', 'cluster.networking.service_cidr', 'cluster.control_plane.virtual_ip'],
  ...['cluster.kubernetes.version', 'cluster.users', 'nodes[].name', 'nodes[].ip', 'nodes[].roles'],
  ...['nodes[].hardware.mac_addresses', 'nodes[].hardware.state_disk', 'nodes[].hardware.osd_disks'],
];

const groups = groupsOf(clusterFile);
const shared = groups.filter(({ paths }) => paths.length > 1);
const single = groups.filter(({ paths }) => paths.length === 1);

/** The whole page. */
export function referencePage(): string {
  return [start(), contents(), ...single.map(section), SHARED_HEADING, ...shared.map(section)].join('\n');
}

const SHARED_HEADING = `# Settings that occur in several places
`;

const start = (): string => `# cluster.yaml

Generated from the schema by \`npm run docs\`; do not edit.

A small cluster needs no more than this:

\`\`\`yaml
${smallCluster}\`\`\`

- \`cluster.yaml\` holds the cluster and the list of its nodes.
- The settings of a node stand below \`nodes\` (as here), or in \`nodes/<name>.yaml\` below \`node\`. The settings are the same. If a
  setting stands in both, the values must agree.
- Sizes are text like \`"40G"\` (K, M, G, T, P: powers of 1024). Durations are like \`24h\` (s, m, h, d). Put versions and file modes in
  quotes.
- To let an editor complete and check, begin a file with \`# yaml-language-server: $schema=<path to schema.json>\`.

## Settings that most clusters set

| setting | |
|---|---|
${USUAL.map(usual).join('\n')}
`;

function usual(path: string): string {
  const [, parent = '', key = ''] = /^(.*)\.([^.]+)$/.exec(path) ?? [];
  const group = groups.find(({ paths }) => paths.includes(parent));
  const setting = group?.shape[key];
  if (!group || !setting) throw new Error(`there is no setting ${path}`);
  return `| [\`${path}\`](#${anchor(group)}) | ${cell((setting as z.ZodType).description ?? '')} |`;
}

function contents(): string {
  const list = (some: readonly Group[]): string =>
    some.map((group) => `[${heading(group)}](#${anchor(group)})`).join(', ');
  const below = (prefix: string): readonly Group[] => single.filter(({ paths }) => paths[0]?.startsWith(prefix));
  return `## All settings

- The cluster: ${list(below('cluster'))}
- One node: ${list(below('nodes'))}
- In several places: ${list(shared)}
`;
}

function heading({ paths, title }: Group): string {
  const [path = ''] = paths;
  if (paths.length === 1) return path === '' ? 'Top level' : `\`${path}\``;
  const name = SHARED[title];
  if (name === undefined) throw new Error(`${title} occurs in several places and has no heading`);
  return name;
}

/** Makes anchors from headings as GitHub does. */
const anchor = (group: Group): string =>
  heading(group)
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

function section(group: Group): string {
  const [path = ''] = group.paths;
  const places = group.paths.map((each) => `\`${each.replace(/\[\]$/, '')}\``).join(', ');
  return [
    `## ${heading(group)}\n`,
    ...(group.paths.length > 1 ? [`For ${places}.\n`] : []),
    ...(group.variants.length > 0 ? ['All types have these settings:\n'] : []),
    ...table(path, group.shape),
    ...group.variants.flatMap(({ title, shape }) => [`### Only ${title}\n`, ...table(path, shape)]),
    ...exampleOf(path),
  ].join('\n');
}

const table = (path: string, shape: Shape): readonly string[] => [
  ...['| setting | value | default | |', '|---|---|---|---|'],
  ...Object.entries(shape).map(([key, setting]) => row(path === '' ? key : `${path}.${key}`, setting as z.ZodType)),
  '',
];

function exampleOf(path: string): readonly string[] {
  const example = examples[path];
  return example ? [example.words, '', `\`\`\`yaml\n${example.yaml}\`\`\``, ''] : [];
}

function row(path: string, schema: z.ZodType): string {
  const key = path.slice(path.lastIndexOf('.') + 1);
  const cells = [`\`${key}\``, valueText(path, schema), defaultText(schema), schema.description ?? ''];
  return `| ${cells.map(cell).join(' | ')} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function valueText(path: string, schema: Schema): string {
  const one = groups.find(({ paths }) => paths.includes(path));
  if (one) return `a group: [${heading(one)}](#${anchor(one)})`;
  const many = groups.find(({ paths }) => paths.includes(`${path}[]`));
  if (many) return `a list of groups: [${heading(many)}](#${anchor(many)})`;
  const def = defOf(unwrap(schema));
  if (def.type === 'array') return `a list; each ${expectation(def.element)}`;
  return def.type === 'record' ? `a map; each value ${expectation(def.valueType)}` : expectation(schema);
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
