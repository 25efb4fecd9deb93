/**
 * Reads the user's files (`cluster.yaml`, `nodes/*.yaml` and referenced files) and returns the checked cluster. No other code
 * reads them. Writes nothing. Reports all faults of the user in one run, as diagnostics.
 */
import { basename, dirname, join } from 'node:path';
import pMap from 'p-map';
import type { Location, Result } from '../diagnostics/diagnostic.ts';
import type { FrameOf } from '../diagnostics/frame.ts';
import { type Report, createReport } from '../diagnostics/report.ts';
import type { Cluster } from './cluster.ts';
import { type FolderEntry, kindWithin, leadsToFolder, listWithin, readWithin } from './files/definition-folder.ts';
import { type Definition, define } from './definition/definition.ts';
import { definitionDiagnostic, folderDiagnostic, wholeFile } from './files/file-faults.ts';
import { KnownTexts } from './definition/known.ts';
import { normalise } from './normalise/normalise.ts';
import { type Lock, LOCK_FILE, readLock } from './files/lock-file.ts';
import { reportMisnamedFolders } from './files/misnamed-folders.ts';
import { listOverlays } from './files/overlays.ts';
import { readReference } from './files/read-reference.ts';
import { type Reference, findReferences } from './files/references.ts';
import { applyRules } from './rules/all.ts';
import { decodeUtf8 } from './files/text.ts';
import { stemOf } from './definition/view.ts';
import { type ReadText, readYaml } from './yaml/yaml.ts';

export interface LoadedCluster extends Result<Cluster> {
  /** The folder of `cluster.yaml`; file names in places are relative to it. */
  readonly folder: string;
  /** The place of a setting, e.g. `cluster.networking.dns` or `nodes[master-01].ip`; undefined if the files could not be read. */
  readonly locate: (setting: string) => Location | undefined;
  /** Whether the user wrote the setting; otherwise it has its default. */
  readonly isWritten: (setting: string) => boolean;
  /** The line of a place, with secrets hidden. */
  readonly frame: FrameOf;
}

const byteLimit = 4 * 1024 * 1024;

/** Loads a definition from a `cluster.yaml` or its folder. The result has a value only if there are no errors. */
export async function loadCluster(path: string): Promise<LoadedCluster> {
  const report = createReport();
  const root = await findRoot(path);
  const clusterText = await readDefinitionFile(root.folder, root.file, report);
  const files = clusterText ? await nodeFiles(root.folder, report) : [];
  const nodeTexts = await readNodeFiles(root.folder, files ?? [], report);
  // If the nodes are unreadable, missing settings may be in their files.
  const definition = clusterText && files && define(clusterText, nodeTexts, report);
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

/** The lock is optional, but an existing lock must be readable. */
async function readLockFile(folder: string, report: Report): Promise<ReadText | undefined> {
  const { value } = await kindWithin(folder, LOCK_FILE);
  return value === null ? undefined : readDefinitionFile(folder, LOCK_FILE, report);
}

async function finish(definition: Definition, lock: Lock | null, folder: string, report: Report): Promise<Cluster> {
  const { worlds, places, isSaid } = definition;
  const texts = new Map<string, string>();
  const certificates = new Set<string>();
  const unread: string[] = [];
  const found = createReport();
  for (const reference of referencesOf(worlds)) {
    // A file of certificates is checked once, even if several settings refer to it.
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
  const named = worlds.flatMap(({ nodes }) => nodes.map(({ name }) => name));
  await reportMisnamedFolders(folder, named, report);
  const beside = { texts: new KnownTexts(texts, unread), overlays: await listOverlays(folder, report) };
  applyRules(clusters, definition, beside, report);
  const [cluster] = clusters;
  if (!cluster) throw new Error('a definition says nothing');
  return cluster;
}

/** The references that all worlds have in common. */
function referencesOf([first, ...others]: Definition['worlds']): readonly Reference[] {
  const keys = others.map(({ cluster, nodes }) => new Set(findReferences(cluster, nodes).map(keyOf)));
  return findReferences(first.cluster, first.nodes).filter((one) => keys.every((known) => known.has(keyOf(one))));
}

const keyOf = ({ setting, file }: Reference): string => JSON.stringify([setting, file]);

async function findRoot(path: string): Promise<{ readonly folder: string; readonly file: string }> {
  const isFolder = (await leadsToFolder(path)) ?? !/\.ya?ml$/.test(path);
  return isFolder ? { folder: path, file: 'cluster.yaml' } : { folder: dirname(path), file: basename(path) };
}

/** The files below `nodes`, none if there is no such folder. Reports a folder that cannot be listed and returns undefined. */
async function nodeFiles(folder: string, report: Report): Promise<readonly FolderEntry[] | undefined> {
  const { value: kind } = await kindWithin(folder, 'nodes');
  if (kind === null) return [];
  const { value, fault } = await listWithin(folder, 'nodes');
  if (fault) return void report.addAll([folderDiagnostic(fault, 'nodes')]);
  const entries = value.map((entry) => ({ ...entry, name: `nodes/${entry.name}` }));
  const files = entries.filter(({ name }) => /^nodes\/[^.].*\.yaml$/.test(name));
  const misnamed = entries.filter(({ name }) => /\.(yml|ya?ml\.txt)$/i.test(name) || /\.YAML$/.test(name));
  const unread = misnamed.filter(({ name }) => !files.some((file) => stemOf(file.name) === stemOf(name)));
  for (const entry of misnamed) {
    const [file, node] = [entry.name, stemOf(entry.name)];
    const code = unread.includes(entry) ? 'node/unread-file' : 'node/ignored-file';
    report.add(code, { file, node }, { at: wholeFile(file) });
  }
  for (const { name: path } of files.filter(({ exact }) => !exact))
    report.add('file/illegal-name', { path }, { at: wholeFile(path) });
  // The settings of the nodes of these files are unknown.
  return [...files, ...unread.map((entry) => ({ ...entry, exact: false }))];
}

/** Several at a time, because the process would only wait for most of the time. */
async function readNodeFiles(folder: string, files: readonly FolderEntry[], report: Report): Promise<ReadText[]> {
  const read = await pMap(files, ({ name, exact }) => (exact ? readWithin(folder, name, byteLimit) : null), {
    concurrency: 8,
  });
  return files.map(({ name }, index) => {
    const found = read[index];
    const text = found ? definitionText(found, folder, name, report) : undefined;
    return text ?? { file: name, source: undefined, data: undefined };
  });
}

async function readDefinitionFile(folder: string, file: string, report: Report): Promise<ReadText | undefined> {
  return definitionText(await readWithin(folder, file, byteLimit), folder, file, report);
}

type Found = Awaited<ReturnType<typeof readWithin>>;

function definitionText({ value, fault }: Found, folder: string, file: string, report: Report): ReadText | undefined {
  if (fault) return void report.addAll([definitionDiagnostic(fault, file, join(folder, file))]);
  const decoded = decodeUtf8(value.content);
  if (decoded.text !== undefined) return readYaml(file, decoded.text, report);
  const { line, column, offset } = decoded;
  return void report.add('config/not-utf8', { path: file, offset }, { at: { ...wholeFile(file), line, column } });
}
