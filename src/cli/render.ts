/** `coldstart render`: the trees of the nodes as folders, to read, to lint or to compare; no image is made. */
import { relative } from 'node:path';
import type { DraftTree } from '../render/tree.ts';
import { writeTrees } from './write-trees.ts';
import { count } from './comparison-text.ts';
import { foreseeSecrets, secretWords } from './foresee-secrets.ts';
import { openProject, outFolder } from './project.ts';
import type { IdentityOptions } from './secrets-store.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

export interface RenderOptions extends IdentityOptions {
  readonly node?: readonly string[];
  readonly out?: string;
  readonly withSecrets?: true;
}

export async function render(
  config: string | undefined,
  options: CommonOptions & RenderOptions,
  session: Session,
): Promise<number> {
  const project = await openProject({ config, nodes: options.node }, options, session);
  if (typeof project === 'number') return project;
  const { cluster, plan } = project;
  const trees = await foreseeSecrets(project, options, session);
  const folder = outFolder(session, cluster.name, options.out);
  const named = { ...plan, nodes: plan.nodes.filter(({ node }) => trees.has(node)) };
  await writeTrees(folder, { plan: named, trees, withSecrets: options.withSecrets === true }, session.signal);
  for (const [node, tree] of trees) {
    const secrets = tree.filter((entry) => 'secret' in entry && entry.secret).length;
    if (options.json)
      writeJson(session, { type: 'tree', node, path: `${folder}/${node}`, entries: tree.length, secrets });
    else session.stdout.write(`${relative(session.cwd, folder) || '.'}/${node}: ${describe(tree, options)}\n`);
  }
  return 0;
}

function describe(tree: DraftTree, { withSecrets }: RenderOptions): string {
  return [count(tree.length, 'entry', 'entries'), ...secretWords(tree, withSecrets ? ' in clear' : ' as digest')].join(
    ', ',
  );
}
