/** Runs the steps of CI recipes as the CI would: the same shell, the same variables, a fresh copy of the repository per job. */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { parse, parseAllDocuments } from 'yaml';
import { allPrograms } from '../../../src/config/artifacts.ts';
import { loadCluster } from '../../../src/config/load.ts';
import { describeBase, formatLock } from '../../../src/builder/artifacts/lock-file.ts';
import { buildBaseLayer } from '../../../src/builder/layers/base-layer.ts';
import { readSources } from '../../../src/builder/sources.ts';
import { DEFAULT_EPOCH } from '../../../src/builder/step-context.ts';
import { baseRecipe } from '../../../src/builder/steps/node-build.ts';
import { defaultCacheDir } from '../../../src/builder/system/cache.ts';
import { sha256 } from '../../../src/builder/system/digest.ts';
import { planImages } from '../../../src/render/plan/plan.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { copyExample } from './definition.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TSX = createRequire(import.meta.url).resolve('tsx');
const execute = promisify(execFile);
const CACHE = defaultCacheDir(process.env);

/** What a repository with a cluster holds, and the identity of its secrets. */
export interface Repository {
  readonly folder: string;
  /** The text of the file. */
  readonly identity: string;
  /** Has programs in front of those of the machine. */
  readonly path: string;
}

/** The recipe's text below `examples/ci`, parsed. */
export const recipe = async (name: string): Promise<unknown> => parse(await text(name));
export const documents = async (name: string): Promise<unknown[]> =>
  parseAllDocuments(await text(name)).map((document) => document.toJS() as unknown);
const text = (name: string): Promise<string> => readFile(join(ROOT, 'examples/ci', name), 'utf8');

/** A repository with `cluster/`, locked and with a complete encrypted store, and `coldstart/`, which runs this program. */
export async function makeRepository(): Promise<Repository> {
  const folder = join(await temporaryFolder(), 'repository');
  const identity = await generateX25519Identity();
  const cluster = await copyExample('quick-start', join(folder, 'cluster'), [
    [['cluster', 'image', 'formats'], ['tar']], // small
    [['cluster', 'secrets', 'recipients'], [await identityToRecipient(identity)]],
  ]);
  await writeFile(join(cluster, 'coldstart.lock.yaml'), await lockOf(cluster));
  const program = `exec "${process.execPath}" --import "${TSX}" "${ROOT}/src/main.ts"`;
  await script(join(folder, 'coldstart/bin/coldstart'), `${program} "$@"`);
  await script(join(folder, 'coldstart/bin/build-iso'), `${program} build "$@"`);
  await script(join(folder, 'coldstart/scripts/install-tools.sh'), '[ "$1" = build ]');
  const stubs = join(await temporaryFolder(), 'bin');
  for (const name of ['npm', 'sudo', 'apt-get']) await script(join(stubs, name), 'exit 0');
  const repository = { folder, identity: `${identity}\n`, path: `${stubs}:${process.env['PATH'] ?? ''}` };
  await shell(repository, folder, 'coldstart/bin/coldstart secrets issue cluster', {
    COLDSTART_AGE_IDENTITY: await identityFile(repository),
  });
  await shell(
    repository,
    folder,
    'git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm v1 && git tag v1',
  );
  return repository;
}

/** A lock with made-up digests of the programs, which only nodes download, and the real packages of the base layer. */
async function lockOf(folder: string): Promise<string> {
  const { value: cluster } = await loadCluster(folder);
  const plan = cluster && planImages(cluster, await readSources(ROOT, folder)).value;
  if (!cluster || !plan) throw new Error('the example is not valid');
  const artifacts = allPrograms(cluster).map(({ name, upstream: url }) => ({
    name,
    url,
    sha256: sha256(name),
    size: 1,
  }));
  const recipes = new Map(
    plan.nodes.map(({ packages }) => [packages.names.join(), baseRecipe(cluster, packages, DEFAULT_EPOCH)]),
  );
  const step = { cacheDir: CACHE, signal: undefined, report: () => undefined };
  const bases = [...recipes.values()].map(async (one) => describeBase(one, (await buildBaseLayer(one, step)).folder));
  return formatLock({ artifacts, bases: await Promise.all(bases) });
}

async function script(path: string, body: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

export async function identityFile({ identity }: Repository): Promise<string> {
  const file = join(await temporaryFolder(), 'identity.txt');
  await writeFile(file, identity);
  return file;
}

/** What a job finds: a fresh copy of the repository. */
export async function checkOut({ folder }: Repository): Promise<string> {
  const copy = join(await temporaryFolder(), 'workspace');
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** The cache at the place where a recipe has it. */
export async function linkCache(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(CACHE, path);
}

/** Runs a script in bash. Only the named variables are set, as in a CI. @throws with its output when it fails */
export async function shell(
  { path }: Repository,
  cwd: string,
  body: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = ['-eo', 'pipefail'],
): Promise<void> {
  const { HOME = '', COLDSTART_CACHE: cache } = process.env;
  const variables = {
    HOME,
    CI: 'true',
    ...(cache === undefined ? {} : { COLDSTART_CACHE: cache }),
    ...env,
    PATH: path,
  };
  await execute('bash', ['--noprofile', '--norc', ...flags, '-c', body], { cwd, env: variables, maxBuffer: 64 << 20 });
}

/** Copies the files that patterns name, as stores of artifacts do. @throws when a pattern names none */
export async function copyFiles(from: string, patterns: readonly string[], to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const body = `shopt -s failglob; cp --parents --recursive -- ${patterns.join(' ')} "$1"`;
  await execute('bash', ['-c', body, 'bash', to], { cwd: from });
}
