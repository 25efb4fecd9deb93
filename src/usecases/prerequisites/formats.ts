/** `--format`: formats that replace those of the configuration. */
import { BUILT_FORMATS, FORMATS, isBuilt, type ImageFormat } from '../../config/formats.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { Findings } from '../findings.ts';
import type { Project } from '../project.ts';
import { UsageError } from '../usage.ts';

/**
 * The project with other formats. Undefined if one of them is not supported.
 * @throws UsageError for a word that is not a format
 */
export function withFormats(
  project: Project,
  words: readonly string[] | undefined,
  findings: Findings,
): Project | undefined {
  if (words === undefined) return project;
  const formats = [...new Set(words)].map(parseFormat);
  const refused = formats.filter((format) => !isBuilt(format));
  const supported = BUILT_FORMATS.map((format) => `\`${format}\``).join(' and ');
  const diagnostics = refused.map((format) => diagnostic('image/unsupported-format', { format, supported }));
  if (!findings.add(diagnostics, () => undefined)) return undefined;
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
