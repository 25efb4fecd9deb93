/** The recipes for CI with several jobs, run: what they merge must be what one build would have written. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectedName, whyNoKind } from '../../../src/config/content/kubernetes-objects.ts';
import { temporaryFolder } from '../../builder/temporary.ts';
import { photograph } from '../../cli/world.ts';
import {
  checkOut,
  copyFiles,
  documents,
  identityFile,
  linkCache,
  makeRepository,
  recipe,
  shell,
  type Repository,
} from './ci.ts';

/** Types, modes and contents of all files but the lock, without times. */
async function bytes(folder: string): Promise<string[]> {
  const lines = (await photograph(folder)).filter((line) => !line.startsWith('.lock '));
  return lines.map((line) => line.replace(/^(\S+ \d+) [\d.]+ /, '$1 '));
}

/** What one job would have written. */
async function builtByOne(repository: Repository): Promise<string[]> {
  const folder = await checkOut(repository);
  const env = { COLDSTART_AGE_IDENTITY: await identityFile(repository) };
  await shell(repository, folder, 'coldstart/bin/build-iso cluster --out out/cluster --locked --strict', env);
  return bytes(join(folder, 'out/cluster'));
}

interface GithubJob {
  readonly needs?: string;
  readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
  readonly steps: readonly {
    readonly uses?: string;
    readonly with?: Readonly<Record<string, string>>;
    readonly run?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly 'working-directory'?: string;
  }[];
}

/** Runs a job as a runner of GitHub does. @returns its workspace */
async function runGithubJob(repository: Repository, job: GithubJob, shard: number, store: string): Promise<string> {
  const [workspace, temporary] = [await checkOut(repository), await temporaryFolder()];
  const expressions: Readonly<Record<string, string>> = {
    'matrix.shard': String(shard),
    'strategy.job-total': String(job.strategy?.matrix.shard.length ?? 1),
    'runner.os': 'Linux',
    'github.sha': 'f00',
    'secrets.COLDSTART_AGE_IDENTITY': repository.identity.trim(),
  };
  const expand = (text: string): string =>
    text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name: string) => {
      const value = expressions[name];
      if (value === undefined) throw new Error(`nothing is known of ${name}`);
      return value;
    });
  const exported = join(temporary, 'env');
  await writeFile(exported, '');
  for (const step of job.steps) {
    const { path = '', name = '' } = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([key, value]) => [key, expand(String(value))]),
    );
    if (step.uses?.startsWith('actions/upload-artifact@'))
      await copyFiles(workspace, path.trim().split('\n'), join(store, name));
    else if (step.uses?.startsWith('actions/download-artifact@'))
      await copyFiles(store, ['part-*/*'], workspace).then(() => shell(repository, workspace, 'mv part-*/* .'));
    else if (step.run !== undefined) {
      const lines = (await readFile(exported, 'utf8')).split('\n').filter((line) => line !== '');
      const kept = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([key, value]) => [key, expand(value)]));
      const env = { ...kept, ...own, RUNNER_TEMP: temporary, GITHUB_ENV: exported };
      await shell(repository, join(workspace, step['working-directory'] ?? ''), expand(step.run), env);
    } else expect(step.uses).toMatch(/^actions\/(checkout|setup-node|cache)@/);
  }
  return workspace;
}

interface GitlabJob {
  readonly parallel?: number;
  readonly needs?: readonly string[];
  readonly script: readonly string[];
  readonly artifacts: { readonly paths: readonly string[] };
}

interface Gitlab {
  readonly stages: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly default: { readonly before_script: readonly string[] };
  readonly build: GitlabJob;
  readonly merge: GitlabJob;
}

/** Runs a job as a runner of GitLab does. @returns its workspace */
async function runGitlabJob(
  repository: Repository,
  file: Gitlab,
  job: GitlabJob,
  index: number,
  store: string,
): Promise<string> {
  const workspace = await checkOut(repository);
  if (job.needs !== undefined) await cp(store, workspace, { recursive: true });
  await linkCache(join(workspace, '.cache/coldstart'));
  const variables = Object.entries(file.variables).map(([name, value]) => [
    name,
    value.replace('$CI_PROJECT_DIR', workspace),
  ]);
  const parallel =
    job.parallel === undefined ? {} : { CI_NODE_INDEX: String(index), CI_NODE_TOTAL: String(job.parallel) };
  const env = {
    ...(Object.fromEntries(variables) as Record<string, string>),
    ...parallel,
    COLDSTART_AGE_IDENTITY: await identityFile(repository),
  };
  await shell(repository, workspace, [...file.default.before_script, ...job.script].join('\n'), env);
  await copyFiles(workspace, job.artifacts.paths, store);
  return workspace;
}

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly completions?: number;
    readonly parallelism?: number;
    readonly suspend?: boolean;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

