/** The index of diagnostics as Markdown, from the registry of codes: a section for each area, a row for each code. */
import { codes, isUnsupported } from '../../src/diagnostics/codes.ts';
import type { CodeDefinition } from '../../src/diagnostics/codes/table.ts';

/** The subject of each area's codes. */
const AREAS: Readonly<Record<string, string>> = {
  bootstrap: 'tokens, and how nodes join',
  ceph: 'monitors, managers, OSDs, pools',
  cluster: 'numbers of masters and workers, the first master',
  config: 'YAML, unknown settings, wrong values, files of the definition',
  disk: 'state disks and OSD disks',
  file: '`files` and overlays: paths, modes, contents that the node would not accept',
  hook: '`hooks`',
  import: 'definitions of other tools that `coldstart import` reads',
  image: 'formats, sources and firmware of images',
  interface: 'network cards, bonds, VLANs, bridges',
  kernel: 'kernel arguments and modules',
  kubernetes: 'version, delivery, manifests, container images',
  lock: '`coldstart.lock.yaml` and downloads',
  network: 'addresses, gateways, routes, names, proxies, pod and service networks',
  node: 'names, addresses, roles, labels and taints of nodes',
  overlay: 'the folders below `overlays/`',
  package: 'Debian packages',
  registry: 'container registries',
  render: 'files that two sources would write',
  secrets: 'the secrets store',
  ssh: 'the SSH server',
  sysctl: 'kernel settings',
  unit: 'systemd units',
  update: 'updates that nodes fetch by themselves',
  user: 'accounts',
};

const entries = Object.entries<CodeDefinition>(codes).sort(([a], [b]) => (a < b ? -1 : 1));
const areaOf = (code: string): string => code.slice(0, code.indexOf('/'));
const areas = [...new Set(entries.map(([code]) => areaOf(code)))];

/** The whole page, sorted by code. */
export function diagnosticsPage(): string {
  return [start(), ...areas.map(section)].join('\n');
}

const start = (): string => `# Diagnostics

Generated from the registry of codes by \`npm run docs\`; do not edit.

Search this page for the code in your message, e.g. \`network/gateway-outside\`. Words in \`{braces}\` are filled in. Codes never change.
The page of a code says what to do, with an example. \`coldstart explain network/gateway-outside\` prints it.

- An **error** stops the build: with exit code 2 if the definition is wrong, with 3 if it is valid but this version does not support it.
- A **warning** stops the build only with \`--strict\`.

| area | about |
|---|---|
${areas.map((area) => `| [\`${area}\`](#${area}) | ${about(area)} |`).join('\n')}
`;

const of = (area: string): typeof entries => entries.filter(([code]) => areaOf(code) === area);

function about(area: string): string {
  const text = AREAS[area];
  if (text === undefined) throw new Error(`scripts/docs/diagnostics-index.ts does not say what ${area}/… is about`);
  return text;
}

const section = (area: string): string =>
  [`## ${area}\n`, '| code | severity | message |\n|---|---|---|', ...of(area).map(row), ''].join('\n');

function row([code, { severity, message }]: [string, CodeDefinition]): string {
  const exit = severity === 'warning' ? 'warning' : `error, exit ${isUnsupported(code) ? 3 : 2}`;
  return `| [${code}](diagnostics/${code}.md) | ${exit} | ${message.replaceAll('|', '\\|')} |`;
}
