/** `render`: writes the trees of the nodes as folders, to read, to lint or to compare. Makes no image. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../diagnostics/diagnostic.ts';
import type { DraftTree } from '../render/tree/tree.ts';
import { Findings } from './findings.ts';
import { draftTrees, type Closed, type Drafts } from './secrets/draft-trees.ts';
import type { Host } from './host.ts';
import {
  openProject,
  outFolder,
  type OpeningProject,
  type Project,
  type ProjectRequest,
  type ReceiveTree,
} from './project.ts';
import { StagedTrees } from './review/staged-trees.ts';
import { storePath } from './secrets/store-path.ts';

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
  const staging = new Staging(request, host);
  try {
    const project = await openProject(request, findings, (opening) => staging.beginEarly(opening));
    if (project === undefined) return findings.stopped();
    const { cluster, plan } = project;
    const { trees, closed } = await draftTrees(project, host);
    const staged = await staging.of(project, trees);
    await staged.publish({ ...plan, nodes: plan.nodes.filter(({ node }) => trees.has(node)) }, host.signal);
    const folder = outFolder(host, cluster.name, request.out);
    return findings.done({
      trees: [...trees].map(([node, tree]) => ({ node, path: join(folder, node), tree })),
      closed,
    });
  } finally {
    await staging.close();
  }
}

/** The trees of a cluster without a secrets store are final when they are rendered, so they are written meanwhile. */
class Staging {
  readonly #request: RenderRequest;
  readonly #host: Host;
  #staged: StagedTrees | undefined;

  constructor(request: RenderRequest, host: Host) {
    this.#request = request;
    this.#host = host;
  }

  async beginEarly(opening: OpeningProject): Promise<ReceiveTree | undefined> {
    if (existsSync(storePath(opening.cluster, opening.folder))) return undefined;
    // A fault of the output folder is reported after those of the definition.
    const staged = await this.#open(opening).catch(() => undefined);
    this.#staged = staged;
    return staged && ((node, tree) => staged.write(node, tree));
  }

  async of(project: Project, trees: Drafts): Promise<StagedTrees> {
    if (this.#staged !== undefined && trees === project.drafts) return this.#staged;
    await this.close();
    const staged = (this.#staged = await this.#open(project));
    trees.forEach((tree, node) => staged.write(node, tree));
    return staged;
  }

  async close(): Promise<void> {
    await this.#staged?.close();
  }

  #open({ cluster, nodes }: OpeningProject): Promise<StagedTrees> {
    const folder = outFolder(this.#host, cluster.name, this.#request.out);
    return StagedTrees.open({ folder, withSecrets: this.#request.withSecrets, nodes: nodes.length });
  }
}
