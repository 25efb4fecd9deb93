/** Writes a comparison to stdout: as a diff, as Markdown, or as JSON objects for each changed file, each node and the whole. */
import { contentChange, type FileChange, type SnapshotEntry } from '../../render/tree/diff.ts';
import type { NodeChange } from '../../usecases/review/comparison.ts';
import { comparisonMarkdown } from './comparison-markdown.ts';
import { formatComparison, octal, patchText } from './comparison.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export function writeComparison(
  changes: readonly NodeChange[],
  options: CommonOptions & { readonly verbose?: true; readonly markdown?: true },
  session: Session,
): void {
  if (options.markdown === true) {
    session.stdout.write(comparisonMarkdown(changes));
    return;
  }
  if (!options.json) {
    session.stdout.write(formatComparison(changes, options.verbose === true));
    return;
  }
  for (const change of changes) {
    for (const file of change.files) writeJson(session, fileRecord(change.node, file));
    const image = change.image.flatMap(({ lines }) => lines);
    writeJson(session, { type: 'node', node: change.node, change: change.kind, files: change.files.length, image });
  }
  const changed = changes.filter(({ kind }) => kind !== 'unchanged').map(({ node }) => node);
  writeJson(session, { type: 'comparison', nodes: changes.length, changed });
}

function fileRecord(node: string, file: FileChange): { type: string } & Record<string, unknown> {
  const { path, before, after } = file;
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed';
  const sides = { before: before && sideRecord(before), after: after && sideRecord(after) };
  const shown = contentChange(file).kind === 'text' ? { patch: patchText(`${node}/${path}`, file) } : {};
  return { type: 'file', node, path, change, ...sides, ...shown };
}

function sideRecord({ type, mode, uid, gid, digest, secret }: SnapshotEntry): Record<string, unknown> {
  return { type, mode: octal(mode), uid, gid, digest, secret };
}
