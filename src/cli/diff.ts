/** `coldstart diff`: what would change, for the reviewer of a pull request. Writes nothing. */
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isDirectory } from '../builder/cache.ts';
import { snapshotOf } from '../render/diff.ts';
import { compareClusters, type ClusterState } from './comparison.ts';
import { writeComparison } from './comparison-product.ts';
import { foreseeSecrets, type Drafts } from './foresee-secrets.ts';
import { isOutput, readOutput } from './output-folder.ts';
import { movedMasters } from './moved-masters.ts';
import { movedShares } from './moved-shares.ts';
import { openProject, outFolder, type Project } from './project.ts';
import { reportDiagnostics } from './report.ts';
import type { IdentityOptions } from './secrets-store.ts';
import type { CommonOptions, Session } from './session.ts';
import { UsageError } from './usage.ts';

export interface DiffOptions extends IdentityOptions {
  readonly node?: readonly string[];
  readonly out?: string;
  readonly verbose?: true;
}

type Options = CommonOptions & DiffOptions;

/** Returns 0 whether or not there are differences. */
export async function diff(
  [a, b]: readonly (string | undefined)[],
  options: Options,
  session: Session,
): Promise<number> {
  const sides =
    b === undefined ? await againstOutput(a, options, session) : await bothSides([a ?? '.', b], options, session);
  if (typeof sides === 'number') return sides;
  const [before, after] = sides.map((state) => onlyNodes(state, options.node)) as [ClusterState, ClusterState];
  writeComparison(compareClusters(before, after), options, session);
  return 0;
}

type Sides = readonly [ClusterState, ClusterState];

async function againstOutput(config: string | undefined, options: Options, session: Session): Promise<Sides | number> {
  const project = await openProject({ config, nodes: options.node }, options, session);
  if (typeof project === 'number') return project;
  const folder = outFolder(session, project.cluster.name, options.out);
  const moves = [...(await movedMasters(project, folder)), ...(await movedShares(project, folder))];
  const moved = reportDiagnostics(moves, project.settings.frame, options, session);
  if (moved !== 0) return moved;
  const before = await readOutput(folder);
  if (before === null && options.log !== 'silent') {
    session.stderr.write(`There is nothing in ${relative(session.cwd, folder) || '.'} yet, so all of it is new.\n`);
  }
  return [before ?? new Map(), stateOf(project, await foreseeSecrets(project, options, session))];
}

async function bothSides(paths: readonly string[], options: Options, session: Session): Promise<Sides | number> {
  if (options.out !== undefined) throw new UsageError('`--out` says nothing when two sides are given.');
  const states: ClusterState[] = [];
  for (const path of paths) {
    const state = await readSide(path, options, session);
    if (typeof state === 'number') return state;
    states.push(state);
  }
  return states as unknown as Sides;
}

/** A side is an output folder when it looks like one and holds no configuration. */
async function readSide(path: string, options: Options, session: Session): Promise<ClusterState | number> {
  const folder = resolve(session.cwd, path);
  const holdsConfig = await stat(join(folder, 'cluster.yaml')).catch(() => null);
  if (holdsConfig === null && (await isDirectory(folder)) && (await isOutput(folder))) {
    return (await readOutput(folder)) ?? new Map();
  }
  const project = await openProject({ config: path }, options, session);
  return typeof project === 'number' ? project : stateOf(project, await foreseeSecrets(project, options, session));
}

/** What a build of the project would make. */
export function stateOf({ plan }: Project, drafts: Drafts): ClusterState {
  const images = new Map(plan.nodes.map((image) => [image.node, image]));
  return new Map(
    [...drafts].map(([node, tree]) => [node, { image: images.get(node) ?? null, snapshot: snapshotOf(tree) }]),
  );
}

/** A name that only one side knows is fine: that is what a comparison is for. */
export function onlyNodes(state: ClusterState, names: readonly string[] | undefined): ClusterState {
  return names === undefined ? state : new Map([...state].filter(([name]) => names.includes(name)));
}
