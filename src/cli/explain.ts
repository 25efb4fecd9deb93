/** `coldstart explain`: who is answerable for a file of a node, so that a reviewer knows what to change. */
import { inventory } from '../render/inventory.ts';
import type { ImagePlan } from '../render/plan.ts';
import type { DraftTree, Origin } from '../render/tree.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { count } from './comparison-text.ts';
import { foreseeSecrets } from './foresee-secrets.ts';
import { openProject, type Project } from './project.ts';
import type { IdentityOptions } from './secrets-store.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';
import { UsageError } from './usage.ts';

export interface ExplainOptions extends IdentityOptions {
  readonly node?: string;
}

export async function explain(
  config: string | undefined,
  path: string,
  options: CommonOptions & ExplainOptions,
  session: Session,
): Promise<number> {
  const project = await openProject(
    { config, nodes: options.node === undefined ? undefined : [options.node] },
    options,
    session,
  );
  if (typeof project === 'number') return project;
  const [node, ...others] = project.nodes;
  if (node === undefined || others.length > 0) {
    const names = project.nodes.map(({ name }) => name).join(', ');
    throw new UsageError(
      'Which node? The same path may come from elsewhere on another one.',
      `add --node with one of ${names}`,
    );
  }
  const drafts = await foreseeSecrets(project, options, session);
  const answer = explainPath(
    project,
    { node: node.name, tree: drafts.get(node.name) ?? [] },
    path.replace(/^\/+|\/+$/g, ''),
  );
  if (options.json) writeJson(session, answer.record);
  else session.stdout.write(answer.lines.map((line) => `${line}\n`).join(''));
  return 0;
}

interface Answer {
  readonly lines: readonly string[];
  readonly record: { readonly type: 'explanation' } & Readonly<Record<string, unknown>>;
}

function explainPath(
  project: Project,
  { node, tree }: { readonly node: string; readonly tree: DraftTree },
  path: string,
): Answer {
  const entry = tree.find((candidate) => candidate.path === path);
  if (entry !== undefined) return explainEntry(project, node, entry);
  const below = tree.filter((candidate) => candidate.path.startsWith(`${path}/`));
  if (below.length > 0) return explainFolder(node, path, below);
  const image = project.plan.nodes.find((candidate) => candidate.node === node);
  if (image === undefined) throw new Error(`the plan does not know node ${node}`);
  return explainBase(image, path, tree);
}

const KINDS: Readonly<Record<Origin['kind'], string>> = {
  template: 'rendered from',
  overlay: 'copied from',
  'user-overlay': 'copied from your',
  setting: 'made from',
  'secrets-store': 'issued from',
};

function explainEntry({ settings: written }: Project, node: string, entry: DraftTree[number]): Answer {
  const { kind, source, settings } = entry.origin;
  const shaped = settings.map((setting) => {
    const at = written.isWritten(setting) ? written.locate(setting) : undefined;
    return { setting, at: at === undefined ? null : `${at.file}:${at.line}` };
  });
  const width = Math.max(0, ...settings.map((setting) => setting.length));
  const line = inventory([entry]).trimEnd();
  const secret = 'secret' in entry && entry.secret;
  const lines = [
    `/${entry.path} of ${node}${secret ? ' (secret)' : ''}`,
    `  ${KINDS[kind]} ${source}`,
    ...(shaped.length > 0 ? ['  shaped by'] : []),
    ...shaped.map(({ setting, at }) => `    ${setting.padEnd(width)}  ${at ?? 'not written, so the default'}`),
    `  ${line}`,
  ];
  const record = {
    type: 'explanation' as const,
    node,
    path: entry.path,
    origin: kind,
    source,
    settings: shaped,
    secret,
  };
  return { lines, record: { ...record, inventory: line } };
}

function explainFolder(node: string, path: string, below: DraftTree): Answer {
  const lines = [
    `/${path} of ${node} is a folder; ${count(below.length, 'entry', 'entries')} of the node layer below it:`,
    ...below.map((entry) => `  /${entry.path}  (${entry.origin.source})`),
  ];
  const entries = below.map((entry) => ({ path: entry.path, source: entry.origin.source }));
  return { lines, record: { type: 'explanation', node, path, origin: 'folder', entries } };
}

function explainBase({ node, packages }: ImagePlan, path: string, tree: DraftTree): Answer {
  const near = suggest(
    path,
    tree.map((entry) => entry.path),
  );
  const lines = [
    `/${path} is not in the node layer of ${node}.`,
    `  If the machine has it, it comes from the base layer: ${count(packages.names.length, 'Debian package')}`,
    `  (${packages.sets.join(', ')}), or the machine made it while it ran.`,
    ...(near === undefined ? [] : [`  = hint: did you mean /${near}?`]),
  ];
  const { sets, names } = packages;
  return { lines, record: { type: 'explanation', node, path, origin: 'base-layer', sets, packages: names } };
}
