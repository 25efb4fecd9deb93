/** `explain`: shows the template, overlay and settings that a file of a node comes from. */
import type { Result } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { PackageSet } from '../render/plan/packages.ts';
import type { DraftTree } from '../render/tree/tree.ts';
import { Findings } from './findings.ts';
import { draftTrees, type Closed } from './secrets/draft-trees.ts';
import type { Host } from './host.ts';
import { openProject, type Project } from './project.ts';
import { UsageError } from './usage.ts';

interface ExplainRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** On the node, e.g. `/etc/hosts`. */
  readonly path: string;
  /** Optional if the cluster has only one node. */
  readonly node: string | undefined;
}

/** Without a slash at either end of `path`. */
export type Explanation = { readonly node: string; readonly path: string } & (
  | {
      readonly kind: 'entry';
      readonly entry: DraftTree[number];
      /** The settings that it depends on, with `file:line`; null for a setting that the user has not written. */
      readonly settings: readonly { readonly setting: string; readonly at: string | null }[];
    }
  | { readonly kind: 'folder'; readonly entries: DraftTree }
  | {
      /** Not in the node layer. */
      readonly kind: 'base-layer';
      readonly packages: PackageSet;
      /** The entry with the most similar path. */
      readonly near: string | undefined;
    }
);

interface Explained {
  readonly explanation: Explanation;
  readonly closed: Closed | null;
}

/** @throws UsageError when the node is unknown or not named, SecretsError */
export async function explain(request: ExplainRequest, host: Host): Promise<Result<Explained>> {
  const findings = new Findings(host);
  const { config, node: name } = request;
  const project = await openProject({ config, nodes: name === undefined ? undefined : [name] }, findings);
  if (project === undefined) return findings.stopped();
  const [node, ...others] = project.nodes;
  if (node === undefined || others.length > 0) {
    const names = project.nodes.map((one) => one.name).join(', ');
    const message = 'No node is named, and nodes may have different files at the same path.';
    throw new UsageError(message, `add --node with one of ${names}`);
  }
  const { trees, closed } = await draftTrees(project, host);
  const path = request.path.replace(/^\/+|\/+$/g, '');
  return findings.done({ explanation: explainPath(project, node.name, trees.get(node.name) ?? [], path), closed });
}

function explainPath(project: Project, node: string, tree: DraftTree, path: string): Explanation {
  const entry = tree.find((candidate) => candidate.path === path);
  if (entry !== undefined) {
    const settings = entry.origin.settings.map((setting) => ({ setting, at: placeOf(project, setting) }));
    return { kind: 'entry', node, path, entry, settings };
  }
  const entries = tree.filter((candidate) => candidate.path.startsWith(`${path}/`));
  if (entries.length > 0) return { kind: 'folder', node, path, entries };
  const image = project.plan.nodes.find((candidate) => candidate.node === node);
  if (image === undefined) throw new Error(`the plan does not know node ${node}`);
  const paths = tree.map((candidate) => candidate.path);
  return { kind: 'base-layer', node, path, packages: image.packages, near: suggest(path, paths) };
}

function placeOf({ settings }: Project, setting: string): string | null {
  const at = settings.isWritten(setting) ? settings.locate(setting) : undefined;
  return at === undefined ? null : `${at.file}:${at.line}`;
}
