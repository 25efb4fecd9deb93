/**
 * Reads the system's templates and overlays and the user's overlays into the values that the renderer works on. A file's
 * mode becomes 0755 or 0644 by its owner's execute bit: git keeps no more, and umask must not show in an image.
 */
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { OverlaySource, Sources, TemplateSource } from '../render/sources.ts';

/**
 * @param system folder that holds `templates/` and `overlays/`
 * @param config folder of the user's `cluster.yaml`, which may hold `overlays/`
 * @throws the file system's error, or Error for an overlay entry that is neither file, symlink nor folder
 */
export async function readSources(system: string, config: string): Promise<Sources> {
  const [templates, overlays, userOverlays] = await Promise.all([
    readTemplates(join(system, 'templates')),
    readOverlays(join(system, 'overlays')),
    join(config, 'overlays') === join(system, 'overlays') ? [] : readOverlays(join(config, 'overlays')),
  ]);
  return { templates, overlays, userOverlays };
}

async function readTemplates(root: string): Promise<TemplateSource[]> {
  const paths = await listTree(root);
  const templates = paths.filter((path) => path.endsWith('.ejs'));
  return Promise.all(templates.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

async function readOverlays(root: string): Promise<OverlaySource[]> {
  const paths = await listTree(root);
  return Promise.all(paths.map((path) => readOverlay(root, path)));
}

async function readOverlay(root: string, path: string): Promise<OverlaySource> {
  const source = join(root, path);
  const status = await lstat(source);
  if (status.isSymbolicLink()) return { path, type: 'symlink', target: await readlink(source) };
  if (!status.isFile()) throw new Error(`${source} is neither a file nor a symlink`);
  const mode = (status.mode & 0o100) === 0 ? 0o644 : 0o755;
  return { path, type: 'file', mode, content: await readFile(source) };
}

/** Everything below `root` but folders, relative to it, sorted; nothing when there is no such folder. */
async function listTree(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name !== '.gitkeep');
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name))).toSorted();
}
