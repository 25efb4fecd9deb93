/** `coldstart merge`. */
import { relative } from 'node:path';
import { quantity } from '../../diagnostics/quantity.ts';
import { merge as mergeFolders } from '../../usecases/merge.ts';
import { hostOf } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface MergeOptions {
  readonly out?: string;
}

export async function merge(
  parts: readonly string[],
  options: CommonOptions & MergeOptions,
  session: Session,
): Promise<number> {
  const { outDir, nodes } = await mergeFolders({ parts, out: options.out }, hostOf(options, session));
  if (options.json) {
    for (const { name: node, state, files } of nodes)
      files.forEach((file) => writeJson(session, { type: 'image', node, state, ...file }));
    writeJson(session, { type: 'merge', out: outDir, nodes: nodes.length });
    return 0;
  }
  const folder = relative(session.cwd, outDir) || '.';
  session.stdout.write(`${folder}: ${quantity(nodes.length, 'node')} of ${quantity(parts.length, 'folder')}\n`);
  return 0;
}
