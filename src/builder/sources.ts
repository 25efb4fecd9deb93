/**
 * Reads the system's templates and overlays and the user's overlays as values for the renderer. A file's mode becomes 0755 or
 * 0644, depending on its owner's execute bit: git stores only this bit, and the umask must not influence an image.
 */
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import pMap from 'p-map';
import { readWithin } from '../config/files/definition-folder.ts';
import { fileDiagnostic, wholeFile } from '../config/files/file-faults.ts';
import { listOverlays, OVERLAY_LIMIT, type OverlayFile } from '../config/files/overlays.ts';
import { createReport } from '../diagnostics/report.ts';
import { BuildError } from './system/errors.ts';
import type { OverlaySource, Sources, TemplateSource } from '../render/plan/sources.ts';

/**
 * @param system folder that contains `templates/` and `overlays/`
 * @param config folder of the user's `cluster.yaml`, which may contain `overlays/`
 * @throws BuildError exit 6 when a file of the user cannot be read, although it could when the definition was loaded
 */
export async function readSources(system: string, config: string): Promise<Sources> {
  const [templates, overlays, userOverlays] = await Promise.all([
    readTemplates(join(system, 'templates')),
    readOverlays(join(system, 'overlays')),
    join(config, 'overlays') === join(system, 'overlays') ? [] : readUserOverlays(config),
  ]);
  return { templates, overlays, userOverlays };
}

async function readTemplates(root: string): Promise<TemplateSource[]> {
  const paths = await listTree(root);
  const templates = paths.filter((path) => path.endsWith('.ejs'));
  return Promise.all(templates.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

/** All files below a folder, with mode 0755 or 0644, and symlinks; sorted. */
export async function readOverlays(root: string): Promise<OverlaySource[]> {
  const paths = await listTree(root);
  return Promise.all(paths.map((path) => readOverlay(root, path)));
}

/** Overlays with faults are left out; loading the definition has reported them. */
async function readUserOverlays(config: string): Promise<OverlaySource[]> {
  const overlays = await listOverlays(config, createReport());
  return pMap(overlays, (overlay) => readUserOverlay(config, overlay), { concurrency: 16 });
}

async function readUserOverlay(config: string, { path, target }: OverlayFile): Promise<OverlaySource> {
  if (target !== null) return { path, type: 'symlink', target };
  const file = `overlays/${path}`;
  const { value, fault } = await readWithin(config, file, OVERLAY_LIMIT);
  if (fault) throw new BuildError(fileDiagnostic(fault, file, wholeFile(file)).message, { exitCode: 6 });
  return { path, type: 'file', mode: modeOf(value.mode), content: value.content };
}

async function readOverlay(root: string, path: string): Promise<OverlaySource> {
  const source = join(root, path);
  const status = await lstat(source);
  if (status.isSymbolicLink()) return { path, type: 'symlink', target: await readlink(source) };
  if (!status.isFile()) throw new Error(`${source} is neither a file nor a symlink`);
  return { path, type: 'file', mode: modeOf(status.mode), content: await readFile(source) };
}

const modeOf = (mode: number): number => ((mode & 0o100) === 0 ? 0o644 : 0o755);

/** All files below `root`, relative to it and sorted; empty when there is no such folder. */
async function listTree(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name !== '.gitkeep');
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name))).toSorted();
}
