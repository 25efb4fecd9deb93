/**
 * The only reader of the user's files: `cluster.yaml`, `nodes/*.yaml` and what they refer to, to a cluster that is proved.
 * Reads nothing else and writes nothing; every fault of the user's is a diagnostic, all of them in one run.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, relative } from 'node:path';
import type { Location, Result } from '../diagnostics/diagnostic.ts';
import type { FrameOf } from '../diagnostics/frame.ts';
import { type Report, createReport } from '../diagnostics/report.ts';
import type { Cluster } from './cluster.ts';
import { reportCertificates } from './certificates.ts';
import { type Definition, define } from './definition.ts';
import { KnownTexts } from './known.ts';
import { normalise } from './normalise.ts';
import { type Lock, LOCK_FILE, readLock } from './lock.ts';
import { type Reference, findReferences } from './references.ts';
import { applyRules } from './rules/all.ts';
import { decodeUtf8 } from './text.ts';
import { type ReadText, readYaml } from './yaml.ts';

export interface LoadedCluster extends Result<Cluster> {
  /** The folder that holds `cluster.yaml`; file names in places are relative to it. */
  readonly folder: string;
  /** The place of a setting, e.g. `cluster.networking.dns` or `nodes[master-01].ip`; undefined before the files were understood. */
  readonly locate: (setting: string) => Location | undefined;
  /** Whether the user wrote the setting, rather than leaving it to its default. */
  readonly isWritten: (setting: string) => boolean;
  /** The line of a place, with secrets covered. */
  readonly frame: FrameOf;
}

const byteLimit = 4 * 1024 * 1024;

/** Loads a definition from a `cluster.yaml` or the folder that holds one. Has a value only when there are no errors. */
export async function loadCluster(path: string): Promise<LoadedCluster> {
  const report = createReport();
  const root = await findRoot(path);
  const clusterText = await readDefinitionFile(root.folder, root.file, report);
  const nodeTexts: ReadText[] = [];
  for (const file of clusterText ? await nodeFiles(root.folder, report) : []) {
    const text = await readDefinitionFile(root.folder, file, report);
    nodeTexts.push(text ?? { file, source: undefined, data: undefined });
  }
  const definition = clusterText && define(clusterText, nodeTexts, report);
  const locked = clusterText && (await readLockFile(root.folder, report));
  const lock = locked ? readLock(locked, report) : null;
  const cluster = definition && (await finish(definition, lock, root.folder, report));
  const diagnostics = report.diagnostics();
  const sources = [clusterText, ...nodeTexts, locked].flatMap((text) => text?.source ?? []);
  return {
    value: diagnostics.some(({ severity }) => severity === 'error') ? undefined : cluster,
    diagnostics,
    folder: root.folder,
    locate: (setting) => definition?.places.at(setting),
    isWritten: (setting) => definition?.places.has(setting) ?? false,
    frame: (at) => sources.find(({ file }) => file === at.file)?.frame(at),
  };
}

/** There may be no lock; one that is there has to be sound. */
async function readLockFile(folder: string, report: Report): Promise<ReadText | undefined> {
  const found = await statOnly(join(folder, LOCK_FILE));
  return found === 'missing' ? undefined : readDefinitionFile(folder, LOCK_FILE, report);
}

async function finish(definition: Definition, lock: Lock | null, folder: string, report: Report): Promise<Cluster> {
  const { worlds, places, isSaid } = definition;
  const texts = new Map<string, string>();
  const certificates = new Set<string>();
  const unread: string[] = [];
  const found = createReport();
  for (const reference of referencesOf(worlds)) {
    // A file of certificates that several settings name is looked into once.
    if (reference.use === 'certificate' && certificates.has(reference.file)) continue;
    if (reference.use === 'certificate') certificates.add(reference.file);
    const text = await readReference(folder, reference, places.at(reference.setting), found);
    if (text === undefined) unread.push(reference.file);
    else texts.set(reference.file, text);
  }
  report.addAll(found.diagnostics().filter((diagnostic) => !isSaid(diagnostic)));
  const views = worlds.length === 1 && unread.length > 0 ? [worlds[0], worlds[0]] : worlds;
  const clusters = views.map(({ cluster, nodes }, variant) => {
    const supposed = unread.map((file) => [file, `supposed ${variant}`] as const);
    return normalise(cluster, nodes, new Map([...texts, ...supposed]), lock);
  });
  const beside = { texts: new KnownTexts(texts, unread), overlays: await overlayPaths(folder) };
  applyRules(clusters, definition, beside, report);
  const [cluster] = clusters;
  if (!cluster) throw new Error('a definition says nothing');
  return cluster;
}

