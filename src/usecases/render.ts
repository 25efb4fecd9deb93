/** `render`: writes the trees of the nodes as folders, to read, to lint or to compare. Makes no image. */
import { join } from 'node:path';
import type { Result } from '../diagnostics/diagnostic.ts';
import type { DraftTree } from '../render/tree/tree.ts';
import { Findings } from './findings.ts';
import { draftTrees, type Closed } from './secrets/draft-trees.ts';
import type { Host } from './host.ts';
import { openProject, outFolder, type ProjectRequest } from './project.ts';
import { writeTrees } from './review/write-trees.ts';

interface RenderRequest extends ProjectRequest {
  /** The folder to write, as the user gave it; `out/<cluster>` by default. Replaced as a whole. */
  readonly out: string | undefined;
  /** Write the values of secrets, not their digests. */
  readonly withSecrets: boolean;
}

interface Rendered {
  readonly trees: readonly {
    readonly node: string;
    /** Absolute. */
    readonly path: string;
    readonly tree: DraftTree;
  }[];
  readonly closed: Closed | null;
}

/** @throws UsageError, SecretsError; BuildError exit 6 when the folder contains files that `render` has not written */
export async function render(request: RenderRequest, host: Host): Promise<Result<Rendered>> {
  const findings = new Findings(host);
  const project = await openProject(request, findings);
  if (project === undefined) return findings.stopped();
  const { cluster, plan } = project;
  const { trees, closed } = await draftTrees(project, host);
  const folder = outFolder(host, cluster.name, request.out);
  const named = { ...plan, nodes: plan.nodes.filter(({ node }) => trees.has(node)) };
  await writeTrees(folder, { plan: named, trees, withSecrets: request.withSecrets }, host.signal);
  return findings.done({
    trees: [...trees].map(([node, tree]) => ({ node, path: join(folder, node), tree })),
    closed,
  });
}
