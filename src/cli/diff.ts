/** `coldstart diff`: what would change, for the reviewer of a pull request. Writes nothing. */
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isDirectory } from '../builder/cache.ts';
import { snapshotOf } from '../render/diff.ts';
import { compareClusters, type ClusterState } from './comparison.ts';
import { writeComparison } from './comparison-product.ts';
import { foreseeSecrets, type Drafts } from './foresee-secrets.ts';
import { isOutput, readOutput } from './output-folder.ts';
import { mastersIn, mastersOf, movedMasters } from './moved-masters.ts';
import { movedShares } from './moved-shares.ts';
import { settingsIn, settingsOf } from './present-setting.ts';
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
  const present = settingsIn(folder);
  const moves = [...(await movedMasters(mastersOf(project), present)), ...(await movedShares(project, present))];
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
  const [a = '', b = ''] = paths;
  const before = await readSide(a, options, session);
  if (typeof before === 'number') return before;
  const after = await readSide(b, options, session);
  if (typeof after === 'number') return after;
  const { project, state } = after;
  const [masters, present] = [project ? mastersOf(project) : mastersIn(state), settingsOf(before.state)];
  const moves = [...(await movedMasters(masters, present)), ...(project ? await movedShares(project, present) : [])];
  const moved = reportDiagnostics(moves, project?.settings.frame ?? (() => undefined), options, session);
  return moved === 0 ? [before.state, state] : moved;
}

interface Side {
  /** Null for an output folder. */
  readonly project: Project | null;
  readonly state: ClusterState;
}

/** A side is an output folder when it looks like one and holds no configuration. */
async function readSide(path: string, options: Options, session: Session): Promise<Side | number> {
  const folder = resolve(session.cwd, path);
  const holdsConfig = await stat(join(folder, 'cluster.yaml')).catch(() => null);
  if (holdsConfig === null && (await isDirectory(folder)) && (await isOutput(folder))) {
    return { project: null, state: (await readOutput(folder)) ?? new Map() };
  }
  const project = await openProject({ config: path }, options, session);
  if (typeof project === 'number') return project;
  return { project, state: stateOf(project, await foreseeSecrets(project, options, session)) };
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