/** What all suppositions about faulty settings have in common. */
function referencesOf([first, ...others]: Definition['worlds']): readonly Reference[] {
  const keys = others.map(({ cluster, nodes }) => new Set(findReferences(cluster, nodes).map(keyOf)));
  return findReferences(first.cluster, first.nodes).filter((one) => keys.every((known) => known.has(keyOf(one))));
}

const keyOf = ({ setting, file }: Reference): string => JSON.stringify([setting, file]);

/** What the user's overlays bring, relative to `overlays/`; their content is not looked at here. */
async function overlayPaths(folder: string): Promise<readonly string[]> {
  const root = join(folder, 'overlays');
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

async function findRoot(path: string): Promise<{ readonly folder: string; readonly file: string }> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => !/\.ya?ml$/.test(path),
  );
  return isFolder ? { folder: path, file: 'cluster.yaml' } : { folder: dirname(path), file: basename(path) };
}

async function nodeFiles(folder: string, report: Report): Promise<readonly string[]> {
  const entries = await readdir(join(folder, 'nodes')).catch(() => []);
  for (const name of entries.filter((entry) => /\.(yml|ya?ml\.txt)$/i.test(entry) || /\.YAML$/.test(entry)).sort()) {
    const file = `nodes/${name}`;
    report.add('node/ignored-file', { file }, { at: { file, line: 1, column: 1, length: 1, path: '' } });
  }
  return entries
    .filter((entry) => entry.endsWith('.yaml') && !entry.startsWith('.'))
    .sort()
    .map((name) => `nodes/${name}`);
}

async function readDefinitionFile(folder: string, file: string, report: Report): Promise<ReadText | undefined> {
  const at = { file, line: 1, column: 1, length: 1, path: '' };
  const bytes = await readBytes(join(folder, file));
  if (bytes === 'missing') return void report.add('config/not-found', { path: join(folder, file) });
  if (bytes === 'folder') return void report.add('config/not-a-file', { path: file }, { at });
  if ('reason' in bytes) return void report.add('config/unreadable', { path: file, reason: bytes.reason }, { at });
  const values = { path: file, size: bytes.content.length, limit: byteLimit };
  if (bytes.content.length > byteLimit) return void report.add('config/too-large', values, { at });
  const decoded = decodeUtf8(bytes.content);
  if (decoded.text !== undefined) return readYaml(file, decoded.text, report);
  const { line, column, offset } = decoded;
  return void report.add('config/not-utf8', { path: file, offset }, { at: { ...at, line, column } });
}

async function readReference(
  folder: string,
  reference: Reference,
  at: Location,
  report: Report,
): Promise<string | undefined> {
  const { file, use } = reference;
  if (posix.normalize(file).startsWith('..')) return void report.add('file/outside-folder', { path: file }, { at });
  const path = join(folder, file);
  const bytes = use === 'any' ? await statOnly(path) : await readBytes(path);
  if (bytes === 'missing') return void report.add('file/missing', { path: file }, { at });
  if (bytes === 'folder') return void report.add('file/not-a-file', { path: file }, { at });
  if ('reason' in bytes) return void report.add('file/unreadable', { path: file, reason: bytes.reason }, { at });
  const { text } = decodeUtf8(bytes.content);
  if (text === undefined || text.includes('\0')) return void report.add('file/not-text', { path: file }, { at });
  if (use === 'certificate') reportCertificates(file, text, at, report);
  return text;
}

type ReadBytes = 'missing' | 'folder' | { readonly reason: string } | { readonly content: Buffer };

const readBytes = (path: string): Promise<ReadBytes> => readFile(path).then((content) => ({ content }), refusal);

const statOnly = (path: string): Promise<ReadBytes> =>
  stat(path).then((found) => (found.isDirectory() ? 'folder' : { content: Buffer.alloc(0) }), refusal);

function refusal(error: NodeJS.ErrnoException): ReadBytes {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'missing';
  return error.code === 'EISDIR' ? 'folder' : { reason: error.code === 'EACCES' ? 'permission denied' : error.message };
}
