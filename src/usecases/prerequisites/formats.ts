/** `--format`: formats that replace those of the configuration. */
import { FORMATS, type ImageFormat } from '../../config/formats.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Project } from '../project.ts';
import { UsageError } from '../usage.ts';

/** The project with other formats. @throws UsageError for a word that is not a format */
export function withFormats(project: Project, words: readonly string[] | undefined): Project {
  if (words === undefined) return project;
  const formats = [...new Set(words)].map(parseFormat);
  // Changes the plan, but not the cluster: the files of a node must not depend on a flag.
  const nodes = project.plan.nodes.map((image) => ({ ...image, formats }));
  return { ...project, plan: { ...project.plan, nodes } };
}

function parseFormat(word: string): ImageFormat {
  const format = FORMATS.find((known) => known === word);
  if (format !== undefined) return format;
  const near = suggest(word, FORMATS);
  const hint = near === undefined ? `the formats are ${FORMATS.join(', ')}` : `did you mean \`${near}\`?`;
  throw new UsageError(`\`${word}\` is not an image format.`, hint);
}