interface Container {
  readonly command: readonly string[];
  readonly args: readonly [string];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** Runs the container of a pod, with folders in place of its volumes. */
async function runPod(
  repository: Repository,
  { command, args, volumeMounts }: Container,
  variables: Readonly<Record<string, string>>,
  volumes: Readonly<Record<string, string>>,
): Promise<void> {
  const own: Readonly<Record<string, string>> = { ...volumes, source: await temporaryFolder() };
  const folders = new Map(volumeMounts.map(({ name, mountPath }) => [mountPath, own[name] ?? 'nowhere']));
  const mounts = new RegExp(`(?<!\\w)(?:${[...folders.keys()].join('|')})\\b`, 'g');
  const mounted = (text: string): string => text.replaceAll(mounts, (path) => folders.get(path) ?? '');
  const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, mounted(value)]));
  expect([command[0], command.at(-1)]).toEqual(['bash', '-c']);
  await shell(repository, '/', mounted(args[0]), { ...env, REPOSITORY: repository.folder }, command.slice(1, -1));
}

describe('a recipe with several jobs merges what one job would have written', () => {
  let repository: Repository;
  let whole: string[];
  const prepare = async (): Promise<void> => {
    repository = await makeRepository();
    whole = await builtByOne(repository);
    expect(whole.filter((line) => /^[^/]*\.tar /.test(line))).toHaveLength(3);
  };

  it('for GitHub Actions', async () => {
    await prepare();
    const file = (await recipe('github-actions-shards.yml')) as {
      defaults: unknown;
      jobs: { build: GithubJob; merge: GithubJob };
    };
    expect(file.defaults).toEqual({ run: { shell: 'bash' } }); // else GitHub's bash is without pipefail
    const { build, merge } = file.jobs;
    expect(merge.needs).toBe('build');
    const store = await temporaryFolder();
    for (const shard of build.strategy?.matrix.shard ?? []) await runGithubJob(repository, build, shard, store);
    const workspace = await runGithubJob(repository, merge, 0, store);
    expect(await bytes(join(workspace, 'out/cluster'))).toEqual(whole);
  });

  it('for GitLab', async () => {
    await prepare();
    const file = (await recipe('gitlab-ci-shards.yml')) as Gitlab;
    const store = await temporaryFolder();
    const jobs = Array.from({ length: file.build.parallel ?? 1 }, (_, index) =>
      runGitlabJob(repository, file, file.build, index + 1, store),
    );
    await Promise.all(jobs);
    const workspace = await runGitlabJob(repository, file, file.merge, 0, store);
    expect(await bytes(join(workspace, 'out/cluster'))).toEqual(whole);
  });

  it('for Kubernetes', async () => {
    await prepare();
    const objects = (await documents('kubernetes-job.yaml')) as KubernetesObject[];
    for (const { apiVersion, kind, metadata } of objects) {
      expect([whyNoKind(apiVersion, kind), expectedName(apiVersion, kind, metadata.name)]).toEqual([
        undefined,
        undefined,
      ]);
    }
    const [build, merge] = objects.filter(({ kind }) => kind === 'Job').map(({ spec }) => spec!);
    const { data: variables = {} } = objects.find(({ kind }) => kind === 'ConfigMap')!;
    expect([build?.completions, build?.parallelism, merge?.suspend]).toEqual([
      Number(variables['SHARDS']),
      Number(variables['SHARDS']),
      true,
    ]);
    const identity = await temporaryFolder();
    await writeFile(join(identity, 'identity.txt'), repository.identity);
    const volumes = { shared: await temporaryFolder(), identity };
    await linkCache(join(volumes.shared, 'cache'));
    await mkdir(join(volumes.shared, 'parts/0'), { recursive: true });
    const pods = Array.from({ length: build?.completions ?? 0 }, (_, index) =>
      runPod(
        repository,
        build!.template.spec.containers[0],
        { ...variables, JOB_COMPLETION_INDEX: String(index) },
        volumes,
      ),
    );
    await Promise.all(pods);
    await runPod(repository, merge!.template.spec.containers[0], variables, volumes);
    expect(await bytes(join(volumes.shared, 'out/cluster'))).toEqual(whole);
  });
});
