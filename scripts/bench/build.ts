/** Measures the build time, against the same tools called by hand and against `cp`. */
import { execa } from 'execa';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Listr } from 'listr2';
import { DEFAULT_EPOCH } from '../../src/builder/step-context.ts';
import type { NodeBuild } from '../../src/builder/steps/node-build.ts';
import { assembleIsos, buildBases } from '../../src/builder/steps/shared-layers.ts';
import { buildNode } from '../../src/builder/steps/make-node-images.ts';
import type { ImageRequest } from '../../src/builder/steps/request.ts';
import { readSources } from '../../src/builder/sources.ts';
import { closeBuild, planBuild } from '../../src/builder/steps/build-state.ts';
import { loadCluster } from '../../src/config/load.ts';
import { planImages, renderNode } from '../../src/render/plan/plan.ts';
import { makeImages } from '../../src/usecases/build.ts';
import { writeDefinition } from './definition.ts';
import { formatSeconds, median, seconds, type Row } from './measure.ts';
import { PROJECT } from './project.ts';

const FURTHER_NODES = 12;

export async function requestFor(definition: string, folder: string): Promise<ImageRequest> {
  const { value: cluster } = await loadCluster(definition);
  if (cluster === undefined) throw new Error('the definition is not valid');
  const sources = await readSources(PROJECT, definition);
  const plan = planImages(cluster, sources).value;
  const trees = new Map(cluster.nodes.map((node) => [node.name, renderNode(cluster, node, sources)]));
  if (!plan) throw new Error('the definition cannot be rendered');
  const places = { outDir: join(folder, 'out'), cacheDir: join(folder, 'cache') };
  const artifacts = { configDir: definition, folder: null, locked: false };
  return {
    cluster,
    plan,
    trees,
    kubeconfig: null,
    updates: null,
    only: null,
    ...places,
    artifacts,
    epoch: DEFAULT_EPOCH,
    jobs: 1,
    signal: undefined,
  };
}

/** From empty caches to one node's ISO, by coldstart and by the bare tools with the same packages and compression. */
export async function measureWholeBuild(folder: string): Promise<Row> {
  const definition = await writeDefinition(join(folder, 'definition-1'), 1);
  const request = await requestFor(definition, join(folder, 'whole'));
  const packages = request.plan.nodes[0]?.packages.names ?? [];
  const bare = await seconds(() => bareTools(join(folder, 'bare'), packages, request.cluster.image.compressionLevel));
  const ours = await seconds(() =>
    makeImages(request, (tasks, context) => new Listr(tasks, { renderer: 'silent' }).run(context)),
  );
  return {
    what: 'whole build of one node from nothing',
    measured: formatSeconds(ours),
    against: `mmdebstrap + mksquashfs + xorriso: ${formatSeconds(bare)}`,
    ratio: ours / bare,
    aim: 'at most 1.1',
  };
}

async function bareTools(folder: string, packages: readonly string[], level: number): Promise<void> {
  await mkdir(join(folder, 'tree/live'), { recursive: true });
  const excludes = ['man', 'info', 'locale', 'doc'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const tar = join(folder, 'base.tar');
  const run = execa({ cwd: folder, env: { SOURCE_DATE_EPOCH: String(DEFAULT_EPOCH) } });
  const components = '--components=main,non-free-firmware';
  await run('mmdebstrap', ['--variant=apt', components, ...excludes, `--include=${packages.join(',')}`, 'trixie', tar]);
  const zstd = ['-comp', 'zstd', '-Xcompression-level', String(level), '-quiet', '-no-progress'];
  await run('mksquashfs', ['-', 'tree/live/filesystem.squashfs', '-tar', ...zstd], { inputFile: tar });
  await run('tar', [
    '-xf',
    tar,
    '--wildcards',
    '--strip-components=2',
    '-C',
    'tree/live',
    './boot/vmlinuz-*',
    './boot/initrd*',
  ]);
  await run('xorriso', ['-as', 'mkisofs', '-r', '-o', 'bare.iso', 'tree']);
}

/**
 * Each further node against a `cp` of the base image, in turns. The first of the two alternates, and each file is
 * removed before the next run: a second copy beside a first one takes a third longer, with either tool.
 */
export async function measureFurtherNodes(folder: string): Promise<Row> {
  const definition = await writeDefinition(join(folder, 'definition-further'), 1 + FURTHER_NODES);
  const request = { ...(await requestFor(definition, join(folder, 'whole'))), outDir: join(folder, 'further') };
  const state = await planBuild(request);
  await buildBases(request, state, () => undefined);
  await mkdir(request.outDir, { recursive: true });
  await assembleIsos(request, state, () => undefined);
  const template = [...state.isos.values()][0]?.template.path ?? '';
  const target = join(request.outDir, 'copy.iso');
  const copy = async (): Promise<number> => {
    const took = await seconds(() => execa('cp', [template, target]));
    await rm(target);
    return took;
  };
  const make = async (build: NodeBuild): Promise<number> => {
    const took = await seconds(() => buildNode(request, state, build));
    await rm(join((await state.staging) ?? '', `${build.node}.iso`));
    return took;
  };
  const [first, ...further] = state.todo;
  if (first === undefined) throw new Error('there is no node to build');
  await make(first);
  const nodes: number[] = [];
  const copies: number[] = [];
  for (const [index, build] of further.entries()) {
    if (index % 2 === 0) copies.push(await copy());
    nodes.push(await make(build));
    if (index % 2 === 1) copies.push(await copy());
  }
  await closeBuild(state);
  await rm(request.outDir, { recursive: true });
  const [node, cp] = [median(nodes), median(copies)];
  return {
    what: 'a further node',
    measured: formatSeconds(node),
    against: `\`cp\` of the base image: ${formatSeconds(cp)}`,
    ratio: node / cp,
    aim: 'at most 1.1',
  };
}

/** The compiled program, as a user calls it, on an output folder that is up to date. */
export async function measureNothingToDo(folder: string): Promise<Row> {
  const definition = join(folder, 'definition-1');
  const call = (): Promise<unknown> =>
    execa(join(PROJECT, 'bin/build-iso'), [definition, '--out', join(folder, 'whole/out'), '--log', 'silent'], {
      env: { COLDSTART_CACHE: join(folder, 'whole/cache') },
    });
  await call();
  const times = [await seconds(call), await seconds(call), await seconds(call)];
  return { what: 'nothing to do', measured: formatSeconds(median(times)), against: '', ratio: null, aim: 'under 1 s' };
}
