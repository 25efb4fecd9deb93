/** `--format`: formats that replace those of the configuration. */
import { FORMATS, takesUpdates, type ImageFormat } from '../../config/formats.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import { updatesItself } from '../../config/fetching.ts';
import type { Project } from '../project.ts';
import { UsageError } from '../usage.ts';

/** The project with other formats. @throws UsageError for a word that is not a format, or one that the definition has to allow */
export function withFormats(project: Project, words: readonly string[] | undefined): Project {
  if (words === undefined) return project;
  const formats = [...new Set(words)].map(parseFormat);
  if (formats.includes('update') && !takesUpdates(project.cluster)) throw noUpdates();
  // Changes the plan, but not the cluster: the files of a node must not depend on a flag.
  const able = new Set(
    project.cluster.nodes.filter((node) => updatesItself(project.cluster, node)).map(({ name }) => name),
  );
  const nodes = project.plan.nodes.map((image) => {
    return { ...image, formats: formats.filter((format) => format !== 'update' || able.has(image.node)) };
  });
  return { ...project, plan: { ...project.plan, nodes } };
}

function parseFormat(word: string): ImageFormat {
  const format = FORMATS.find((known) => known === word);
  if (format !== undefined) return format;
  const near = suggest(word, FORMATS);
  const hint = near === undefined ? `the formats are ${FORMATS.join(', ')}` : `did you mean \`${near}\`?`;
  throw new UsageError(`\`${word}\` is not an image format.`, hint);
}

/** The images would lack the certificate that a bundle is checked with. */
const noUpdates = (): UsageError =>
  new UsageError(
    'The nodes of this cluster take no updates, so there are no bundles for them.',
    'add `update` to `cluster.image.formats`, and build and boot images of it first',
  );
