/** `merge`: joins the output folders of shards into the folder that one build of all nodes would have written. */
import { join, relative, resolve } from 'node:path';
import { mergeManifests, readPart, writeMerged } from '../builder/output/merge.ts';
import type { ImageFile } from '../builder/output/output-manifest.ts';
import type { Host } from './host.ts';
import { outFolder } from './project.ts';
import { UsageError } from './usage.ts';

interface MergeRequest {
  /** The output folders of all shards, as the user gave them. */
  readonly parts: readonly string[];
  /** As the user gave it; `out/<cluster>` by default. */
  readonly out: string | undefined;
}

interface Merge {
  /** Absolute. */
  readonly outDir: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly state: 'copied' | 'unchanged';
    /** With absolute paths. */
    readonly files: readonly ImageFile[];
  }[];
}

/** @throws UsageError, BuildError */
export async function merge(request: MergeRequest, host: Host): Promise<Merge> {
  const folders = request.parts.map((part) => resolve(host.cwd, part));
  const [first, ...others] = await Promise.all(folders.map(readPart));
  if (first === undefined) throw new UsageError('No folder is named.');
  const parts = [first, ...others] as const;
  const manifest = mergeManifests(parts);
  const outDir = outFolder(host, manifest.cluster, request.out);
  const context: { copied: readonly string[] } = { copied: [] };
  const title = `Write ${relative(host.cwd, outDir) || '.'}`;
  const { copied } = await host.runTasks(
    [{ title, task: async (made) => void (made.copied = await writeMerged(parts, manifest, outDir, host.signal)) }],
    context,
  );
  const nodes = Object.entries(manifest.nodes).map(([name, { artifacts }]) => ({
    name,
    state: copied.includes(name) ? ('copied' as const) : ('unchanged' as const),
    files: artifacts.map((file) => ({ ...file, path: join(outDir, file.path) })),
  }));
  return { outDir, nodes };
}
