/** Racks for clusters of real Kubernetes (real-cluster.ts): their nodes have the programs of `COLDSTART_ARTIFACTS`. */
import { rmSync } from 'node:fs';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { ARTIFACTS, needsArtifacts } from '../build/artifact-folder.ts';
import { Rack, type RackNode } from '../containers/rack.ts';
import { testRoot } from '../containers/root.ts';
import { expectDone, expectWhole, imagesOf, macOf, names, programsFor } from './real-cluster.ts';

/** Null without the artifacts, or on a machine that cannot start containers. */
export const root = ARTIFACTS === '' ? null : await testRoot();
/** For a test's name, empty where nothing is missing. */
export const missing = root === null ? needsArtifacts || ' (needs root and a base layer)' : '';

export interface RealRack {
  readonly rack: Rack;
  /** One for each of `names`, switched off at first. */
  readonly nodes: readonly RackNode[];
  /** Ends the nodes, and removes the copy of the programs. */
  readonly remove: () => Promise<void>;
}

/** @param of the images by name; by default those of the definition as it is */
export async function realRack(of?: ReadonlyMap<string, FileTree>): Promise<RealRack> {
  const images = of ?? (await imagesOf(ARTIFACTS));
  const programs = programsFor(ARTIFACTS, images);
  const rack = new Rack(`${programs}:${root ?? ''}`);
  const nodes = names.map((name, index) => rack.add(name, macOf(index), images.get(name) ?? [], 0));
  const remove = async (): Promise<void> => {
    await rack.remove();
    rmSync(programs, { recursive: true });
  };
  return { rack, nodes, remove };
}

/** From power-on to a whole cluster. @param by whom it is asked */
export async function formCluster(nodes: readonly RackNode[], by: RackNode): Promise<void> {
  for (const node of nodes) node.switchOn();
  await expectDone(nodes);
  await expectWhole(by);
}
