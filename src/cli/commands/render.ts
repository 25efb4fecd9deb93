/** `coldstart render`. */
import { relative } from 'node:path';
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import type { DraftTree } from '../../render/tree/tree.ts';
import { render as renderTrees } from '../../usecases/render.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { secretWords, writeClosed } from '../text/secrets.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

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
  const withSecrets = options.withSecrets === true;
  const request = { config, nodes: options.node, out: options.out, withSecrets };
  const { value, diagnostics } = await renderTrees(request, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  writeClosed(value.closed, options, session);
  for (const { node, path, tree } of value.trees) {
    const secrets = tree.filter((entry) => 'secret' in entry && entry.secret).length;
    if (options.json) writeJson(session, { type: 'tree', node, path, entries: tree.length, secrets });
    else session.stdout.write(`${relative(session.cwd, path)}: ${describe(tree, withSecrets)}\n`);
  }
  return 0;
}

function describe(tree: DraftTree, withSecrets: boolean): string {
  const secrets = secretWords(tree, withSecrets ? ' in clear' : ' as digest');
  return [quantity(tree.length, 'entry', 'entries'), ...secrets].join(', ');
}
